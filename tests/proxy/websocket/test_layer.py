"""The layer, without sockets: both ends are far ends made of wsproto, and a test is the hook."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy import http, options
from mitmproxy.proxy import commands, context, events
from mitmproxy.proxy.layers import websocket as stock
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketData
from wsproto import ConnectionType
from wsproto import events as frames
from wsproto.connection import Connection
from wsproto.frame_protocol import CloseReason

from detectors.allowance import Interest
from proxy.shell.stream import INTEREST
from proxy.websocket import layer as websocket_layer
from proxy.websocket.interface import Closing, Delivery, Message
from proxy.websocket.layer import DELIVERY, TOO_LARGE, SluiceWebsocketLayer, install
from tests.thorough import drawn

type Hook = Callable[[bool, Message], Delivery | None]


def pass_on(from_client: bool, message: Message) -> Delivery:
    """Let every message pass."""
    return Delivery(to_server=(message,)) if from_client else Delivery(to_client=(message,))


class Bench:
    """A layer between two far ends."""

    def __init__(self, hook: Hook = pass_on, at_end: Delivery | None = None, extensions: str = "") -> None:
        self.hook = hook
        self.at_end = at_end
        self.flow = tflow.tflow()
        fields = {"sec-websocket-extensions": extensions} if extensions else {}
        self.flow.response = http.Response.make(101, b"", fields)
        self.flow.websocket = WebSocketData()
        here = context.Context(tflow.tclient_conn(), options.Options())
        here.server = tflow.tserver_conn()
        self.context = here
        self.layer = SluiceWebsocketLayer(here, self.flow)
        self.client, self.server = Connection(ConnectionType.CLIENT), Connection(ConnectionType.SERVER)
        self.got: dict[str, list[frames.Event]] = {"client": [], "server": []}
        self.closed: list[str] = []
        self.hooks: list[str] = []
        self.seen: list[Message] = []
        self.too_large: list[bool] = []
        self.holding = False
        self.held: commands.StartHook | None = None
        self.feed(events.Start())

    def feed(self, event: events.Event) -> None:
        """Hand an event to the layer, and carry out what it commands."""
        for command in self.layer.handle_event(event):
            self.carry_out(command)
        if self.held is not None and not self.holding:
            self.release()

    def carry_out(self, command: commands.Command) -> None:
        if isinstance(command, commands.StartHook):
            self.hooks.append(command.name)
            if command.name == "websocket_message":
                came = self.flow.websocket.messages[-1]
                self.seen.append(Message(came.content, came.is_text))
                self.too_large.append(bool(self.flow.metadata.pop(TOO_LARGE, False)))
                self.flow.metadata[DELIVERY] = self.hook(came.from_client, self.seen[-1])
            elif command.name == "websocket_end":
                self.flow.metadata[DELIVERY] = self.at_end
            self.held = command
        elif isinstance(command, commands.SendData):
            side = "client" if command.connection is self.context.client else "server"
            far = self.client if side == "client" else self.server
            far.receive_data(command.data)
            self.got[side] += far.events()
        elif isinstance(command, commands.CloseConnection):
            self.closed.append("client" if command.connection is self.context.client else "server")

    def release(self) -> None:
        """Let the hook that is held come to its end."""
        held, self.held = self.held, None
        assert held is not None
        self.feed(events.HookCompleted(held))

    def send(self, side: str, *sent: frames.Event) -> None:
        """Let a far end send frames, each in a packet of its own."""
        far, here = (self.client, self.context.client) if side == "client" else (self.server, self.context.server)
        for data in [far.send(frame) for frame in sent]:
            self.feed(events.DataReceived(here, data))

    def texts(self, side: str) -> list[str]:
        """Return the messages that a side got, put together."""
        return ["".join(pieces) for pieces in grouped(self.got[side])]

    def control(self, side: str) -> list[tuple[str, object]]:
        return [
            (type(one).__name__, bytes(getattr(one, "payload", b"")) or getattr(one, "reason", ""))
            for one in self.got[side]
            if not isinstance(one, frames.Message)
        ]


def grouped(got: list[frames.Event]) -> Iterator[list[str]]:
    pieces: list[str] = []
    for one in got:
        if isinstance(one, frames.Message):
            pieces.append(one.data if isinstance(one.data, str) else one.data.decode())
            if one.message_finished:
                yield pieces
                pieces = []


def said(text: str, ends: bool = True) -> frames.TextMessage:
    return frames.TextMessage(text, message_finished=ends)


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("answer", [None, "anything else"])
def test_a_message_that_no_delivery_names_goes_nowhere_and_the_connection_ends(side: str, answer: object) -> None:
    bench = Bench(lambda *_: answer)  # type: ignore[arg-type,return-value]
    bench.send(side, said("secret"))
    assert bench.texts("server") == bench.texts("client") == []
    assert bench.control("client") == [("CloseConnection", "")] == bench.control("server")
    assert bench.got["client"][0].code == 1011  # type: ignore[attr-defined]
    assert bench.closed == ["client", "server"]


def test_a_delivery_goes_where_it_says_and_in_order() -> None:
    def answer(_from_client: bool, message: Message) -> Delivery:
        both = (Message(b"one"), Message("二".encode(), text=False), message)
        return Delivery(to_server=(Message(b"instead"),), to_client=both)

    bench = Bench(answer)
    bench.send("client", said("what I said"))
    assert (bench.texts("server"), bench.texts("client")) == (["instead"], ["one", "二", "what I said"])
    assert isinstance(bench.got["client"][1], frames.BytesMessage)
    bench.send("client", said("again"))
    assert bench.texts("server") == ["instead", "instead"], "the connection goes on"


def test_nothing_overtakes_a_message_that_is_still_looked_at() -> None:
    bench = Bench()
    bench.holding = True
    bench.send("client", said("first"), said("second"), frames.Ping(b"now"))
    bench.send("server", said("an answer"))
    assert bench.got["server"] == bench.got["client"] == []
    bench.holding = False
    bench.release()
    assert bench.texts("server") == ["first", "second"]
    assert [type(one).__name__ for one in bench.got["server"]] == ["TextMessage", "TextMessage", "Ping"]
    assert bench.texts("client") == ["an answer"]


LEAVES: dict[str, tuple[Callable[[Bench], None], bool]] = {
    "it breaks off": (lambda bench: bench.feed(events.ConnectionClosed(bench.context.client)), True),
    "its page is left": (lambda bench: bench.send("client", frames.CloseConnection(1001)), True),
    "it is told to close when that is sent": (lambda bench: bench.send("client", frames.CloseConnection(1000)), False),
    "it says more": (lambda bench: bench.send("client", said("and")), False),
    "the service breaks off": (lambda bench: bench.feed(events.ConnectionClosed(bench.context.server)), False),
}


@pytest.mark.parametrize("name", LEAVES)
def test_a_client_that_goes_while_its_message_is_read_is_heard_at_once(name: str) -> None:
    goes, heard = LEAVES[name]
    bench, waits = Bench(), Interest()
    bench.flow.metadata[INTEREST] = waits
    bench.holding = True
    bench.send("client", said("a long one"))
    assert not waits.over
    goes(bench)
    assert waits.over == heard and bench.got["server"] == []
    bench.holding = False
    bench.release()
    assert bench.texts("server")[:1] == ["a long one"], "what was decided is carried out"


def test_only_the_message_at_hand_is_kept() -> None:
    bench = Bench()
    bench.send("client", *(said(f"{number}") for number in range(5)))
    assert bench.flow.websocket.messages == []


@settings(max_examples=drawn(60), deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=5), st.text(max_size=200))
def test_a_message_that_was_rewritten_arrives_whole_however_it_came(pieces: list[str], new: str) -> None:
    bench = Bench(lambda *_: Delivery(to_server=(Message(new.encode()),)))
    *first, last = pieces
    bench.send("client", *(said(piece, False) for piece in first), said(last))
    assert bench.seen == [Message("".join(pieces).encode())]
    assert bench.texts("server") == [new]


@pytest.mark.parametrize("size", [10, 4_000, 20_001])
def test_one_frame_stays_one_frame(size: int) -> None:
    bench = Bench(lambda *_: Delivery(to_server=(Message(("你好" * size).encode()),)))
    bench.send("client", said("short"))
    assert bench.texts("server") == ["你好" * size]
    assert sum(one.frame_finished for one in bench.got["server"] if isinstance(one, frames.Message)) == 1


def test_what_waits_for_a_hook_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SluiceWebsocketLayer, "limit", 50_000)
    bench = Bench()
    bench.holding = True
    bench.send("client", said("first"), *(said("x" * 9_000) for _ in range(20)))
    assert len(bench.layer._paused_event_queue) < 7
    bench.holding = False
    bench.release()
    assert bench.texts("server") == ["first"]
    assert bench.control("client") == [("CloseConnection", "Sluice: too much was sent at once")]


def test_what_has_waited_no_longer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SluiceWebsocketLayer, "limit", 50_000)
    bench = Bench()
    for _ in range(4):
        bench.holding = True
        bench.send("client", *(said("x" * 9_000) for _ in range(4)))
        bench.holding = False
        bench.release()
    assert len(bench.texts("server")) == 16


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_message_over_the_limit_is_told_without_its_content_and_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    monkeypatch.setattr(SluiceWebsocketLayer, "limit", 100)
    bench = Bench(lambda *_: Delivery(to_client=(Message(b"too large"),)))
    bench.send(side, said("x" * 60, False), said("x" * 60, False), said("x", True))
    assert (bench.seen, bench.too_large) == ([Message(b"")], [True])
    assert bench.texts("client") == ["too large"] and bench.texts("server") == []
    assert bench.got["client"][-1].code == 1009  # type: ignore[attr-defined]


def test_nothing_that_a_client_writes_into_control_frames_reaches_the_server() -> None:
    bench = Bench()
    bench.send("client", frames.Ping(b"13912345678"), frames.Pong(b"13912345678"))
    ping, pong = bench.got["server"]
    assert b"139" not in bytes(ping.payload) + bytes(pong.payload)  # type: ignore[attr-defined]
    bench.send("server", frames.Pong(bytes(ping.payload)))  # type: ignore[attr-defined]
    assert bench.control("client") == [("Pong", b"13912345678")]
    bench.send("client", frames.CloseConnection(4000, "13912345678"))
    assert bench.control("server")[-1] == ("CloseConnection", "")
    assert bench.got["server"][-1].code == 4000  # type: ignore[attr-defined]


def test_what_a_server_writes_into_control_frames_reaches_the_client() -> None:
    bench = Bench()
    bench.send("server", frames.Ping(b"there?"))
    bench.send("client", frames.Pong(b"there?"))
    bench.send("server", frames.CloseConnection(4001, "别处见"))
    assert bench.control("client") == [("Ping", b"there?"), ("CloseConnection", "别处见")]
    assert bench.control("server")[0] == ("Pong", b"there?")
    assert bench.got["client"][-1].code == 4001  # type: ignore[attr-defined]


def test_what_was_held_back_comes_before_the_end() -> None:
    bench = Bench(at_end=Delivery(to_client=(Message(b"the rest"),), to_server=(Message(b"never"),)))
    bench.send("server", frames.CloseConnection(1000))
    assert [type(one).__name__ for one in bench.got["client"]] == ["TextMessage", "CloseConnection"]
    assert bench.texts("server") == []
    assert bench.hooks == ["websocket_start", "websocket_end"]


def test_a_connection_without_a_code_ends_without_one_on_the_other_side() -> None:
    bench = Bench()
    bench.send("client", frames.CloseConnection(CloseReason.NO_STATUS_RCVD))
    assert bench.got["server"][-1].code == CloseReason.NO_STATUS_RCVD  # type: ignore[attr-defined]


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_connection_that_breaks_breaks_on_the_other_side_too(side: str) -> None:
    bench = Bench()
    bench.feed(events.ConnectionClosed(bench.context.client if side == "client" else bench.context.server))
    assert bench.got == {"client": [], "server": []}
    assert bench.closed == ["client", "server"]
    assert bench.hooks == ["websocket_start", "websocket_end"]


def test_after_the_end_nothing_is_read_any_more() -> None:
    bench = Bench(lambda *_: Delivery(closing=Closing(1008, "no")))
    bench.send("client", said("first"), said("second"))
    assert (len(bench.seen), bench.hooks.count("websocket_end")) == (1, 1)


def test_a_frame_that_was_compressed_unasked_ends_the_connection() -> None:
    bench = Bench()
    whole = bytearray(bench.client.send(said("squeezed")))
    whole[0] |= 0x40  # RSV1: compressed (RFC 7692, section 7.2.3.1)
    bench.feed(events.DataReceived(bench.context.client, bytes(whole)))
    assert bench.seen == [] and bench.texts("server") == []
    assert bench.got["client"][-1].code == 1002  # type: ignore[attr-defined]


def test_an_error_in_the_layer_ends_the_connection() -> None:
    bench = Bench(lambda *_: Delivery(to_server=(Message(b"\xff no text", text=True),)))
    bench.send("client", said("x"))
    assert bench.texts("server") == []
    assert bench.closed == ["client", "server"]


def test_an_extension_that_cannot_be_followed_ends_the_connection() -> None:
    bench = Bench(extensions="permessage-deflate; server_max_window_bits=8")
    assert sorted(bench.closed) == ["client", "server"]
    bench.feed(events.DataReceived(bench.context.client, b"\x81\x80\x00\x00\x00\x00"))
    assert bench.seen == []


def test_messages_that_a_command_of_mitmproxys_injects_are_not_sent() -> None:
    bench = Bench()
    bench.feed(stock.WebSocketMessageInjected(bench.flow, stock.websocket.WebSocketMessage(1, True, b"not ours")))
    assert bench.seen == [] and bench.texts("server") == []


def test_another_mitmproxy_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "WebsocketLayer", object)
    with pytest.raises(RuntimeError, match=r"use version 12\.2"):
        install(1)
    monkeypatch.setattr(stock, "WebsocketLayer", websocket_layer.WebsocketLayer)
    monkeypatch.setattr(SluiceWebsocketLayer, "limit", 0)
    install(7)
    install(8)
    assert (stock.WebsocketLayer, SluiceWebsocketLayer.limit) == (SluiceWebsocketLayer, 8)
