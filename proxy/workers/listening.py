"""The listening sockets: opened once by the supervisor, and handed to every worker.

Enters: an address. Leaves: sockets, and a mitmproxy that listens on them. All workers take connections out of one
queue, which the kernel keeps as long as the supervisor lives: a connection that waits in it when a worker ends, or is
killed, is taken by the next. With a socket for each worker (`SO_REUSEPORT`) it would be reset.
"""

import asyncio
import socket
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any, Final

from mitmproxy.proxy.mode_servers import AsyncioServerInstance

from proxy.errors import taken
from proxy.settings.interface import Address

QUEUE: Final = 1024
"""Connections that wait to be taken; the system may allow fewer."""
AT_ONCE: Final = 4
"""Connections that a worker takes out of the queue before it looks at anything else: the others are to have some."""
TRIES_FOR: Final = 10.0
"""Seconds in which workers of a supervisor that was killed may still hold the address."""


class Handed(socket.socket):
    """A socket that listens already."""

    def listen(self, backlog: int = 0, /) -> None:
        """Leave the queue as it is: asyncio would make it as short as what it takes at once."""


def open_sockets(address: Address) -> list[socket.socket]:
    """Return listening sockets, one for each family of the address; raises `SettingsError`."""
    host, port = address
    until = monotonic() + TRIES_FOR
    while True:
        try:
            return _open(host, port)
        except OSError as error:
            if monotonic() > until or port == 0:
                raise taken("listen", host, port, error.strerror or str(error)) from None
            sleep(0.2)


def _open(host: str, port: int) -> list[socket.socket]:
    made: list[socket.socket] = []
    try:
        for family, _, _, _, where in socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            one = socket.socket(family, socket.SOCK_STREAM)
            made.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((where[0], made[0].getsockname()[1] if len(made) > 1 else port, *where[2:]))
            one.listen(QUEUE)
            one.setblocking(False)
    except OSError:
        for one in made:
            one.close()
        raise
    return made


def told(sockets: Sequence[socket.socket]) -> str:
    """Return where the first of them listens, as `host:port`."""
    host, port, *_ = sockets[0].getsockname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def install(sockets: Sequence[socket.socket]) -> None:
    """Make mitmproxy listen on these; raises `RuntimeError` where it listens in another way than the one known."""
    if not hasattr(AsyncioServerInstance, "listen") or not hasattr(AsyncioServerInstance, "handle_stream"):
        raise RuntimeError("this mitmproxy listens in another way; use version 12.2")

    async def listen(self: Any, _host: str, _port: int) -> list[asyncio.Server]:
        return [await asyncio.start_server(self.handle_stream, sock=one, backlog=AT_ONCE) for one in sockets]

    AsyncioServerInstance.listen = listen  # type: ignore[assignment]  # its `_start` looks the name up here


async def listen_no_more(servers: Sequence[Any]) -> None:
    """Take no connection any more; those that were just taken are served. `servers` are mitmproxy's."""
    loop = asyncio.get_running_loop()
    for instance in servers:
        for server in getattr(instance, "_servers", ()):
            for one in server.sockets:
                loop.remove_reader(one.fileno())
    await asyncio.sleep(0.1)  # asyncio gives up a connection that it has taken, but not set up, when a server closes
    for instance in servers:
        if instance.is_running:
            await instance.stop()
