"""The proxy in this process, on loopback sockets: started by our master, with the house of the tests.

Enters: a tenant and settings. Leaves: a port to speak to. mitmproxy's own stream class is put back afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from mitmproxy.proxy import mode_servers
from mitmproxy.proxy.layers import http as http_layer
from mitmproxy.proxy.layers.http import Http1Client, Http1Server, _http1, _http2

from proxy.reach import Reach
from proxy.settings.interface import Settings
from proxy.shell.master import make
from tests.proxy.house import Tenant

PATIENCE = 100.0

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def running(tenant: Tenant, folder: Path, **settings: Any) -> AsyncIterator[int]:
    """Run the proxy; give the port it listens on."""
    settings.setdefault("reach", Reach(networks=(ip_network("127.0.0.0/8"),)))  # where tests have their servers
    stock, reader, frames = http_layer.HttpStream, _http1.ChunkedReader, _http2.BufferedH2Connection
    handler, towards_client = mode_servers.ProxyConnectionHandler, http_layer.Http2Server
    made, addon = make(Settings(listen=("127.0.0.1", 0), state=folder / "state", **settings), tenant.house)
    tenant.addon = addon
    task = asyncio.create_task(made.run())
    server = made.addons.get("proxyserver")
    async with asyncio.timeout(PATIENCE):
        while not any(one.is_running and one.listen_addrs for one in server.servers):
            await asyncio.sleep(0.01)
    try:
        yield next(one for one in server.servers if one.is_running).listen_addrs[0][1]
    finally:
        made.shutdown()
        await task
        for server_of_mode in server.servers:
            await server_of_mode.stop()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        # What our rooms' `install` have replaced.
        http_layer.HttpStream = stock  # type: ignore[misc]
        _http1.ChunkedReader = reader  # type: ignore[misc]
        _http2.BufferedH2Connection = frames  # type: ignore[misc]
        mode_servers.ProxyConnectionHandler = handler  # type: ignore[misc]
        http_layer.Http2Server = towards_client  # type: ignore[misc]
        http_layer.Http1Server = Http1Server  # type: ignore[misc]
        http_layer.Http1Client = Http1Client  # type: ignore[misc]


@asynccontextmanager
async def upstream(handle: Handler) -> AsyncIterator[int]:
    """Run a server; give its port."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def client(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect; the test fails where an answer does not come in time."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read one request or answer with a length; return its head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    return head, await reader.readexactly(int(fields[b"content-length"]))


async def response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer with a length; return its status and body."""
    head, body = await message(reader)
    return int(head.split(b" ")[1]), body


def prompt(host: str, body: bytes, *, length: int | None = None) -> bytes:
    """Return a request as a client of a proxy writes it; with `length`, more is announced than is sent."""
    head = f"POST http://{host}/v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body
