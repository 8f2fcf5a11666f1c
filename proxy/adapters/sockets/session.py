"""A connection that is a conversation: what was said on it, so that the company's model can take it over and go on.

Enters: each message that went to the service and each that came from it, with placeholders in them. Leaves: a chat
request that tells the company's model all of it, answers in the service's own words, and which messages of the client
the service must not hear, since what they go on with never went there. Nothing is kept beyond the connection.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from proxy.adapters.interface import Asked
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.sockets.socket_adapter import SocketAdapter, parsed
from proxy.errors import SluiceError, Untranslatable
from proxy.exchange import Answer, header
from proxy.framing.message import MESSAGES, pack
from proxy.internal.answer import Writer
from proxy.wire.json_text import dump

MOST: Final = 4 * 1024 * 1024
"""Bytes of a conversation that are remembered, as JSON."""
GROWN: Final = "the conversation has grown too long for the company's model to take it over; open a new connection"
BUSY: Final = "the company's model is still answering; wait for the end of that answer, then ask again"
NO_SOUND: Final = "the company's model takes and gives text: it can be given no sound and no pictures that move"
TEXT_ONLY: Final = "the company's model answers in text: ask for text alone, not for sound"
OTHER: Final = "the company's model cannot be given an event of this kind"

type Json = dict[str, Any]


class Session(ABC):
    """What was said on one connection."""

    marks: tuple[bytes, ...] = ()
    """One of these stands in a message of the service's that says something of the conversation."""
    one_at_a_time = True
    """Whether the service gives one answer after the other."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.size = 0
        self.inside = False
        """Whether the company's model has taken the whole conversation over."""
        self.answering = False
        """Whether the company's model has an answer to end."""
        self.model = ""
        """The model the client asked for."""

    def note_sent(self, body: bytes) -> None:
        """Remember a message that goes to the service."""
        if isinstance(event := parsed(body), dict) and self.room_for(body):
            with suppress(SluiceError):
                self.sent(event)

    def note_came(self, body: bytes) -> None:
        """Remember what the service says."""
        if any(mark in body for mark in self.marks) and isinstance(event := parsed(body), dict) and self.room_for(body):
            with suppress(SluiceError):
                self.came(event)

    def keep(self, body: bytes) -> None:
        """Take a message over that the service does not hear."""
        self.take_over()
        if isinstance(event := parsed(body), dict) and self.room_for(body):
            self.answering = self.answering or self.asks(event)
            self.kept(event)

    def room_for(self, body: bytes) -> bool:
        """Count a message, and return whether it can be remembered."""
        self.size += len(body)
        return self.size <= MOST

    def take_over(self) -> None:
        """Go on inside."""
        self.inside = True

    def holds(self, event: Any) -> bool:  # noqa: ARG002 - some know better
        """Return whether a message of the client goes on with what the service has not heard."""
        return self.inside

    def kept(self, event: Json) -> None:
        """Remember a message that was taken over: as one that was sent."""
        self.sent(event)

    @abstractmethod
    def sent(self, event: Json) -> None:
        """Remember what the client says."""

    @abstractmethod
    def came(self, event: Json) -> None:
        """Remember what the service says."""

    @abstractmethod
    def asks(self, event: Json) -> bool:
        """Return whether a message asks for an answer."""

    @abstractmethod
    def reply(self, event: Json) -> Sequence[Json]:
        """Return what the service would say to a message that asks for no answer; raises `Untranslatable`."""

    @abstractmethod
    def to_chat(self, event: Json, model: str) -> Json:
        """Return the chat request for a message that asks; raises `WireError`."""

    @abstractmethod
    def writer(self, event: Json, model: str, answer_id: str, now: int) -> Writer:
        """Return what writes the answer to it, in packed messages, and remembers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSocket(SocketAdapter):
    """One wire format whose connections are conversations."""

    opens: Callable[[bool], Session]
    """Begins one; the truth says that the client speaks the older form."""
    old_mark: str = ""
    """A word in the field `openai-beta` of clients that speak an older form."""
    old: bool = False
    session: Session | None = None
    busy: bool = False
    """Whether an exchange with the company's model is under way."""
    asked: Any = None
    """The message that an answer is about."""

    def at(self, asked: Asked) -> Self:
        """Return the adapter for the form that the handshake asks for."""
        old = bool(self.old_mark) and self.old_mark in header(asked.headers, "openai-beta")
        return replace(self, old=old) if old else self

    def begin(self) -> Self:
        """Return the adapter for one connection."""
        return replace(self, session=self.opens(self.old))

    def about(self, body: bytes, *, busy: bool) -> Self:
        """Return the adapter for one message."""
        return replace(self, asked=parsed(body), busy=busy)

    @property
    def talk(self) -> Session:
        """The conversation; an empty one for a message that belongs to none."""
        return self.session or self.opens(self.old)

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a message; see `SocketAdapter.read`."""
        prompt = SocketAdapter.read(self, body, content_type)
        return replace(prompt, model=prompt.model or self.talk.model)

    def replies(self, body: bytes) -> Answer | None:
        """Return what answers a message that asks no model, packed; see `Keeper`."""
        event = event_in(body)
        if self.talk.asks(event):
            return None
        told = b"".join(pack(dump(each)) for each in self.talk.reply(event))
        return Answer(200, (("content-type", MESSAGES),), told)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the conversation with the message that asks; raises `WireError`."""
        if self.talk.size > MOST:
            raise Untranslatable(GROWN)
        if self.busy and self.talk.answering and self.talk.one_at_a_time:
            raise Untranslatable(BUSY)
        event = event_in(body)
        return dump(self.talk.to_chat(event, model) | {"stream": True, "stream_options": {"include_usage": True}})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:  # noqa: ARG002 - messages always stream
        """Return what writes the answer."""
        return self.talk.writer(self.asked if isinstance(self.asked, dict) else {}, model, answer_id, now)


def event_in(body: bytes) -> Json:
    """Return the event of a message; raises `Untranslatable` where it is none."""
    if not isinstance(event := parsed(body), dict):
        raise Untranslatable(OTHER)
    return event


def given(value: Any) -> Json:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[Json]:
    """Return the objects of a list, or none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
