"""The stand-ins: an external AI service and the company's own model, clearly named as such in all they say.

The external one plays every service at once, by path: OpenAI's and Anthropic's APIs, a chat page that uses the former,
a stream in a format of its own, uploads, and any other JSON. The internal one speaks Chat Completions only, as most
model servers do. Both listen on loopback alone and keep all that they were sent.
"""

import asyncio
import hashlib
import re
import ssl
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

import orjson

from proxy.demo import speak_anthropic, speak_openai
from proxy.demo.manner import SLOW, Manner, Mode, compressed_whole, pieces
from proxy.demo.seen import Fields, Reply, Seen, send_whole
from proxy.demo.server import Server

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")

EXTERNAL: Final = {"en": "The external stand-in heard: ", "zh": "外部替身服务听到："}

INTERNAL: Final = {"en": "The internal stand-in model heard: ", "zh": "内部替身模型听到："}

SSE: Final[Fields] = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))

JSON: Final = "application/json"

type Json = dict[str, Any]


class StandIn:
    """What both have in common: a server, a manner, and a record."""

    name = "stand-in"
    opening: Mapping[str, str] = EXTERNAL

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.manner = Manner()
        self.server = Server(self.answer, tls)

    @property
    def requests(self) -> list[Seen]:
        """Every request that came, in order."""
        return self.server.requests

    @property
    def address(self) -> str:
        """Where it listens, as `127.0.0.1:9443`."""
        return f"127.0.0.1:{self.server.port}"

    def everything(self) -> bytes:
        """Return all that ever came: the bytes of the wire, and the heads that HTTP/2 compresses."""
        return b"".join(self.server.wire) + b"".join(seen.everything for seen in self.requests)

    def start(self) -> None:
        """Listen."""
        self.server.start()

    def stop(self) -> None:
        """Stop listening; connections to it are refused from now on."""
        self.server.stop()

    def reset(self) -> None:
        """Empty the record and behave normally again."""
        self.manner = Manner()
        self.server.forget()

    async def answer(self, seen: Seen, reply: Reply) -> None:
        """Answer one request in the present manner."""
        manner = self.manner
        match manner.mode:
            case Mode.SLOW:
                await asyncio.sleep(SLOW)
            case Mode.GARBAGE:
                await send_whole(reply, 200, JSON, b"<<this is the stand-in's garbage, no JSON>>")
                return
        await self.route(seen, reply, manner)

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer one request by its path."""
        raise NotImplementedError

    async def speak(self, language: Any, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer a chat in the wire `language`: a module with `whole`, `frames`, `heard` and `failure`."""
        body = object_of(seen)
        if body is None:
            await self.whole(reply, manner, language.failure(400, f"{self.name}: no JSON object"), 400)
            return
        says = self.opening["zh" if CHINESE.search(language.heard(body)[0]) else "en"]
        if manner.mode is Mode.FAIL:
            await self.whole(reply, manner, language.failure(500, f"{self.name}: failed on purpose"), 500)
        elif language is speak_anthropic and not speak_anthropic.signatures_hold(body):
            await self.whole(reply, manner, language.failure(400, f"{self.name}: a signature does not hold"), 400)
        elif body.get("stream"):
            await self.stream(reply, manner, language.frames(body, says, manner.piece))
        else:
            await self.whole(reply, manner, language.whole(body, says))

    async def whole(self, reply: Reply, manner: Manner, value: Json, status: int = 200) -> None:
        """Send JSON at once."""
        body = orjson.dumps(value)
        if manner.mode is Mode.GZIP:
            await send_whole(reply, status, JSON, compressed_whole(body), (("content-encoding", "gzip"),))
        else:
            await send_whole(reply, status, JSON, body)

    async def stream(self, reply: Reply, manner: Manner, frames: Iterator[bytes]) -> None:
        """Send frames one by one."""
        coding, coded = manner.coded(frames)
        await reply.start(200, SSE + coding)
        sent = 0
        try:
            async for frame in manner.paced(coded):
                await reply.send(frame)
                sent += 1
                if manner.mode is Mode.RESET and sent == 3:
                    reply.break_off()
        except TimeoutError:
            reply.break_off()
        await reply.end()


class InternalStandIn(StandIn):
    """The company's own model."""

    name = "internal stand-in model"
    opening = INTERNAL

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer Chat Completions, and nothing else."""
        if seen.method == "POST" and path_of(seen).endswith("/chat/completions"):
            await self.speak(speak_openai, seen, reply, manner)
        else:
            await self.whole(reply, manner, speak_openai.failure(404, f"{self.name}: no such path"), 404)


class ExternalStandIn(StandIn):
    """Every external service at once."""

    name = "external stand-in"
    opening = EXTERNAL

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer by path."""
        path = path_of(seen)
        if path.endswith("/chat/completions"):
            await self.speak(speak_openai, seen, reply, manner)
        elif path.endswith("/messages"):
            await self.speak(speak_anthropic, seen, reply, manner)
        elif path.endswith("/messages/count_tokens"):
            await self.whole(reply, manner, {"input_tokens": speak_anthropic.tokens(seen.json())})
        elif path == "/backend/chat":
            await self.stream(reply, manner, own_frames(seen, manner.piece))
        elif path == "/upload":
            digest = hashlib.sha256(seen.body).hexdigest()
            await self.whole(reply, manner, {"standin": self.name, "bytes": len(seen.body), "sha256": digest})
        elif path == "/" or seen.header("accept").startswith("text/html"):
            page = files("proxy.demo").joinpath("page.html").read_bytes()
            await send_whole(reply, 200, "text/html; charset=utf-8", page)
        else:
            echoed = seen.body.decode("utf-8", "replace")
            await self.whole(reply, manner, {"standin": self.name, "path": path, "heard": echoed})


def object_of(seen: Seen) -> Json | None:
    """Return the body as a JSON object with a list of turns, or None if it is no such thing."""
    try:
        body = seen.json()
    except ValueError:
        return None
    turns = body.get("messages", []) if isinstance(body, dict) else None
    return body if isinstance(turns, list) and all(isinstance(turn, dict) for turn in turns) else None


def path_of(seen: Seen) -> str:
    """Return the path without its query."""
    return seen.path.partition("?")[0]


def own_frames(seen: Seen, size: int) -> Iterator[bytes]:
    """Yield an answer in a format that no adapter knows: SSE events with a piece of text each."""
    text = str(seen.json().get("message", ""))
    says = EXTERNAL["zh" if CHINESE.search(text) else "en"]
    for piece in pieces(says + text, size):
        yield b"data: " + orjson.dumps({"delta": piece}) + b"\n\n"
    yield b'data: {"done": true}\n\n'
