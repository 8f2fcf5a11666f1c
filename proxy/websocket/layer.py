"""mitmproxy's WebSocket layer, our way: only what a delivery names goes out.

Stock mitmproxy sends a message on unless an addon drops it, and leaves the connection open where an addon fails; it
cuts a message that was changed inside characters, passes on whatever a client writes into pings and the reason of its
closing, and waits with any number of bytes and any size of message while a hook runs. Here
- the hook's `Delivery`, left in the flow's metadata, says what goes to either side; without one the connection ends;
- messages keep their order, for the layer waits for each hook; what comes meanwhile is bounded, and so is a message;
- `websocket_end` runs before the connection ends, so that what was held back still reaches the client.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import structlog
from mitmproxy import ctx, http
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers import websocket as stock
from mitmproxy.proxy.layers.websocket import (
    WebsocketConnection,
    WebsocketEndHook,
    WebsocketLayer,
    WebsocketMessageHook,
    WebSocketMessageInjected,
)
from mitmproxy.websocket import WebSocketMessage
from wsproto import events as frames
from wsproto.connection import ConnectionState
from wsproto.frame_protocol import CloseReason, Opcode

from detectors.allowance import Interest
from proxy.shell.stream import INTEREST
from proxy.websocket.frames import Assembly, Heartbeats, Lookout, cut
from proxy.websocket.interface import FAILED, TOO_BIG, Closing, Delivery, Message

DELIVERY: Final = "sluice_delivery"
"""Metadata key of what a hook wants sent."""

TOO_LARGE: Final = "sluice_message_too_large"
"""Metadata key of a flow whose last message went over the limit; its content is left out."""

OVERHEAD: Final = 1024
"""Bytes that an event counts besides its data, so that many small ones are no way round the bound."""

LOG = structlog.get_logger("sluice")


class Pushed(WebSocketMessageInjected):
    """What goes to the client without a message that it answers; stock mitmproxy takes it for one of its own."""

    def __init__(self, flow: http.HTTPFlow, delivery: Delivery) -> None:
        """Take the connection's flow, and what goes out on it."""
        super().__init__(flow, WebSocketMessage(Opcode.TEXT, False, b""))
        self.delivery = delivery


def push(flow: http.HTTPFlow, delivery: Delivery) -> None:
    """Send a delivery on an open connection; on one that has ended it is lost."""
    try:
        ctx.master.addons.get("proxyserver").inject_event(Pushed(flow, delivery))
    except ValueError:
        LOG.info("a connection has ended before its answer")


