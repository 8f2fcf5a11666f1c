"""The company's model answers a turn on a WebSocket: in the page's words, on record, never by way of the service."""

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policies.load import parse_policy
from proxy.errors import StoreError
from proxy.internal.models import InternalModels
from proxy.websocket.ask_inside import Asker
from proxy.websocket.interface import Delivery
from tests.proxy.adapters.inside import chat_stream
from tests.proxy.house import CUSTOMER, POLICY, SECRET, SERVER, Tenant, open_house
from tests.proxy.sockets import Socket

SOCKET = "copilot.microsoft.com/c/api/chat"
ID = "Qm3xYvTz8Lr1"
HERE = ("llm.internal", 8000)
SECOND = replace(SERVER, host="second.internal", name="second")
THERE = ("second.internal", 8000)


def chunked(body: bytes, status: str = "200 OK", kind: str = "text/event-stream") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


class Model:
    """Servers of the company's model by address, and what they were asked."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.pushed: list[Delivery] = []
        self.listening: list[asyncio.Server] = []
        self.serving: list[asyncio.StreamWriter] = []
        tenant.addon.push = lambda _flow, delivery: self.pushed.append(delivery)
        tenant.addon.asker = Asker({})

    def answers(self, address: tuple[str, int], body: bytes, *, holds: bool = False) -> None:
        """Let the server at `address` give this to whoever asks; one that `holds` does not end its answer."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.serving.append(writer)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split()[1]) for line in head.lower().splitlines() if b"content-length" in line)
            self.asked.append((address[0], json.loads(await reader.readexactly(length))))
            writer.write(body)
            await writer.drain()
            if holds:
                await reader.read(1)
            writer.close()
            await writer.wait_closed()

        server = self.tenant.loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
        self.listening.append(server)
        there = {address: ("127.0.0.1", server.sockets[0].getsockname()[1])}
        self.tenant.addon.asker = Asker({**self.tenant.addon.asker.resolve, **there})

    def wait(self, socket: Socket) -> list[dict[str, Any]]:
        """Return the events that the page was told, once all answers have ended."""
        answers = socket.flow.metadata["sluice_conversation"].answers
        self.tenant.loop.run_until_complete(asyncio.wait_for(asyncio.gather(*answers), 10))
        return self.told

    def close(self) -> None:
        """Leave no server and no connection behind, also where a test failed."""

        async def end() -> None:
            for server in self.listening:
                server.close()
            for writer in self.serving:
                writer.close()
            for server in self.listening:
                await server.wait_closed()

        self.tenant.loop.run_until_complete(asyncio.wait_for(end(), 10))

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(one.content) for each in self.pushed for one in each.to_client]

    @property
    def text(self) -> str:
        return "".join(each["text"] for each in self.told if each["event"] == "appendText")


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    text = POLICY.read_text("utf-8").replace("openai-chatgpt]", "openai-chatgpt, ms-copilot]")
    opened = open_house(tmp_path, policy=parse_policy(text, "p", lambda _name: ""))
    yield opened
    opened.close()


@pytest.fixture
def model(tenant: Tenant) -> Iterator[Model]:
    model = Model(tenant)
    yield model
    model.close()


def sent(text: str, id: str = ID) -> str:
    frame = {"event": "send", "conversationId": id, "content": [{"type": "text", "text": text}]}
    return json.dumps(frame, ensure_ascii=False)


def stream(*pieces: str) -> bytes:
    return chunked(chat_stream(*({"content": piece} for piece in pieces)))


def half(piece: str) -> bytes:
    """Return an answer of which more is announced than comes, and which does not say that it is at its end."""
    begun, _, _ = stream(piece).partition(b"}\n\n")
    return begun.replace(b"content-length: ", b"content-length: 9") + b"}\n\n"


def test_the_answer_is_told_on_the_connection_restored_and_both_lines_are_on_record(
    tenant: Tenant, model: Model
) -> None:
    model.answers(HERE, stream("Hel", "lo"))
    socket = Socket(tenant, SOCKET).open()
    assert socket.say(sent(f"{CUSTOMER} {SECRET}")) == Delivery(), "nothing for the service, and nothing yet"
    told = model.wait(socket)
    assert model.text == "Hello" and told[-1]["event"] == "done" and told[0]["conversationId"] == ID
    (address, asked), *_ = model.asked
    assert address == "llm.internal" and asked["model"] == "qwen" and SECRET not in json.dumps(asked)
    placeholder = asked["messages"][0]["content"].split()[-1]
    model.pushed.clear()
    model.listening[0].close()
    model.answers(HERE, stream(placeholder[:6], placeholder[6:]))
    socket.say(sent("who?"))
    model.wait(socket)
    assert model.text == SECRET
    lines = [line for line in tenant.records() if line["event"] == "request" and line["method"] == "MESSAGE"]
    assert [(line["outcome"], line["turn"]) for line in lines] == [("redirected", 1), ("redirected", 2)]
    answers = [line for line in tenant.records() if line["event"] == "answer" and line["id"] == lines[1]["id"]]
    assert [(line["status"], line["code"], line["restored"]) for line in answers] == [(200, "", 1)]
    assert [each["content"] for each in model.asked[1][1]["messages"]][1] == "Hello", "with the turns before"


