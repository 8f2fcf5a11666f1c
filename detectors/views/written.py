"""Numbers of people as programs and people write them to no rule: with an exponent, letters for digits, words between.

Enters: the reading of a text. Leaves: each such number as plain digits, with the words around it and the way back.
Sums of code are written so, too: a number counts only with its check digits, or beside a word that says what it is.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from detectors.allowance import spend
from detectors.checksums import bank_card, cn_id_card
from detectors.engine import compiled
from detectors.reading import Reading
from detectors.views.numbers import AROUND, CARDS, FEWEST, MOBILE, MOST, OPERATORS, PHONES
from detectors.views.pieces import Piece, Pieces, Place

EXPONENT: Final = compiled(
    r"(?:[0-9]{1,19}(?:\.[0-9]{0,19})?|\.[0-9]{1,19})[eE][+\-]?[0-9]{1,2}|[1-9][0-9]{10,18}\.[0-9]{1,6}",
    "numbers with an exponent or a fraction",
)
LETTERED: Final = compiled(r"[0-9lIOo](?:[ .\-]?[0-9lIOo]){10,18}(?:[ .\-]?[Xx])?", "digits with letters among them")
DIGITS: Final = (
    *("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ling", "yi", "yao", "er", "liang", "san", "si", "wu", "liu", "qi", "ba", "jiu"),
)
"""Digits as they are said in English, and in pinyin."""
SAID: Final = dict(zip(DIGITS, "00123456789" + "011223456789", strict=True))
ONE: Final = f"(?i:{'|'.join(DIGITS)})"
SPOKEN: Final = compiled(rf"(?:^|[^A-Za-z])({ONE}(?:[ ,.\-]{{1,2}}{ONE}){{9,18}})", "spoken digits")
LETTERS: Final = re.compile("[A-Za-z]+")

BETWEEN: Final = r"[^0-9\n]{1,8}"
SPREAD: Final = compiled(
    rf"1[3-9][0-9]{BETWEEN}[0-9]{{4}}{BETWEEN}[0-9]{{4}}"
    rf"|[2-6][0-9]{{3}}(?:{BETWEEN}[0-9]{{4}}){{3}}(?:{BETWEEN}[0-9]{{3}})?"
    rf"|[1-8][0-9]{{5}}{BETWEEN}(?:18|19|20)[0-9]{{2}}[^0-9\n]{{0,3}}[01][0-9][^0-9\n]{{0,3}}[0-3][0-9]{BETWEEN}[0-9]{{3}}[0-9Xx]",
    "numbers with words between their groups",
)
GROUP: Final = re.compile("[0-9]+")
FACING: Final = str.maketrans("([{<", ")]}>")

READ: Final = str.maketrans("lIOo", "1100")
"""Letters that are drawn like a digit, and typed for one."""
LETTER: Final = re.compile("[lIOo]")
SIGN: Final = re.compile(r"[ .\-]")
LEAST_DIGITS: Final = 4
"""Of a number some digits are digits: a word such as `lol` is none."""

type Written = tuple[int, int, str, str]
"""Start, end, digits, kind of reading."""


def written(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the numbers of a text that are written oddly; `place` tells where a stretch of it stands."""
    text = reading.text
    for start, end, digits, kind in (*exponents(reading), *lettered(reading), *spoken(reading), *spread(reading)):
        spend()
        if _alone(text, start, end) and (entity := _entity(reading, start, end, digits)):
            before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
            there = (Place(0, *place(start, end)),)
            pieces.add(Piece(digits, there, kinds + kind, before + " ", " " + after, entity))


def exponents(reading: Reading) -> Iterator[Written]:
    """Yield the whole numbers that are written with an exponent or a fraction."""
    for match in EXPONENT.finditer(reading.skeleton):
        number = Decimal(reading.text[match.start() : match.end()])
        if FEWEST <= number.adjusted() + 1 <= MOST:
            yield match.start(), match.end(), str(int(number)), "literal"


def lettered(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits that have letters among them."""
    for match in LETTERED.finditer(reading.skeleton):
        row = reading.text[match.start() : match.end()]
        if LETTER.search(row) and sum(map(str.isdigit, row)) >= LEAST_DIGITS:
            digits = SIGN.sub("", row).translate(READ).upper()
            if len(digits) == 18 or not digits.endswith("X"):
                yield match.start(), match.end(), digits, "letters for digits"


def spoken(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits that are spelt out as words."""
    for match in SPOKEN.finditer(reading.skeleton):
        start, end = match.span(1)
        said = LETTERS.findall(reading.text[start:end].lower())
        yield start, end, "".join(SAID[one] for one in said), "spoken"


def spread(reading: Reading) -> Iterator[Written]:
    """Yield the numbers whose groups stand apart, with the same between all of them, or proven by a date in them."""
    for match in SPREAD.finditer(reading.skeleton):
        start, end = match.span()
        row = reading.text[start:end]
        digits = "".join(GROUP.findall(row)) + ("X" if row[-1] in "Xx" else "")
        between = set(GROUP.split(row)[1:-1])
        alike = len({one.translate(FACING) for one in between}) == 1
        if len(digits) == 18 or (alike and (len(between) > 1 or not OPERATORS.issuperset(min(between).strip()))):
            yield start, end, digits, "spread"


def _alone(text: str, start: int, end: int) -> bool:
    """Tell whether what stands there is no part of a word or of a longer number."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if (before.isascii() and before.isalnum()) or before == ".":
        return False
    return not (after[:1].isascii() and after[:1].isalnum()) and not (after[:1] == "." and after[1:].isdigit())


def _entity(reading: Reading, start: int, end: int, digits: str) -> str:
    """Return what a number may be; empty where it is none. A mobile number as programs write it may be all there is."""
    text = reading.text
    if cn_id_card(digits):
        return "CN_ID_CARD"
    if MOBILE.fullmatch(digits):
        alone = (start, end) == (0, len(text)) and EXPONENT.fullmatch(reading.skeleton)
        return "PHONE_NUMBER" if alone or PHONES.near(text, start, end) else ""
    if len(digits) == 10 and PHONES.near(text, start, end):
        return "PHONE_NUMBER"
    card = len(digits) >= 15 and bank_card(digits) and CARDS.near(text, start, end)
    return "CREDIT_CARD" if card else ""
