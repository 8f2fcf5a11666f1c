"""Bodies of requests and answers as masked text. Pure.

Enters: bytes as they came, content-decoded, with their type. Leaves: a body of the same form without its words, or None
where nothing here can read it; then nothing of it is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final
from urllib.parse import quote_plus

from proxy.adapters.forms import FORM, parse_form
from proxy.adapters.multipart import Section, boundary_of, encode, parse_multipart
from proxy.capture.mask import CARD, PERSON, Masker, inner_value, shape_of
from proxy.errors import SluiceError, WireError
from proxy.framing.array import ArrayFramer, ElementFrame
from proxy.framing.coded import END, MARKS, CodedFrame, CodedFramer, coded, decoded
from proxy.framing.connect import HEAD, LAST, ConnectFrame, ConnectFramer
from proxy.framing.events import Frame, Framer, LineFramer, SseFrame, SseFramer, cut_lines, framer_for, split_field
from proxy.framing.message import MESSAGES, NUMBERS, SEPARATOR
from proxy.framing.units import GUARD, UnitFrame, UnitFramer
from proxy.wire import json_text

CONNECT: Final = "application/connect+json"
UPLOAD: Final = "multipart/form-data"
BOUNDARY: Final = "sluice"
"""Stands for any boundary of an upload."""
BINARY: Final = "BINARY"
"""Stands for bytes that are no text; the tables put a picture's beginning in its place."""
PICTURE: Final = b"\x89PNG\r\n\x1a\n\x00\xff"
SID: Final = "<sid>"
"""How an event in a stream of base64 ends that tells the turn's name."""
HIGH: Final = 0x80
"""Bytes from which a length is no ASCII, and so no text in a table."""


@dataclass(frozen=True, slots=True)
class Body:
    """A masked body, and where the marker stands in it."""

    text: str
    pointers: tuple[str, ...]
    """JSON pointers, `#` for JSON inside a string; the names of a form's fields are pointers, too."""
    type: str = ""
    """The media type with which the tables must give it; empty for the one it came with."""

    @property
    def content(self) -> bytes:
        """The bytes that the tables make of it."""
        if not self.type.startswith(UPLOAD):
            return self.text.encode()
        return self.text.replace("\n", "\r\n").encode().replace(BINARY.encode(), PICTURE)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream, read."""

    frame: Frame
    value: Any
    is_json: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A masked stream, and what was said in it."""

    text: str
    places: tuple[str, ...]
    """Names of the fields in which the marker came back."""
    texts: tuple[str, ...]
    """Everything said in these fields."""


def request_body(body: bytes, content_type: str, masker: Masker) -> Body | None:
    """Return a request's body masked; None where it cannot be read."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == FORM:
            fields = masked_value(parse_form(body), masker)
            pairs = [pair for one in fields for pair in one.items()]
            text = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
            return Body(text, tuple(chain.from_iterable(map(pointers, fields))))
        if kind == UPLOAD:
            return upload_body(parse_multipart(body, boundary_of(content_type)), masker)
        if kind == MESSAGES:
            return message_body(body, masker)
        if kind == CONNECT:
            (frame,) = ConnectFramer().feed(body)
            value = masked_value(json_text.parse((frame.data or "").encode()), masker)
            return Body(written_anew(Event(frame, value, is_json=True), value, masker), tuple(pointers(value)))
        value = masked_value(json_text.parse(body), masker)
        return Body(json_text.dump(value).decode(), tuple(pointers(value)))
    except (SluiceError, ValueError):  # the latter: not one envelope
        return None


def upload_body(sections: Sequence[Section], masker: Masker) -> Body:
    """Return an upload masked, its line ends as the tables write them."""
    lines: list[str] = []
    places: list[str] = []
    for section in sections:
        told = dict(section.parameters)
        name, file = masker.name(told.get("name", "")), told.get("filename", told.get("filename*"))
        head = f"Content-Disposition: form-data{encode('name', name)}"
        head += encode("filename", shape_of(file)) if file is not None else ""
        kind = f"\nContent-Type: {masker.word(section.content_type.partition(';')[0])}" if section.content_type else ""
        content, found = section_text(section.content, name, masker)
        lines.append(f"--{BOUNDARY}\n{head}{kind}\n\n{content}\n")
        places += found
    return Body("".join(lines) + f"--{BOUNDARY}--\n", tuple(places), f"{UPLOAD}; boundary={BOUNDARY}")


def section_text(content: bytes, name: str, masker: Masker) -> tuple[str, list[str]]:
    """Return a section of an upload masked, and where the marker stands in it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return BINARY, []
    value = masked_value({name: text}, masker)
    return next(iter(value.values())).replace("\r\n", "\n"), pointers(value)


