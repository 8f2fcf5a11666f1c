"""JSON and notebooks: keys, strings and numbers in their places, so that indentation and all else stays.

Enters: text. Leaves: woven texts in which a key stands before its value, and each value says under which key; or None
where it is no JSON. What is written is JSON again: a string stays a string, and a number that changes becomes one.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from detectors.headings import heading
from proxy.adapters.pointer import name_of
from proxy.documents.pieces import Edit, Piece, Weaver, Woven, sign
from proxy.documents.reading import Reading

TOKEN: Final = re.compile(r'(?s)"((?:[^"\\]|\\.)*+)"|(-?[0-9][0-9.eE+-]*)|([\[\]{},:])|(true|false|null)|(\s+)|(.)')
LONGEST: Final = 4_000_000
"""Characters beyond which JSON is read as the text that it is."""
KEY_AFTER: Final = re.compile(r"\s*:")


class Names:
    """What the value at hand is called, as braces open and close."""

    def __init__(self) -> None:
        """Begin outside of everything."""
        self._above: list[str] = []
        self._entries: list[dict[str, str]] = []
        self._key = ""

    def open(self) -> None:
        """Enter an object or an array."""
        self._above.append(self.here())
        self._entries.append({})
        self._key = ""

    def close(self) -> None:
        """Leave it."""
        if self._above:
            self._above.pop()
            self._entries.pop()
        self._key = ""

    def key(self, key: str) -> None:
        """Come to the entry `key`."""
        self._key = key

    def value(self, text: str) -> None:
        """Remember a text that may be the name of what stands beside it."""
        if self._key and self._entries:
            self._entries[-1][self._key] = text

    def here(self) -> str:
        """Return the name of the value at hand."""
        above = self._above[-1] if self._above else ""
        return name_of(self._key, self._entries[-1], above) if self._key and self._entries else above


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
                label = heading(names.here())
                names.value(value)
            weaver.add(Piece(value, at, at + size, write_value, label=label))
            weaver.gap("\n")
        at += size
    return weaver.texts()


def _take_sign(one: str, weaver: Weaver, names: Names) -> None:
    if one == ":":
        weaver.gap("")
        weaver.add(sign(": "))
    elif one in "{[":
        names.open()
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
