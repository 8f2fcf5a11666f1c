"""Answers in a format that nobody announced: running text where the formats that many services share have it.

Enters: events of an unknown stream. Leaves: the pieces of text that look like one of the known shapes; whatever else an
event holds is restored string by string, if its placeholders are complete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.anthropic_messages import MessagesShape
from proxy.adapters.interface import AnswerShape, Slot
from proxy.adapters.openai.shapes import CompletionShape, DeltaShape, RunShape
from proxy.adapters.openai_chat import ChatShape
from proxy.adapters.shape import Shape

KNOWN: Final[tuple[AnswerShape, ...]] = (ChatShape(), MessagesShape(), DeltaShape(), CompletionShape(), RunShape())


class AnyShape(Shape):
    """What is known of an unknown format."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text that the first known shape sees which sees any."""
        for number, shape in enumerate(KNOWN):
            if found := shape.slots(event, data):
                return [replace(slot, channel=f"{number}|{slot.channel}") for slot in found]
        return ()

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return what each shape's own events close."""
        done: list[str] = []
        for number, shape in enumerate(KNOWN):
            mine = [name.partition("|")[2] for name in open_channels if name.startswith(f"{number}|")]
            done += [f"{number}|{name}" for name in shape.closes(event, data, mine)] if mine else []
        return done

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return the event that the channel's shape makes."""
        number, _, name = channel.partition("|")
        return KNOWN[int(number)].carry(name, text, like)

    def opaque(self, value: Mapping[str, Any]) -> bool:  # noqa: ARG002 - what every shape is given
        """Return False: an unknown format names nothing signed."""
        return False
