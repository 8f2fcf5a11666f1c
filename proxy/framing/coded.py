"""Server-sent events whose data is a text in base64: each is shown as a JSON object that holds the text.

Enters: chunks of an event stream. Leaves: frames whose raw bytes, joined, are the input to the last byte; data in
base64 is shown as `{"text": …}`, `<end>` as `{"end": …}`, and all else as `{"mark": …}`. Text that is changed goes out
in base64 again; nothing but text can be changed.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final

from proxy.framing.events import Frame, Shown, ShownFramer

END: Final = "<end>"
MARKS: Final = re.compile(r"<.*>|.*<sid>|\[.*\]", re.DOTALL)
"""What is no text: the end, the turn's name, errors."""


@dataclass(frozen=True, slots=True)
class CodedFrame(Shown):
    """One event of a text in base64."""

    @property
    def data(self) -> str | None:
        """What it holds, as a JSON object; none for an event without data."""
        said = self.inner.data
        if said is None:
            return None
        text = decoded(said)
        kind = "text" if text is not None else "end" if said.strip() == END else "mark"
        return json.dumps({kind: said if text is None else text}, ensure_ascii=False)

    def with_data(self, data: str) -> bytes:
        """Return the event with another text, given as the JSON object that holds it."""
        held = json.loads(data)
        return self.inner.with_data(coded(held["text"])) if "text" in held else self.raw


class CodedFramer(ShownFramer):
    """Cuts a stream whose data is base64."""

    def shown(self, frame: Frame) -> Frame:
        """Return a frame as the JSON object that stands for it."""
        return CodedFrame(frame)

    def make(self, event: str, data: str) -> bytes:
        """Return a new event of the text in the JSON object `data`."""
        return super().make(event, coded(str(json.loads(data)["text"])))


def decoded(said: str) -> str | None:
    """Return the text that base64 says, padded or not; none for what is no text in base64."""
    bare = said.strip()
    if not bare or MARKS.fullmatch(bare):
        return None
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def coded(text: str) -> str:
    """Return a text in base64."""
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
