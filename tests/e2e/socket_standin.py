"""A stand-in for services that talk over a WebSocket: it speaks their formats, and keeps all that it was sent.

By path: OpenAI's Realtime and Responses, copilot.microsoft.com and Microsoft 365 Copilot (with the replicas of their
pages), Gemini Live, DashScope's tasks, Spark; anywhere else it is an echo. Answers repeat the prompt in pieces of
`piece` characters; while it `pauses`, an answer of the two pages waits before its end.
"""

import asyncio
import itertools
import json
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.e2e.poe_standin import Updates

REPLICA = Path(__file__).with_name("replica")
RECORD = "\x1e"

type Message = str | bytes
type Speaker = Callable[["SocketStandIn", ServerConnection], Awaitable[None]]


class SocketStandIn:
    """The server, in a thread of its own."""

    def __init__(self, tls: ssl.SSLContext, **options: Any) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self.tls = tls
        self.options = options
        self.port = 0
        self.piece = 3
        self.pauses = False
        self.messages: list[Message] = []
        """Every message, in order."""
        self.requests: list[Request] = []
        """Every request's head."""
        self.pings: list[bytes] = []
        self.closings: list[tuple[int | None, str | None]] = []
        self.talking = 0
        """How many connections are open."""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, name="socket stand-in", daemon=True)
        self.server: Server | None = None
        self.ready = threading.Event()
        self.stopping = asyncio.Event()
        self.updates = Updates(self.loop)
        """What poe.com's account is told."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def everything(self) -> bytes:
        """Return all that ever came."""
        heads = [f"{one.path}\n{one.headers}".encode() for one in self.requests]
        told = [one.encode() if isinstance(one, str) else one for one in self.messages]
        ends = [(reason or "").encode() for _, reason in self.closings]
        return b"\n".join([*heads, *told, *self.pings, *ends])

    def texts(self) -> list[str]:
        """Return the messages that came as text."""
        return [one for one in self.messages if isinstance(one, str)]

    def settle(self) -> None:
        """Wait until no connection is open: all that was sent has been kept."""
        deadline = time.monotonic() + 10
        while self.talking and time.monotonic() < deadline:
            time.sleep(0.01)

    def reset(self) -> None:
        """Begin anew: what the connections of the test before still have to say comes first, not into the next one."""
        self.settle()
        self.piece = 3
        self.pauses = False
        for kept in (self.messages, self.requests, self.pings, self.closings):
            kept.clear()

    def start(self) -> None:
        self.thread.start()
        assert self.ready.wait(60)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join()

    def run(self) -> None:
        self.loop.run_until_complete(self.listen())
        self.loop.close()

    async def listen(self) -> None:
        options = {"compression": "deflate", "max_size": None, "ping_interval": None, "close_timeout": 1}
        server = await serve(
            self.talk, "127.0.0.1", 0, ssl=self.tls, process_request=self.head, **(options | self.options)
        )
        self.port = next(iter(server.sockets)).getsockname()[1]
        self.ready.set()
        await self.stopping.wait()
        server.close()
        await server.wait_closed()

    async def head(self, _connection: ServerConnection, request: Request) -> Response | None:
        """Keep the head of a request, and show the page where no WebSocket is asked for."""
        self.requests.append(request)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        script = request.path.startswith("/replica/") and request.path.endswith(".js")
        body = (REPLICA / (request.path.rpartition("/")[2] if script else "page.html")).read_bytes()
        kind = "text/javascript" if script else "text/html"
        headers = Headers({"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body))})
        return Response(HTTPStatus.OK, "OK", Headers({**headers, "Connection": "close"}), body)

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request
        path = connection.request.path.partition("?")[0]
        speaker = next((speak for start, speak in SPEAKERS.items() if path.startswith(start)), echo)
        self.talking += 1
        try:
            with suppress(ConnectionClosed):
                await speaker(self, connection)
        finally:
            self.closings.append((connection.close_code, connection.close_reason))
            self.talking -= 1

    async def heard(self, connection: ServerConnection) -> AsyncIterator[Message]:
        """Yield each message, kept."""
        async for message in connection:
            self.messages.append(message)
            yield message

    async def released(self) -> None:
        """Wait while answers pause."""
        while self.pauses:
            await asyncio.sleep(0.01)

    def pieces(self, text: str) -> Iterator[str]:
        return ("".join(piece) for piece in itertools.batched(text, self.piece))


async def echo(self: SocketStandIn, connection: ServerConnection) -> None:
    """Say each message again, as it came; `close` closes, `ping` in bytes pings."""
    async for message in self.heard(connection):
        if message == "please close":
            await connection.close(4001, "as you wish")
        elif message == "please ping":
            await (await connection.ping(b"are you there"))
            await connection.send("it is there")
        else:
            await connection.send(message)


async def realtime(self: SocketStandIn, connection: ServerConnection) -> None:
    """OpenAI Realtime: text items, and a response that repeats the last one."""
    said = ""
    numbers = itertools.count(1)

    async def tell(kind: str, **more: Any) -> None:
        await connection.send(json.dumps({"type": kind, "event_id": f"e{next(numbers)}", **more}))

    await tell("session.created", session={"type": "realtime", "object": "realtime.session", "id": "s1"})
    async for message in self.heard(connection):
        event = json.loads(message)
        if event["type"] == "session.update":
            await tell("session.updated", session=event["session"])
        elif event["type"] == "conversation.item.create":
            said = event["item"]["content"][0]["text"]
            await tell("conversation.item.added", item={"id": "i1", **event["item"]})
        elif event["type"] == "response.create":
            where = {"response_id": "r1", "item_id": "i2", "output_index": 0, "content_index": 0}
            response = {"id": "r1", "object": "realtime.response", "status": "in_progress", "output": []}
            await tell("response.created", response=response)
            for piece in self.pieces(said):
                await tell("response.output_text.delta", **where, delta=piece)
            await tell("response.output_text.done", **where, text=said)
            content = [{"type": "output_text", "text": said}]
            item = {"id": "i2", "type": "message", "role": "assistant", "content": content}
            await tell("response.output_item.done", response_id="r1", output_index=0, item=item)
            await tell("response.done", response={**response, "status": "completed"})


async def responses(self: SocketStandIn, connection: ServerConnection) -> None:
    """Responses: one that repeats the input."""
    async for message in self.heard(connection):
        event = json.loads(message)
        text = event["input"] if isinstance(event["input"], str) else event["input"][-1]["content"]
        numbers = itertools.count()
        where = {"item_id": "m1", "output_index": 0, "content_index": 0}
        part = {"type": "output_text", "text": text, "annotations": []}
        item = {"id": "m1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
        head = {"id": "r1", "object": "response", "created_at": 1, "model": event["model"], "tools": []}
        head |= {"parallel_tool_calls": False, "tool_choice": "auto", "output": []}
        events = [
            {"type": "response.created", "response": {**head, "status": "in_progress"}},
            *(
                {"type": "response.output_text.delta", **where, "delta": one, "logprobs": []}
                for one in self.pieces(text)
            ),
            {"type": "response.output_text.done", **where, "text": text, "logprobs": []},
            {"type": "response.completed", "response": {**head, "status": "completed", "output": [item]}},
        ]
        for one in events:
            await connection.send(json.dumps({**one, "sequence_number": next(numbers)}))


async def copilot(self: SocketStandIn, connection: ServerConnection) -> None:
    """copilot.microsoft.com: a turn that repeats the prompt, in pieces and then replaced as a whole."""
    await connection.send(json.dumps({"event": "connected", "requestId": "q1"}))
    async for message in self.heard(connection):
        event = json.loads(message)
        if event.get("event") != "send":
            continue
        text = event["content"][0]["text"]
        turn = {"conversationId": event["conversationId"], "messageId": "m1"}
        part = {"messageId": "m1", "partId": "p1"}
        told = [{"event": "received", **turn}, {"event": "startMessage", **turn}]
        told += [{"event": "appendText", **part, "text": piece} for piece in self.pieces(text)]
        ends = [{"event": "partCompleted", **part}, {"event": "done", "messageId": "m1"}]
        for one in told:
            await connection.send(json.dumps(one, ensure_ascii=False))
        await self.released()
        for one in ends:
            await connection.send(json.dumps(one, ensure_ascii=False))


async def hub(self: SocketStandIn, connection: ServerConnection) -> None:
    """Microsoft 365 Copilot: SignalR, the text so far and pieces after it, several records a message."""

    async def tell(*records: Any) -> None:
        await connection.send("".join(json.dumps(one, ensure_ascii=False) + RECORD for one in records))

    async for message in self.heard(connection):
        for record in str(message).split(RECORD):
            asked = json.loads(record or "{}")
            if "protocol" in asked:
                await tell({})
            if asked.get("type") != 4:
                continue
            text, about = asked["arguments"][0]["message"]["text"], asked["invocationId"]
            pieces = list(self.pieces(text))
            await tell(update({"messages": [{"text": pieces[0], "author": "bot"}]}), {"type": 6})
            for piece in pieces[1:]:
                await tell(update({"writeAtCursor": piece}))
            await self.released()
            final = {"type": 2, "invocationId": about, "item": {"messages": [{"text": text, "author": "bot"}]}}
            await tell(final, {"type": 3, "invocationId": about})


def update(argument: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "target": "update", "arguments": [argument]}


async def live(self: SocketStandIn, connection: ServerConnection) -> None:
    """Gemini Live, whose JSON comes as binary."""
    async for message in self.heard(connection):
        event = json.loads(message)
        told: list[Any] = [{"setupComplete": {}}] if "setup" in event else []
        content = event.get("client_content") or event.get("clientContent")
        if content:
            text = content["turns"][-1]["parts"][0]["text"]
            told = [
                {"serverContent": {"modelTurn": {"parts": [{"text": piece}], "role": "model"}}}
                for piece in self.pieces(text)
            ]
            told.append({"serverContent": {"turnComplete": True}})
        for one in told:
            await connection.send(json.dumps(one).encode())


async def tasks(self: SocketStandIn, connection: ServerConnection) -> None:
    """DashScope's tasks: speech of what was said, as bytes, when the task is finished."""
    async for message in self.heard(connection):
        event = json.loads(message)
        task = {"task_id": event["header"]["task_id"], "attributes": {}}
        if event["header"]["action"] == "run-task":
            await connection.send(json.dumps({"header": {**task, "event": "task-started"}, "payload": {}}))
        elif event["header"]["action"] == "finish-task":
            await connection.send(b"\xff\xfb sound")
            await connection.send(json.dumps({"header": {**task, "event": "task-finished"}, "payload": {"output": {}}}))


