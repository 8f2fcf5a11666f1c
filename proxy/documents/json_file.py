"""JSON and notebooks: keys, strings and numbers in their places, so that indentation and all else stays.

Enters: text. Leaves: woven texts in which a key stands before its value, and each value says under which key; or None
where it is no JSON. What is written is JSON again: a string stays a string, and a number that changes becomes one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from detectors.headings import heading
from proxy.adapters.pointer import HEADS, LONGEST_NAME, ROWS, is_pair, name_of, tell_whose
from proxy.documents.pieces import Edit, Piece, Weaver, Woven, sign
from proxy.documents.reading import Reading

TOKEN: Final = re.compile(r'(?s)"((?:[^"\\]|\\.)*+)"|(-?[0-9][0-9.eE+-]*)|([\[\]{},:])|(true|false|null)|(\s+)|(.)')
LONGEST: Final = 4_000_000
"""Characters beyond which JSON is read as the text that it is."""
KEY_AFTER: Final = re.compile(r"\s*:")


@dataclass(slots=True)
class Frame:
    """An object, or an array, that is open."""

    above: str
    """What it is called."""
    array: bool
    key: str = ""
    """Of the object around it."""
    named: bool = False
    """Whether its columns have names before its first row."""
    entries: dict[str, Any] = field(default_factory=dict)
    """Values of an object by their keys, as far as they have come; empty containers for those that hold others."""
    whose: bool = False
    """Whether each of these keys says whose secret its value is."""
    place: int = 0
    """Number of the value at hand in an array."""
    head: list[str] = field(default_factory=list)
    """Texts of an array's first array, which name the columns of those that follow."""
    row: list[str] = field(default_factory=list)
    """Texts of an array, in their places, as long as there are no others."""
    columns: list[str] = field(default_factory=list)
    """Of an object, the names of columns whose rows stand beside them."""


class Names:
    """What the value at hand is called, as brackets open and close."""

    def __init__(self) -> None:
        """Begin outside of everything."""
        self._open: list[Frame] = [Frame("", array=False)]
        self._key = ""

    def open(self, *, array: bool) -> None:
        """Enter an object or an array."""
        head = self._open[-1].columns if array and self._key in ROWS else []
        above = self.here([] if array else {})
        frame = Frame(above, array, self._key, named=bool(head), whose=tell_whose((), above), head=head or [])
        self._open.append(frame)
        self._key = ""

    def close(self) -> None:
        """Leave it."""
        if len(self._open) > 1:
            closed = self._open.pop()
            if closed.array and closed.key in HEADS:
                self._open[-1].columns = closed.row
        self._key = ""

    def next(self) -> None:
        """Come to the next value."""
        self._open[-1].place += 1

    def key(self, key: str) -> None:
        """Come to the entry `key`."""
        self._key = key

    def value(self, text: str) -> None:
        """Remember a text that may be the name of others."""
        last = self._open[-1]
        if not last.array:
            return
        if last.place == len(last.row) and len(text) <= LONGEST_NAME:
            last.row.append(text)
        if self._in_row() and not self._open[-2].place and not self._open[-2].named and len(text) <= LONGEST_NAME:
            self._open[-2].head.append(text)

    def here(self, value: Any) -> str:
        """Return the name of the value at hand, a text or an empty container."""
        last = self._open[-1]
        if not last.array:
            last.entries[self._key] = value
            last.whose = last.whose and tell_whose((self._key,), last.above)
            return name_of(self._key, last.entries, last.above, whose=last.whose)
        if self._in_row() and last.place == 1 and is_pair([*last.row, value]):
            return last.row[0]
        above = self._open[-2]
        headed = self._in_row() and (above.named or (above.place and not is_pair(above.head)))
        head = above.head if headed else []
        return head[last.place] if last.place < len(head) else last.above

    def _in_row(self) -> bool:
        return len(self._open) > 2 and self._open[-1].array and self._open[-2].array


def weave(text: str, reading: Reading) -> list[Woven] | None:
    """Return the texts of JSON; None where `text` is none. Places count bytes of its UTF-8."""
    if len(text) > LONGEST or text.lstrip()[:1] not in ("{", "["):
        return None
    weaver, names = Weaver("#", reading, bounded=True), Names()
    at = 0
    for found in TOKEN.finditer(text):
        size = len(found[0].encode("utf-8", "surrogatepass"))
        if found[6] is not None:
            return None
        if found[3] is not None:
            _take_sign(found[3], weaver, names)
        elif found[4] is not None:
            weaver.add(sign(found[4]))
            weaver.gap("\n")
        elif found[5] is None:
            value = found[2] if found[1] is None else _string(found[0])
            if value is None:
                return None
            label = None
            if found[1] is not None and KEY_AFTER.match(text, found.end()):
                names.key(value)
            else:
                label = heading(names.here(value))
                names.value(value)
            weaver.add(Piece(value, at, at + size, write_value, label=label))
            weaver.gap("\n")
        at += size
    return weaver.texts()


def _take_sign(one: str, weaver: Weaver, names: Names) -> None:
    if one == ":":
        weaver.gap("")
        weaver.add(sign(": "))
    elif one == ",":
        names.next()
    elif one in "{[":
        names.open(array=one == "[")
        if one == "{":
            weaver.gap("\n")
    elif one in "}]":
        names.close()


def _string(token: str) -> str | None:
    try:
        value = json.loads(token, strict=False)
        value.encode("utf-8")
    except ValueError:
        return None
    return str(value)


def write_value(piece: Piece, new: str) -> Iterator[Edit]:
    """Write a string."""
    yield piece.start, piece.end, json.dumps(new, ensure_ascii=False).encode("utf-8")
