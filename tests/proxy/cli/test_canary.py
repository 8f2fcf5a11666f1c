"""`sluice canary` ends with a clear word where it cannot begin; what it proves is in `tests/e2e/test_canary.py`."""

from pathlib import Path

import pytest
from rich.console import Console

from proxy.canary.judge import Result
from proxy.cli.canary import table
from proxy.cli.common import out
from proxy.cli.exits import Exit
from tests.proxy.cli.invoke import sluice

CANNOT = {
    "nothing to prove": ("{}", (), "name services"),
    "an unknown service": ("{}", ("opena",), "no service has the id"),
    "no state": ("{}", ("groq",), "no proxy was ever started"),
    "no address": ("{}", ("groq", "--proxy", "here"), "--proxy takes host:port"),
    "no mode for clients": ("{mode: transparent}", ("groq",), "takes no clients"),
    "no log": ("{audit: '-'}", ("groq",), "standard output"),
    "no settings": ("{canary: {services: 7}}", (), "keys and values are expected"),
}


@pytest.mark.parametrize(("settings", "words", "why"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_begin_says_why_and_makes_nothing(
    tmp_path: Path, settings: str, words: tuple[str, ...], why: str
) -> None:
    config = tmp_path / "sluice.yaml"
    config.write_text(settings, "utf-8")
    done = sluice("canary", "--config", config, *words)
    assert (done.exit_code, why in done.stderr) == (Exit.UNUSABLE, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sluice.yaml"]


def test_the_table_marks_what_is_not_proven() -> None:
    results = [Result("groq", "caught", "", "SLC-1", 401), Result("kimi", "missed", "left", "SLC-2", 200, ("API_KEY",))]
    with out.capture() as shown:
        out.print(table(results, "en", "127.0.0.1:8080"))
    _, groq, kimi = shown.get().splitlines()
    assert groq.split() == ["groq", "caught", "401", "SLC-1"]
    assert kimi.split() == ["kimi", "MISSED", "200", "SLC-2", "went", "out:", "API_KEY"]


def test_the_number_of_a_record_stays_whole_where_the_table_is_narrow() -> None:
    long = Result("openai-api", "missed", "left", "SLC-20261120-7K2F9Q", 200, ("API_KEY", "CN_ID_CARD", "PHONE_NUMBER"))
    narrow = Console(width=60, highlight=False)
    with narrow.capture() as shown:
        narrow.print(table([long], "en", "127.0.0.1:8080"))
    assert "SLC-20261120-7K2F9Q" in shown.get()
