"""Hostile and broken bodies: a clear native error and a record each, nothing goes out, the next request is served."""

import base64
import bz2
import ssl
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import brotli
import h2.connection
import h2.events
import orjson
import pytest
import zstandard

from tests.e2e.street import CHAT, PROTOCOLS, Street, completion, content_of
from tests.e2e.tunnel import open_tunnel
from tests.thorough import crossed

JSON = {"content-type": "application/json"}
GOOD = orjson.dumps(completion("hello"))
SECRET = "13912345678"
"""Stands in every body that allows it: no error, log or record may repeat it."""
SECRETIVE = orjson.dumps(completion(f"电话{SECRET}谢谢"))


def coded(coding: str, body: bytes) -> tuple[dict[str, str], bytes]:
    return {**JSON, "content-encoding": coding}, body


def bomb(size: int) -> bytes:
    """Return a gzip of an otherwise valid prompt of `size` bytes."""
    coder = zlib.compressobj(9, wbits=31)
    start = b'{"model":"m","messages":[{"role":"user","content":"'
    body = coder.compress(start)
    block = b"a" * 1_000_000
    for _ in range(size // len(block)):
        body += coder.compress(block)
    return body + coder.compress(b'"}]}') + coder.flush()


class Bad(NamedTuple):
    """A request that cannot be right."""

    headers: dict[str, str]
    body: bytes
    status: int
    code: str


GZIPPED = zlib.compress(SECRETIVE, wbits=31)
SKIPPED = (0x184D2A50).to_bytes(4, "little") + len(SECRETIVE).to_bytes(4, "little") + SECRETIVE
NOTED = GZIPPED[:3] + b"\x08" + GZIPPED[4:10] + SECRET.encode() + b"\0" + GZIPPED[10:]
DEEP = b'{"model":"m","messages":' + b"[" * 10_000 + b"]" * 10_000 + b"}"

CASES = {
    "truncated JSON": Bad(JSON, SECRETIVE[:-7], 400, "malformed_body"),
    "nested 10,000 deep": Bad(JSON, DEEP, 413, "body_too_large"),
    "nested 100,000 deep": Bad(JSON, b"[" * 100_000, 413, "body_too_large"),
    "wrong charset": Bad(JSON, SECRETIVE.decode().encode("gbk"), 400, "malformed_body"),
    "wrong charset announced": Bad(
        {"content-type": "application/json; charset=utf-7"}, SECRETIVE.decode().encode("gbk"), 400, "unreadable_body"
    ),
    "UTF-16 announced as UTF-8": Bad(
        {"content-type": "application/json; charset=utf-8"}, SECRETIVE.decode().encode("utf-16"), 400, "malformed_body"
    ),
    "invalid UTF-8": Bad(JSON, SECRETIVE.replace(b"gpt", b"\xff\xfe"), 400, "malformed_body"),
    "lone surrogate": Bad(JSON, SECRETIVE.replace(b"gpt", rb"\ud800"), 400, "malformed_body"),
    "duplicate keys": Bad(JSON, b'{"model":"m","messages":[],' + SECRETIVE[1:], 400, "malformed_body"),
    "not a number": Bad(JSON, SECRETIVE[:-1] + b',"temperature":NaN}', 400, "malformed_body"),
    "an array instead": Bad(JSON, b"[" + SECRETIVE + b"]", 400, "malformed_body"),
    "broken gzip": Bad(*coded("gzip", b"\x1f\x8b\x08\x00" + SECRETIVE), 400, "malformed_body"),
    "truncated gzip": Bad(*coded("gzip", GZIPPED[:-9]), 400, "malformed_body"),
    "gzip and more behind it": Bad(*coded("gzip", zlib.compress(GOOD, wbits=31) + SECRETIVE), 400, "unreadable_body"),
    "broken brotli": Bad(*coded("br", brotli.compress(SECRETIVE)[:-5]), 400, "malformed_body"),
    "broken zstd": Bad(*coded("zstd", zstandard.compress(SECRETIVE)[:-5]), 400, "malformed_body"),
    "deflate and more behind it": Bad(*coded("deflate", zlib.compress(GOOD) + SECRETIVE), 400, "unreadable_body"),
    "zstd and more behind it": Bad(*coded("zstd", zstandard.compress(GOOD) + SECRETIVE), 400, "unreadable_body"),
    "a zstd frame that is skipped": Bad(*coded("zstd", zstandard.compress(GOOD) + SKIPPED), 400, "unreadable_body"),
    "a name in a gzip header": Bad(*coded("gzip", NOTED), 400, "unreadable_body"),
    "codings that do not nest": Bad(*coded("gzip, gzip", GZIPPED), 400, "malformed_body"),
    "codings beyond number": Bad(*coded("gzip, gzip, gzip, gzip", GZIPPED), 413, "body_too_large"),
    "hex": Bad(*coded("hex", SECRETIVE.hex().encode()), 400, "unreadable_body"),
    "bz2": Bad(*coded("bz2", bz2.compress(SECRETIVE)), 400, "unreadable_body"),
    "compress": Bad(*coded("compress", SECRETIVE), 400, "unreadable_body"),
    **{
        f"charset {charset}": Bad(
            {"content-type": f"application/json; charset={charset}"}, SECRETIVE, 400, "unreadable_body"
        )
        for charset in ("cp037", "rot13", "hex", "base64", "bz2", "utf-7", "idna")
    },
    "unknown coding": Bad(*coded("rot13", SECRETIVE), 400, "unreadable_body"),
    "coding of Python's registry": Bad(*coded("base64", base64.b64encode(SECRETIVE)), 400, "unreadable_body"),
    "decompression bomb": Bad(*coded("gzip", bomb(200_000_000)), 413, "body_too_large"),
}


@crossed("name, http2", {name: name for name in CASES}, PROTOCOLS)
def test_a_bad_body_is_a_clear_native_error_with_a_record_and_the_next_request_is_served(
    street: Street, name: str, http2: bool
) -> None:
    case = CASES[name]
    with street.client(http2=http2) as client:
        answer = client.post(CHAT, content=case.body, headers=case.headers)
        assert (case.status, case.code) == (answer.status_code, answer.json()["error"]["code"])
        assert street.external.requests == []
        record = street.last_record()
        assert ("refused", case.code) == (record["outcome"], record["code"])
        assert record["id"] in answer.json()["error"]["message"]
        assert SECRET not in answer.text + str(record)
        assert content_of(client.post(CHAT, content=GOOD, headers=JSON)).endswith("hello")
    assert SECRET.encode() not in street.external.everything()


def gzipped(body: bytes) -> bytes:
    return zlib.compress(body, wbits=31)


WHOLE = {
    "two members of gzip": ("gzip", gzipped(SECRETIVE[:9]) + gzipped(SECRETIVE[9:])),
    "two frames of zstd": ("zstd", zstandard.compress(SECRETIVE[:9]) + zstandard.compress(SECRETIVE[9:])),
    "gzip twice": ("gzip, gzip", gzipped(gzipped(SECRETIVE))),
    "gzip within brotli": ("gzip, br", brotli.compress(gzipped(SECRETIVE))),
    "x-gzip": ("x-gzip", gzipped(SECRETIVE)),
    "deflate without a head": ("deflate", zlib.compress(SECRETIVE, wbits=-15)),
}


@crossed("name, http2", {name: name for name in WHOLE}, PROTOCOLS)
def test_a_body_of_several_layers_or_pieces_is_read_to_its_last_byte(street: Street, name: str, http2: bool) -> None:
    headers, body = coded(*WHOLE[name])
    answer = street.post(CHAT, http2=http2, content=body, headers=headers)
    assert content_of(answer).endswith(f"电话{SECRET}谢谢")
    assert b"[PHONE_NUMBER_" in street.external.requests[0].body
    assert SECRET.encode() not in street.external.everything()


def test_what_stands_in_trailers_of_http2_does_not_go_on(street: Street, trust: ssl.SSLContext) -> None:
    trust.set_alpn_protocols(["h2"])
    wire = h2.connection.H2Connection()
    fields = [(":method", "POST"), (":scheme", "https"), (":authority", "api.openai.com")]
    fields += [(":path", "/v1/chat/completions"), ("content-type", "application/json")]
    with open_tunnel(street, "api.openai.com", trust) as tunnel:
        assert tunnel.selected_alpn_protocol() == "h2"
        wire.initiate_connection()
        wire.send_headers(1, fields)
        wire.send_data(1, GOOD)
        wire.send_headers(1, [("x-note", SECRET)], end_stream=True)
        tunnel.sendall(wire.data_to_send())
        status = b""
        while not status and (data := tunnel.recv(65536)):
            for event in wire.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"]
    assert status == b"200"
    assert [seen.body for seen in street.external.requests] == [GOOD]
    assert SECRET.encode() not in street.external.everything()


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_a_body_of_200_megabytes_is_refused_without_being_kept(street: Street, http2: bool, announced: bool) -> None:
    before = resident(street)
    size = 200 * 1024 * 1024
    headers = {**JSON, "content-length": str(size)} if announced else JSON
    try:
        answer = street.post(CHAT, http2=http2, content=endless(size), headers=headers)
    except OSError:
        answer = None
    except Exception as error:
        # A client that keeps writing may see the connection closed before it reads the refusal.
        assert type(error).__name__ in ("WriteError", "RemoteProtocolError", "ReadError")
        answer = None
    if answer is not None:
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert (street.last_record()["outcome"], street.last_record()["code"]) == ("refused", "body_too_large")
    assert street.external.requests == []
    assert resident(street) - before < 150 * 1024 * 1024
    assert content_of(street.post(CHAT, http2=http2, json=completion("hello"))).endswith("hello")


def endless(size: int) -> Iterator[bytes]:
    """Yield `size` bytes, a piece at a time."""
    piece = b" " * 262_144
    for _ in range(size // len(piece)):
        yield piece


def resident(street: Street) -> int:
    """Return the proxy's memory in bytes."""
    from pathlib import Path

    status = Path(f"/proc/{street.proxy.process.pid}/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_a_body_without_a_length_is_read_and_redacted_like_any_other(street: Street, http2: bool) -> None:
    pieces = (SECRETIVE[start : start + 7] for start in range(0, len(SECRETIVE), 7))
    answer = street.post(CHAT, http2=http2, content=pieces, headers=JSON)
    assert content_of(answer).endswith(f"电话{SECRET}谢谢")
    assert b"[PHONE_NUMBER_" in street.external.requests[0].body


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_a_body_that_http2_does_not_announce_is_a_prompt_whatever_the_method(street: Street, method: str) -> None:
    with street.client(http2=True) as client:
        client.request(method, "https://api.openai.com/v1/models", content=iter([SECRETIVE]), headers=JSON)
    record = street.last_record()
    assert (record["activity"], record["redacted"]) == ("prompt", {"PHONE_NUMBER": 1})
    assert SECRET.encode() not in street.external.everything()


def test_an_anthropic_client_gets_its_own_kind_of_error(street: Street) -> None:
    answer = street.post("https://api.anthropic.com/v1/messages", content=SECRETIVE[:-7], headers=JSON)
    assert (
        answer.status_code,
        answer.json()["type"],
        answer.json()["error"]["type"],
    ) == (400, "error", "invalid_request_error")
