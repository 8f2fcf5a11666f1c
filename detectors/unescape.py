"""Characters that a text spells out, as it stands for them in JSON, source code, URLs and HTML.

Enters: any string. Leaves: the string with each escape read as its character, and the way back to where it was read
from. Only for finding: a path on a drive keeps its backslashes, but beyond that nothing asks which language a text is
in, for people paste them all in one.
"""

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from detectors.allowance import BLOCK, spend

AFTER: Final = {
    "\\": r"""
        \\{0,7} (?:
            (?P<plain> [nrt/"'] )
            | (?P<pair> u[dD][89abAB][0-9A-Fa-f]{2} \\{1,8}u[dD][c-fC-F][0-9A-Fa-f]{2} )
            | (?P<unit> u[0-9A-Fa-f]{4} | U[0-9A-Fa-f]{8} | u\{[0-9A-Fa-f]{1,6}\} )
            | (?P<bytes> x[0-9A-Fa-f]{2} (?: \\{1,8}x[0-9A-Fa-f]{2} )* )
        )""",
    "%": "(?P<percent> [0-9A-Fa-f]{2} (?: %[0-9A-Fa-f]{2} )* )",
    "&": r"(?P<entity> (?: \#[0-9]{1,7} | \#[xX][0-9A-Fa-f]{1,6} | [A-Za-z][A-Za-z0-9]{1,31} ) ; )",
}
"""Signs that escapes begin with, and how they go on.

Several backslashes are an escape escaped, as in JSON inside JSON.
"""

DRIVE: Final = re.compile(r"(?<![A-Za-z0-9])[B-PR-Zb-pr-z]:\\[^\s\"'<>|]*")
"""The start of a path; but Q: and A: begin questions and answers."""

LONGEST_PATH: Final = 260
MOBILE: Final = re.compile(r"1[3-9][0-9]%[0-9]{4}%[0-9]{4}(?![0-9])")
"""A mobile number whose groups are parted by the sign of escapes."""
BYTE: Final = re.compile(r"(?:%|\\+x)([0-9A-Fa-f]{2})")
BLANK: Final = {"n": "\n", "r": "\r", "t": "\t"}

COLOURS: Final = re.compile(
    r"(?: (?: \x1b | \\+(?:0?33|e) | \^\[ | \u241b ) \[ | \x9b ) (?:[0-9]{0,3}[;:]){0,15} [0-9]{0,3} [A-Za-z]",
    re.VERBOSE,
)
"""What a terminal takes for a colour or a move of the cursor (ECMA-48), as it is or as programs show it. Its
numbers are short: none of somebody's is lost with them."""

BEGUN, SHOWN = ("\x1b[", "\x9b", "\u241b[", "^[["), ("33[", "e[")
"""How it begins, and behind a backslash."""

type Piece = tuple[str, int, int]
"""A character or more, and the start and end of what they were read from."""


@dataclass(frozen=True, slots=True)
class Unescaped:
    """A text without its escapes, and the way back."""

    text: str = field(repr=False)
    places: array[int]
    """Offsets in `text` of the characters that were escaped, rising."""
    starts: array[int]
    """Where the escape of each began in the original."""
    ends: array[int]
    """Where it ended."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return what of the original the non-empty range `start` to `end` was read from."""
        return self._bounds(start)[0], self._bounds(end - 1)[1]

    def _bounds(self, offset: int) -> tuple[int, int]:
        return bounds(self.places, self.starts, self.ends, offset)


def bounds(places: array[int], starts: array[int], ends: array[int], offset: int) -> tuple[int, int]:
    """Return what a character was read from: it stands as far behind the nearest one that is known as it did before."""
    nearest = bisect_right(places, offset) - 1
    if nearest < 0:
        return offset, offset + 1
    beyond = offset - places[nearest]
    if not beyond:
        return starts[nearest], ends[nearest]
    return ends[nearest] + beyond - 1, ends[nearest] + beyond


def unescape(text: str) -> Unescaped | None:
    """Return `text` unescaped once, or None where there is nothing to unescape."""
    signs = "".join(sign for sign in AFTER if sign in text)
    if not signs:
        return None
    pieces: list[str] = []
    places, starts, ends = array("q"), array("q"), array("q")
    place = length = 0
    for number, match in enumerate(escapes(signs).finditer(text)):
        if not number % BLOCK:
            spend()
        for characters, start, end in READ[match.lastgroup or ""](match):
            if start > place:
                pieces.append(text[place:start])
                length += start - place
            pieces.append(characters)
            for _ in characters:
                places.append(length)
                starts.append(start)
                ends.append(end)
                length += 1
            place = end
    if not pieces:
        return None
    pieces.append(text[place:])
    return Unescaped("".join(pieces), places, starts, ends)


