"""A tunnel to a bare address on any port is opened when its first bytes name a host of ours, and works otherwise."""

import asyncio
import ssl
from pathlib import Path

import pytest

import proxy.shell.patience
from tests.proxy.house import Tenant
from tests.proxy.running import running, upstream

ASKED = b"POST /v1/chat HTTP/1.1\r\nHost: %s\r\ncontent-length: 2\r\n\r\n{}"
OURS = ASKED % b"api.deepseek.com"
NOT_OURS = ASKED % b"intranet.example.org"

HEARD: list[bytes] = []


async def greeter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 at your service\r\n")
    while data := await reader.read(1000):
        HEARD.append(data)
        writer.write(b"heard " + data)


async def listener(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        HEARD.append(data)
        writer.write(b"heard " + data)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    HEARD.clear()
    monkeypatch.setattr(proxy.shell.patience, "SILENCE", 0.1)


async def tunnel(port: int, to: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (to, to))
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


TUNNELLED = {
    "bytes of nobody's protocol": ([b"\x00\x01hello"], 0.0),
    "after a while": ([b"\x00\x01hello"], 0.3),
    "a request for a host outside the catalogue": ([NOT_OURS], 0.0),
    "another protocol's words": ([b"get key\r\n"], 0.3),
}


@pytest.mark.parametrize(("pieces", "pause"), TUNNELLED.values(), ids=TUNNELLED)
def test_what_is_none_of_our_business_is_tunnelled(tenant: Tenant, tmp_path: Path, pieces, pause: float) -> None:
    async def scene() -> None:
        async with upstream(listener) as to, running(tenant, tmp_path) as port:
            reader, writer = await tunnel(port, to)
            await asyncio.sleep(pause)
            for piece in pieces:
                writer.write(piece)
            assert (await reader.read(1000)).startswith(b"heard " + pieces[0])
            await asyncio.sleep(0.2)  # the wake-up comes now, and disturbs nobody
            writer.write(b"more")
            assert await reader.read(1000) == b"heard more"
            writer.close()

    tenant.loop.run_until_complete(scene())
    assert tenant.records() == []


def test_a_server_that_greets_is_heard_though_its_client_waits(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        async with upstream(greeter) as to, running(tenant, tmp_path) as port:
            reader, writer = await tunnel(port, to)
            assert await reader.readuntil(b"\n") == b"220 at your service\r\n"
            writer.write(b"QUIT\r\n")
            assert await reader.readuntil(b"\n") == b"heard QUIT\r\n"
            writer.close()

    tenant.loop.run_until_complete(scene())


OPENED = {
    "at once": ([OURS], 0.0),
    "after a while": ([OURS], 0.3),
    "cut at every place": ([OURS[:1], OURS[1:3], OURS[3:9], OURS[9:30], OURS[30:]], 0.0),
    "cut, after a while": ([OURS[:2], OURS[2:]], 0.3),
}


@pytest.mark.parametrize(("pieces", "pause"), OPENED.values(), ids=OPENED)
def test_a_request_for_a_host_of_ours_is_read_on_any_port(tenant: Tenant, tmp_path: Path, pieces, pause: float) -> None:
    async def scene() -> None:
        async with upstream(listener) as to, running(tenant, tmp_path) as port:
            reader, writer = await tunnel(port, to)
            await asyncio.sleep(pause)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.05)
            assert b" 403 " in await reader.readuntil(b"\r\n")
            writer.close()

    tenant.loop.run_until_complete(scene())
    assert HEARD == [] and [record["code"] for record in tenant.records()] == ["blocked_by_policy"]


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_tls_for_a_host_of_ours_is_opened_on_any_port(tenant: Tenant, tmp_path: Path, pause: float) -> None:
    async def scene() -> None:
        async with upstream(listener) as to, running(tenant, tmp_path) as port:
            reader, writer = await tunnel(port, to)
            await asyncio.sleep(pause)
            trust = ssl.create_default_context(cafile=str(tmp_path / "state" / "sluice-ca.pem"))
            await writer.start_tls(trust, server_hostname="api.deepseek.com")
            writer.write(OURS)
            assert b" 403 " in await reader.readuntil(b"\r\n")
            writer.close()

    tenant.loop.run_until_complete(scene())
    assert HEARD == [] and [record["code"] for record in tenant.records()] == ["blocked_by_policy"]


def test_an_address_where_nobody_listens_ends_the_connection(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        async with upstream(listener) as to:
            pass
        async with running(tenant, tmp_path) as port:
            reader, writer = await tunnel(port, to)
            assert await reader.read(1000) == b""
            writer.close()

    tenant.loop.run_until_complete(scene())
