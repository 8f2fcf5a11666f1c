"""The hooks fail closed: whatever breaks, in whatever room, no message goes out because of it, and that is told."""

import asyncio
import io
import json
import threading
import time
from typing import Any, NamedTuple

import pytest

import proxy.handle
import proxy.pipeline
import proxy.take_out
import proxy.websocket.conversation
import proxy.websocket.hooks
import proxy.wire.head
from detectors.allowance import effort
from detectors.find import Finder
from detectors.interface import Scan
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.sockets.socket_adapter import SocketAdapter
from proxy.answers.restore import StreamRestorer
from proxy.errors import StoreError
from proxy.ledger import Ledger
from proxy.shell.stream import INTEREST, OUR_ANSWER
from proxy.store.sqlite import SqliteStore
from proxy.trail.sinks import AuditFile
from proxy.websocket.conversation import Conversation
from proxy.wire.body import Limits
from tests.proxy.house import CUSTOMER, SECRET, Tenant
from tests.proxy.sockets import Socket, sent

ERRORS = (RuntimeError, RecursionError, MemoryError, KeyError)
OURS = "no room on the disk: make some"
REALTIME = "api.openai.com/v1/realtime"


def item(text: str) -> str:
    content = [{"type": "input_text", "text": text}]
    return json.dumps({"type": "conversation.item.create", "item": {"type": "message", "content": content}})


def odd(text: str) -> str:
    """Return an event that the company's model cannot be given."""
    return json.dumps({"type": "something.else", "text": text})


def breaking(error: type[Exception]) -> Any:
    """Return a function that raises, with a confidential value in the message; a `StoreError` has words of ours."""

    def broken(*_: Any, **__: Any) -> Any:
        raise error(OURS if error is StoreError else f"{SECRET} {CUSTOMER}")

    return broken


class Room(NamedTuple):
    owner: Any
    name: str


ROOMS = {
    "adapter.read": Room(SocketAdapter, "read"),
    "begin": Room(proxy.handle, "begin"),
    "conversation.begin": Room(Conversation, "begin"),
    "conversation.enter": Room(Conversation, "enter"),
    "caller.identify": Room(proxy.handle, "identify"),
    "store.grants_for": Room(SqliteStore, "grants_for"),
    "facts_of": Room(proxy.handle, "facts_of"),
    "ledger.inform": Room(Ledger, "inform"),
    "adapters.choose": Room(proxy.pipeline, "choose"),
    "policy.needs": Room(proxy.pipeline, "needs"),
    "target.read": Room(proxy.wire.head, "read_target"),
    "finder": Room(Finder, "find_all"),
    "policy.decide": Room(proxy.pipeline, "decide"),
    "redact": Room(proxy.take_out, "redact"),
    "prompt.rewrite": Room(TreePrompt, "rewrite"),
    "route.forward": Room(proxy.pipeline, "forward"),
    "spend": Room(Ledger, "spend"),
    "store.put_originals": Room(SqliteStore, "put_originals"),
    "audit.write": Room(AuditFile, "write"),
    "deliver": Room(Conversation, "deliver"),
    "recover": Room(proxy.handle, "recover"),
    "refuse_message": Room(SocketAdapter, "refuse_message"),
}
CASES = [
    pytest.param(room, error, id=f"{name}-{error.__name__}")
    for name, room in ROOMS.items()
    for error in (*ERRORS, StoreError)
]


def expect_silence(tenant: Tenant, logged: io.StringIO, *told: bytes) -> None:
    for where in (logged.getvalue(), tenant.log.read_text("utf-8"), *(one.decode() for one in told)):
        assert SECRET not in where and CUSTOMER not in where


@pytest.mark.parametrize(("room", "error"), CASES)
def test_an_error_in_any_room_lets_no_message_out_and_tells_the_person(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, room: Room, error: type[Exception]
) -> None:
    socket = Socket(tenant, REALTIME).open()
    monkeypatch.setattr(room.owner, room.name, breaking(error))
    refused = room in (ROOMS["recover"], ROOMS["refuse_message"])
    delivery = socket.say(odd(f"{CUSTOMER} {SECRET}") if refused else item(SECRET))
    assert delivery.to_server == ()
    told = [one.content for one in delivery.to_client]
    assert told or (delivery.closing is not None and delivery.closing.reason.startswith("Sluice"))
    expect_silence(tenant, logged, *told, (delivery.closing.reason if delivery.closing else "").encode())


