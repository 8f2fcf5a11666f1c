"""Codes in pieces: wrapped into short lines, parted by blanks, put together from the strings of a program.

Enters: the reading of a text. Leaves: the place of each such code and the code as one. Lists of words look the same, so
that pieces must be of one length, or be joined by what joins strings.
"""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final

from detectors.allowance import BLOCK, spend
from detectors.engine import compiled
from detectors.reading import Reading

SIGN: Final = r"[0-9A-Za-z+/_\-]"
SHORTEST: Final = 15
"""Signs of a code that is tried: a mobile number in base64."""
LONGEST_LINE: Final = 15
"""Signs of a line with which a code can begin no token of its own."""
JOINT: Final = r"(?:[ \t]*\r?\n[ \t>*#|]{0,8}| )"


def _lines(width: int) -> str:
    """Return the pattern of lines of so many signs, the last of which may have fewer."""
    return rf"(?:{SIGN}{{{width}}}{JOINT}){{{max(1, ceil(SHORTEST / width) - 1)},}}{SIGN}{{1,{width}}}"


WRAPPED: Final = compiled(
    rf"\b(?:{'|'.join(_lines(width) for width in range(1, LONGEST_LINE + 1))}"
    rf"|{SIGN}{{16,}}(?:[ \t]*\r?\n[ \t>*#|]{{0,8}}{SIGN}{{1,}})+)={{0,2}}",
    "codes over lines",
)
STRINGS: Final = compiled(
    rf"[\"']{SIGN}{{2,}}[\"'](?:[ \t]{{0,4}}[+.,&|\\_]{{0,2}}[ \t]{{0,2}}_?(?:[ \t]?\r?\n[ \t]{{0,16}})?[\"']{SIGN}{{1,}}={{0,2}}[\"'])+",
    "codes in strings",
)
PIECE: Final = re.compile(rf"{SIGN}+")
QUOTED: Final = re.compile(rf"[\"']({SIGN}+={{0,2}})[\"']")
CHAIN: Final = re.compile(r"[\"']\s*,")

type Broken = tuple[int, int, str]
"""Start, end, and the code as one."""


def broken(reading: Reading) -> Iterator[Broken]:
    """Yield the codes that are in pieces; one may be there with the words beside it and without."""
    data, text = reading.skeleton, reading.text
    for match in WRAPPED.finditer(data):
        spend(1 + (match.end() - match.start()) // BLOCK)
        spans = [one.span() for one in PIECE.finditer(text, *match.span())]
        yield from _ways(text, match.end(), spans)
    for match in STRINGS.finditer(data) if b'"' in data or b"'" in data else ():
        start, end = match.span()
        spend(1 + (end - start) // BLOCK)
        row = text[start:end]
        pieces = QUOTED.findall(row)
        if not CHAIN.search(row) or is_even(pieces):
            yield start, end, "".join(pieces)


def is_even(pieces: Sequence[str]) -> bool:
    """Tell whether all pieces but the last are of one length, and the last is no longer."""
    size = len(pieces[0])
    return all(len(one) == size for one in pieces[:-1]) and len(pieces[-1]) <= size


def _ways(text: str, end: int, spans: Sequence[tuple[int, int]]) -> Iterator[Broken]:
    """Yield a code over lines, and without what may be a word before it or behind it."""
    for first, last in ((0, len(spans)), (0, len(spans) - 1), (1, len(spans)), (1, len(spans) - 1)):
        some = spans[first:last]
        if some and is_even(["x" * (stop - start) for start, stop in some]):
            final = end if last == len(spans) else some[-1][1]
            code = "".join(text[start:stop] for start, stop in some)
            if len(code) >= SHORTEST:
                yield some[0][0], final, code
