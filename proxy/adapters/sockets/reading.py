"""One message of a client, read: JSON, JSON with Socket.IO's numbers before it, records of SignalR, or plain text.

Enters: a message, and what its format says of the leaves. Leaves: its parts. A heartbeat has none, by a written list of
words; whatever else is not understood is read as text, never passed over, and what is no text raises `Unreadable`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from proxy.adapters.fallback import Fallback
from proxy.adapters.json_adapter import Roles
from proxy.adapters.pointer import walk
from proxy.adapters.prompt import Rules, Shape, TreePrompt, read_tree
from proxy.errors import SluiceError, WireError
from proxy.framing.message import NUMBERS, SEPARATOR
from proxy.wire import json_text

BEATS: Final = frozenset(
    {"ping", "pong", "heartbeat", "heart_beat", "heart-beat", "keepalive", "keep-alive", "keep_alive", "ack", "noop"}
    | {"2", "3", "2probe", "3probe", "5", "6", "hb", "h"}  # Engine.IO says it with numbers
)
"""All that a heartbeat may say, in lower case."""

BEAT_KEYS: Final = frozenset(
    {"type", "event", "op", "action", "cmd", "command", "method", "kind", "t", "msg_type", "message_type", "id", "seq"}
    | {"ts", "timestamp", "time", "data", "payload", "d", "ping", "pong", "interval"}
)

CLOCK: Final = re.compile(r"1[7-9]\d{8}(?:\d{3})?")
"""Seconds or milliseconds since 1970, from 2023 to 2033; no telephone number of ten digits begins with a 1."""

LONGEST_BEAT: Final = 256
"""Bytes."""

TEXT: Final = Fallback()


def read_message(body: bytes, ignored: frozenset[Shape], roles: Roles, *, strict: bool) -> TreePrompt:
    """Read one message; raises `WireError`, `Unreadable` or `TooLarge`.

    With `strict`, what begins as JSON does must be JSON: the format has nothing else. Otherwise it is read as text.
    """
    if not body or is_heartbeat(body):
        return read_tree(body, None, Rules(), json_text.dump)
    numbers = NUMBERS.match(body)
    before = numbers[0] if numbers else b""
    try:
        if SEPARATOR in body:
            tree, write = records_in(body), partial(write_records, body.endswith(SEPARATOR))
        elif before or body.lstrip()[:1] in (b"{", b"["):
            tree, write = json_text.parse(body[len(before) :]), partial(write_after, before)
        else:
            return TEXT.read(body, "")
    except WireError:
        if strict:
            raise
        return TEXT.read(body, "")
    return read_tree(body, tree, Rules(ignored, role=partial(roles, tree)), write)


def write_after(before: bytes, tree: Any) -> bytes:
    """Return JSON with what stands before it."""
    return before + json_text.dump(tree)


def records_in(body: bytes) -> list[Any]:
    """Return the value of each record of a message; raises `WireError` or `TooLarge`."""
    *records, rest = body.split(SEPARATOR)
    return [json_text.parse(record) for record in (*records, *([rest] if rest else ()))]


def write_records(ended: bool, tree: Sequence[Any]) -> bytes:
    """Return records as one message; the last one has its separator where `ended`."""
    return SEPARATOR.join(map(json_text.dump, tree)) + (SEPARATOR if ended else b"")


def is_heartbeat(body: bytes) -> bool:
    """Return whether a message says no more than that its sender is there."""
    if len(body) > LONGEST_BEAT:
        return False
    try:
        text = body.decode("utf-8").strip()
        value = json_text.parse(text.encode()) if text[:1] in ("{", "[", '"') else text
    except (UnicodeDecodeError, SluiceError):
        return False
    return all(map(beats, leaves(value)))


def leaves(value: Any) -> Iterator[str]:
    """Yield every string, key and longer number of a value; a key that heartbeats have is left out."""
    for leaf in walk(value, layers=0):
        if leaf.kind != "key" or leaf.text not in BEAT_KEYS:
            yield leaf.text


def beats(text: str) -> bool:
    """Return whether a leaf is a heartbeat's."""
    return text.lower() in BEATS or CLOCK.fullmatch(text) is not None or not text
