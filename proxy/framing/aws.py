"""Cut AWS event streams (`application/vnd.amazon.eventstream`) into messages, and make new ones.

Enters: chunks of bytes, cut anywhere. Leaves: frames whose raw bytes, joined, are the input to the last byte. A message
has a prelude of two lengths, headers, a payload, and a CRC-32 each over the prelude and over the whole; one whose sums
hold is data, and is written anew with new lengths and sums. A model's own answer comes as base64 within the payload:
then the data is what that holds, JSON or text. Bytes after a prelude whose sum does not hold pass as they came, for
nothing says where the next message begins. A message over the limit raises `TooLarge`.
"""

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from zlib import crc32

from proxy.errors import SluiceError, TooLarge
from proxy.framing.events import LIMIT, Frame, decoded
from proxy.wire import json_text

MEDIA_TYPE: Final = "application/vnd.amazon.eventstream"
PRELUDE: Final = struct.Struct(">III")
SUM: Final = struct.Struct(">I")
LEAST: Final = PRELUDE.size + SUM.size
STRING: Final = 7
FIXED: Final[Mapping[int, int]] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of the values of headers whose type says how long they are."""
MEASURED: Final = frozenset({6, STRING})

type Wrapping = Literal["", "json", "text"]
"""What the `bytes` of a payload hold, if anything: JSON of a model, or running text."""


@dataclass(frozen=True, slots=True)
class AwsFrame:
    """One message."""

    raw: bytes = field(repr=False)
    event: str
    """Its `:event-type`, or the type of the exception that it is."""
    data: str | None = field(repr=False)
    """Its payload, or what is wrapped in it, as text; None where it cannot be read."""
    headers: bytes = field(default=b"", repr=False)
    around: Mapping[str, Any] | None = field(default=None, repr=False)
    """The payload in whose `bytes` the data is wrapped."""
    wrapping: Wrapping = ""

    def with_data(self, data: str) -> bytes:
        """Return the message with other data and the same headers."""
        return pack(self.headers, payload_of(data, self.wrapping, self.around))


class AwsFramer:
    """Cuts one stream."""

    def __init__(self, wrapping: Wrapping = "", limit: int = LIMIT) -> None:
        """Start a stream whose payloads are `wrapping` something; `limit` is in bytes of one message."""
        self.wrapping: Wrapping = wrapping
        self.limit = limit
        self.held = bytearray()
        self.lost = False

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the messages that `chunk` completes; raises `TooLarge` after the last good one."""
        self.held += chunk
        while not self.lost and len(self.held) >= PRELUDE.size:
            total, heads, expected = PRELUDE.unpack_from(self.held)
            self.lost = crc32(self.held[:8]) != expected or total < heads + LEAST
            if self.lost:
                break
            if total > self.limit:
                raise TooLarge(f"one message of the answer is larger than {self.limit} bytes")
            if len(self.held) < total:
                return
            yield self.frame(self.take(total), heads)
        if self.lost and self.held:
            yield AwsFrame(self.rest(), "", None)

    def frame(self, raw: bytes, heads: int) -> AwsFrame:
        """Return the frame of a message."""
        headers = raw[PRELUDE.size : PRELUDE.size + heads]
        payload = raw[PRELUDE.size + heads : -SUM.size]
        names = read_headers(headers)
        if names is None or SUM.pack(crc32(raw[: -SUM.size])) != raw[-SUM.size :]:
            return AwsFrame(raw, "", None)
        event = names.get(":event-type") or names.get(":exception-type") or ""
        if self.wrapping and event == "chunk":
            return wrapped(raw, event, headers, payload, self.wrapping)
        return AwsFrame(raw, event, decoded(payload), headers)

    def end(self) -> list[Frame]:
        """Return what is left of a stream that broke off; it has no data."""
        return [AwsFrame(self.rest(), "", None)] if self.held else []

    def rest(self) -> bytes:
        """Return the bytes that are in no message yet, and forget them."""
        return self.take(len(self.held))

    def take(self, end: int) -> bytes:
        """Return and forget the first `end` bytes."""
        taken = bytes(self.held[:end])
        del self.held[:end]
        return taken

    def make(self, event: str, data: str) -> bytes:
        """Return a new message."""
        return message(event, payload_of(data, self.wrapping if event == "chunk" else ""))


def wrapped(raw: bytes, event: str, headers: bytes, payload: bytes, wrapping: Wrapping) -> AwsFrame:
    """Return the frame of a message whose payload wraps something; without data where it does not."""
    try:
        around = json_text.parse_object(payload)
        text = base64.b64decode(str(around["bytes"]), validate=True).decode("utf-8")
    except (SluiceError, KeyError, binascii.Error, ValueError):
        return AwsFrame(raw, event, None)
    data = text if wrapping == "json" else json.dumps(text, ensure_ascii=False)
    return AwsFrame(raw, event, data, headers, around, wrapping)


def payload_of(data: str, wrapping: Wrapping, around: Mapping[str, Any] | None = None) -> bytes:
    """Return a payload that is `data`, or that wraps it beside what else stands in `around`."""
    if not wrapping:
        return data.encode("utf-8")
    text = data if wrapping == "json" else str(json.loads(data))
    coded = base64.b64encode(text.encode("utf-8")).decode("ascii")
    return json_text.dump({**(around or {}), "bytes": coded})


def message(event: str, payload: bytes, kind: str = "event") -> bytes:
    """Return a message with JSON in it; `kind` is `event` or `exception`."""
    headers = {f":{kind}-type": event, ":content-type": "application/json", ":message-type": kind}
    return pack(b"".join(header(name, value) for name, value in headers.items()), payload)


def pack(headers: bytes, payload: bytes) -> bytes:
    """Return a message of these parts."""
    head = struct.pack(">II", LEAST + len(headers) + len(payload), len(headers))
    body = head + SUM.pack(crc32(head)) + headers + payload
    return body + SUM.pack(crc32(body))


def header(name: str, value: str) -> bytes:
    """Return one header with a string in it."""
    coded = value.encode("utf-8")
    return bytes([len(name)]) + name.encode("ascii") + struct.pack(">BH", STRING, len(coded)) + coded


def read_headers(block: bytes) -> dict[str, str] | None:
    """Return the headers that are strings, or None where the block breaks its own rules."""
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(block):
            name_end = at + 1 + block[at]
            kind = block[name_end]
            start = name_end + 1
            if kind in MEASURED:
                start += 2
                end = start + int.from_bytes(block[start - 2 : start])
            else:
                end = start + FIXED[kind]
            if end > len(block):
                return None
            if kind == STRING:
                found[block[at + 1 : name_end].decode("utf-8")] = block[start:end].decode("utf-8")
            at = end
    except (IndexError, KeyError, UnicodeDecodeError):
        return None
    return found