def message_body(body: bytes, masker: Masker) -> Body:
    """Return a message of a WebSocket masked: JSON, behind numbers or in records; raises `WireError` or `TooLarge`."""
    numbers = NUMBERS.match(body)
    before = numbers[0] if numbers else b""
    records = [record for record in body[len(before) :].split(SEPARATOR) if record]
    values = [masked_value(json_text.parse(record), masker) for record in records]
    if not values:
        raise WireError("a message without a record")
    end = SEPARATOR.decode() if SEPARATOR in body else ""
    text = shape_of(before.decode()) + "".join(json_text.dump(value).decode() + end for value in values)
    return Body(text, tuple(pointers(values if end else values[0])), "application/json")


def messages_as_lines(messages: Sequence[bytes]) -> bytes:
    """Return messages of a WebSocket as lines of JSON, one for each message or record; what is no JSON is left out."""
    lines: list[bytes] = []
    for message in messages:
        numbers = NUMBERS.match(message)
        for record in message[numbers.end() if numbers else 0 :].split(SEPARATOR):
            try:
                lines.append(json_text.dump(json_text.parse(record)) + b"\n")
            except SluiceError:
                continue
    return b"".join(lines)


def masked_value(value: Any, masker: Masker) -> Any:
    """Return a JSON value masked."""
    return masker.fill(value, masker.texts(masker.gather(value)))


def pointers(value: Any, at: str = "") -> list[str]:
    """Return where the marker stands in a JSON value."""
    match value:
        case dict():
            return [one for key, inner in value.items() for one in pointers(inner, f"{at}/{escaped(key)}")]
        case list():
            return [one for index, inner in enumerate(value) for one in pointers(inner, f"{at}/{index}")]
        case str() if PERSON in value:
            inner = inner_value(value)
            return [at] if inner is None else pointers(inner, f"{at}#")
        case _:
            return []


def escaped(key: str) -> str:
    """Return a key as RFC 6901 writes it."""
    return key.replace("~", "~0").replace("/", "~1")


def answer_body(body: bytes, content_type: str, masker: Masker) -> Told | None:
    """Return a streamed answer masked; None where it is no stream that can be read."""
    framer = framer_of(content_type, body)
    if framer is None:
        return None
    try:
        frames = cut(framer, body)
    except SluiceError:
        return None
    events = [event_of(frame) for frame in frames]
    pieces = [masker.gather(event.value, event.frame.event) for event in events]
    texts = masker.texts([*chain.from_iterable(pieces)])
    rest = iter(texts)
    written = [
        written_anew(event, masker.fill(event.value, [next(rest) for _ in own]), masker)
        for event, own in zip(events, pieces, strict=True)
    ]
    said = [(piece.name, text) for piece, text in zip(chain.from_iterable(pieces), texts, strict=True)]
    whole = {place: "".join(text for name, text in said if name == place) for place, _ in said}
    back = {name: text for name, text in whole.items() if PERSON in text or CARD in text}
    return Told("".join(written), tuple(masker.name(name) if name else "" for name in back), tuple(back.values()))


