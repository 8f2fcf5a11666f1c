"""poe.com on loopback: its page, the operations that it posts, and the WebSocket on which answers come beside them.

Written from public client code and not from our code. An operation says that a question was taken; the answer goes to
whoever listens to the account's updates, as JSON in strings, each with all the text so far.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection

from proxy.demo.manner import Manner
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.standins import ExternalStandIn

REPLICA = Path(__file__).with_name("replica")
PIECE = 3


class PoeStandIn(ExternalStandIn):
    """Its page and its operations."""

    def __init__(self, tls: ssl.SSLContext, tell: Callable[[str], None]) -> None:
        super().__init__(tls)
        self.tell = tell
        """Takes a question to the stand-in that has the WebSocket."""
        self.asked: list[str] = []

    def reset(self) -> None:
        super().reset()
        self.asked.clear()

    async def route(self, seen: Seen, reply: Reply, _manner: Manner) -> None:
        """Take a question, or show the page and what it is made of."""
        if seen.method == "POST" and seen.path == "/api/gql_POST":
            asked = seen.json()["variables"]
            self.asked.append(asked["query"])
            message = {"node": {"messageId": 1, "text": asked["query"], "author": "human", "state": "complete"}}
            chat = {"chatId": 5239, "chatCode": "2f9k"}
            edge = {"status": "success", "statusMessage": "", "message": message, "chat": chat}
            await send_whole(reply, 200, "application/json", json.dumps({"data": {"messageEdgeCreate": edge}}).encode())
            self.tell(asked["query"])
            return
        name = seen.path.removeprefix("/replica/")
        script = seen.path.startswith("/replica/") and name.endswith(".js")
        kind = "text/javascript; charset=utf-8" if script else "text/html; charset=utf-8"
        await send_whole(reply, 200, kind, (REPLICA / (name if script else "page.html")).read_bytes())


class Updates:
    """Questions on their way to the account's WebSocket."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.questions: asyncio.Queue[str] = asyncio.Queue()

    def tell(self, question: str) -> None:
        """Hand a question over from another thread."""
        self.loop.call_soon_threadsafe(self.questions.put_nowait, question)

    async def speak(self, connection: ServerConnection) -> None:
        """Answer each question by repeating it, until the page leaves."""
        left = asyncio.ensure_future(connection.wait_closed())
        while not left.done():
            question = asyncio.ensure_future(self.questions.get())
            await asyncio.wait({question, left}, return_when=asyncio.FIRST_COMPLETED)
            if not question.done():
                question.cancel()
                return
            for message in updates(question.result()):
                await connection.send(message)


def updates(text: str) -> Iterator[str]:
    """Yield the messages of an answer."""
    for end in [*range(PIECE, len(text), PIECE), len(text)]:
        yield update({"messageAdded": {"messageId": 2, "author": "bot", "text": text[:end], "state": "incomplete"}})
    yield update({"messageAdded": {"messageId": 2, "author": "bot", "text": text, "state": "complete"}})
    yield update({"chatTitleUpdated": {"chatId": 5239, "title": text[:20]}})


def update(data: Any) -> str:
    """Return one message: it holds others, as JSON in strings."""
    (name,) = data
    inner = {"message_type": "subscriptionUpdate", "payload": {"subscription_name": name, "data": data}}
    return json.dumps({"messages": [json.dumps(inner, ensure_ascii=False)], "min_seq": 7}, ensure_ascii=False)
