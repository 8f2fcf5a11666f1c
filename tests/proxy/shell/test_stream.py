"""Our answers go out when we have them and in our own form, over real sockets."""

import asyncio
import threading
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import orjson
import pytest
from mitmproxy.proxy.layers import http as http_layer

import proxy.handle
import proxy.shell.stream
from detectors.allowance import spend
from detectors.interface import CannotTell
from proxy.reach import Reach
from proxy.shell.stream import install
from proxy.wire.body import Limits
from tests.proxy.house import SECRET, Tenant, chat
from tests.proxy.running import client, message, prompt, response, running, upstream

FORBIDDEN, ALLOWED = "api.deepseek.com", "api.openai.com"

LOOPBACK = Reach((ip_network("127.0.0.0/8"),))


def code_of(body: bytes) -> str:
    return str(orjson.loads(body)["error"]["code"])


def play(tenant: Tenant, scene) -> None:
    tenant.loop.run_until_complete(scene)


def test_a_refusal_arrives_while_the_body_is_still_to_come(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tenant, tmp_path) as port, client(port) as (reader, writer):
            writer.write(prompt(FORBIDDEN, b'{"messages":', length=50_000_000))
            status, body = await response(reader)
            assert (status, code_of(body)) == (403, "blocked_by_policy")

    play(tenant, scene())
    assert [record["code"] for record in tenant.records()] == ["blocked_by_policy"]


def test_a_connection_serves_on_after_an_early_refusal(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tenant, tmp_path) as port, client(port) as (reader, writer):
            body = chat(SECRET)
            for cut in (len(body), 5, 0):
                writer.write(prompt(FORBIDDEN, body[:cut], length=len(body)))
                status, told = await response(reader)
                assert (status, code_of(told)) == (403, "blocked_by_policy")
                writer.write(body[cut:])

    play(tenant, scene())
    assert len(tenant.records()) == 3


def test_what_is_thrown_away_has_a_bound(tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy.shell.stream, "DISCARDED_AT_MOST", 1000)

    async def scene() -> None:
        async with running(tenant, tmp_path) as port, client(port) as (reader, writer):
            writer.write(prompt(FORBIDDEN, b"", length=50_000_000))
            await response(reader)
            writer.write(b"x" * 2000)
            assert await reader.read() == b"", "the connection is closed"

    play(tenant, scene())


