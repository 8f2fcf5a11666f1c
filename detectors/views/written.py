"""Numbers of people as programs and people write them to no rule: with an exponent, letters for digits, words between,
in Morse code, one digit a tag or a numbered line.

Enters: the reading of a text. Leaves: each such number as plain digits, with the words around it and the way back.
Sums of code are written so, too: a number counts only with its check digits, or beside a word that says what it is.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import product
from typing import Final

from detectors.allowance import spend
from detectors.checksums import bank_card, cn_id_card
from detectors.context import words
from detectors.engine import compiled
from detectors.needed import Words, marks_of
from detectors.reading import Reading
from detectors.syntax import BEYOND
from detectors.views.amounts import amounts
from detectors.views.figures import may_match
from detectors.views.numbers import AROUND, CARDS, FEWEST, LIKE_CITIZEN, MOBILE, MOST, OPERATORS, PHONES
from detectors.views.pieces import Piece, Pieces, Place
from detectors.views.signs import seen

EXPONENT: Final = compiled(
    r"(?:[0-9]{1,24}(?:\.[0-9]{0,19})?|\.[0-9]{1,19})[eE][+\-]?[0-9]{1,2}|[1-9][0-9]{10,18}\.[0-9]{1,6}",
    "numbers with an exponent or a fraction",
)
DRAWN: Final = dict(zip("lIOoSsBZzEAGgTq", "110055822346979", strict=True))
"""Letters that are drawn like a digit, and typed for one."""
ONE_DRAWN: Final = f"[0-9{''.join(DRAWN)}]"
LETTERED: Final = compiled(
    rf"(?:[Xx][ .\-]?)?{ONE_DRAWN}(?:[ .\-]?{ONE_DRAWN}){{10,18}}(?:[ .\-]?[Xx])?", "digits with letters among them"
)
DIGITS: Final = (
    *("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ling", "yi", "yao", "er", "liang", "san", "si", "wu", "liu", "qi", "ba", "jiu"),
)
"""Digits as they are said in English, and in pinyin."""
SAID: Final = dict(zip(DIGITS, "00123456789" + "011223456789", strict=True))
ONE: Final = f"(?i:{'|'.join(DIGITS)})"
SPOKEN: Final = compiled(
    rf"(?:^|[^A-Za-z])((?:[Xx] )?{ONE}(?:[ ,.\-]{{1,2}}{ONE}){{9,18}}(?:[ ,.\-]{{1,2}}[Xx])?)", "spoken digits"
)
LETTERS: Final = re.compile("[A-Za-z]+")
MORSE: Final = dict(
    zip(
        ("-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----.", "-..-"),
        "0123456789X",
        strict=True,
    )
)
TAPPED: Final = compiled(
    r"(?:^|[^.\-])((?:-\.\.-[ /|,]{1,3})?(?:[.\-]{5}[ /|,]{1,3}){10,18}(?:[.\-]{5}|-\.\.-))(?:$|[^.\-])",
    "digits in Morse code",
)
TAPS_BESIDE: Final = (marks_of(tuple(map("".join, product(".-", repeat=5)))),)
ROMAN: Final = dict(zip(("N", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"), "0123456789", strict=True))
NOUGHTS: Final = frozenset("0NO〇○零")
"""The Romans had none, so people write what they like."""
ONE_ROMAN: Final = rf"(?:IX|IV|I{{1,3}}|VI{{0,3}}|[0NO{BEYOND}])"
APART: Final = r"[ ,.\-/|]{1,3}"
IN_ROMAN: Final = compiled(
    rf"(?i)(?:^|[^A-Za-z])((?:X{APART})?{ONE_ROMAN}(?:{APART}{ONE_ROMAN}){{9,18}}(?:{APART}X\b)?)",
    "Roman numbers, one a digit",
)
IN_A_ROW: Final = compiled(
    rf"{ONE}(?:[ ,.\-]{{1,2}}{ONE}){{2}}|(?i)(?:^|[^A-Za-z]){ONE_ROMAN}(?:{APART}{ONE_ROMAN}){{4}}",
    "some digits spoken or in Roman numbers",
)
"""What both have."""
SPACED: Final = re.compile(r"[ ,.\-/|]+")
TAPS: Final = re.compile(r"[.\-]+")
TAGGED: Final = compiled(
    r"[0-9Xx](?:[ \t\r\n]*(?:<[^<>]+>[ \t\r\n]*)+[0-9]){10,18}(?:[ \t\r\n]*(?:<[^<>]+>[ \t\r\n]*)+[Xx])?",
    "digits in tags",
)
TAG: Final = re.compile("<[^<>]+>")
BLANK: Final = re.compile(r"\s+")
BEHIND: Final = r"[^0-9A-Za-z\n]{1,6}"
FARTHEST: Final = 24
"""Characters between a digit and the number of the next."""
NUMBERED: Final = compiled(
    "|".join(
        rf"[^0-9]{{1,{FARTHEST}}}".join(rf"{number}{BEHIND}[0-9Xx]" for number in range(first, first + 10))
        for first in (0, 1)
    ),
    "digits behind their numbers",
)
"""`| 1 | 3 |` and so on, a line each; `a[0] = 1`, `"d1": 3`. Not farther apart than steps are: a number elsewhere
begins no row and takes none away."""
STEP: Final = re.compile(rf"[^0-9]{{0,{FARTHEST}}}?([0-9]{{1,2}}){BEHIND}([0-9Xx])(?![0-9A-Za-z])")

BETWEEN: Final = r"[^0-9\n]{1,8}"
SPREAD: Final = compiled(
    rf"1[3-9][0-9]{BETWEEN}[0-9]{{4}}{BETWEEN}[0-9]{{4}}"
    rf"|[2-6][0-9]{{3}}(?:{BETWEEN}[0-9]{{4}}){{3}}(?:{BETWEEN}[0-9]{{3}})?"
    rf"|[1-8][0-9]{{5}}{BETWEEN}(?:18|19|20)[0-9]{{2}}[^0-9\n]{{0,3}}[01][0-9][^0-9\n]{{0,3}}[0-3][0-9]{BETWEEN}[0-9]{{3}}[0-9Xx]",
    "numbers with words between their groups",
)
GROUP: Final = re.compile("[0-9]+")
FACING: Final = str.maketrans("([{<", ")]}>")

GLUED: Final = compiled(r"[0-9]{17}[0-9Xx][0-9]|[0-9]{18}[Xx]", "numbers of citizens with a digit too many")
CITIZENS: Final = words(
    (
        *("身份证", "身份證", "身分证", "证件号", "證件號", "公民身份", "居民身份", "身份号码"),
        *("id card", "id number", "id no", "identity card", "identity number", "citizen", "citizen id", "idcard"),
    ),
    within=AROUND,
)

READ: Final = str.maketrans(DRAWN)
LETTER: Final = re.compile(f"[{''.join(DRAWN)}]")
SIGN: Final = re.compile(r"[ .\-]")
PLAINLY: Final = frozenset("lIOo0123456789Xx")
"""What is typed for digits by mistake, too."""
HEXADECIMAL: Final = frozenset("0123456789ABE")
LEAST_DIGITS, MOST_LETTERS = 4, 0.6
"""Of a number some digits are digits: a word such as `lol` is none; of one with letters that are less alike, more."""

type Written = tuple[int, int, str, str]
"""Start, end, digits, kind of reading."""
type Find = Callable[[Reading], Iterator[Written]]


def written(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the numbers of a text that are written oddly; `place` tells where a stretch of it stands."""
    text = reading.text
    for start, end, digits, kind in (one for find in finds(reading) for one in find(reading)):
        spend()
        if not _alone(text, start, end):
            continue
        for read, how in ((digits, kind), (digits[::-1], f"{kind}, reversed"))[: 1 + (kind in TURNABLE)]:
            if entity := _entity(reading, start, end, read, sure=kind in SURE):
                before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
                there = (Place(0, *place(start, end)),)
                pieces.add(Piece(read, there, kinds + how, before + " ", " " + after, entity))
                break


