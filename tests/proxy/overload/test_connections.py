"""Clients that are slow, silent, many, or do not read: over real sockets, with limits of a second or so."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import orjson
import pytest

import proxy.overload.connections
from proxy.overload.connections import SluiceConnection
from proxy.overload.doorkeeper import Connections
from tests.proxy.house import Tenant, chat
from tests.proxy.running import PATIENCE, client, prompt, response, running, upstream

FORBIDDEN, ALLOWED = "api.deepseek.com", "api.openai.com"


def play(tenant: Tenant, scene) -> None:
    tenant.loop.run_until_complete(asyncio.wait_for(scene, PATIENCE * 3))


async def ended(reader: asyncio.StreamReader) -> None:
    """Wait until the other side has closed."""
    try:
        while await reader.read(65536):
            pass
    except ConnectionResetError:
        pass


HEADS = {"nothing": b"", "half a head": prompt(ALLOWED, b"{}")[:40], "half a CONNECT": b"CONNECT api.openai.com:4"}


@pytest.mark.parametrize("said", HEADS.values(), ids=HEADS)
def test_a_head_that_does_not_come_ends_the_connection(tenant: Tenant, tmp_path: Path, said: bytes) -> None:
    async def scene() -> None:
        limits = Connections(head_seconds=0.5)
        async with running(tenant, tmp_path, connections=limits) as port, client(port) as (reader, writer):
            writer.write(said)
            await ended(reader)
        assert SluiceConnection.doors.closed == {"slow_head": 1}

    play(tenant, scene())
    assert tenant.records() == []


def test_a_connection_without_an_exchange_ends_after_a_while(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        limits = Connections(idle_seconds=0.5)
        async with running(tenant, tmp_path, connections=limits) as port, client(port) as (reader, writer):
            writer.write(prompt(FORBIDDEN, b"{}"))
            assert (await response(reader))[0] == 403
            await ended(reader)
        assert SluiceConnection.doors.closed == {"idle": 1}

    play(tenant, scene())


def slow_body(limits: Connections):
    async def scene(tenant: Tenant, folder: Path) -> tuple[int, bytes]:
        async with running(tenant, folder, connections=limits) as port, client(port) as (reader, writer):
            body = chat("hi")
            writer.write(prompt(ALLOWED, b"", length=len(body)))
            answer = asyncio.create_task(response(reader))
            for place in range(len(body) - 1):
                writer.write(body[place : place + 1])
                await asyncio.wait({answer}, timeout=0.1)
                if answer.done():
                    break
            return await answer

    return scene


@pytest.mark.parametrize(
    "limits",
    [Connections(body_seconds=1.0), Connections(body_idle_seconds=0.05)],
    ids=["a byte now and then", "a body that stops"],
)
def test_a_body_that_comes_too_slowly_is_refused_in_the_clients_own_words(
    tenant: Tenant, tmp_path: Path, limits: Connections
) -> None:
    status, body = tenant.loop.run_until_complete(slow_body(limits)(tenant, tmp_path))
    assert (status, orjson.loads(body)["error"]["code"]) == (400, "body_too_slow")
    assert [(one["outcome"], one["code"]) for one in tenant.records()] == [("refused", "body_too_slow")]
    assert not tenant.addon.reading.hall.held, "nothing of it is counted any more"


def test_a_thousand_silent_connections_keep_nobody_out(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        limits = Connections(total=100, address=100)
        async with running(tenant, tmp_path, connections=limits) as port, AsyncExitStack() as held:
            for number in range(1000):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                held.callback(writer.close)
                if number % 100 == 99:
                    async with client(port) as (reader, other):
                        other.write(prompt(FORBIDDEN, b"{}"))
                        assert (await response(reader))[0] == 403
            assert len(SluiceConnection.doors.guests) <= 100

    play(tenant, scene())
    assert len(tenant.records()) == 10


def test_a_connection_with_an_exchange_never_gives_way(tenant: Tenant, tmp_path: Path) -> None:
    released = asyncio.Event()

    async def answers_late(reader, writer) -> None:
        await reader.readuntil(b'hi"}]}')
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 6\r\n\r\nhel")
        await released.wait()
        writer.write(b"lo!")
        await writer.drain()
        writer.close()

    async def scene() -> None:
        async with upstream(answers_late) as there:
            limits, resolve = Connections(total=3, address=3), {(ALLOWED, 80): ("127.0.0.1", there)}
            async with (
                running(tenant, tmp_path, connections=limits, resolve=resolve) as port,
                client(port) as (reader, writer),
                AsyncExitStack() as held,
            ):
                writer.write(prompt(ALLOWED, chat("hi")))
                await reader.readuntil(b"\r\n\r\n")
                for _ in range(20):
                    _, other = await asyncio.open_connection("127.0.0.1", port)
                    held.callback(other.close)
                released.set()
                assert await reader.readexactly(6) == b"hello!"

    play(tenant, scene())


PIECE = b"x" * 65536
ENDLESS = 400
"""Pieces that the stand-in would like to send: 25 MiB."""


async def pours(reader, writer) -> None:
    await reader.readuntil(b'hi"}]}')
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    pours.sent = 0
    try:
        for _ in range(ENDLESS):
            writer.write(b"10000\r\n" + PIECE + b"\r\n")
            await writer.drain()
            pours.sent += len(PIECE)
    except ConnectionError:
        pass
    writer.close()


def test_a_client_that_does_not_read_is_cut_off_and_its_server_is_not_read_meanwhile(
    tenant: Tenant, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with upstream(pours) as there:
            limits, resolve = Connections(stalled_seconds=2.0), {(ALLOWED, 80): ("127.0.0.1", there)}
            async with (
                running(tenant, tmp_path, connections=limits, resolve=resolve) as port,
                client(port) as (reader, writer),
            ):
                reader._transport.pause_reading()  # type: ignore[attr-defined]
                writer.write(prompt(ALLOWED, chat("hi")))
                most = 0
                while not SluiceConnection.doors.closed:
                    most = max(most, *(one.unread() for one in SluiceConnection.doors.guests.values()), 0)
                    await asyncio.sleep(0.1)
                assert SluiceConnection.doors.closed == {"not_read": 1}
                assert 0 < most < 4 << 20

    play(tenant, scene())
    assert tenant.records()[-1]["code"] in ("client_left", "cut_short")


def test_what_full_windows_hold_back_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection's own part alone: mitmproxy speaks HTTP/2 only within TLS, which is driven end to end."""
    monkeypatch.setattr(proxy.overload.connections, "AHEAD", 1000)
    handler = SluiceConnection.__new__(SluiceConnection)
    waits = [2000, 1500, 900]
    drained: list[int] = []

    async def stock(_self: object) -> None:
        drained.append(1)

    monkeypatch.setattr(proxy.overload.connections.ProxyConnectionHandler, "drain_writers", stock)
    monkeypatch.setattr(SluiceConnection, "held_back", lambda _self: waits.pop(0))
    monkeypatch.setattr(proxy.overload.connections, "LOOKS_EVERY", 0)

    class Io:
        handler = None

    handler.client = object()  # type: ignore[assignment]
    handler.transports = {handler.client: Io()}  # type: ignore[dict-item]
    asyncio.run(handler.drain_writers())
    assert drained == [1] and waits == []