async def neo(self: SocketStandIn, connection: ServerConnection) -> None:
    """character.ai: what was said again, then a turn that repeats it, with all its text so far in each message."""
    async for message in self.heard(connection):
        asked = json.loads(message)
        about = {"request_id": asked["request_id"]}
        if asked["command"] == "create_chat":
            chat = asked["payload"]["chat"] | {"state": "STATE_ACTIVE"}
            await connection.send(json.dumps({"command": "create_chat_response", "chat": chat, **about}))
            continue
        turn = asked["payload"]["turn"]
        said = turn["candidates"][0]["raw_content"]
        own = {**turn, "state": "STATE_OK", "candidates": [{**turn["candidates"][0], "is_final": True}]}
        told: list[Any] = [{"command": "add_turn", "turn": own, **about}]
        for end in range(self.piece, len(said) + self.piece, self.piece):
            candidate = {"candidate_id": "k1", "raw_content": said[:end]}
            key = {"turn_id": f"{turn['turn_key']['turn_id']}-1", "chat_id": turn["turn_key"]["chat_id"]}
            author = {"author_id": "Zq3hX", "name": "Somebody"}
            answer = {"turn_key": key, "author": author, "candidates": [candidate], "primary_candidate_id": "k1"}
            told.append({"command": "update_turn" if end > self.piece else "add_turn", "turn": answer, **about})
        final = {**answer, "candidates": [{**candidate, "is_final": True}]}
        for one in told:
            await connection.send(json.dumps(one, ensure_ascii=False))
        await self.released()
        await connection.send(json.dumps({"command": "update_turn", "turn": final, **about}, ensure_ascii=False))


