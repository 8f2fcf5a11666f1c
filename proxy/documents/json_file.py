"""JSON and notebooks: keys, strings and numbers in their places, so that indentation and all else stays.

Enters: text. Leaves: woven texts in which a key stands before its value; or None where it is no JSON. What is written
is JSON again: a string stays a string, and a number that changes becomes one.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from proxy.documents.pieces import Edit, Piece, Weaver, Woven, sign
from proxy.documents.reading import Reading

TOKEN: Final = re.compile(r'(?s)"((?:[^"\\]|\\.)*+)"|(-?[0-9][0-9.eE+-]*)|([\[\]{},:])|(true|false|null)|(\s+)|(.)')
LONGEST: Final = 4_000_000
"""Characters beyond which JSON is read as the text that it is."""


def weave(text: str, reading: Reading) -> list[Woven] | None:
    """Return the texts of JSON; None where `text` is none. Places count bytes of its UTF-8."""
    if len(text) > LONGEST or text.lstrip()[:1] not in ("{", "["):
        return None
    weaver = Weaver("#", reading)
    at = 0
    for found in TOKEN.finditer(text):
        size = len(found[0].encode("utf-8", "surrogatepass"))
        if found[6] is not None:
            return None
        if found[1] is not None:
            value = _string(found[0])
            if value is None:
                return None
            weaver.add(Piece(value, at, at + size, write_value))
            weaver.gap("\n")
        elif found[2] is not None:
            weaver.add(Piece(found[0], at, at + size, write_value))
            weaver.gap("\n")
        elif found[4] is not None:
            weaver.add(sign(found[4]))
            weaver.gap("\n")
        elif found[3] == ":":
            weaver.gap("")
            weaver.add(sign(": "))
        at += size
    return weaver.texts()


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
