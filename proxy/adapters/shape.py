"""Declarative shapes of answers: where text stands in the events of a format, and which events end it.

Enters: what a format says of its events. Leaves: an `AnswerShape`. Formats whose events mean something only after those
before them, or that have a framing of their own, build on `Shape` instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.adapters.interface import AnswerShape, Slot
from proxy.adapters.pointer import Steps, pointer, replace
from proxy.framing.events import Framer, framer_for

type Marks = Mapping[str, frozenset[Any]]
"""Pointers and the values, one of which must stand there; an empty set asks for anything but falsehood and absence."""


class Shape:
    """What most formats have in common: known framings, no memory, nothing opaque, no event that ends a text."""

    moved = False
    """No event leaves out what the one before it said."""

    def begin(self) -> AnswerShape:
        """Return itself: an event means the same wherever it stands."""
        return self

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of server-sent events or lines of JSON."""
        return framer_for(content_type)

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - what every shape is given
        """Return nothing."""
        return ()

    def missed(self) -> None:
        """Do nothing: no event says what another is."""

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return nothing: every text goes on to the end of the stream."""
        return ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return the event `like` with `text` on `channel`, and none of the other pieces that it carried."""
        pieces = self.slots("", like)
        others = {slot.path: "" for slot in pieces if not slot.whole}
        own = [slot for slot in pieces if slot.channel == channel]
        return "", replace(like, others | {slot.path: text for slot in own if slot.whole or slot is own[-1]})

    def settle(self, data: Any) -> Any:
        """Return the event itself."""
        return data

    def spare(self, data: Any) -> bool:  # noqa: ARG002 - as above
        """Return False: an event without text is one like any other."""
        return False

    def joined(self, data: Any) -> Any:
        """Return the answer itself: no text of it stands in pieces."""
        return data

    def opaque(self, value: Mapping[str, Any]) -> bool:  # noqa: ARG002 - as above
        """Return False: nothing is signed."""
        return False


@dataclass(frozen=True, slots=True)
class TextAt:
    """Where running text stands in an event."""

    path: str
    """A JSON pointer, in which `*` stands for any index of an array."""
    when: Marks = field(default_factory=dict)
    """What must hold of the event."""
    events: frozenset[str] = frozenset()
    """Names of the events; any without."""
    whole: bool = False
    """Whether the text so far is repeated each time."""
    json: bool = False
    """Whether the text is JSON."""
    channel: str = ""
    """Name of a text that goes on over several such places; empty where each place has its own."""


@dataclass(frozen=True, slots=True)
class PathShape(Shape):
    """A format in which text stands at fixed places."""

    texts: tuple[TextAt, ...]
    ends: tuple[Marks, ...] = ()
    """An event for which all of one of these holds is the last of every text."""
    end_events: frozenset[str] = frozenset()
    """Names of events that are the last."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text in an event; without its name, as if it had the right one."""
        return [
            Slot(text.channel or f"{place}:{pointer(path)}", path, value, text.json, text.whole)
            for place, text in enumerate(self.texts)
            if (not text.events or not event or event in text.events) and holds(data, text.when)
            for path, value in find(data, text.path)
            if isinstance(value, str)
        ]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return every channel, with the event that ends the answer."""
        ended = event in self.end_events or any(holds(data, marks) for marks in self.ends)
        return open_channels if ended else ()


def holds(data: Any, marks: Marks) -> bool:
    """Return whether each pointer of `marks` leads to one of its values, or where it has none, to anything true.

    What is not there counts as None.
    """
    return all(
        any(fits(value, wanted) for value in [each for _, each in find(data, path)] or [None])
        for path, wanted in marks.items()
    )


def fits(value: Any, wanted: frozenset[Any]) -> bool:
    """Return whether `value` is one of `wanted`, or true where nothing is."""
    if not wanted:
        return bool(value)
    return isinstance(value, str | int | bool | None) and value in wanted


NO: Final = object()
"""What is not there."""


def find(data: Any, path: str) -> Iterator[tuple[Steps, Any]]:
    """Yield place and value of all that the pointer `path` leads to."""
    found: list[tuple[Steps, Any]] = [((), data)]
    for step in path.split("/")[1:]:
        if step == "*":
            found = [
                ((*at, index), child)
                for at, value in found
                if isinstance(value, list)
                for index, child in enumerate(value)
            ]
        else:
            found = [((*at, key), child) for at, value in found for key, child in entry(value, step)]
    yield from found


def entry(value: Any, step: str) -> Iterator[tuple[str | int, Any]]:
    """Yield key and value of the entry `step` of an object, or of that number of an array, if it is there."""
    if isinstance(value, dict):
        if (child := value.get(step, NO)) is not NO:
            yield step, child
    elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        yield int(step), value[int(step)]
