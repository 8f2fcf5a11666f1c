"""Bytes as programs print them: numbers in a row, whatever their notation and the signs between them.

Enters: the reading of a text. Leaves: the place of each such row, and the bytes or characters that it may stand for, in
every notation that all of its numbers are in. Tables of numbers look the same: it is for who reads on to tell which of
them are texts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from detectors.allowance import BLOCK, spend
from detectors.engine import compiled
from detectors.reading import Reading
from detectors.views.figures import Figures
from detectors.views.signs import seen

APART: Final = r"[^0-9A-Za-z]{1,4}(?:[ \t\r\n]{1,24}[^0-9A-Za-z]{0,3})?"
CALLED: Final = r"(?:[A-Za-z][A-Za-z_.$]{0,23}[()\[\]+&#$'\"][^0-9A-Za-z]{0,3})?[hHxX]?"
"""What a number is given to: `chr(`, `[char]`, `U+`, `&H`."""
NUMBER: Final = r"(?:0[xXoObB])?(?:[01]{7,8}|[0-9]{3,5}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2})[uUlLhH]?\b"
IN_A_ROW: Final = rf"{NUMBER}(?:{APART}{CALLED}{NUMBER}){{10,}}"
WORD: Final = r"(?:0[xX])?(?:[0-9A-Fa-f]{2}){2,10}[hH]?\b"
IN_WORDS: Final = rf"{WORD}(?:{APART}{CALLED}{WORD}){{2,}}"
CHARACTER: Final = r"(?:'[!-~]'|\"[!-~]\")"
IN_QUOTES: Final = rf"{CHARACTER}(?:,[ \t\r\n]{{0,24}}{CHARACTER}){{8,}}"
FEWEST_BITS: Final = 77
IN_BITS: Final = f"[01]{{{FEWEST_BITS},}}"
EITHER: Final = compiled(f"{IN_A_ROW}|{IN_WORDS}", "numbers or words of bytes in a row")
ROW: Final = compiled(IN_A_ROW, "numbers in a row")
WORDS: Final = compiled(rf"{IN_WORDS}(?:{APART}(?:0[xX])?[0-9A-Fa-f]{{2}}[hH]?\b)?", "words of bytes in a row")
QUOTED: Final = compiled(IN_QUOTES, "characters in quotes of their own")
BITS: Final = compiled(IN_BITS, "bits")
EACH: Final = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=[hHxX]))(0[xXoObB])?([0-9A-Fa-f]{2,})(?=[uUlLhH]?(?![0-9A-Za-z]))")
LETTERS: Final = re.compile("[0-9A-Za-z]*")
SHORTEST: Final = 2 * 11
"""Digits of the shortest row of words."""

BASES: Final = {"0x": 16, "0o": 8, "0b": 2}
HEX, BITWISE, DECIMAL, OCTAL = "hex", "bits", "numbers of characters", "octal"
UNSURE: Final = frozenset({DECIMAL, OCTAL})
"""Notations in which many a table of numbers is a text, though hardly one of words."""
CHARACTERS: Final = "characters"
ONE: Final = re.compile("[\"'](.)[\"']")
BINARY: Final = frozenset("01")
EIGHT: Final = frozenset("01234567")
HAN: Final = ((0x4E00, 0xA000), (0x3000, 0x3040), (0xFF00, 0xFF5F), (0x2010, 0x2027))
"""Chinese characters and their signs: of the numbers over a byte only these are taken for characters."""
LATIN: Final = 0.5
"""Share of ASCII in what is written in numbers of characters over a byte."""

type Made = bytes | str
type Row = tuple[int, int, str, Made]
"""Start, end, notation, and what it may stand for."""


def printed(reading: Reading) -> Iterator[Row]:
    """Yield what rows of numbers may stand for, each in every notation that it may be in."""
    data, text = reading.skeleton, reading.text
    for pattern in (ROW, WORDS) if EITHER.search(reading.made(Figures).beside) else ():
        for match in pattern.finditer(data):
            start, end = match.span()
            spend(1 + (end - start) // BLOCK)
            each = list(EACH.finditer(text, start, ends_at(text, end)))
            while len(each) > 2 and each[0][1] != each[1][1] == each[2][1]:  # the size of an array before it
                del each[0]
            if pattern is ROW or sum(len(one[2]) for one in each) >= SHORTEST:
                for kind, made in notations([(one[1] or "", one[2]) for one in each]):
                    yield each[0].start(), max(end, each[-1].end()), kind, made
    for match in QUOTED.finditer(data) if "characters" in reading.made(seen) else ():
        spend()
        yield *match.span(), CHARACTERS, "".join(ONE.findall(text, *match.span()))
    if reading.made(Figures).crowd(FEWEST_BITS, FEWEST_BITS):
        yield from _bits(reading)


def _bits(reading: Reading) -> Iterator[Row]:
    """Yield what bits may stand for that nothing parts."""
    for match in BITS.finditer(reading.skeleton):
        start, end = match.span()
        spend(1 + (end - start) // BLOCK)
        for size in (8, 7):
            if (end - start) % size == 0:
                some = [reading.text[place : place + size] for place in range(start, end, size)]
                yield start, end, BITWISE, of_bits(some)


def ends_at(text: str, end: int) -> int:
    """Return the end of the word that goes on behind a row, so that no part of one is taken for a number."""
    return LETTERS.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing, too


def notations(each: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Made]]:
    """Yield the notations that numbers may be in, and what they stand for; each with what stands before its digits."""
    digits = [one for _, one in each]
    together = "".join(digits)
    sizes = set(map(len, digits))
    if sizes <= {7, 8} and BINARY.issuperset(together):
        yield BITWISE, of_bits(digits)
        return
    signs = {sign.lower() for sign, _ in each}
    if signs <= {"", "0x"} and not any(size % 2 for size in sizes):
        yield HEX, bytes.fromhex(together)
        if max(sizes, default=0) > 2:
            yield HEX, b"".join(bytes.fromhex(one)[::-1] for one in digits)
        if sizes == {4} and (text := characters(int(one, 16) for one in digits)):
            yield HEX, text
    if signs != {"0x"} and together.isdecimal() and max(sizes, default=9) <= 5:
        for kind, base in ((DECIMAL, 10), (OCTAL, 8)):
            if (base == 10 or EIGHT.issuperset(together)) and (made := _numbers(each, base)) is not None:
                yield kind, made


def _numbers(each: Iterable[tuple[str, str]], base: int) -> Made | None:
    """Return what numbers of characters stand for; `base` is that of those with no sign of another."""
    numbers = [int(digits, BASES.get(sign.lower(), base)) for sign, digits in each]
    return bytes(numbers) if max(numbers) < 256 else characters(numbers)


def characters(numbers: Iterable[int]) -> str | None:
    """Return the characters of these numbers; none where some are hardly ever meant."""
    numbers = list(numbers)
    plain = sum(32 <= one < 127 or one in (9, 10, 13) for one in numbers)
    wide = sum(any(first <= one < last for first, last in HAN) for one in numbers)
    return "".join(map(chr, numbers)) if plain + wide == len(numbers) and plain >= LATIN * len(numbers) else None


def of_bits(each: Iterable[str]) -> bytes:
    """Return the bytes of these bits."""
    return bytes(int(one, 2) for one in each)
