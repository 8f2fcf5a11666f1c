"""Writes an answer in a form described as data: how a piece of text, the end of a stream and a whole answer look.

Neutral events go in, bytes come out at once. A form says values, and how a stream frames them; calls of tools come with
the end, as of all that build on `GatheringWriter`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.vendors.gather import Call, GatheringWriter
from proxy.internal.answer import Failed, Reason
from proxy.wire.json_text import dump

WORDS: Final[Mapping[Reason, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
}


def sse(_number: int, value: Any) -> bytes:
    """Return a value as an event without a name."""
    return b"data: " + dump(value) + b"\n\n"


def line(_number: int, value: Any) -> bytes:
    """Return a value as a line."""
    return dump(value) + b"\n"


def nothing(_writer: "PlainWriter") -> Sequence[Any]:
    """Return no event."""
    return ()


@dataclass(frozen=True, slots=True)
class Form:
    """How one format tells an answer."""

    piece: Callable[["PlainWriter", str], Any]
    """The event with one more piece of text."""
    ends: Callable[["PlainWriter"], Sequence[Any]]
    """The events that end a stream."""
    whole: Callable[["PlainWriter"], Any]
    """The answer at once."""
    failed: Callable[["PlainWriter", str], Any]
    """What tells a failure, as an event or as the whole answer."""
    begins: Callable[["PlainWriter"], Sequence[Any]] = nothing
    """The events that begin a stream."""
    frame: Callable[[int, Any], bytes] = sse
    """Makes bytes of an event, given its number, from 0."""
    frame_failed: Callable[[int, Any], bytes] | None = None
    """Makes bytes of the event that tells a failure, where it is framed in another way."""
    streamed: str = "text/event-stream; charset=utf-8"
    """Type of a streamed answer."""
    done: bytes = b""
    """What closes a stream that ended as it should."""


class PlainWriter(GatheringWriter):
    """Writes one answer."""

    def __init__(self, form: Form, *, stream: bool, model: str, answer_id: str, now: int) -> None:
        """`form` says how; `now` is the time in seconds since 1970."""
        super().__init__(stream=stream, model=model, answer_id=answer_id)
        self.form = form
        self.now = now
        self.streamed = form.streamed
        self.number = 0
        """How many events are out."""

    def begin(self) -> bytes:
        """Return what opens a stream."""
        return self.events(self.form.begins(self))

    def piece(self, text: str) -> bytes:
        """Return the event with one more piece of text."""
        return self.events([self.form.piece(self, text)])

    def finish(self) -> bytes:
        """Return the events that end a stream, with the calls of tools."""
        return self.events(self.form.ends(self))

    def close(self) -> bytes:
        """Return what closes a stream that did not fail."""
        return b"" if isinstance(self.last, Failed) else self.form.done

    def failed(self, message: str) -> bytes:
        """Return a failure, as an event of the stream or as the whole answer."""
        value = self.form.failed(self, message)
        return (self.form.frame_failed or self.form.frame)(self.number, value) if self.stream else dump(value)

    def whole(self) -> bytes:
        """Return the answer at once."""
        return dump(self.form.whole(self))

    def events(self, values: Sequence[Any]) -> bytes:
        """Return values as events."""
        out = [self.form.frame(number, value) for number, value in enumerate(values, self.number)]
        self.number += len(values)
        return b"".join(out)

    @property
    def called(self) -> list[Call]:
        """The calls of tools, in order."""
        return [one for _, one in sorted(self.calls.items())]

    def reason(self, words: Mapping[Reason, str] | None = None, stopped: str = "") -> str:
        """Return why the answer ended, in a format's words; `stopped` is that for one of the client's own stops."""
        end = self.finished
        if stopped and end.stop_sequence is not None:
            return stopped
        return (words or WORDS)[end.reason]
