"""Witnesses are read with every mistake at its place, and no secret of theirs is shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.settings.read import parse_settings
from proxy.trail.interface import Checkpoints, Outside

HEAD = "checkpoints:\n  witnesses:\n"


def read(text: str, **environment: str) -> Checkpoints:
    return parse_settings(text, "sluice.yaml", Path("/etc/sluice"), environment).checkpoints


def test_all_that_can_be_written_is_read() -> None:
    found = read(
        "checkpoints:\n  every_seconds: 30\n  every_records: 500\n  alarm_minutes: 5\n  witnesses:\n"
        "    - file: ../mnt/witness.jsonl\n"
        "    - {url: 'https://w.example/in?k=1', token_env: WITNESS_TOKEN, required: yes}\n"
        "    - syslog: tls://siem.example:6514\n",
        WITNESS_TOKEN="t0ken",
    )
    assert (found.every, found.records, found.patience) == (timedelta(seconds=30), 500, timedelta(minutes=5))
    assert found.witnesses == (
        Outside("file", "/etc/sluice/../mnt/witness.jsonl"),
        Outside("url", "https://w.example/in?k=1", "t0ken", required=True),
        Outside("syslog", "tls://siem.example:6514"),
    )
    assert "t0ken" not in repr(found) and found.witnesses[1].name == "https://w.example/in"
    assert read("{}") == Checkpoints() and read("checkpoints: {every_seconds: 5}").records == Checkpoints().records


def test_a_log_on_standard_output_has_no_witnesses() -> None:
    with pytest.raises(SettingsError, match="set `audit` to a file"):
        read(f"audit: '-'\n{HEAD}    - {{file: a}}\n")
    assert read("audit: '-'\ncheckpoints: {every_seconds: 5}").every == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("witness", "said"),
    [
        ("- {}", "needs one of file, url, syslog"),
        ("- {file: a, url: 'https://a.example'}", "needs one of"),
        ("- {url: 'ftp://a.example'}", "no address such as https://witness.example"),
        ("- {url: a.example}", "begins with https:// or http://"),
        ("- {syslog: 'tcp://'}", "no address such as tls://"),
        ("- {syslog: 'tcp://a.example:99999'}", "no address"),
        ("- {file: a, token_env: X}", "only a `url` takes a token"),
        ("- {file: a, required: maybe}", "must be one of yes, no"),
        ("- {file: a}\n    - {file: a}", "named twice"),
        ("- {fil: a}", "did you mean `file`"),
    ],
)
def test_a_mistake_is_told_at_its_place(witness: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(f"{HEAD}    {witness}\n", X="x")
    assert said in str(caught.value) and "sluice.yaml:" in str(caught.value)
