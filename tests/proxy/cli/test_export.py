"""The log for a SIEM: one line a record, from where one left off, and no line that a value could forge."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from proxy.audit import Record, notice
from proxy.cli.export import export, syslog
from proxy.errors import SettingsError
from proxy.trail.sinks import AuditFile

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    made = AuditFile(path)
    made.write(notice("start", NOON, "proxy 1\n", {}))
    for outcome in ("forwarded", "refused"):
        made.write(Record("SLC-1", NOON, outcome, user="王芳\n<6>1 forged", service="openai-api").fields("proxy-1"))
    made.close()
    with path.open("ab") as file:
        file.write(b'{"torn')
    return path


def test_each_record_is_a_document_and_a_torn_line_is_none(log: Path) -> None:
    documents = [orjson.loads(line) for line in export(log, "ecs")]
    assert [one["event"]["sequence"] for one in documents] == [1, 2, 3]
    assert [one["event"]["action"] for one in documents] == ["start", "forwarded", "refused"]
    lines = log.read_text("utf-8").splitlines()
    assert [one["event"]["original"] for one in documents] == lines[:3]


def test_one_goes_on_where_one_left_off(log: Path) -> None:
    assert [orjson.loads(line)["event"]["sequence"] for line in export(log, "ecs", 2)] == [3]


def test_messages_of_syslog_are_one_line_each_with_their_severity(log: Path) -> None:
    messages = list(export(log, "syslog"))
    assert [one.split(b" ")[0] for one in messages] == [b"<110>1", b"<110>1", b"<109>1"]
    for one in messages:
        head, _, document = one.partition(b"\xef\xbb\xbf")
        assert b"\n" not in one and len(head.split(b" ")) == 8 and orjson.loads(document)
    assert messages[1].startswith(b"<110>1 2026-11-20T12:00:00.000+00:00 proxy-1 sluice - request - ")


def test_a_name_of_a_node_cannot_be_a_field() -> None:
    told = syslog({"time": NOON.isoformat(), "node": "a b\r\n机", "event": "x y"}, b"{}")
    assert told.startswith(b"<110>1 2026-11-20T12:00:00.000+00:00 a-b--? sluice - x-y - ")


def test_what_cannot_be_is_told(log: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be one of ecs, syslog"):
        list(export(log, "cef"))
    with pytest.raises(SettingsError, match="cannot be read"):
        list(export(tmp_path / "gone", "ecs"))
