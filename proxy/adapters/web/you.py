"""you.com: a question in the address of a request without body, and a stream of words for an answer.

Enters: what the page asks for at `/api/streamingSearch`; the question and the turns before it stand in the query, which
is read with the address of every request. Leaves: a turn of the page's own stream for an answer of the company's model,
for a refusal. The page sends all turns each time, so none must be kept for the model; what names the conversation is
kept all the same, so that one which the company's model has begun stays with it. Source: older public client code; not
seen live.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import parse_qsl

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import Adapter, Asked, Refusal, Talk
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, LEAST_NAME, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.errors import WireError
from proxy.exchange import Answer
from proxy.framing.events import Framer
from proxy.framing.words import WordFramer
from proxy.internal.answer import Finished, TextDelta, Writer
from proxy.wire import json_text

READER: Final = Fallback()

END: Final = "done"
"""Name of the last event, whose data is a joke in plain text."""
NAMES: Final = ("chatId", "queryTraceId", "traceId")
"""Fields that may name the conversation, the surest first."""


class YouShape(PathShape):
    """Events of JSON, but for the last."""

    __slots__ = ()

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of server-sent events."""
        return WordFramer(END) if "event-stream" in content_type else None


SHAPE: Final = YouShape(
    (TextAt("/youChatToken"), TextAt("/t", events=frozenset({"youChatUpdate"}))),
    end_events=frozenset({END, "error"}),
)


class YouWriter(PageWriter):
    """Writes one turn."""

    def head(self) -> bytes:
        """Return nothing: an answer begins with its words."""
        return b""

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return b"event: youChatToken\ndata: " + json_text.dump({"youChatToken": text}) + b"\n\n"

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return b"event: done\ndata: {}\n\n"


def say(refusal: Refusal) -> Answer:
    """Return the refusal as a turn of the page."""
    writer = YouWriter()
    body = writer.write([TextDelta(refusal.message), Finished("stop")])
    return Answer(200, (*writer.headers, ("cache-control", "no-store")), body)


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as an error object."""
    body = {"error": {"code": refusal.code, "message": refusal.message, "reference": refusal.reference}}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump(body))


@dataclass(frozen=True, slots=True)
class YouSearch(JsonAdapter):
    """The chat, whose requests have no body."""

    asked: str = ""
    """Path and query of the request that it is bound to."""
    talk: Talk | None = None
    """The conversation that the turn belongs to, where it is known."""
    in_place: bool = True

    def at(self, asked: Asked) -> Adapter:
        """Return the adapter for one question: its address holds all of it."""
        return self.of(asked.path)

    def of(self, path: str) -> Self:
        """Return the adapter for the question in this address."""
        return replace(self, asked=path)

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a body that should not be there; raises `Unreadable`, `WireError` or `TooLarge`."""
        return replace(READER.read(body, content_type), stream=True)

    @property
    def fields(self) -> Mapping[str, str]:
        """Fields of the query; raises `WireError` where one is there twice, for the service may read either."""
        pairs = parse_qsl(self.asked.partition("?")[2], keep_blank_values=True)
        found = dict(pairs)
        if len(found) != len(pairs):
            raise WireError("a field of the address is there twice")
        return found

    def named(self, path: str, body: bytes) -> str:  # noqa: ARG002 - the query says it
        """Return the conversation's id, or an empty string; raises `WireError`."""
        names = (self.fields.get(field, "") for field in NAMES)
        return next((name for name in names if len(name) >= LEAST_NAME), "")

    def last(self, body: bytes) -> int:  # noqa: ARG002 - as above
        """Return 0: nothing is counted."""
        return 0

    def within(self, talk: Talk) -> Self:
        """Return the adapter for one turn of `talk`."""
        return replace(self, talk=talk)

    def question(self, body: bytes) -> Sequence[Mapping[str, str]]:
        """Return the new turn as a chat message; raises `WireError` for what only the vendor has."""
        if body:
            raise WireError("the request has a body, which the page's has not")
        if self.fields.get("userFiles", "[]") not in ("", "[]"):
            raise WireError(FILES)
        if not (text := self.fields.get("q", "")):
            raise WireError("the request holds no text")
        return [{"role": "user", "content": text}]

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return all turns as a streamed chat request; raises `WireError` for what only the vendor has."""
        messages = [*before(self.fields.get("chat", "")), *self.question(body)]
        return json_text.dump({"model": model, "messages": messages, "stream": True})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:  # noqa: ARG002 - pages always stream
        """Return what writes a turn."""
        return YouWriter()


def before(chat: str) -> Sequence[Mapping[str, str]]:
    """Return the turns before as chat messages; raises `WireError` or `TooLarge`."""
    turns: Any = json_text.parse(chat.encode("utf-8")) if chat else []
    if not isinstance(turns, list):
        raise WireError("the turns before must be a list")
    messages: list[Mapping[str, str]] = []
    for turn in turns:
        question, answer = (turn.get("question"), turn.get("answer")) if isinstance(turn, dict) else (None, None)
        if not isinstance(question, str) or not isinstance(answer, str):
            raise WireError("a turn before must have a question and an answer")
        if question and answer:
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return messages


YOU: Final = YouSearch("you-web", SHAPE, say, tested="replica")
BESIDE: Final = BesideCalls("you-web-beside", AnyShape(), refuse)
"""Files' names, settings, the list of chats: text without a turn of its own."""
