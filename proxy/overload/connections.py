"""mitmproxy's connections of clients, our way: the doorkeeper hears of them, and what waits for a client is bounded.

Enters: mitmproxy's events and hooks. Leaves: what the doorkeeper is told, and connections that it has cut off; never a
changed byte. mitmproxy takes any number of connections and waits ten minutes for each; a thousand that say nothing
would keep everybody else out, and an answer that a client does not take over HTTP/2 would be kept in memory without an
end. Here its server is not read meanwhile, as over HTTP/1. A connection in which a layer fails is ended as a whole.
"""

import asyncio
from typing import Any, ClassVar, Final

import structlog
from mitmproxy.connection import Client
from mitmproxy.proxy import commands, events, layer, mode_servers
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http as http_layer
from mitmproxy.proxy.layers.http import (
    Http2Server,
    HttpConnectHook,
    HttpErrorHook,
    HttpRequestHeadersHook,
    HttpResponseHook,
)
from mitmproxy.proxy.layers.websocket import WebsocketEndHook, WebsocketStartHook
from mitmproxy.proxy.mode_servers import ProxyConnectionHandler

from proxy.caller import is_trusted, read_address
from proxy.errors import EXITS
from proxy.identity.front import SIGNATURE, NoHead, Told, read_head
from proxy.identity.interface import CERTIFIED, Front
from proxy.overload.doorkeeper import Connections, Doorkeeper

AHEAD: Final = 16 << 20
"""Bytes that a client's HTTP/2 windows may keep waiting before no more is read from its servers."""
HEAD_WITHIN: Final = 10.0
"""Seconds for what a balancer says at the beginning of a connection."""
LOOKS_EVERY: Final = 0.05
"""Seconds between two looks at whether they have got fewer."""

LOG = structlog.get_logger("sluice")


class Deaf(layer.Layer):
    """A layer that does nothing."""

    def _handle_event(self, _event: events.Event) -> layer.CommandGenerator[None]:
        yield from ()


