"""Requests that can be read in two ways, over raw sockets: upstream sees exactly what was scanned, or nothing.

A shape is what a client sends to the proxy; the secret stands where another reader of the same bytes would find it.
The upstream is a socket that keeps every byte. Of each request that it sees there is a record of what was let out, and
the secret is nowhere.
"""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.proxy.house import SECRET, Tenant, chat
from tests.proxy.running import client, running, upstream

HOST = "api.openai.com"
URL = f"http://{HOST}/v1/chat/completions"
BODY = chat("hello")
HIDDEN = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 11\r\n\r\n{SECRET}".encode()
"""A second request, within the first for one reader and after it for another."""


def request(*fields: str | bytes, body: bytes = b"", line: str = f"POST {URL} HTTP/1.1", host: str = HOST) -> bytes:
    """Return a request of these very bytes."""
    lines = [line.encode(), f"Host: {host}".encode(), b"Content-Type: application/json"]
    lines += [field.encode() if isinstance(field, str) else field for field in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunks(*bodies: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in bodies) + end


CL, TE = f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked"

REFUSED = {
    "CL and TE": request("Content-Length: 4", TE, body=chunks(BODY) + HIDDEN),
    "TE and CL": request(TE, f"Content-Length: {len(chunks(BODY)) + len(HIDDEN)}", body=chunks(BODY) + HIDDEN),
    "CL twice, different": request(CL, "Content-Length: 3", body=BODY + HIDDEN),
    "CL with a sign": request(f"Content-Length: +{len(BODY)}", body=BODY + HIDDEN),
    "CL below nothing": request("Content-Length: -1", body=BODY + HIDDEN),
    "CL in hexadecimal": request(f"Content-Length: {len(BODY):#x}", body=BODY + HIDDEN),
    "CL with an underscore": request("Content-Length: 1_1", body=BODY + HIDDEN),
    "CL in other digits": request("Content-Length: １１".encode(), body=BODY + HIDDEN),
    "CL empty": request("Content-Length: ", body=BODY + HIDDEN),
    "CL that continues": request("Content-Length: 1\r\n 1", body=BODY + HIDDEN),
    "TE twice": request(TE, TE, body=chunks(BODY) + HIDDEN),
    "TE twice, different": request("Transfer-Encoding: identity", TE, body=chunks(BODY) + HIDDEN),
    "TE of a list": request("Transfer-Encoding: chunked, identity", body=chunks(BODY) + HIDDEN),
    "TE misspelt": request("Transfer-Encoding: xchunked", body=chunks(BODY) + HIDDEN),
    "TE quoted": request('Transfer-Encoding: "chunked"', body=chunks(BODY) + HIDDEN),
    "TE with a blank before its colon": request("Transfer-Encoding : chunked", CL, body=BODY + HIDDEN),
    "TE with a vertical tab": request("Transfer-Encoding: chunked\v", body=chunks(BODY) + HIDDEN),
    "TE with a form feed": request("Transfer-Encoding: \fchunked", body=chunks(BODY) + HIDDEN),
    "lines that end with LF alone": request(CL, body=BODY).replace(b"\r\n", b"\n"),
    "one line that ends with LF alone": request(b"X-A: b\nX-C: d", CL, body=BODY + HIDDEN),
    "TE behind a bare CR": request(b"X-A: b\rTransfer-Encoding: chunked", CL, body=BODY + HIDDEN),
    "TE behind a NUL": request(b"X-A: b\0Transfer-Encoding: chunked", CL, body=BODY + HIDDEN),
    "a field that begins with a blank": request(f" X-A: {SECRET}", CL, body=BODY),
    "a field that continues": request(f"X-A: b\r\n {SECRET}", CL, body=BODY),
    "a field with DEL": request(b"X-A: b\x7f", CL, body=BODY),
    "a field name with a blank": request(f"X A: {SECRET}", CL, body=BODY),
    "a field without a name": request(f": {SECRET}", CL, body=BODY),
    "a line that is no field": request(f"{SECRET}", CL, body=BODY),
    "a chunk size in hexadecimal twice": request(TE, body=b"0x%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY) + HIDDEN),
    "a chunk size with a sign": request(TE, body=b"+%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY) + HIDDEN),
    "a chunk size below nothing": request(TE, body=b"-1\r\n" + HIDDEN),
    "a chunk size that is none": request(TE, body=b"zz\r\n" + HIDDEN),
    "a chunk size of a mile": request(TE, body=b"f" * 40 + b"\r\n" + HIDDEN),
    "a chunk longer than it says": request(TE, body=b"2\r\n" + BODY + b"\r\n0\r\n\r\n" + HIDDEN),
    "a host in the address and another in the field": request(CL, body=BODY + HIDDEN, host="intranet.example.org"),
    "two hosts": request(CL, "Host: intranet.example.org", body=BODY),
    "a host behind a name": request(CL, body=BODY, host=f"{HOST}@evil.example"),
    "no version": f"POST {URL}\r\n\r\n".encode() + HIDDEN,
    "another version": request(CL, body=BODY, line=f"POST {URL} HTTP/9.9"),
    "a version that is none": request(CL, body=BODY, line=f"POST {URL} HTTP/1.1 {SECRET}"),
    "a value as the method": request(CL, body=BODY, line=f"M{SECRET} {URL} HTTP/1.1"),
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
}
"""Nothing at all goes out, the client is told or let go, and the connection is over."""

READ = {
    "a plain request": (request(CL, body=BODY), 1),
    "two requests in one": (request(CL, body=BODY) + request(CL, body=BODY), 2),
    "two requests in one, the second with the secret": (
        request(CL, body=BODY) + request(f"Content-Length: {len(chat(SECRET))}", body=chat(SECRET)),
        2,
    ),
    "a second one that no adapter reads": (
        request(CL, body=BODY) + HIDDEN.replace(b"POST ", b"POST http://api.openai.com"),
        1,
    ),
    "TE behind a tab": (request("Transfer-Encoding:\tchunked", body=chunks(BODY) + HIDDEN), 1),
    "chunks": (request(TE, body=chunks(BODY[:5], BODY[5:])), 1),
    "a chunk extension": (
        request(TE, body=b"%x;a=%s\r\n%s\r\n0;%s\r\n\r\n" % (len(BODY), SECRET.encode(), BODY, SECRET.encode())),
        1,
    ),
    "trailers": (request(TE, "Trailer: X-A", body=chunks(BODY, end=f"0\r\nX-A: {SECRET}\r\n\r\n".encode())), 1),
    "a trailer that would be a length": (request(TE, body=chunks(BODY, end=b"0\r\nContent-Length: 900\r\n\r\n")), 1),
    "a secret in a field": (request(CL, f"X-Note: {SECRET}", body=BODY), None),
    "a secret in the query": (request(CL, body=BODY, line=f"POST {URL}?q={SECRET} HTTP/1.1"), None),
    "a GET with a body": (
        request(f"Content-Length: {len(chat(SECRET))}", body=chat(SECRET), line=f"GET {URL} HTTP/1.1"),
        None,
    ),
    "a GET with chunks": (request(TE, body=chunks(chat(SECRET)), line=f"GET {URL} HTTP/1.1"), None),
    "CL twice, the same": (request(CL, CL, body=BODY), None),
    "fields that would be taken off": (request(CL, "Connection: close, content-length, x-note", body=BODY), None),
    "a switch to HTTP/2": (
        request(
            CL,
            "Connection: Upgrade, HTTP2-Settings",
            "Upgrade: h2c",
            "HTTP2-Settings: AAMAAABk",
            body=BODY + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
        None,
    ),
    "a version of long ago": (request(CL, body=BODY, line=f"POST {URL} HTTP/1.0"), None),
    "a body that is waited for": (request(CL, "Expect: 100-continue", body=BODY), 1),
}
"""What the proxy reads in one way, with the number of requests that go out where that is certain."""

HEADS = re.compile(rb"(?:^|(?<=\})|(?<=\r\n\r\n)|(?<=11))(?:GET|POST) /\S* HTTP/1\.[01]\r\n")
"""Heads as they are sent: at the beginning, or after a body."""


async def say(port: int, sent: bytes) -> tuple[bytes, bool]:
    """Send bytes; return what comes, and whether the proxy has closed the connection."""
    async with client(port) as (reader, writer):
        writer.write(sent)
        got = b""
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(1.0):
                    piece = await reader.read(65536)
                if not piece:
                    return got, True
                got += piece
    return got, False


async def listen(came: bytearray, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Keep every byte; answer every request that is whole for whoever believes its length."""
    answered = 0
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            came.extend(piece)
            while answered < len(HEADS.findall(bytes(came))):
                answered += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    writer.close()


def play(tenant: Tenant, folder: Path, sent: bytes) -> tuple[bytes, bytes, bool]:
    """Send bytes through the proxy; return what upstream saw, what the client got, and whether that was the end."""
    came = bytearray()

    async def scene() -> tuple[bytes, bool]:
        async with upstream(lambda reader, writer: listen(came, reader, writer)) as there:
            resolve = {(host, 80): ("127.0.0.1", there) for host in (HOST, "intranet.example.org", "evil.example")}
            async with running(tenant, folder, resolve=resolve) as port:
                return await say(port, sent)

    got, closed = tenant.loop.run_until_complete(scene())
    return bytes(came), got, closed


def let_out(tenant: Tenant) -> int:
    """Return of how many requests the log says that they went out."""
    return sum(one["event"] == "request" and one["outcome"] not in ("refused", "error") for one in tenant.records())


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_goes_nowhere_and_ends_the_connection(
    tenant: Tenant, tmp_path: Path, name: str
) -> None:
    came, got, closed = play(tenant, tmp_path, REFUSED[name])
    assert came == b""
    assert let_out(tenant) == 0
    assert SECRET not in str(tenant.records())
    assert closed or re.match(rb"HTTP/1\.1 4\d\d ", got), "an answer to the first, and whatever follows is judged anew"
    assert not re.search(rb"HTTP/1\.1 2\d\d ", got)


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("name", [name for name in REFUSED if "LF alone" in name or "vertical tab" in name])
def test_a_head_with_lines_of_its_own_kind_is_answered_plainly(tenant: Tenant, tmp_path: Path, name: str) -> None:
    _, got, closed = play(tenant, tmp_path, REFUSED[name])
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"must end with CR LF" in got
    assert closed


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("name", READ)
def test_what_is_read_goes_out_as_it_was_read(tenant: Tenant, tmp_path: Path, name: str) -> None:
    sent, count = READ[name]
    came, got, _ = play(tenant, tmp_path, sent)
    heads = len(HEADS.findall(came))
    assert heads == let_out(tenant), (came, got)
    assert count is None or heads == count, (came, got)
    assert SECRET.encode() not in came
    for odd in (b"\v", b"PRI *", b"HTTP2-Settings", b"X-A:", b";a="):
        assert odd not in came


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("asked", ["foo", "websocket", "h2c", "tls/1.2"])
def test_nothing_goes_through_a_switch_to_what_nobody_reads(tenant: Tenant, tmp_path: Path, asked: str) -> None:
    """The service agrees; what the client then says would be relayed by stock mitmproxy, past every addon."""
    came = bytearray()

    async def agree(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                came.extend(piece)
                writer.write(f"HTTP/1.1 101 Switching\r\nUpgrade: {asked}x\r\nConnection: Upgrade\r\n\r\n".encode())
        writer.close()

    async def scene() -> bytes:
        async with upstream(agree) as there:
            resolve = {(HOST, 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port, client(port) as (reader, writer):
                writer.write(request(CL, "Connection: Upgrade", f"Upgrade: {asked}", body=BODY))
                got = await reader.readuntil(b"\r\n")
                writer.write(SECRET.encode() * 3)
                with suppress(TimeoutError):
                    async with asyncio.timeout(2.0):
                        await reader.read()
                return got

    got = tenant.loop.run_until_complete(scene())
    assert SECRET.encode() not in came
    assert not got.startswith(b"HTTP/1.1 101")