def finds(reading: Reading) -> Iterator[Find]:
    """Yield what may find numbers in a text."""
    may_hold = reading.made(seen)
    yield from (find for view, find in FINDS.items() if view in may_hold)
    if may_be_said(reading):
        yield from (spoken, roman)


def may_be_said(reading: Reading) -> bool:
    """Tell whether some digits stand beside each other as words or as Roman numbers."""
    return IN_A_ROW.search(reading.skeleton) is not None


def exponents(reading: Reading) -> Iterator[Written]:
    """Yield the whole numbers that are written with an exponent or a fraction."""
    for match in EXPONENT.finditer(reading.skeleton) if may_match(EXPONENT, reading) else ():
        number = Decimal(reading.text[match.start() : match.end()])
        if FEWEST <= number.adjusted() + 1 <= MOST:
            yield match.start(), match.end(), str(int(number)), "literal"


def lettered(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits that have letters among them."""
    text = reading.text
    some = may_match(LETTERED, reading)
    for match in LETTERED.finditer(reading.skeleton) if some else ():
        start, end = _whole_words(text, *match.span())
        row = text[start:end]
        if LETTER.search(row) and _is_typed(SIGN.sub("", row)):
            digits = SIGN.sub("", row).translate(READ).upper()
            if len(digits) == 18 or "X" not in digits:
                yield start, end, digits, "letters for digits"


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a row without the beginning of a word behind it, or the end of one before it."""
    if is_latin(text[end : end + 1]) and (sign := SIGN.search(text[start:end][::-1])):
        end -= sign.end()
    if is_latin(text[start - 1 : start]) and (sign := SIGN.search(text, start, end)):
        start = sign.end()
    return start, end


def is_latin(char: str) -> bool:
    """Tell whether a character is a letter or digit of ASCII."""
    return char.isascii() and char.isalnum()


def _is_typed(row: str) -> bool:
    """Tell whether a row of digits and letters may be typed for a number: what is hexadecimal, too, hardly is one."""
    letters = sum(map(str.isalpha, row))
    digits = row.translate(READ).upper()
    if PLAINLY.issuperset(row) or cn_id_card(digits) or cn_id_card(digits[::-1]):
        return len(row) - letters >= LEAST_DIGITS
    return letters <= MOST_LETTERS * len(row) and not HEXADECIMAL.issuperset(row)


def spoken(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits that are spelt out as words."""
    for match in SPOKEN.finditer(reading.skeleton):
        start, end = match.span(1)
        said = LETTERS.findall(reading.text[start:end].lower())
        digits = "".join(SAID.get(one, "X") for one in said)
        yield start, end, digits, "spoken"


def tapped(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits in Morse code."""
    for match in TAPPED.finditer(reading.skeleton) if reading.made(Words).meet(TAPS_BESIDE) else ():
        start, end = match.span(1)
        yield start, end, "".join(MORSE.get(one, "?") for one in TAPS.findall(reading.text[start:end])), "Morse code"


def roman(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits each of which is a Roman number."""
    for match in IN_ROMAN.finditer(reading.skeleton):
        start, end = match.span(1)
        signs = SPACED.split(reading.text[start:end].upper())
        digits = "".join("0" if one in NOUGHTS else ROMAN.get(one, one) for one in signs)
        if digits.removesuffix("X").isdecimal():
            yield start, end, digits, "Roman numerals"


def tagged(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits each of which has a tag of its own."""
    for match in TAGGED.finditer(reading.skeleton):
        row = reading.text[match.start() : match.end()]
        yield *match.span(), BLANK.sub("", TAG.sub("", row)).upper(), "one a tag"


def numbered(reading: Reading) -> Iterator[Written]:
    """Yield the rows of digits each of which stands behind its number."""
    text = reading.text
    some = may_match(NUMBERED, reading)
    for match in NUMBERED.finditer(reading.skeleton) if some else ():
        digits, start, end, number = "", match.start(), match.start(), None
        while (step := STEP.match(text, end)) and int(step[1]) == (int(step[1]) if number is None else number + 1):
            digits, end, number = digits + step[2], step.end(2), int(step[1])
            start = step.start(2) if len(digits) == 1 else start
        if digits:
            yield start, end, digits.upper(), "numbered"


def spread(reading: Reading) -> Iterator[Written]:
    """Yield the numbers whose groups stand apart, with the same between all of them, or proven by a date in them."""
    some = may_match(SPREAD, reading)
    for match in SPREAD.finditer(reading.skeleton) if some else ():
        start, end = match.span()
        row = reading.text[start:end]
        digits = "".join(GROUP.findall(row)) + ("X" if row[-1] in "Xx" else "")
        between = set(GROUP.split(row)[1:-1])
        alike = len({one.translate(FACING) for one in between}) == 1
        if len(digits) == 18 or (alike and (len(between) > 1 or not OPERATORS.issuperset(min(between).strip()))):
            yield start, end, digits, "spread"


def glued(reading: Reading) -> Iterator[Written]:
    """Yield the numbers of citizens that have a digit too many, where a word says that one stands there."""
    for match in GLUED.finditer(reading.skeleton):
        row = reading.text[match.start() : match.end()].upper()
        for digits in (row[:18], row[1:]):
            if LIKE_CITIZEN.fullmatch(digits) and CITIZENS.near(reading.text, *match.span()):
                yield *match.span(), digits, "a digit too many"


TURNABLE: Final = frozenset({"letters for digits", "spoken", "Morse code", "one a tag", "numbered", "Roman numerals"})
SURE: Final = frozenset({"Roman numerals", "amount"})
"""What is a number by its form, whatever stands beside it."""
FINDS: Final[dict[str, Find]] = {
    one.__name__: one for one in (exponents, lettered, spread, tapped, amounts, tagged, numbered, glued)
}
"""What finds numbers in a text that may hold some, by the names that `signs` knows them by."""


def _alone(text: str, start: int, end: int) -> bool:
    """Tell whether what stands there is no part of a word or of a longer number."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if (before.isascii() and before.isalnum()) or before == ".":
        return False
    return not (after[:1].isascii() and after[:1].isalnum()) and not (after[:1] == "." and after[1:].isdigit())


def _entity(reading: Reading, start: int, end: int, digits: str, *, sure: bool = False) -> str:
    """Return what a number may be; empty where it is none. What programs write may be all there is."""
    text = reading.text
    if cn_id_card(digits):
        return "CN_ID_CARD"
    alone = sure or (text[:start] in ("", "-") and end == len(text) and EXPONENT.fullmatch(reading.skeleton, start))
    if MOBILE.fullmatch(digits):
        return "PHONE_NUMBER" if alone or PHONES.near(text, start, end) else ""
    if len(digits) == 10 and PHONES.near(text, start, end):
        return "PHONE_NUMBER"
    card = len(digits) >= 15 and bank_card(digits) and (alone or CARDS.near(text, start, end))
    return "CREDIT_CARD" if card else ""