class SluiceConnection(ProxyConnectionHandler):
    """A connection whose coming, going and silence the doorkeeper hears of, and that ends where a layer of it fails.

    Stock mitmproxy leaves such a one open, and hanging.
    """

    doors: ClassVar[Doorkeeper] = Doorkeeper(Connections().fitted(1024))
    """Set by `install`."""
    windows: ClassVar[dict[str, list[Any]]] = {}
    """The HTTP/2 connections that speak to a client, by the client's id."""
    leaving: ClassVar[bool] = False
    """Whether this process serves only what it has begun."""

    front: ClassVar[Front] = Front()
    """Balancers that say who connects to them; set by `install`."""
    certified = ""
    """Name of the client certificate that a front has verified."""

    async def handle_client(self) -> None:
        """Serve a client, if there is room."""
        if is_trusted(read_address(str((self.client.peername or ("",))[0])), self.front.trusted):
            try:
                async with asyncio.timeout(HEAD_WITHIN):
                    told = await self.told_by_front()
            except (NoHead, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
                self.cut()  # without a head it is not known who speaks: TimeoutError is an OSError, too
                return
            if told.address:
                self.client.peername = (told.address, told.port)
            self.certified = told.certified if self.front.certificates else ""
        name, address = self.client.id, str((self.client.peername or ("",))[0])
        if not self.doors.enter(name, address, self.cut, self.unread):
            self.cut()
            return
        try:
            await super().handle_client()
        finally:
            self.doors.leave(name)
            self.windows.pop(name, None)

    async def told_by_front(self) -> Told:
        """Read the head of the PROXY protocol, and not a byte more; raises `NoHead`."""
        reader = self.transports[self.client].reader
        if not isinstance(reader, asyncio.StreamReader):
            raise NoHead
        head = await reader.readexactly(len(SIGNATURE))
        if head == SIGNATURE:
            head += await reader.readexactly(4)
            head += await reader.readexactly(int.from_bytes(head[-2:]))
        else:
            head += await reader.readuntil(b"\r\n")
        told = read_head(head)
        if told is None:
            raise NoHead
        return told[0]

    def cut(self) -> None:
        """End the connection at once; what the client has not taken is lost."""
        io = self.transports.get(self.client)
        if io is None or io.writer is None:
            return
        transport = getattr(io.writer, "transport", None)
        transport.abort() if transport is not None else io.writer.close()
        if io.handler is not None:
            io.handler.cancel("closed by Sluice")

    def unread(self) -> int:
        """Return how many bytes wait for the client."""
        io = self.transports.get(self.client)
        transport = getattr(io.writer, "transport", None) if io is not None else None
        return (transport.get_write_buffer_size() if transport is not None else 0) + self.held_back()

    def held_back(self) -> int:
        """Return how many bytes wait because the client's HTTP/2 windows are full."""
        every = self.windows.get(self.client.id, ())
        return sum(len(one.data) for made in every for queue in made.stream_buffers.values() for one in queue)

    async def server_event(self, event: events.Event) -> None:
        """Tell the doorkeeper that a client has sent something, and let the layers do what follows from it."""
        if isinstance(event, events.DataReceived) and event.connection is self.client:
            self.doors.heard(self.client.id, over_http2=self.client.alpn == b"h2")
        try:
            await super().server_event(event)
        except EXITS:
            raise
        except BaseException as error:
            LOG.error("a connection failed", exc_info=error)
            self.abandon()

    def log(self, message: str, level: int = 0, exc_info: Any = None) -> None:
        """Log; mitmproxy catches the errors of layers itself, and tells of them here alone."""
        super().log(message, level, exc_info)
        if exc_info:
            self.abandon()

    def abandon(self) -> None:
        """End everything at once, and hear nothing more of it."""
        self.layer = Deaf(self.layer.context)
        for one in list(self.transports.values()):
            if one.writer is not None:
                one.writer.close()
            if one.handler is not None:
                one.handler.cancel("abandoned")

    async def handle_hook(self, hook: commands.StartHook) -> None:
        """Tell the doorkeeper of exchanges, then run the hook; of one that is over, when all of the hook is done."""
        name = self.client.id
        match hook:
            case HttpConnectHook():
                self.doors.connects(name)
            case HttpRequestHeadersHook() | WebsocketStartHook():
                self.doors.begins(name, hook.flow.id)
                if self.certified:
                    hook.flow.metadata[CERTIFIED] = self.certified
        try:
            await super().handle_hook(hook)
        finally:
            match hook:
                case HttpResponseHook() if hook.flow.websocket is None:
                    self.doors.ends(name, hook.flow.id)
                case HttpErrorHook() | WebsocketEndHook():
                    self.doors.ends(name, hook.flow.id)

    async def drain_writers(self) -> None:
        """Read no more from a server while its client leaves too much unread; the client itself must be read on."""
        await super().drain_writers()  # type: ignore[no-untyped-call]  # mitmproxy's own
        io = self.transports.get(self.client)
        if io is None or asyncio.current_task() is io.handler:
            return
        while self.held_back() > AHEAD and self.client in self.transports:
            await asyncio.sleep(LOOKS_EVERY)


class SluiceHttp2Server(Http2Server):
    """mitmproxy's HTTP/2 towards a client, of which the connection knows what it holds back."""

    def __init__(self, context: Context) -> None:
        """Begin as the stock one does."""
        super().__init__(context)
        SluiceConnection.windows.setdefault(context.client.id, []).append(self.h2_conn)

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        yield from super()._handle_event(event)
        if not SluiceConnection.leaving or self._handle_event in (self.done, self.away):
            return
        made = self.h2_conn
        if made.highest_inbound_stream_id and not made.open_inbound_streams and not any(made.stream_buffers.values()):
            made.close_connection()  # GOAWAY: what the client may have sent since, it sends again elsewhere
            yield commands.SendData(self.conn, made.data_to_send())
            self._handle_event = self.away  # type: ignore[method-assign]  # as mitmproxy does

    def away(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Take no more; were the connection closed at once, a client that is just writing would not read the GOAWAY."""
        if isinstance(event, events.ConnectionClosed):
            yield commands.CloseConnection(self.conn)


class ConnectionWatch:
    """The addon that looks after connections while the proxy runs."""

    def __init__(self, doors: Doorkeeper) -> None:
        """Take who knows them all."""
        self.doors = doors
        self.looking: asyncio.Task[None] | None = None

    def running(self) -> None:
        """Begin to look."""
        self.looking = asyncio.get_running_loop().create_task(self.doors.keep_looking())

    def done(self) -> None:
        """Look no more, and say what was closed."""
        if self.looking is not None:
            self.looking.cancel()
        for why, count in sorted(self.doors.closed.items()):
            LOG.info("connections closed", code=why, count=count)


def tunnelled(client: Client) -> None:
    """Note that nobody reads what a client says from here on."""
    SluiceConnection.doors.tunnels(client.id)


def leave() -> None:
    """Serve only what has begun; each connection ends with its next answer."""
    SluiceConnection.leaving = True


def install(doors: Doorkeeper, front: Front | None = None) -> None:
    """Make mitmproxy use our connections, behind a front if there is one.

    Raises `RuntimeError` where its layout is not the one known.
    """
    known = (
        getattr(mode_servers, "ProxyConnectionHandler", None) in (ProxyConnectionHandler, SluiceConnection)
        and getattr(http_layer, "Http2Server", None) in (Http2Server, SluiceHttp2Server)
        and hasattr(ProxyConnectionHandler, "drain_writers")
    )
    if not known:
        raise RuntimeError("this mitmproxy keeps its connections in another way; use version 12.2")
    SluiceConnection.doors, SluiceConnection.front = doors, front or Front()
    SluiceConnection.windows.clear()
    SluiceConnection.leaving = False
    mode_servers.ProxyConnectionHandler = SluiceConnection  # type: ignore[misc]  # handle_stream looks the name up here
    http_layer.Http2Server = SluiceHttp2Server  # type: ignore[misc]  # so does HttpLayer