def framer_of(content_type: str, body: bytes) -> Framer | None:
    """Return what cuts an answer of this type; lines of JSON are often called JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == CONNECT:
        return ConnectFramer()
    if body.lstrip().startswith(GUARD):
        return UnitFramer()
    known = framer_for(content_type)
    if isinstance(known, SseFramer) and is_coded(body):
        return CodedFramer()
    if known is not None:
        return known
    if body.lstrip().startswith((b"data:", b"event:")):
        return SseFramer()
    if "json" in kind and body.lstrip().startswith(b"["):
        return ArrayFramer()
    lines = [line for line in body.splitlines() if line.strip()]
    return LineFramer() if "json" in kind and len(lines) > 1 and all(line[:1] == b"{" for line in lines) else None


def is_coded(body: bytes) -> bool:
    """Return whether the data of all events of a stream is a text in base64, or one of the marks between such."""
    said = [frame.data.strip() for frame in cut(SseFramer(), body) if frame.data and frame.data.strip()]
    texts = [one for one in said if decoded(one) is not None]
    return bool(texts) and all(MARKS.fullmatch(one) for one in said if decoded(one) is None)


def cut(framer: Framer, body: bytes) -> list[Frame]:
    """Return the frames of a whole body; raises `TooLarge`."""
    return [*framer.feed(body), *framer.end()]


def event_of(frame: Frame) -> Event:
    """Return the event of a frame, whose data is JSON or running text."""
    if frame.data is None:
        return Event(frame, None, is_json=False)
    try:
        return Event(frame, json_text.parse(frame.data.encode()), is_json=True)
    except SluiceError:
        return Event(frame, frame.data, is_json=False)


def written_anew(event: Event, value: Any, masker: Masker) -> str:
    """Return a frame with a masked value in it, and all else that it says masked."""
    data = json_text.dump(value).decode() if event.is_json else value
    match event.frame:
        case CodedFrame(inner=SseFrame() as frame):
            return "".join(sse_lines(frame, coded_anew(frame.data, value), masker))
        case SseFrame() as frame:
            return "".join(sse_lines(frame, data, masker))
        case ConnectFrame() as frame:
            return "" if data is None else enveloped(data, frame)
        case UnitFrame() as frame:
            whole = frame.raw if frame.raw == GUARD else frame.with_data(data) if event.is_json and data else b""
            return whole.decode("utf-8")
        case ElementFrame() as frame:
            between = shape_of(frame.raw[: frame.start].decode("utf-8", "replace"))
            return between + (data if event.is_json and data else shape_of(frame.raw.decode("utf-8", "replace")))
        case _:
            return f"{data or ''}\n"


def coded_anew(said: str | None, value: Any) -> str | None:
    """Return a masked text in base64 again, or the shape of a mark: what it is known by stays."""
    if said is None or decoded(said) is not None:
        return None if said is None else coded("".join(value.values()))
    mark = said.strip()
    kept = next((one for one in (END, SID) if mark.endswith(one)), "")
    return shape_of(mark.removesuffix(kept)) + kept


def sse_lines(frame: SseFrame, data: str | None, masker: Masker) -> Iterator[str]:
    """Yield the lines of a server-sent event, its data where it began."""
    waiting = data
    for line, ending in cut_lines(frame.raw):
        field, _, value = split_field(line)
        end = ending.decode()
        match field:
            case b"data":
                if waiting is not None:
                    yield from (f"data: {one}{end}" for one in waiting.split("\n"))
                    waiting = None
            case b"event":
                yield f"event: {masker.word(value.decode('utf-8', 'replace'))}{end}"
            case b"" | b"id" | b"retry" if line:
                yield f"{field.decode()}: {shape_of(value.decode('utf-8', 'replace'))}{end}"
            case _:
                yield shape_of(line.decode("utf-8", "replace")) + end


def enveloped(message: str, frame: ConnectFrame) -> str:
    """Return a message in its envelope, with blanks after it until the length is ASCII."""
    size = len(message.encode())
    while any(byte >= HIGH for byte in size.to_bytes(HEAD - 1)):
        size += 1
    padding = " " * (size - len(message.encode()))
    return (bytes([frame.raw[0] & LAST]) + size.to_bytes(HEAD - 1)).decode("ascii") + message + padding
