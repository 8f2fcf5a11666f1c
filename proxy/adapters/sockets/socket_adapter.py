"""Declarative adapters for WebSockets: how a message is read, how answers are shaped, how a refusal is told in place.

Enters: what one format says of these. Leaves: an adapter for the handshake and for every message after it. A refusal
is told by messages of the format's own, made after the one that was refused; a format that has none is closed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from proxy.adapters import openai_chat
from proxy.adapters.any_shape import AnyShape
from proxy.adapters.entry import Entry
from proxy.adapters.interface import Adapter, AnswerShape, Asked, Refusal
from proxy.adapters.json_adapter import Roles, nobody
from proxy.adapters.openai.unread import without_sealed
from proxy.adapters.prompt import Shape, TreePrompt
from proxy.adapters.shape import PathShape
from proxy.adapters.sockets.reading import read_message
from proxy.errors import SluiceError
from proxy.exchange import Answer
from proxy.framing.events import Framer
from proxy.framing.message import SEPARATOR, message_framer
from proxy.websocket.interface import opens_websocket
from proxy.wire import json_text

type Telling = Callable[[Refusal, Any], Sequence[Any]]
"""A refusal and the message it concerns → the events that tell it to the client; none where it must be closed."""


def silent(_refusal: Refusal, _message: Any) -> Sequence[Any]:
    """Return nothing: the format has no words for it."""
    return ()


@runtime_checkable
class Telltale(Protocol):
    """An adapter that can tell a refusal on an open connection."""

    def refuse_message(self, refusal: Refusal, body: bytes) -> Sequence[bytes]:
        """Return the messages that tell the client of `refusal`, which concerns the message `body`."""
        ...


@dataclass(frozen=True, slots=True)
class SocketShape(PathShape):
    """A format whose messages have text at fixed places."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of messages, or what the answer to a handshake that failed may need."""
        return message_framer(content_type) or PathShape.framer(self, content_type)


class AnySocketShape(AnyShape):
    """What is known of the messages of an unknown format."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of messages, or what the answer to a handshake that failed may need."""
        return message_framer(content_type) or super().framer(content_type)


@dataclass(frozen=True, slots=True)
class SocketAdapter:
    """One wire format of a WebSocket."""

    id: str
    shape: AnswerShape
    ignored: frozenset[Shape] = frozenset()
    """Leaves of a message that are the interface's own words."""
    sealed: tuple[str, ...] = ()
    """Where tokens of the service's own may stand that nobody else can read."""
    roles: Roles = nobody
    telling: Telling = field(default=silent, repr=False)
    strict: bool = True
    """Whether what begins as JSON does must be JSON."""
    tested: str = "format"
    """How it was tested: with the vendor's `sdk`, with a `replica` of its page, or by its `format` alone."""

    def at(self, asked: Asked) -> Adapter:  # noqa: ARG002 - the messages say all
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - messages have no type
        """Read a message, or the empty body of a handshake; raises `WireError`, `Unreadable` or `TooLarge`."""
        return without_sealed(read_message(body, self.ignored, self.roles, strict=self.strict), self.sealed)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal of a handshake; the same words are told in place for a message."""
        return openai_chat.refuse(refusal)

    def refuse_message(self, refusal: Refusal, body: bytes) -> Sequence[bytes]:
        """Return the messages that tell the client of `refusal`, which concerns the message `body`."""
        end = SEPARATOR if SEPARATOR in body else b""
        return [json_text.dump(event) + end for event in self.telling(refusal, parsed(body))]


def records_of(body: bytes) -> list[Any]:
    """Return the JSON of a message, or of its records; nothing of what is none."""
    try:
        return [json_text.parse(record) for record in body.split(SEPARATOR) if record]
    except SluiceError:
        return []


def parsed(body: bytes) -> Any:
    """Return the JSON of a message (of its last record, if it has several), or None."""
    return next(reversed(records_of(body)), None)


def text_in(message: Any, key: str) -> str:
    """Return the string under `key` of a message, or an empty one."""
    value = message.get(key) if isinstance(message, dict) else None
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class SocketEntry(Entry):
    """A wire format, and the handshakes that lead to it."""

    method: str = "WebSocket"
    """How the tables of what is covered call it; the handshake's is always the same."""

    def fits(self, asked: Asked) -> bool:
        """Return whether a request opens a WebSocket of this format, or is a message on it."""
        return (
            opens_websocket(asked.method, asked.headers)
            and (not self.wires or asked.wire in self.wires)
            and self.path.fullmatch(asked.bare) is not None
        )


ANYWHERE: Final = re.compile(r".*", re.DOTALL)
"""Any path."""
