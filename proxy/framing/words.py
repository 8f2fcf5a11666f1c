"""Server-sent events whose data is plain text, and no JSON: each is shown as the JSON string that stands for it.

Enters: chunks of an event stream. Leaves: frames whose raw bytes, joined, are the input to the last byte; the data of
events with one name is a JSON string, that of all others is left as it is.
"""

import json
from dataclasses import dataclass

from proxy.framing.events import Frame, Shown, ShownFramer


@dataclass(frozen=True, slots=True)
class WordFrame(Shown):
    """One event of plain text."""

    @property
    def data(self) -> str | None:
        """Its text as a JSON string."""
        return None if self.inner.data is None else json.dumps(self.inner.data, ensure_ascii=False)

    def with_data(self, data: str) -> bytes:
        """Return the event with another text, given as a JSON string."""
        return self.inner.with_data(str(json.loads(data)))


class WordFramer(ShownFramer):
    """Cuts a stream in which events named `event` are plain text."""

    def __init__(self, event: str) -> None:
        """Start a stream."""
        super().__init__()
        self.name = event

    def shown(self, frame: Frame) -> Frame:
        """Return a frame as it is, or its text as a JSON string."""
        return WordFrame(frame) if frame.event == self.name else frame

    def make(self, event: str, data: str) -> bytes:
        """Return a new event."""
        return super().make(event, str(json.loads(data)) if event == self.name else data)
