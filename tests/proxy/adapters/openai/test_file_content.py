"""Files that the service gives back: lines of JSON are restored, whatever else there is passes byte for byte."""

import json

import pytest

from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.openai.file_content import FileContent
from proxy.answers.restore import StreamRestorer
from proxy.answers.returning import kind_of
from proxy.exchange import Request
from tests.feed import feed_every_way

NAME = "[PERSON_7K2F9ABC]"
OCTETS = "application/octet-stream"
SHAPE = FileContent().shape


def restored(pieces: list[bytes], kind: str = OCTETS) -> bytes:
    stream = StreamRestorer(SHAPE, kind, {NAME: '张"伟'}.get)
    return b"".join(map(stream.feed, pieces)) + stream.end()


def line(text: str) -> bytes:
    arguments = json.dumps({"to": text}, ensure_ascii=False)
    message = {"content": text, "tool_calls": [{"function": {"arguments": arguments}}]}
    body = {"choices": [{"message": message}]}
    return json.dumps(
        {"custom_id": "1", "response": {"body": body}}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def test_every_line_of_the_results_of_a_batch_is_restored_however_it_is_cut():
    data = line(f"Dear {NAME}") + b"\n" + line("nobody") + b"\n\n" + line(NAME)
    want = line('Dear 张"伟') + b"\n" + line("nobody") + b"\n\n" + line('张"伟')
    feed_every_way(restored, data, want)


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n\x00\xff" * 50, f"name\n{NAME}\n".encode(), b"", b"\n\n", b'{"half": "' + NAME.encode()],
    ids=["a picture", "a table", "nothing", "blank lines", "half a line"],
)
def test_what_is_no_line_of_json_passes_byte_for_byte(data: bytes):
    assert restored([data]) == data


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        (OCTETS, "streamed"),
        ("application/octet-stream; charset=utf-8", "streamed"),
        ("application/jsonl", "streamed"),
        ("application/json", "whole"),
        ("video/mp4", "untouched"),
        ("application/zip", "untouched"),
    ],
)
def test_only_what_may_be_lines_is_looked_into(kind: str, want: str):
    assert (
        kind_of(kind, FileContent(), Request("GET", "https", "api.openai.com", 443, "/v1/files/f/content", ())) == want
    )


def test_a_request_without_a_body_is_read_and_a_refusal_is_the_services_own():
    assert FileContent().read(b"", "").parts == ()
    refusal = Refusal(403, "blocked_by_policy", "no", "SL-1")
    path = "/openai/files/file-1/content"
    assert FileContent().at(Asked("GET", path)).refuse(refusal).status == 403
    assert FileContent().at(Asked("GET", path, (("api-key", "x"),))).refuse(refusal).status == 400