def test_a_full_disk_says_that_the_records_cannot_be_kept(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = Socket(tenant, REALTIME).open()
    monkeypatch.setattr(AuditFile, "write", breaking(StoreError))
    (told,) = socket.say(item("hello")).to_client
    assert json.loads(told.content)["error"]["code"] == "store_unavailable"
    monkeypatch.undo()
    assert sent(socket.say(item("hello"))) == [item("hello")], "the connection goes on"


def test_a_message_that_takes_too_long_to_read_is_refused(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = Socket(tenant, REALTIME).open()
    slow(monkeypatch, Finder, "find_all")
    tenant.addon.reading.seconds = 0.05
    (told,) = socket.say(item("hello")).to_client
    assert json.loads(told.content)["error"]["code"] == "overloaded"


def test_a_message_for_which_others_left_no_room_may_be_sent_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crowded(_: Finder, texts: Any, _groups: Any, entities: Any) -> Any:
        effort().crowded = True
        return [Scan((), entities)] * len(texts)

    monkeypatch.setattr(Finder, "find_spread", crowded)
    (told,) = Socket(tenant, REALTIME).open().say(item("hello")).to_client
    assert json.loads(told.content)["error"]["code"] == "overloaded"
    assert [one["code"] for one in tenant.records() if one.get("outcome") == "refused"] == ["overloaded"]
    closing = Socket(tenant, "api.openai.com/v1/something/new").open().say("hello").closing
    assert closing is not None and closing.code == 1013, "a format without words of its own: try again later"


def test_a_message_whose_client_has_gone_gives_its_turn_up(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused long before it could have been read, and so is what still waits."""
    socket, held = Socket(tenant, REALTIME).open(), threading.Event()
    asked = []

    def long(*_: Any, **__: Any) -> Any:
        asked.append(1)
        tenant.loop.call_soon_threadsafe(socket.flow.metadata[INTEREST].end)
        held.wait(30)
        raise RuntimeError("it was given up")

    monkeypatch.setattr(Finder, "find_spread", long)
    try:
        for _ in range(2):
            assert not socket.say(item("hello")).to_server
            assert tenant.records()[-1]["code"] == "client_left", "and not what comes of it in the end"
    finally:
        held.set()
    assert asked[:1] == [1]


def slow(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    usual = getattr(owner, name)

    def slowed(*given: Any, **named: Any) -> Any:
        time.sleep(0.3)
        return usual(*given, **named)

    monkeypatch.setattr(owner, name, slowed)


def test_reading_never_holds_the_event_loop(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one message is read, the loop turns."""
    socket = Socket(tenant, REALTIME).open()
    slow(monkeypatch, Finder, "find_all")
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    turning = tenant.loop.create_task(turn())
    assert socket.say(item("hello")).to_server
    turning.cancel()
    tenant.loop.run_until_complete(asyncio.gather(turning, return_exceptions=True))
    assert turns > 3


def test_a_message_over_the_limit_is_refused_and_on_record(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    delivery = socket.say("", too_large=True)
    assert delivery.to_server == ()
    assert json.loads(delivery.to_client[0].content)["error"]["code"] == "body_too_large"
    assert (tenant.records()[-1]["outcome"], tenant.records()[-1]["code"]) == ("refused", "body_too_large")


def test_an_answer_over_the_limit_is_not_begun(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    assert socket.message("", from_client=False, too_large=True) is None


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    "room", [(StreamRestorer, "feed"), (proxy.websocket.conversation, "unpack")], ids=["feed", "unpack"]
)
def test_an_answer_that_cannot_be_restored_passes_and_so_do_all_after_it(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, room: tuple[Any, str], error: type[Exception]
) -> None:
    socket = Socket(tenant, REALTIME).open()
    socket.say(item("hello"))
    monkeypatch.setattr(*room, breaking(error))
    assert socket.hear('{"a":"[x"}') == ['{"a":"[x"}']
    monkeypatch.undo()
    assert socket.hear('{"b":"y]"}') == ['{"b":"y]"}']
    assert socket.end() == []
    assert tenant.records()[-1]["code"] == "not_restored"
    expect_silence(tenant, logged)


def test_an_answer_that_takes_too_long_to_restore_passes(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = Socket(tenant, REALTIME).open()
    slow(monkeypatch, StreamRestorer, "feed")
    tenant.addon.reading.seconds = 0.05
    assert socket.hear('{"a":"b"}') == ['{"a":"b"}']


def test_an_end_that_cannot_be_recorded_is_still_an_end(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = Socket(tenant, REALTIME).open()
    socket.say(item("hello"))
    monkeypatch.setattr(AuditFile, "write", breaking(StoreError))
    assert socket.end() == []
    assert f"a record could not be kept: {OURS}" in logged.getvalue()


def test_a_connection_that_nobody_has_judged_has_no_delivery(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    socket.end()
    assert socket.message("hello", from_client=True) is None
    assert socket.flow.websocket is not None and socket.flow.websocket.messages[-1].dropped


def test_a_connection_that_is_none_of_our_business_passes(tenant: Tenant) -> None:
    socket = Socket(tenant, "intranet.example.org/ws").ask().switch(sec_websocket_extensions="permessage-deflate")
    there, back = (socket.message(SECRET, from_client=side) for side in (True, False))
    assert there is not None and sent(there) == [SECRET]
    assert back is not None and back.to_client[0].content == SECRET.encode()
    assert socket.message("", from_client=True, too_large=True) is None
    assert tenant.records() == []


def test_no_compression_is_asked_for(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME, sec_websocket_extensions="permessage-deflate").ask()
    assert "sec-websocket-extensions" not in socket.flow.request.headers


SWITCHES = {
    "an extension": {"sec_websocket_extensions": "permessage-deflate"},
    "another protocol": {"upgrade": "h2c"},
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_service_that_switches_otherwise_than_asked_is_an_error(tenant: Tenant, name: str) -> None:
    socket = Socket(tenant, REALTIME).ask()
    if name == "another protocol":  # mitmproxy makes no WebSocket of it
        socket.flow.request.headers["upgrade"] = "h2c"
    socket.switch(**SWITCHES[name])
    assert socket.flow.response is not None and socket.flow.metadata[OUR_ANSWER]
    assert (socket.flow.response.status_code, socket.flow.response.headers["connection"]) == (502, "close")
    assert tenant.records()[-1]["code"] == "service_unreachable"
    assert socket.message("hello", from_client=True) is None


def test_the_layer_is_installed_with_the_limit_of_bodies(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    limits: list[int] = []
    monkeypatch.setattr(proxy.shell.addon.websocket_layer, "install", limits.append)  # type: ignore[attr-defined]
    tenant.house.street = replace(tenant.house.street, limits=Limits(max_body=4711))
    tenant.addon.load(None)
    assert limits == [4711]