async def poe(self: SocketStandIn, connection: ServerConnection) -> None:
    """poe.com: answers to questions that came another way."""
    await self.updates.speak(connection)


async def spark(self: SocketStandIn, connection: ServerConnection) -> None:
    """iFlytek's Spark: frames with a status, the last with the count of tokens."""
    async for message in self.heard(connection):
        text = json.loads(message)["payload"]["message"]["text"][-1]["content"]
        pieces = [*self.pieces(text), ""]
        for number, piece in enumerate(pieces):
            status = 2 if number == len(pieces) - 1 else min(number, 1)
            said = {"status": status, "seq": number, "text": [{"content": piece, "role": "assistant", "index": 0}]}
            usage = {"usage": {"text": {"total_tokens": 3}}} if status == 2 else {}
            head = {"code": 0, "message": "Success", "sid": "s1", "status": status}
            await connection.send(json.dumps({"header": head, "payload": {"choices": said, **usage}}))


SPEAKERS: dict[str, Speaker] = {
    "/up/": poe,
    "/v1/realtime": realtime,
    "/v1/responses": responses,
    "/c/api/chat": copilot,
    "/m365Copilot/": hub,
    "/ws/google.ai.generativelanguage": live,
    "/api-ws/v1/inference": tasks,
    "/ws/": neo,
    "/v3.5/chat": spark,
}
