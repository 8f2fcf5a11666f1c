"""The nouns of a WebSocket: its handshake, its messages, and what becomes of one. Pure.

Enters: a request's head, or a refusal. Leaves: whether it opens a WebSocket that can be read (RFC 6455), or the words
with which one is closed. What is not said in a `Delivery` never goes on: the unset one closes the connection.
"""

from dataclasses import dataclass, field
from typing import Final

from proxy.adapters.interface import Refusal
from proxy.exchange import Headers

MESSAGE: Final = "MESSAGE"
"""In place of a method, in the exchange that a single message is: it has none of HTTP's."""

VERSION: Final = "13"
"""The only version of the protocol there is."""

EXTENSIONS: Final = "sec-websocket-extensions"
"""Never asked for: what is not compressed is no bomb, and has one reading."""

LONGEST_REASON: Final = 123
"""Bytes of the reason in a closing frame (RFC 6455, section 5.5)."""

POLICY: Final = 1008
TOO_BIG: Final = 1009
FAILED: Final = 1011
AGAIN: Final = 1013
"""Try again later, as IANA's registry has it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, put together from its fragments."""

    content: bytes = field(repr=False)
    """UTF-8 where it is text."""
    text: bool = True
    """Whether it came, or goes, as text and not as binary."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a connection is closed."""

    code: int
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What goes out to either side now, in order, and whether the connection ends with it."""

    to_server: tuple[Message, ...] = ()
    to_client: tuple[Message, ...] = ()
    closing: Closing | None = None


def opens_websocket(method: str, headers: Headers) -> bool:
    """Return whether a request opens a WebSocket, or is a message of one; any other upgrade is not readable."""
    return (
        method in ("GET", MESSAGE)
        and [value.strip().lower() for name, value in headers if name == "upgrade"] == ["websocket"]
        and [value.strip() for name, value in headers if name == "sec-websocket-version"] == [VERSION]
    )


def closing_for(refusal: Refusal) -> Closing:
    """Return the end of a connection whose format has no words for a refusal.

    There is room for a line: the number to quote, then why. That Sluice has stopped it is said by its name.
    """
    speaker = f"Sluice {refusal.reference}".rstrip()
    code = AGAIN if refusal.again else TOO_BIG if refusal.status == 413 else POLICY
    return Closing(code, shortened(f"{speaker}: {why(refusal.message)}"))


def why(message: str) -> str:
    """Return a refusal without its first sentence, which says who speaks."""
    ends = [message.find(mark) + len(mark) for mark in (". ", "。") if mark in message]
    return message[min(ends) :] if ends else message


def shortened(text: str) -> str:
    """Return as much of `text` as fits into the reason of a closing frame."""
    if len(text.encode("utf-8", "replace")) <= LONGEST_REASON:
        return text
    room = LONGEST_REASON - len("…".encode())
    return text.encode("utf-8", "replace")[:room].decode("utf-8", "ignore").rstrip() + "…"
