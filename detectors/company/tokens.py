"""The tokeniser for registered data: words and characters, digits, codes, e-mail addresses.

Enters: a text as `plain` returns it, and the manner of cutting. Leaves: tokens with their places. Pure. Registered
values and prompts go through the same cutting, so that the form in which somebody writes a value does not matter.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.company.mixing import Codes, Places
from detectors.traditional import simplified

type Sorts = NDArray[np.uint8]
"""What each character is: bits of the following."""
LETTER, IDEOGRAPH, DIGIT, ASCII, JOINT, SIGN = (1 << bit for bit in range(6))
JOINTS: Final = " -./()_+\t"
"""What may stand between the groups of one number."""
SIGNS: Final = "=+-*/<>!&|^%~?@."
"""Signs that mean something in source code whatever its layout; brackets, commas and quotes change with the style."""
FIRST_IDEOGRAPH: Final = 0x2E80
LAST: Final = 0xFFFF
ASTRAL_IDEOGRAPH: Final = 0x20000
MOBILE: Final = 11
"""Digits of a Chinese mobile number."""
ADDRESS: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")


class Manner(StrEnum):
    """How a text is cut."""

    WORDS = "words"
    """Every ideograph, and every word or number of an alphabet; up to three other characters may stand between."""
    DIGITS = "digits"
    """Groups of digits, joined by blanks, hyphens, dots, slashes or brackets."""
    CODES = "codes"
    """Groups of ASCII letters and digits, joined likewise."""
    ADDRESSES = "addresses"
    """Whole e-mail addresses."""
    PROSE = "prose"
    """As words, whatever stands between."""
    SOURCE = "source"
    """As words with underscores, and the signs of source code."""


WIDEST_GAP: Final = {Manner.WORDS: 3, Manner.DIGITS: 2, Manner.CODES: 1}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, without what stands between them."""

    packed: Codes = field(repr=False)
    """The characters of all tokens, one after the other."""
    places: Places
    """Where each of them stands in the text."""
    starts: Places
    """Where each token begins in `packed`, and behind the last its length."""
    runs: Places
    """A number for each token that changes where two neighbours cannot belong together."""

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self.starts) - 1

    def windows(self, size: int) -> tuple[Places, Places]:
        """Return where every row of `size` tokens that may belong together begins and ends in `packed`."""
        if size < 1 or len(self) < size:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing
        together = self.runs[size - 1 :] == self.runs[: len(self) - size + 1]
        return self.starts[: len(self) - size + 1][together], self.starts[size:][together]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Return from where to where the piece `begin` up to `end` of `packed` stands in the text."""
        return int(self.places[begin]), int(self.places[end - 1]) + 1


def plain(text: str) -> str:
    """Return a normalised text in lower case and simplified characters, character by character."""
    # These two would change the length of the text or depend on their place in the word.
    return simplified(text.replace("\u0130", "I").lower().replace("ς", "σ"))


def codes_of(text: str) -> Codes:
    """Return the code points of a text that holds no lone surrogates."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint32, copy=False)


def cut(text: str, codes: Codes, manner: Manner, sorts: Sorts | None = None) -> Tokens:
    """Return the tokens of `text`, which is as `plain` returns it; `codes` are its code points.

    `sorts` is the result of `sorts_of(codes)`, if it is known already.
    """
    if manner is Manner.ADDRESSES:
        return _addresses(text, codes)
    sorts = sorts_of(codes) if sorts is None else sorts
    whole = {Manner.DIGITS: DIGIT, Manner.CODES: ASCII}.get(manner, LETTER)
    alone = {Manner.DIGITS: 0, Manner.CODES: 0, Manner.SOURCE: IDEOGRAPH | SIGN}.get(manner, IDEOGRAPH)
    kept = (sorts & (whole | alone)) != 0
    if manner is Manner.SOURCE:
        kept |= codes == ord("_")
    places = np.flatnonzero(kept)
    if not len(places):
        return Tokens(codes[:0], places, np.zeros(1, np.int64), places)
    single = (sorts[places] & alone) != 0
    begins = np.ones(len(places), np.bool_)
    begins[1:] = single[1:] | single[:-1] | (np.diff(places) > 1)
    starts = np.flatnonzero(begins)
    packed = codes[places]
    if manner is Manner.DIGITS:
        starts = _without_country(packed, starts)
    runs = _runs(sorts, places, starts, manner) if manner in WIDEST_GAP else np.zeros(len(starts), np.int64)
    return Tokens(packed, places, np.append(starts, len(places)), runs)


def _runs(sorts: Sorts, places: Places, starts: Places, manner: Manner) -> Places:
    """Return the numbers of `Tokens.runs`."""
    begins = places[starts[1:]]
    ends = places[starts[1:] - 1] + 1
    parted = begins - ends > WIDEST_GAP[manner]
    if manner is not Manner.WORDS:
        strange = np.zeros(len(sorts) + 1, np.int64)
        np.cumsum((sorts & JOINT) == 0, out=strange[1:])
        parted |= strange[begins] - strange[ends] > 0
    runs = np.zeros(len(starts), np.int64)
    np.cumsum(parted, out=runs[1:])
    return runs


def _without_country(packed: Codes, starts: Places) -> Places:
    """Begin a new token after the country code of a Chinese mobile number that is written in one piece."""
    ends = np.append(starts[1:], len(packed))
    if (ends - starts).max() < len("86") + MOBILE:
        return starts
    extra = [starts]
    for code in ("86", "0086"):
        first = starts[ends - starts == len(code) + MOBILE]
        for place, digit in enumerate(f"{code}1"):
            first = first[packed[first + place] == ord(digit)]
        extra.append(first + len(code))
    return np.sort(np.concatenate(extra))


def _addresses(text: str, codes: Codes) -> Tokens:
    spans = [found.span() for found in ADDRESS.finditer(text)] if "@" in text else []
    return joined(codes, spans)


def joined(codes: Codes, spans: Iterable[tuple[int, int]]) -> Tokens:
    """Return tokens that stand at `spans`, each for itself."""
    ranges = [np.arange(begin, end, dtype=np.int64) for begin, end in spans]
    places = np.concatenate(ranges) if ranges else np.zeros(0, np.int64)
    starts = np.cumsum([0, *map(len, ranges)], dtype=np.int64)
    return Tokens(codes[places], places, starts, np.arange(len(ranges), dtype=np.int64))


def sorts_of(codes: Codes) -> Sorts:
    """Return of each character what it is."""
    if len(codes) and codes.max() >= LAST - 1:
        astral = np.where(codes >= ASTRAL_IDEOGRAPH, LAST, LAST - 1).astype(np.uint32)
        codes = np.where(codes < LAST - 1, codes, astral)
    sorts: Sorts = _table()[codes]
    return sorts


@cache
def _table() -> Sorts:
    """Return what each character of the first plane is; the last two places stand for characters beyond it."""
    table = np.zeros(LAST + 1, np.uint8)
    for code in range(LAST - 1):
        character = chr(code)
        if character.isalnum():
            table[code] = IDEOGRAPH if code >= FIRST_IDEOGRAPH else LETTER
        if character.isascii():
            table[code] |= DIGIT * character.isdigit() | ASCII * character.isalnum()
            table[code] |= JOINT * (character in JOINTS) | SIGN * (character in SIGNS)
    table[LAST] = IDEOGRAPH
    return table
