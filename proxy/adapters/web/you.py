"""you.com: a question in the address of a request without body, and a stream of words for an answer.

Enters: what the page asks for at `/api/streamingSearch`; the question and the turns before it stand in the query, which
is read with the address of every request. Leaves: a turn of the page's own stream for a refusal. An answer of the
company's model is not written: no request tells the question by its body. Source: older public client code; not seen
live.
"""

from dataclasses import replace
from typing import Final

from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.page_writer import PageWriter
from proxy.exchange import Answer
from proxy.framing.events import Framer
from proxy.framing.words import WordFramer
from proxy.internal.answer import Finished, TextDelta
from proxy.wire import json_text

READER: Final = Fallback()

END: Final = "done"
"""Name of the last event, whose data is a joke in plain text."""


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


class YouSearch(JsonAdapter):
    """The chat, whose requests have no body."""

    __slots__ = ()
    in_place: Final = True

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a body that should not be there; raises `Unreadable`, `WireError` or `TooLarge`."""
        return replace(READER.read(body, content_type), stream=True)


YOU: Final = YouSearch("you-web", SHAPE, say, tested="replica")
