"""Server-sent events whose data is plain text, and no JSON: each is shown as the JSON string that stands for it.

Enters: chunks of an event stream. Leaves: frames whose raw bytes, joined, are the input to the last byte; the data of
events with one name is a JSON string, that of all others is left as it is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from proxy.framing.events import Frame, SseFramer


@dataclass(frozen=True, slots=True)
class WordFrame:
    """One event of plain text."""

    inner: Frame = field(repr=False)

    @property
    def raw(self) -> bytes:
        """All its bytes."""
        return self.inner.raw

    @property
    def event(self) -> str:
        """Its name."""
        return self.inner.event

    @property
    def data(self) -> str | None:
        """Its text as a JSON string."""
        return None if self.inner.data is None else json.dumps(self.inner.data, ensure_ascii=False)

    def with_data(self, data: str) -> bytes:
        """Return the event with another text, given as a JSON string."""
        return self.inner.with_data(str(json.loads(data)))


class WordFramer(SseFramer):
    """Cuts a stream in which events named `event` are plain text."""

    def __init__(self, event: str) -> None:
        """Start a stream."""
        super().__init__()
        self.name = event

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the events that `chunk` completes; raises `TooLarge` after the last good one."""
        return map(self.shown, super().feed(chunk))

    def end(self) -> list[Frame]:
        """Return the last event if no blank line ended it."""
        return [self.shown(frame) for frame in super().end()]

    def shown(self, frame: Frame) -> Frame:
        """Return a frame as it is, or its text as a JSON string."""
        return WordFrame(frame) if frame.event == self.name else frame

    def make(self, event: str, data: str) -> bytes:
        """Return a new event."""
        return super().make(event, str(json.loads(data)) if event == self.name else data)
