"""Placeholders back to originals in answers: whole ones, and streamed ones event by event.

Enters: what the service answered. Leaves: the same, restored as `restore_text` restores a text, each channel of a
stream being one text. What a channel holds back goes out before the event that closes it. Objects that the format calls
opaque pass as they are. Never lost: an answer that cannot be read passes unchanged.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from detectors.redact import OPENING
from proxy.adapters.interface import AnswerShape, Slot
from proxy.adapters.pointer import Steps, look, replace, walk
from proxy.answers.restore_text import Lookup, TextRestorer, restore_text
from proxy.answers.thoughts import Hearing
from proxy.errors import SluiceError, TooLarge, WireError
from proxy.framing.events import Frame
from proxy.wire import json_text

SIGNS: Final = re.compile(r"(?:[\[［【]|\\u(?:ff3b|3010))[a-z][a-z0-9_\\\s]{9}", re.IGNORECASE)
"""How a placeholder begins in JSON, however it is written."""
MAY_BEGIN: Final = re.compile(
    r"""(?x) [［【\[\\]  # one class in front, so that all other characters are passed at once
    (?: (?<=[［【])
      | (?<=\[) (?! [\s\[\]{\-0-9] | "(?![,}\]:\s]|\Z) | (?:true|false|null)\s*[,\]] )
      | (?<=\\) (?: \\ | u(?:[Ff]{2}3[Bb]|3010|005[BbCc]) )
    )"""
)
"""Signs in JSON with which a placeholder may begin, however it is written: brackets of no array, backslashes."""
DONE: Final = "[DONE]"
"""What ends many streams, and is no JSON."""
UNREAD: Final = 1 << 20
"""Characters of events that are kept before they are read."""
PLAIN: Final = frozenset({"", "text/plain", "text/markdown"})
"""Types of a whole answer that is restored as running text; in HTML or a script a value could become code."""


@dataclass(slots=True)
class Channel:
    """One running text of a stream."""

    text: TextRestorer
    event: Any = field(default=None, repr=False)
    """The last event that carried a piece of it, restored."""
    name: str = ""
    """That event's name."""
    repeated: str | None = field(default=None, repr=False)
    """The text of the last event, where each event repeats the whole text so far."""
    said: str = field(default="", repr=False)
    """The same, restored."""

    def take(self, slot: Slot, lookup: Lookup) -> str:
        """Return what can be said in place of a piece of the text."""
        if not slot.whole:
            self.repeated = None
            return self.text.feed(slot.text)
        if self.repeated is None or not slot.text.startswith(self.repeated):
            counted = self.text.restored
            self.text, self.repeated, self.said = TextRestorer(lookup, slot.json), "", ""
            self.text.restored = counted
        self.said += self.text.feed(slot.text[len(self.repeated) :])
        self.repeated = slot.text
        return self.said

    def rest(self) -> str:
        """Return what is held back, now that no more text will come."""
        left = self.text.flush()
        self.said += left
        return left


class StreamRestorer:
    """Restores one streamed answer, given in chunks cut anywhere.

    While nothing is held back, an event in which no placeholder may begin goes on as it came. It is read later, if one
    does: what it says decides where the placeholder stands. Most answers are never read.
    """

    def __init__(self, shape: AnswerShape, content_type: str, lookup: Lookup, hearing: Hearing | None = None) -> None:
        """Start a stream of `content_type`; one that has no frames is restored as one running text.

        `hearing` is told of each frame as it came.
        """
        self.hearing = hearing
        self.shape = shape.begin()
        self.lookup = lookup
        self.framer = self.shape.framer(content_type)
        self.channels: dict[str, Channel] = {}
        self.text = TextRestorer(lookup)
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.passing = False
        self.elsewhere = 0
        self.holding = False
        self.unread: list[Frame] = []
        self.unread_size = 0

    @property
    def restored(self) -> int:
        """How many placeholders have been restored so far."""
        return self.elsewhere + self.text.restored + sum(one.text.restored for one in self.channels.values())

    def feed(self, chunk: bytes) -> bytes:
        """Return what can go on once `chunk` has come."""
        if self.passing:
            return chunk
        if self.framer is None:
            return encoded(self.text.feed(self.decoder.decode(chunk)))
        done: list[bytes] = []
        try:
            for frame in self.framer.feed(chunk):
                done.append(self.frame(frame))  # noqa: PERF401 - what was done before an error must stay
        except TooLarge:  # an answer is never lost: what cannot be framed passes unrestored from here on
            self.passing = True
            done += [self.flush(), self.framer.rest()]
        return b"".join(done)

    def end(self) -> bytes:
        """Return what is left when the stream has ended."""
        if self.passing:
            return b""
        if self.framer is None:
            return encoded(self.text.feed(self.decoder.decode(b"", final=True)) + self.text.flush())
        frames = self.framer.end()
        last = b"".join(self.frame(frame) for frame in frames if is_whole(frame))
        left = self.flush()
        cut = b"".join(frame.raw for frame in frames if not is_whole(frame))  # nothing could be read behind it
        return last + (b"\n\n" if last and left else b"") + left + cut

    def frame(self, frame: Frame) -> bytes:
        """Return one frame restored, and before it what its channels still held."""
        if frame.data is None:
            return frame.raw
        if self.hearing is not None:
            self.hearing.frame(frame)
        if not (self.holding or self.shape.moved) and (
            frame.data.strip() == DONE or MAY_BEGIN.search(frame.data) is None
        ):
            self.unread.append(frame)
            self.unread_size += len(frame.data)
            if self.unread_size > UNREAD:
                self.catch_up()
            return frame.raw
        self.catch_up()
        read = self.read(frame, frame.data)
        self.holding = any(channel.text.held for channel in self.channels.values())
        return read

    def catch_up(self) -> None:
        """Read what has gone on as it came, for what it says of places: all that each channel said at once.

        Nothing is held back in it and nothing restored, so that no event of it is written, nor like it another one.
        """
        said: dict[str, list[str]] = {}
        for frame in self.unread:
            try:
                data = json_text.parse((frame.data or "").encode("utf-8"))
            except SluiceError:
                self.miss(frame.data or "")
                continue
            for slot in self.shape.slots(frame.event, data):
                channel = self.channels.setdefault(slot.channel, Channel(TextRestorer(self.lookup, slot.json)))
                if slot.whole:
                    channel.text.feed("".join(said.pop(slot.channel, ())))
                    channel.take(slot, self.lookup)
                else:
                    channel.repeated = None
                    said.setdefault(slot.channel, []).append(slot.text)
        for name, pieces in said.items():
            self.channels[name].text.feed("".join(pieces))
        self.unread, self.unread_size = [], 0

    def miss(self, said: str) -> None:
        """Take note of an event that cannot be read; one without data reaches no client."""
        if said:
            self.shape.missed()

    def read(self, frame: Frame, said: str) -> bytes:
        """Return one frame whose data is `said`, restored, and before it what its channels still held."""
        try:
            data = json_text.parse(said.encode("utf-8"))
        except SluiceError:
            self.miss(said)
            says = said.lstrip()[:1] in ("{", "[", '"')  # the end, or one that clients may read all the same
            return self.flush() + frame.raw if says else frame.raw
        slots = self.shape.slots(frame.event, data)
        here: dict[str, Steps] = {}
        changes: dict[Steps, str] = {}
        for slot in slots:
            channel = self.channels.setdefault(slot.channel, Channel(TextRestorer(self.lookup, slot.json)))
            channel.name = frame.event
            here[slot.channel] = slot.path
            changes[slot.path] = channel.take(slot, self.lookup)
        closing = self.shape.closes(frame.event, data, tuple(self.channels))
        for name in here.keys() & closing:
            changes[here[name]] += self.channels[name].rest()
        before = self.flush([name for name in closing if name not in here])
        if SIGNS.search(said):  # cheap, and false for nearly every event
            for path, text, count in restore_strings(data, self.shape, self.lookup):
                if path not in changes:
                    changes[path] = text
                    self.elsewhere += count
        restored = changed(data, changes)
        if self.shape.moved:
            restored = self.shape.settle(restored)
        for name in here:
            self.channels[name].event = restored
        if self.shape.spare(data) and any(slot.text for slot in slots) and not any(changes.values()):
            return before  # all of it is held back
        return before + (frame.raw if restored is data else frame.with_data(json_text.dump(restored).decode("utf-8")))

    def flush(self, names: Sequence[str] | None = None) -> bytes:
        """Return events that carry what the channels `names` (or all) still hold."""
        assert self.framer is not None
        made: list[bytes] = []
        for name in self.channels if names is None else names:
            channel = self.channels[name]
            if left := channel.rest():
                text = left if channel.repeated is None else channel.said
                event, data = self.shape.carry(name, text, channel.event)
                if channel.repeated is not None:
                    self.share(channel.event, data)
                made.append(self.framer.make(event or channel.name, json_text.dump(data).decode("utf-8")))
        return b"".join(made)

    def share(self, old: Any, new: Any) -> None:
        """Let every channel whose last event is `old` go on from `new`, so that none undoes what another restored."""
        for channel in self.channels.values():
            if channel.event is old:
                channel.event = new


def is_whole(frame: Frame) -> bool:
    """Whether the last frame of a stream is an event, and not what is left of one that broke off."""
    if frame.data is None:
        return False
    try:
        json_text.parse(frame.data.encode("utf-8"))
    except SluiceError:
        return frame.data.strip() == DONE
    return True


def restore_body(
    body: bytes, content_type: str, shape: AnswerShape, lookup: Lookup, hearing: Hearing | None = None
) -> tuple[bytes, int]:
    """Return a whole answer restored, and how many placeholders were; what cannot be read comes back as it was."""
    kind = media_type(content_type)
    if shape.framer(content_type) is not None:
        stream = StreamRestorer(shape, content_type, lookup, hearing)
        return stream.feed(body) + stream.end(), stream.restored
    if hearing is not None:
        hearing.body(body)
    try:
        return restore_json(body, shape, lookup)
    except SluiceError:
        pass
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body, 0
    if kind not in PLAIN and "json" not in kind:
        return body, 0
    restored, count = restore_text(text, lookup)
    return encoded(restored), count


def restore_json(body: bytes, shape: AnswerShape, lookup: Lookup) -> tuple[bytes, int]:
    """Return a JSON answer restored; raises `WireError` or `TooLarge` where it is not strict JSON.

    One in which no placeholder may begin is not read.
    """
    if MAY_BEGIN.search(body.decode("utf-8", "replace")) is None:
        return body, 0
    value = shape.joined(json_text.parse(body))
    found = list(restore_strings(value, shape, lookup, keys=True))
    if not found:
        return body, 0
    try:
        changed = replace(value, {path: text for path, text, _ in found})
    except WireError:  # two keys would become one, and the client would lose an entry
        found = list(restore_strings(value, shape, lookup))
        changed = replace(value, {path: text for path, text, _ in found})
    return json_text.dump(changed), sum(count for _, _, count in found)


def restore_strings(
    value: Any, shape: AnswerShape, lookup: Lookup, *, keys: bool = False
) -> Iterator[tuple[Steps, str, int]]:
    """Yield path, restored text and number of placeholders of each string that holds one, outside opaque objects."""
    for leaf in walk(value, skip=lambda _, entries: shape.opaque(entries), layers=0):
        if any(sign in leaf.text for sign in OPENING) and (keys or leaf.kind != "key"):
            text, count = restore_text(leaf.text, lookup)
            if count:
                yield leaf.path, text, count


def changed(data: Any, changes: Mapping[Steps, str]) -> Any:
    """Return `data` with those of `changes` that change anything; itself if none does."""
    return replace(data, {path: text for path, text in changes.items() if look(data, path) != text})


def media_type(content_type: str) -> str:
    """Return a media type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def encoded(text: str) -> bytes:
    """Return `text` as the bytes it came in."""
    return text.encode("utf-8", "surrogateescape")