def test_what_names_the_conversation_never_reaches_the_service(tenant: Tenant, model: Model) -> None:
    model.answers(HERE, stream("Yes."))
    socket = Socket(tenant, SOCKET).open()
    socket.say(sent(CUSTOMER))
    model.wait(socket)
    for frame in (
        '{"event":"regenerate","conversationId":"%s"}',
        '{"event":"feedback","conversationId":"%s","text":"x"}',
    ):
        delivery = socket.say(frame % ID)
        assert delivery.to_server == () and tenant.records()[-1]["outcome"] == "refused"
    assert socket.say('{"event":"ping"}').to_server, "a heartbeat names none"
    assert socket.say(sent("hello", "Zz99YvTz8Lr1")).to_server, "another conversation is the vendor's"


def test_a_server_that_fails_is_replaced_by_the_next_one_of_the_same_model(tenant: Tenant, model: Model) -> None:
    models = InternalModels({"internal": (SERVER, SECOND)}, "internal")
    tenant.house.street = replace(tenant.house.street, internal=models)
    model.answers(HERE, chunked(b"busy", "503 No"))
    model.answers(THERE, stream("Second."))
    socket = Socket(tenant, SOCKET).open()
    socket.say(sent(CUSTOMER))
    model.wait(socket)
    assert ([address for address, _ in model.asked], model.text) == ([HERE[0], THERE[0]], "Second.")
    (failover,) = [line for line in tenant.records() if line["event"] == "internal_failover"]
    assert failover["why"] == "status 503"


FAILING: dict[str, bytes | None] = {
    "nobody there": None,
    "an error": chunked(b'{"error": {"message": "no such model"}}', "404 No", "application/json"),
    "busy": chunked(b"", "503 No"),
    "no answer of a model": chunked(b"<html>"),
    "an answer that breaks off": half("Half"),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_is_told_in_the_conversation_and_nothing_goes_outside(
    tenant: Tenant, model: Model, name: str
) -> None:
    tenant.addon.asker = Asker({HERE: ("127.0.0.1", 1)})
    if (body := FAILING[name]) is not None:
        model.answers(HERE, body)
    socket = Socket(tenant, SOCKET).open()
    assert socket.say(sent(CUSTOMER)).to_server == ()
    told = model.wait(socket)
    assert told[-1]["event"] == "done" and model.text and "llm.internal" not in model.text
    answered = tenant.records()[-1]
    assert (answered["event"], answered["code"]) == ("answer", "internal_model_unavailable")


def test_a_connection_that_ends_before_its_answer_leaves_a_line(tenant: Tenant, model: Model) -> None:
    model.answers(HERE, half("Half"), holds=True)
    socket = Socket(tenant, SOCKET).open()
    socket.say(sent(CUSTOMER))
    while not model.text:
        tenant.loop.run_until_complete(asyncio.sleep(0.01))
    socket.end()
    lines = [line for line in tenant.records() if line["event"] == "answer"]
    assert lines[-1]["code"] == "client_left"


def test_an_answer_whose_line_cannot_be_kept_is_told_in_the_running_log_with_what_to_do(
    tenant: Tenant, model: Model, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.answers(HERE, half("Half"), holds=True)
    socket = Socket(tenant, SOCKET).open()
    socket.say(sent(CUSTOMER))
    while not model.text:
        tenant.loop.run_until_complete(asyncio.sleep(0.01))

    def full(*_: object) -> None:
        raise StoreError("no room: make some")

    monkeypatch.setattr(tenant.house.ledger.audit, "write", full)
    socket.end()
    assert "a record could not be kept: no room: make some" in logged.getvalue()


def test_without_a_model_the_turn_is_refused_in_place(tenant: Tenant) -> None:
    tenant.house.street = replace(tenant.house.street, internal=None)
    delivery = Socket(tenant, SOCKET).open().say(sent(CUSTOMER))
    assert delivery.to_server == () and "done" in delivery.to_client[-1].content.decode()
    assert tenant.records()[-1]["code"] == "internal_model_missing"