def test_a_chunked_body_over_the_limit_is_refused_natively(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            running(tenant, tmp_path, limits=Limits(max_body=1000)) as port,
            client(port) as (reader, writer),
        ):
            head = prompt(ALLOWED, b"", length=0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
            writer.write(head + b"3e8\r\n" + b"x" * 1000 + b"\r\n" + b"1\r\nx\r\n")
            status, body = await response(reader)
            assert (status, code_of(body)) == (413, "body_too_large")
            writer.write(b"2\r\nxx\r\n0\r\n\r\n" + prompt(FORBIDDEN, b"{}"))
            assert (await response(reader))[0] == 403

    play(tenant, scene())
    assert tenant.records()[0]["code"] == "body_too_large"


CHUNKED = b"Transfer-Encoding: chunked\r\nTrailer: X-Note"


def test_trailers_of_a_request_never_go_on_and_the_connection_serves_on(tenant: Tenant, tmp_path: Path) -> None:
    """Stock mitmproxy raises on them, and the client waits for ever."""
    came = bytearray()

    async def listens(reader, writer) -> None:
        while piece := await reader.read(65536):
            came.extend(piece)
            if came.endswith((b"\r\n0\r\n\r\n", b'hi"}]}')):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def scene() -> None:
        async with upstream(listens) as there:
            resolve = {(ALLOWED, 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port, client(port) as (reader, writer):
                body = chat("hello")
                head = prompt(ALLOWED, b"").replace(b"Content-Length: 0", CHUNKED)
                trailers = f"0\r\nX-Note: {SECRET}\r\nX-Other: 1\r\n\r\n".encode()
                writer.write(head + b"%x\r\n%s\r\n" % (len(body), body) + trailers)
                assert await response(reader) == (200, b"ok")
                writer.write(prompt(ALLOWED, chat("hi")))
                assert await response(reader) == (200, b"ok")

    play(tenant, scene())
    assert b"hello" in came and SECRET.encode() not in came and b"X-Other" not in came
    assert [one["code"] for one in tenant.records()] == [""] * 4


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


@pytest.mark.parametrize("cut", [1, 30, len(EARLY) - 2, len(EARLY), 10_000])
def test_what_a_server_says_before_its_answer_is_passed_over(tenant: Tenant, tmp_path: Path, cut: int) -> None:
    """Stock mitmproxy takes it for the answer."""
    said = b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY
    said += b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    async def hints(reader, writer) -> None:
        for _ in range(2):
            await reader.readuntil(b'hi"}]}')
            for piece in (said[:cut], said[cut:]):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.02)  # so that they come apart
        writer.close()

    async def scene() -> None:
        async with upstream(hints) as there:
            resolve = {(ALLOWED, 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port, client(port) as (reader, writer):
                for _ in range(2):  # the connection serves on
                    writer.write(prompt(ALLOWED, chat("hi")))
                    assert await response(reader) == (200, b"{}")

    play(tenant, scene())


def test_trailers_of_a_request_that_is_refused_do_not_keep_its_refusal(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tenant, tmp_path) as port, client(port) as (reader, writer):
            head = prompt(ALLOWED, b"").replace(b"Content-Length: 0", CHUNKED)
            writer.write(head + b"1\r\n{\r\n0\r\nX-Note: 1\r\n\r\n")
            status, body = await response(reader)
            assert (status, code_of(body)) == (400, "malformed_body")

    play(tenant, scene())
    assert [record["code"] for record in tenant.records()] == ["malformed_body"]


def test_an_upstream_that_refuses_the_connection_is_a_native_error(tenant: Tenant, tmp_path: Path) -> None:
    async def nobody(_, writer) -> None:
        writer.close()

    async def scene() -> None:
        async with upstream(nobody) as closed:
            pass
        resolve = {(ALLOWED, 80): ("127.0.0.1", closed)}
        async with running(tenant, tmp_path, resolve=resolve) as port, client(port) as (reader, writer):
            writer.write(prompt(ALLOWED, chat("hi")))
            status, body = await response(reader)
            assert (status, code_of(body)) == (502, "service_unreachable")
            writer.write(prompt(FORBIDDEN, b"{}"))
            assert (await response(reader))[0] == 403

    play(tenant, scene())
    assert [record["code"] for record in tenant.records()] == ["", "upstream_unreachable", "blocked_by_policy"]


BROKEN = {
    "before its answer": (b"", b"service_unreachable"),
    "in the middle of a whole answer": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
        b"service_unreachable",
    ),
    "in the middle of a whole answer to who asked for a stream": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
        b"\r\n{",
    ),
    "in the middle of a stream": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'3d\r\ndata: {"choices":[{"index":0,"delta":{"content":"[PHONE_"}}]}\n\n\r\n',
        b"[PHONE_",
    ),
}


@pytest.mark.parametrize("when", BROKEN)
def test_an_upstream_that_breaks_off_loses_nothing_and_is_told(tenant: Tenant, tmp_path: Path, when: str) -> None:
    sent, seen = BROKEN[when]

    async def breaks(reader, writer) -> None:
        _, body = await message(reader)
        assert SECRET.encode() not in body
        writer.write(sent)
        await writer.drain()
        writer.close()

    async def scene() -> None:
        async with upstream(breaks) as there:
            resolve = {(ALLOWED, 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port, client(port) as (reader, writer):
                writer.write(prompt(ALLOWED, chat(SECRET, stream="stream" in when)))
                got = b""
                while seen not in got:
                    piece = await reader.read(65536)
                    assert piece, f"the answer ended: {got!r}"
                    got += piece

    play(tenant, scene())
    assert tenant.records()[-1]["code"] == ("cut_short" if "stream" in when else "upstream_unreachable")


def test_a_client_that_leaves_is_recorded_as_such(tenant: Tenant, tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def waits(reader, writer) -> None:
        await message(reader)
        asked.set()
        await reader.read()
        writer.close()

    async def scene() -> None:
        async with upstream(waits) as there:
            resolve = {(ALLOWED, 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port:
                async with client(port) as (_, writer):
                    writer.write(prompt(ALLOWED, chat("hi")))
                    await asked.wait()
                async with asyncio.timeout(20):
                    while len(tenant.records()) < 2:
                        await asyncio.sleep(0.01)

    play(tenant, scene())
    assert tenant.records()[-1]["code"] == "client_left"


def test_a_client_that_leaves_while_its_text_is_looked_through_frees_the_turn(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching, over = threading.Event(), threading.Event()

    def inspect(*_given: object) -> None:
        searching.set()
        with suppress(CannotTell):
            while True:
                spend()
        over.set()

    monkeypatch.setattr(proxy.handle, "inspect", inspect)

    async def heard(reader, _writer) -> None:
        assert not await reader.read(), "a byte for a client that has left"

    async def scene() -> None:
        async with upstream(heard) as there:
            resolve = {(ALLOWED, 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port:
                async with client(port) as (_, writer):
                    writer.write(prompt(ALLOWED, chat(SECRET)))
                    await asyncio.to_thread(searching.wait, 20)
                async with asyncio.timeout(20):
                    while not tenant.records() or tenant.addon.reading.hall.light.running:
                        await asyncio.sleep(0.01)

    play(tenant, scene())
    assert over.is_set()
    assert [(line["outcome"], line["code"]) for line in tenant.records()] == [("refused", "client_left")]


def test_a_tunnel_to_nobody_of_ours_lets_the_server_speak_first(tenant: Tenant, tmp_path: Path) -> None:
    async def greets(reader, writer) -> None:
        writer.write(b"220 mail.example.org\r\n")
        writer.write(b"250 " + await reader.readline())
        await writer.drain()
        writer.close()

    async def scene() -> None:
        async with (
            upstream(greets) as there,
            running(tenant, tmp_path, reach=LOOPBACK) as port,
            client(port) as (reader, writer),
        ):
            writer.write(f"CONNECT 127.0.0.1:{there} HTTP/1.1\r\nHost: 127.0.0.1:{there}\r\n\r\n".encode())
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            assert await reader.readline() == b"220 mail.example.org\r\n"
            writer.write(f"HELO {SECRET}\r\n".encode())
            assert await reader.readline() == f"250 HELO {SECRET}\r\n".encode()

    play(tenant, scene())
    assert tenant.records() == []
    assert tenant.addon.counters["tunnelled"] == 1


def test_another_layout_of_mitmproxy_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_layer, "HttpStream", object)
    with pytest.raises(RuntimeError, match=r"use version 12\.2"):
        install(1, lambda _host, _port: False)
    assert http_layer.HttpStream is object, "nothing was replaced"
