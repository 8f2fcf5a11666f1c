"""What the writers of chat pages have in common: a turn has a head, pieces of text, and a tail.

Enters: an answer in neutral events. Leaves: the bytes that a page's own format makes of them, each as soon as it is
known. A page shows text: calls of tools are left out, and a failure is told in words, for the page has no other place.
"""

from abc import ABC, abstractmethod
from uuid import UUID

from proxy.exchange import Headers
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta
from proxy.internal.failure import BROKE_OFF


class PageWriter(ABC):
    """Writes one turn."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self) -> None:
        """Begin before the head."""
        self.begun = False
        self.over = False

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        return (("content-type", self.content_type), ("cache-control", "no-cache"))

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now."""
        return b"".join(self.one(event) for event in events if not self.over)

    def end(self) -> bytes:
        """Return what is left; an answer that was neither finished nor failed becomes a failed one."""
        return b"" if self.over else self.one(Failed(BROKE_OFF))

    def one(self, event: Event) -> bytes:
        """Return what one event makes the page show."""
        match event:
            case Started():
                return self.open()
            case TextDelta(text):
                return self.open() + self.text(text)
            case ReasoningDelta(text):
                return self.open() + self.thought(text)
            case Finished():
                return self.open() + self.close()
            case Failed(message):
                return self.open() + self.text(message) + self.close()
            case _:
                return b""

    def open(self) -> bytes:
        """Return the head, once."""
        if self.begun:
            return b""
        self.begun = True
        return self.head()

    def close(self) -> bytes:
        """Return the tail, after which nothing follows."""
        self.over = True
        return self.tail()

    @abstractmethod
    def head(self) -> bytes:
        """Return what a page wants before the text."""

    @abstractmethod
    def text(self, text: str) -> bytes:
        """Return what shows more text."""

    def thought(self, text: str) -> bytes:  # noqa: ARG002 - most pages have no place for it
        """Return what shows more of what the model thinks; nothing where a page has no place for it."""
        return b""

    @abstractmethod
    def tail(self) -> bytes:
        """Return what ends the turn."""


def identify(name: str, number: int) -> str:
    """Return a UUID made of a name and a small number; the same for the same two."""
    digits = name.encode().ljust(16, b"0")[-15:]
    return str(UUID(bytes=digits + bytes([number % 256]), version=4))
