"""Protobuf cannot be read, and is refused in its own way."""

import base64
import json
from urllib.parse import unquote

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal
from proxy.errors import Unreadable

MESSAGE = "不可外发 50% of it\nSL-1"


def bound(kind: str):
    return choose(
        Asked("POST", "/aiserver.v1.ChatService/StreamUnifiedChatWithTools", (("content-type", kind),), "cursor")
    )


def refused(kind: str, status: int = 403):
    return bound(kind).refuse(Refusal(status, "blocked_by_policy", MESSAGE, "SL-1"))


@pytest.mark.parametrize("kind", ["grpc", "grpc+proto", "grpc-web+proto", "connect+proto", "proto"])
def test_nothing_of_it_is_read(kind: str) -> None:
    with pytest.raises(Unreadable, match="protobuf"):
        bound(f"application/{kind}").read(b"\n\x05hello", kind)


@pytest.mark.parametrize(("status", "number"), [(403, "7"), (400, "3"), (413, "3"), (401, "7"), (503, "9")])
def test_grpc_is_told_by_its_status_in_the_head_alone(status: int, number: str) -> None:
    answer = refused("application/grpc+proto", status)
    headers = dict(answer.headers)
    assert (answer.status, answer.body, headers["grpc-status"]) == (200, b"", number)
    assert headers["content-type"] == "application/grpc+proto"
    assert headers["grpc-message"].isascii() and "\n" not in headers["grpc-message"]
    assert unquote(headers["grpc-message"]) == MESSAGE


@pytest.mark.parametrize("kind", ["application/grpc-web+proto", "application/grpc-web-text"])
def test_grpc_web_is_told_by_a_message_of_trailers(kind: str) -> None:
    answer = refused(kind)
    body = base64.b64decode(answer.body) if "text" in kind else answer.body
    assert (answer.status, body[0], int.from_bytes(body[1:5])) == (200, 0x80, len(body) - 5)
    lines = dict(line.split(": ", 1) for line in body[5:].decode().split("\r\n") if line)
    assert lines["grpc-status"] == "7" and unquote(lines["grpc-message"]) == MESSAGE


@pytest.mark.parametrize(
    ("status", "word"), [(403, "permission_denied"), (400, "invalid_argument"), (503, "failed_precondition")]
)
def test_connect_is_told_by_json_or_by_the_end_of_a_stream(status: int, word: str) -> None:
    want = {"code": word, "message": MESSAGE}
    whole = refused("application/proto", status)
    assert json.loads(whole.body) == want and dict(whole.headers)["content-type"] == "application/json"
    assert whole.status == {503: 424}.get(status, status)
    stream = refused("application/connect+proto", status)
    assert (stream.status, stream.body[0], int.from_bytes(stream.body[1:5])) == (200, 2, len(stream.body) - 5)
    assert json.loads(stream.body[5:]) == {"error": want}
    assert dict(stream.headers)["content-type"] == "application/connect+proto"
