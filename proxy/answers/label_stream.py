"""Adds the policy's words to an answer whose end is described as data, whole, streamed or sent on a WebSocket.

Enters: an answer as the client would get it, whole or in chunks, and the words. Leaves: the same with the words at the
end of what a person reads, wherever the format tells that. What ends a text is held until it is seen whether the answer
is over, a few events at most. An answer that cannot be read passes as it came; nothing is ever lost.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.adapters.interface import AnswerShape, Slot
from proxy.adapters.pointer import Steps, look, replace
from proxy.answers.label_ends import Ending
from proxy.errors import SluiceError, TooLarge
from proxy.framing.events import Frame, Framer
from proxy.internal.translate import GAP
from proxy.wire import json_text

MOST_HELD: Final = 8
"""Events."""


@dataclass(slots=True)
class FramedLabeller(ABC):
    """Labels one answer; feed it every chunk in order, then end it."""

    shape: AnswerShape
    words: str = field(repr=False)
    framer: Framer = field(repr=False)
    labelled: bool = False
    passing: bool = False
    """Whether the stream cannot be framed any more, and passes."""

    def feed(self, chunk: bytes) -> bytes:
        """Return what can go on once `chunk` has come."""
        if self.passing:
            return chunk
        done: list[bytes] = []
        try:
            for frame in self.framer.feed(chunk):
                done.append(self.frame(frame))  # noqa: PERF401 - what was done before an error must stay
        except TooLarge:
            self.passing = True
            done += [self.release(), self.framer.rest()]
        return b"".join(done)

    def end(self) -> bytes:
        """Return what is left when the answer has ended, however it ended."""
        if self.passing:
            return b""
        return b"".join(map(self.frame, self.framer.end())) + self.release()

    @abstractmethod
    def frame(self, frame: Frame) -> bytes:
        """Return one frame, and before it what belongs there."""

    @abstractmethod
    def release(self) -> bytes:
        """Return what is held back."""


@dataclass(slots=True)
class EndLabeller(FramedLabeller):
    """Labels an answer whose end is described as data."""

    ending: Ending = field(kw_only=True)
    called: bool = False
    """Whether a tool was called."""
    channel: str = ""
    """The text that was said last, of those that a person reads."""
    event: str = ""
    like: Any = field(default=None, repr=False)
    """Name and data of the event that said it."""
    so_far: str | None = field(default=None, repr=False)
    """All of it, where each event tells it anew."""
    held: list[tuple[Frame, Any, Any]] = field(default_factory=list, repr=False)
    """Events that wait for what comes, each with its data, and with its data as it must read behind the words."""

    def frame(self, frame: Frame) -> bytes:
        """Return one frame, and before it what belongs there."""
        if frame.data is None:
            return self.release() + frame.raw
        try:
            data = json_text.parse(frame.data.encode("utf-8"))
        except SluiceError:
            return self.release() + frame.raw
        slots = self.shape.slots(frame.event, data)
        if self.labelled:
            return self.written(frame, data, [slot for slot in slots if slot.whole and slot.channel == self.channel])
        self.called |= self.ending.calling(data) or any(slot.json and slot.text for slot in slots)
        here = [slot for slot in slots if self.ending.said.fullmatch(slot.channel)]
        if self.ending.over(self.shape, frame.event, data):
            return self.finish(frame, data, here)
        if self.ending.waits(frame.event, data) or (self.held and not any(slot.text for slot in slots)):
            self.held.append((frame, data, self.shape.settle(data)))
            return self.release() if len(self.held) > MOST_HELD or self.called else b""
        self.remember(frame.event, data, here)
        return self.release() + frame.raw

    def remember(self, event: str, data: Any, here: Iterable[Slot]) -> None:
        """Take note of what is said last."""
        for slot in here:
            if slot.text:
                self.channel, self.event, self.like = slot.channel, event, data
                self.so_far = slot.text if slot.whole else None

    def finish(self, frame: Frame, data: Any, here: list[Slot]) -> bytes:
        """Return the event that ends the answer, with the words in it or before it."""
        spoken = [slot for slot in here if slot.text or slot.channel == self.channel]
        if self.called or not (self.channel or spoken):
            return self.release() + frame.raw
        self.labelled = True
        if spoken:
            self.channel = spoken[-1].channel
            return self.release() + self.written(frame, data, spoken[-1:])
        text = self.added(self.so_far or "")
        name, made = self.shape.carry(self.channel, text, self.like)
        before = self.framer.make(name or self.event, json_text.dump(made).decode("utf-8"))
        return before + self.release() + self.written(frame, data, (), self.shape.settle(data))

    def written(self, frame: Frame, data: Any, slots: Iterable[Slot], settled: Any = None) -> bytes:
        """Return a frame with the words behind these texts, and wherever else it tells the answer."""
        told = data if settled is None else settled
        changes: dict[Steps, str] = {slot.path: self.added(slot.text or self.so_far or "") for slot in slots}
        changes |= {
            path: self.added(str(look(data, path))) for path in self.ending.repeats(data) if path not in changes
        }
        if not changes and told is data:
            return frame.raw
        return frame.with_data(json_text.dump(replace(told, changes)).decode("utf-8"))

    def added(self, text: str) -> str:
        """Return a text with the words behind it."""
        return text + GAP + self.words

    def release(self) -> bytes:
        """Return what is held back; with the words, where the answer has turned out to be over."""
        held, self.held = self.held, []
        return b"".join(
            self.written(frame, data, (), told) if self.labelled else frame.raw for frame, data, told in held
        )


def label_answer(body: bytes, shape: AnswerShape, ending: Ending, words: str) -> tuple[bytes, bool]:
    """Return a whole answer with `words` at the end of its text, and whether it has them."""
    try:
        answer = json_text.parse(body)
        places = list(ending.whole(answer) if ending.whole else at_once(answer, shape.begin(), ending))
        if not places or ending.calling(answer):
            return body, False
        return json_text.dump(replace(answer, {path: f"{look(answer, path)}{GAP}{words}" for path in places})), True
    except SluiceError:
        return body, False


def at_once(answer: Any, shape: AnswerShape, ending: Ending) -> Iterable[Steps]:
    """Yield the last text of an answer that is like the one event of a stream."""
    said = [slot.path for slot in shape.slots("", answer) if slot.text and ending.said.fullmatch(slot.channel)]
    if ending.over(shape, "", answer):
        yield from said[-1:]
