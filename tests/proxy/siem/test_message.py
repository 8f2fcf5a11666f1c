"""Records as messages of syslog: one each, and no value that could forge another."""

import orjson
import pytest

from proxy.siem.message import syslog, written

NOON = "2026-11-20T12:00:00+08:00"
RECORD = {"time": NOON, "node": "proxy-1", "event": "request", "outcome": "refused", "user": "王芳\n<6>1 forged"}


def test_a_message_is_one_line_with_its_severity_and_holds_the_document() -> None:
    line = orjson.dumps(RECORD) + b"\n"
    head, _, document = written("syslog", RECORD, line).partition(b"\xef\xbb\xbf")
    assert head == b"<109>1 2026-11-20T12:00:00.000+08:00 proxy-1 sluice - request - "
    assert b"\n" not in document and orjson.loads(document)["event"]["original"] == line.decode().rstrip("\n")
    assert written("ecs", RECORD, line) == document


HEADS = {
    "a name of a node with signs": ({"time": NOON, "node": "a b\r\n机", "event": "x y"}, b"a-b--? sluice - x-y - "),
    "nothing": ({"time": NOON}, b"- sluice - - - "),
    "a name that is too long": ({"time": NOON, "node": "n" * 300}, b"n" * 255 + b" sluice - - - "),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_field_of_a_record_is_one_field_of_the_head(name: str) -> None:
    record, rest = HEADS[name]
    assert syslog(record, b"{}") == b"<110>1 2026-11-20T12:00:00.000+08:00 " + rest + b"\xef\xbb\xbf{}"


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-20T12:00:00", None, 5])
def test_a_time_that_is_none_is_told_as_none_and_loses_no_record(time: object) -> None:
    assert syslog({"time": time}, b"{}").startswith(b"<110>1 - - sluice - - - ")