def uncoloured(text: str) -> Unescaped | None:
    """Return `text` without what only a terminal sees, or None where there is no such thing."""
    if not any(map(text.__contains__, BEGUN)) and not ("\\" in text and any(map(text.__contains__, SHOWN))):
        return None
    pieces: list[str] = []
    places, starts, ends = array("q"), array("q"), array("q")
    place = length = 0
    for number, match in enumerate(COLOURS.finditer(text)):
        if not number % BLOCK:
            spend()
        pieces.append(text[place : match.start()])
        length += match.start() - place
        place = match.end()
        if places and places[-1] == length:  # one behind the other
            starts[-1], ends[-1] = place, place + 1
        else:
            places.append(length)
            starts.append(place)
            ends.append(place + 1)
    if not places:
        return None
    pieces.append(text[place:])
    return Unescaped("".join(pieces), places, starts, ends)


@cache
def escapes(signs: str) -> re.Pattern[str]:
    """Return the pattern of escapes that begin with some signs; much faster where that is one."""
    if len(signs) == 1:
        return re.compile(re.escape(signs) + AFTER[signs], re.VERBOSE)
    ways = "|".join(f"(?<={re.escape(sign)}) {AFTER[sign]}" for sign in signs)
    return re.compile(f"[{re.escape(signs)}] (?: {ways} )", re.VERBOSE)


def read_plain(match: re.Match[str]) -> tuple[Piece, ...]:
    """Return the character after the backslash, or the blank it names, unless it begins a folder's name."""
    character = match[0][-1]
    start, end = match.span()
    if character in BLANK and end - start == 2:
        drive = match.string.rfind(":\\", max(0, start - LONGEST_PATH), start + 1)
        if drive > 0 and DRIVE.fullmatch(match.string, drive - 1, start + 1):
            return ()
    return ((BLANK.get(character, character), start, end),)


def read_pair(match: re.Match[str]) -> tuple[Piece, ...]:
    """Return the character of a surrogate pair."""
    high, low = int(match["pair"][1:5], 16), int(match["pair"][-4:], 16)
    return ((chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), *match.span()),)


def read_unit(match: re.Match[str]) -> tuple[Piece, ...]:
    """Return the character of one number, if there is one."""
    code = int(match["unit"][1:].strip("{}"), 16)
    return ((chr(code), *match.span()),) if code <= 0x10FFFF else ()


def read_bytes(match: re.Match[str]) -> Iterator[Piece]:
    """Yield the characters of a run of bytes; one that is in no charset known here stands for one of its own."""
    units = list(BYTE.finditer(match[0]))
    first = 0
    for character, size in characters(bytes(int(unit[1], 16) for unit in units)):
        last = first + size
        yield character, match.start() + units[first].start(), match.start() + units[last - 1].end()
        first = last


def read_percent(match: re.Match[str]) -> tuple[Piece, ...] | Iterator[Piece]:
    """Return what a run of `%12` stands for; nothing where the sign parts the groups of a mobile number."""
    for begin in (match.start() - 3, match.start() - 8):
        if begin >= 0 and MOBILE.match(match.string, begin) and not match.string[max(0, begin - 1) : begin].isdigit():
            return ()
    return read_bytes(match)


def characters(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the characters of bytes, each with the number of its bytes.

    Bytes are UTF-8, or what Chinese pages are still in; where they are neither as a whole (another charset, or a
    character that was cut), those of ASCII are read, and a sign stands for each other one.
    """
    for charset in ("utf-8", "gb18030"):
        try:
            text = data.decode(charset)
        except UnicodeDecodeError:
            continue
        yield from ((one, len(one.encode(charset))) for one in text)
        return
    yield from ((chr(byte) if byte < 0x80 else "\ufffd", 1) for byte in data)


def read_entity(match: re.Match[str]) -> tuple[Piece, ...]:
    """Return what HTML reads; nothing for a name it does not know."""
    characters = html.unescape(match[0])
    return ((characters, *match.span()),) if characters not in ("", match[0]) else ()


READ: Final[dict[str, Callable[[re.Match[str]], tuple[Piece, ...] | Iterator[Piece]]]] = {
    "plain": read_plain,
    "pair": read_pair,
    "unit": read_unit,
    "bytes": read_bytes,
    "percent": read_percent,
    "entity": read_entity,
}
