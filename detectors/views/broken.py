"""Codes in pieces: wrapped into short lines, parted by blanks, put together from the strings of a program.

Enters: the reading of a text. Leaves: the place of each such code and the code as one. Lists of words look the same, so
that pieces must be of one length, or be joined by what joins strings.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from math import ceil
from typing import Final

from detectors.allowance import BLOCK, spend
from detectors.engine import compiled
from detectors.inside import end_of
from detectors.reading import Reading
from detectors.views.signs import seen

SIGN: Final = r"[0-9A-Za-z+/_\-]"
SHORTEST: Final = 15
"""Signs of a code that is tried: a mobile number in base64."""
LONGEST_LINE: Final = 15
"""Signs of a line with which a code can begin no token of its own."""
NEXT_LINE: Final = r"[ \t]*\r?\n[ \t>*#|]{0,8}"
FEWEST_WORDS: Final = 2
"""Words of one length before the last that are taken for pieces of a code; of one there are many."""


def _pieces(joint: str, fewest: int) -> str:
    """Return the pattern of pieces of one length, which the last of them may not have, with what joins them."""
    widths = ((width, max(fewest, ceil(SHORTEST / width) - 1)) for width in range(1, LONGEST_LINE + 1))
    return "|".join(rf"(?:{SIGN}{{{width}}}{joint}){{{least},}}{SIGN}{{1,{width}}}" for width, least in widths)


FILLED: Final = rf"(?:(?:{NEXT_LINE})?={{1,2}})?"
LINES: Final = compiled(
    rf"\b(?:{_pieces(NEXT_LINE, 1)}|{SIGN}{{16,}}(?:{NEXT_LINE}{SIGN}{{1,}})+){FILLED}", "codes over lines"
)
BLANKS: Final = compiled(rf"\b(?:{_pieces(' ', FEWEST_WORDS)}){FILLED}", "codes with blanks in them")
"""Apart from lines: to count the signs of either takes an engine many states, and of both their product."""
JOINED: Final = r"[ \t]{0,4}[+.,&|\\_]{0,2}[ \t]{0,2}_?(?:[ \t]?\r?\n[ \t]{0,16})?"
"""What joins the strings of a program, on one line or over the end of it."""
STRINGS: Final = compiled(
    rf"[\"']{SIGN}{{2,}}[\"'](?:{JOINED}[\"'](?:{SIGN}{{1,}}={{0,2}}|={{1,2}})[\"'])+",
    "codes in strings",
)
BESIDE: Final = b" \t\r\n\"'.,&|\\>*#=_-+/"
KINDS: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", b"A" * 26 + b"a" * 26 + b"0" * 10
)
CHANGES: Final = (b"aA", b"a0", b"0A", b"0a", b"A0")
"""Where another kind of sign begins as in no word: one with a capital goes on in small letters."""
RARE: Final = 6
"""After one of so many signs of base64, at the least, comes one of another kind."""
OF_ONE, OF_OTHER = frozenset(b"+/"), frozenset(b"-_")
"""Signs of either alphabet of base64: versions and dates have both."""
FEW_DIGITS: Final = 8
"""One of so many signs of hexadecimal and base32, at the least, is a digit."""
PIECE: Final = re.compile(rf"{SIGN}+")
QUOTED: Final = re.compile(rf"[\"']({SIGN}+={{0,2}}|=+)[\"']")
CHAIN: Final = re.compile(r"[\"']\s*,")

type Span = tuple[int, int]
type Broken = tuple[int, int, str]
"""Start, end, and the code as one."""


def broken(reading: Reading) -> Iterator[tuple[Broken, ...]]:
    """Yield each code that is in pieces, with what may be words beside it, and then without these."""
    data, text, may_hold = reading.skeleton, reading.text, reading.made(seen)
    rows = (pattern.finditer(data) for view, pattern in (("lines", LINES), ("blanks", BLANKS)) if view in may_hold)
    for match in chain.from_iterable(rows):
        start, end = match.span()
        row = data[start:end]
        mixed = not (OF_ONE.isdisjoint(row) or OF_OTHER.isdisjoint(row))
        if not (mixed or is_of_words(row) or data[start - 1 : start] == b"."):
            spend(1 + (end - start) // BLOCK)
            end = end_of(text, start, end)
            yield tuple(_ways(text, end, [one.span() for one in PIECE.finditer(text, start, end)]))
    for match in STRINGS.finditer(data) if "strings" in may_hold else ():
        start, end = match.span()
        if is_of_words(data[start:end]):
            continue
        spend(1 + (end - start) // BLOCK)
        pieces = QUOTED.findall(text, start, end)
        if not CHAIN.search(text, start, end) or is_even([*map(len, pieces)]):
            yield ((start, end, "".join(pieces)),)


def is_of_words(row: bytes) -> bool:
    """Tell whether a row is of words: their signs are of one kind for longer than a code's, and few are digits."""
    kinds = row.translate(KINDS, BESIDE)
    telling = len(kinds) - kinds.count(b"a")
    if telling * 2 * RARE < len(kinds):  # each of them changes to and fro, and is a digit, at most
        return True
    changes = sum(map(kinds.count, CHANGES))
    return changes * RARE < len(kinds) and kinds.count(b"0") * FEW_DIGITS < len(kinds)


def is_even(sizes: Sequence[int]) -> bool:
    """Tell whether all pieces but the last are of one length, and the last is no longer."""
    return sizes.count(sizes[0]) >= len(sizes) - 1 and sizes[-1] <= sizes[0]


def _ways(text: str, end: int, spans: Sequence[Span]) -> Iterator[Broken]:
    """Yield a code over lines, and without what may be a word before it or behind it."""
    sizes = [stop - start for start, stop in spans]
    for first, last in ((0, len(spans)), (0, len(spans) - 1), (1, len(spans)), (1, len(spans) - 1)):
        if last - first < 2 or sum(sizes[first:last]) < SHORTEST or not is_even(sizes[first:last]):
            continue
        final = end if last == len(spans) else spans[last - 1][1]
        yield spans[first][0], final, "".join(text[start:stop] for start, stop in spans[first:last])