class SluiceWebsocketLayer(WebsocketLayer):
    """A WebSocket of which nothing passes unsaid."""

    limit: ClassVar[int] = 32 << 20
    """Bytes of one message, and of all that waits for a hook; set once by `install`."""
    flows: ClassVar[set[http.HTTPFlow]] = set()
    """Those that are open."""
    waiting = 0
    flooded = False

    def start(self, event: events.Start) -> layer.CommandGenerator[None]:
        """Begin as the stock layer does; an extension that it cannot follow ends the connection."""
        self.heartbeats, self.lookout = Heartbeats(), Lookout()
        self.coming = {True: Assembly(), False: Assembly()}
        self.flows.add(self.flow)
        try:
            yield from super().start(event)
        except ValueError:
            self.flows.discard(self.flow)
            self._handle_event = self.done  # type: ignore[method-assign]  # as mitmproxy does
            yield commands.CloseConnection(self.context.server)
            yield commands.CloseConnection(self.context.client)

    _handle_event = start

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Let events wait while a hook runs, but no more of them than the limit allows.

        Only that the client has gone is heard at once: whoever reads a message of its need not any more.
        """
        if isinstance(event, events.ConnectionEvent) and event.connection is self.context.client:
            self.watch(event)
        if self._paused and isinstance(event, events.DataReceived):
            self.waiting += len(event.data) + OVERHEAD
            self.flooded = self.flooded or self.waiting > self.limit
            if self.flooded:
                return
        yield from super().handle_event(event)

    def watch(self, event: events.ConnectionEvent) -> None:
        """Tell whoever works for the client that it has gone, or goes."""
        if isinstance(event, events.DataReceived):
            self.lookout.feed(event.data)
        waits = self.flow.metadata.get(INTEREST)
        if isinstance(waits, Interest) and (self.lookout.leaving or isinstance(event, events.ConnectionClosed)):
            waits.end()

    def relay_messages(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Relay what came; an error ends the connection, where stock mitmproxy would leave it open."""
        try:
            yield from self.relay(event)
        except Exception as error:
            LOG.warning("a WebSocket broke", exc_info=error)
            yield from self.close(Closing(FAILED))

    def relay(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Read the frames that came from one side. What mitmproxy's own command injects is not ours, and stays."""
        if isinstance(event, Pushed):
            yield from self.deliver(event.delivery)
        if not isinstance(event, events.ConnectionEvent):
            return
        from_client = event.connection == self.context.client
        source = self.client_ws if from_client else self.server_ws
        if isinstance(event, events.DataReceived):
            self.waiting = max(0, self.waiting - len(event.data) - OVERHEAD)
            source.receive_data(event.data)
        else:
            source.receive_data(None)
        for frame in source.events():
            yield from self.read(frame, from_client=from_client)
            if self.flooded:
                yield from self.close(Closing(TOO_BIG, "Sluice: too much was sent at once"))
            if self._handle_event == self.done:
                return

    def read(self, frame: frames.Event, *, from_client: bool) -> layer.CommandGenerator[None]:
        """Take one piece of a message, or pass on a control frame."""
        target = self.server_ws if from_client else self.client_ws
        match frame:
            case frames.Message():
                yield from self.collect(frame, from_client=from_client)
            case frames.Ping():
                payload = self.heartbeats.ping(bytes(frame.payload), from_client=from_client)
                yield from send(target, frames.Ping(payload=payload))
            case frames.Pong():
                payload = self.heartbeats.pong(bytes(frame.payload), from_client=from_client)
                yield from send(target, frames.Pong(payload=payload))
            case frames.CloseConnection():
                yield from self.closed(frame, from_client=from_client)
            case _:
                raise RuntimeError("an event that no WebSocket should have")

    def collect(self, piece: frames.Message[Any], *, from_client: bool) -> layer.CommandGenerator[None]:
        """Put a message together; hand it to the hook when it is whole, or without its content when it is too large."""
        coming, text = self.coming[from_client], isinstance(piece, frames.TextMessage)
        data = piece.data.encode() if isinstance(piece.data, str) else bytes(piece.data)
        coming.add(data, ends=piece.frame_finished)
        if coming.size > self.limit:
            coming.take()
            self.flow.metadata[TOO_LARGE] = True
            yield from self.ask(Message(b"", text), (), from_client=from_client)
            yield from self.close(Closing(TOO_BIG))
        elif piece.message_finished:
            content, lengths = coming.take()
            yield from self.ask(Message(content, text), lengths, from_client=from_client)

    def ask(self, message: Message, lengths: Sequence[int], *, from_client: bool) -> layer.CommandGenerator[None]:
        """Run the hook for a message and deliver what it says; only this one message is kept meanwhile."""
        assert self.flow.websocket
        kind = Opcode.TEXT if message.text else Opcode.BINARY
        self.flow.websocket.messages[:] = [WebSocketMessage(kind, from_client, message.content)]
        self.flow.metadata.pop(DELIVERY, None)
        yield WebsocketMessageHook(self.flow)
        self.flow.websocket.messages.clear()
        delivery = self.flow.metadata.pop(DELIVERY, None)
        yield from self.deliver(
            delivery if isinstance(delivery, Delivery) else Delivery(closing=Closing(FAILED)), lengths
        )

    def deliver(self, delivery: Delivery, lengths: Sequence[int] = ()) -> layer.CommandGenerator[None]:
        """Send what goes out."""
        for target, messages in ((self.server_ws, delivery.to_server), (self.client_ws, delivery.to_client)):
            for message in messages:
                pieces = list(cut(message.content, lengths, text=message.text))
                for number, piece in enumerate(pieces, start=1):
                    ends = number == len(pieces)
                    yield from send(
                        target,
                        frames.TextMessage(piece.decode(), message_finished=ends)
                        if message.text
                        else frames.BytesMessage(piece, message_finished=ends),
                    )
        if delivery.closing is not None:
            yield from self.close(delivery.closing)

    def closed(self, frame: frames.CloseConnection, *, from_client: bool) -> layer.CommandGenerator[None]:
        """End a connection that one side has closed, or broken off; of a client's reason nothing goes on."""
        assert self.flow.websocket
        self.flow.websocket.closed_by_client = from_client
        broken = frame.code == CloseReason.ABNORMAL_CLOSURE
        yield from self.close(Closing(int(frame.code), "" if from_client else frame.reason or ""), silent=broken)

    def close(self, closing: Closing, *, silent: bool = False) -> layer.CommandGenerator[None]:
        """End the connection, once: the last hook, what it still has for the client, closing frames unless `silent`.

        Only the client is told why.
        """
        if self._handle_event == self.done:
            return
        self._handle_event = self.done  # type: ignore[method-assign]  # as mitmproxy does
        assert self.flow.websocket
        self.flow.websocket.close_code = closing.code
        self.flow.metadata.pop(DELIVERY, None)
        yield WebsocketEndHook(self.flow)
        delivery = self.flow.metadata.pop(DELIVERY, None)
        if isinstance(delivery, Delivery):
            yield from self.deliver(Delivery(to_client=delivery.to_client))
        for side, reason in ((self.client_ws, closing.reason), (self.server_ws, "")):
            if not silent:
                yield from send(side, closing_frame(closing.code, reason))
            yield commands.CloseConnection(side.conn)
        self.flow.live = False
        self.flows.discard(self.flow)


def closing_frame(code: int, reason: str) -> frames.CloseConnection:
    """Return what closes a connection; one that was closed without a code is closed so on the other side, too."""
    if code == CloseReason.NO_STATUS_RCVD:
        return frames.CloseConnection(code=CloseReason.NO_STATUS_RCVD)
    return frames.CloseConnection(code=code, reason=reason)


def send(side: WebsocketConnection, frame: frames.Event) -> layer.CommandGenerator[None]:
    """Send a frame to a side that still takes it."""
    takes = {ConnectionState.OPEN}
    if isinstance(frame, frames.CloseConnection):
        takes.add(ConnectionState.REMOTE_CLOSING)
    if side.state in takes:
        yield side.send2(frame)


def install(limit: int) -> None:
    """Make mitmproxy use this layer; raises `RuntimeError` where its own is not the one known."""
    if not hasattr(WebsocketLayer, "relay_messages") or stock.WebsocketLayer not in (
        WebsocketLayer,
        SluiceWebsocketLayer,
    ):
        raise RuntimeError("this mitmproxy relays WebSockets in another way; use version 12.2")
    SluiceWebsocketLayer.limit = limit
    stock.WebsocketLayer = SluiceWebsocketLayer  # type: ignore[misc]  # the HTTP layer looks the name up here
