"""Numbers that are written to be read by people only: with signs between the digits, in Chinese numerals, backwards.

Enters: the reading of a text. Leaves: each such number as plain digits, with the words around it and the way back.
Ordinary texts are full of figures, so a number counts only as a whole: from where a row of digits begins to where it
ends, divided evenly or proven by its check digits, and where these prove little, beside a word that says what it is.
"""

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.allowance import BLOCK, spend
from detectors.checksums import bank_card, cn_id_card
from detectors.context import words
from detectors.engine import compiled
from detectors.normalise import TABLED
from detectors.reading import Reading
from detectors.views.pieces import Piece, Pieces, Place

NUMERALS: Final = {
    sign: str(digit)
    for digit, signs in enumerate(
        (
            *("零〇○洞", "一壹弌幺么〡", "二贰貳弍两兩〢", "三叁參叄弎仨〣", "四肆〤"),
            *("五伍〥", "六陆陸〦", "七柒拐〧", "八捌〨", "九玖勾〩"),
        )
    )
    for sign in signs
}
"""Chinese numerals, formal ones, those of Suzhou, and those that are said over the radio and the telephone."""

READ: Final = str.maketrans(NUMERALS)
ENTITIES: Final = frozenset({"CN_ID_CARD", "CREDIT_CARD", "PHONE_NUMBER"})
"""What is looked for in them."""

FEWEST, MOST = 11, 19
"""Digits of what is looked for: a mobile number, a bank card."""

AROUND: Final = 40
"""Characters on either side that may say what a number is."""

BESIDE: Final = 8
"""Characters on either side in which a sum goes on; of a fixed width, for a text may hold many numbers."""

IS_SIGN: Final = ~np.fromiter(map(str.isalnum, map(chr, range(TABLED))), np.bool_, TABLED)
EMOJI: Final = (0x1F000, 0x1FAFF)
"""Signs beyond the table."""
SIGNS: Final = "".join(map(chr, IS_SIGN.nonzero()[0].tolist()))
"""What may stand between digits."""


def _classes() -> NDArray[np.uint8]:
    """Return what each character is for a row of digits: a digit, a numeral, a check letter, a sign, or another."""
    classes = np.full(TABLED + 1, ord("x"), np.uint8)
    classes[:-1][IS_SIGN] = ord("s")
    for kind, members in (("d", "0123456789"), ("n", NUMERALS), ("c", "Xx")):
        classes[list(map(ord, members))] = ord(kind)
    return classes


PHONES: Final = words(
    (
        *("phone", "mobile", "cell", "tel", "telephone", "call", "dial", "sms", "wechat", "whatsapp", "contact"),
        *("电话", "手机", "联系", "致电", "拨打", "短信", "微信", "号码", "電話", "手機", "聯絡"),
    ),
    within=AROUND,
)
CARDS: Final = words(
    (
        *("card", "visa", "mastercard", "amex", "unionpay", "debit", "credit", "pan"),
        *("卡", "银联", "信用卡", "借记卡", "账号", "帐号", "銀聯"),
    ),
    within=AROUND,
)
TURNED: Final = words(
    ("reverse", "reversed", "backwards", "backward", "mirrored", "倒", "反", "逆序"),
    within=AROUND,
)

CLASSES: Final = _classes()
"""The class of each character; of one beyond the table, the last."""
ASCII_CLASSES: Final = CLASSES[:256].tobytes()
ALIKE: Final = bytes.maketrans(b"n", b"d")
ENOUGH: Final = b"d" * 10
"""What is left of a row without its signs."""

ROW: Final = compiled(r"(?:cs{0,4})?[dn](?:s{0,4}[dn]){9,}(?:s{0,4}c)?", "rows of digits")
LIKE_CITIZEN: Final = re.compile(r"[1-8][0-9]{5}(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9X]")
"""What may be the number of a citizen, told at a hundredth of what its check digit costs."""

NO_DIGIT: Final = re.compile("[^0-9Xx]+")
SIGN: Final = re.compile(b"s+")
GROUP: Final = re.compile(b"[dnc]+")
MOBILE: Final = re.compile(r"(?:86|0086)?1[3-9][0-9]{9}")
IPV4: Final = re.compile(r"(?:OCTET\.){3}OCTET".replace("OCTET", "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"))

type Hidden = tuple[int, int, str, str, str]
"""Start, end, digits, kind of reading, and what it is if it is anything."""

OPERATORS: Final = frozenset("*+%=<>|&^")
"""Signs between figures of a sum; between parts of one number they stand at even distances."""

FORMATTING: Final = frozenset({"+", "**", "***", "__", "~~", "==", "`"})
"""Signs of Markdown and of forms, which stand between parts of a number at any distance; without spaces around them."""

MOBILES: Final = frozenset({(3, 4, 4), (2, 3, 4, 4)})
"""How Chinese mobile numbers are divided: whole, and by one sign throughout, they are numbers whatever the sign is."""

ROWS: Final = frozenset(",;/:，；：、")
"""Signs between the figures of a row, as in `range(150,2000,3000)`, `158:1080:1920` or a path of tiles."""

BRACKETS: Final = frozenset({"()", "[]", "{}"})

NATURAL: Final = frozenset({(3, 4, 4), (4, 4, 3), (3, 3, 5), (2, 3, 4, 4)})
"""How mobile numbers are divided by people."""


UNITS: Final = frozenset({"1000", "1024", "3600", "1440"})
"""By which sizes and times are multiplied."""


def numbers(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the numbers that are hidden in a text; `place` tells where a stretch of it stands."""
    text, classes = reading.text, classes_of(reading)
    for match in ROW.finditer(classes) if classes.translate(ALIKE, b"s").find(ENOUGH) >= 0 else ():
        spend()
        for first, last, core, kind, entity in hidden(text, classes, *_bare(text, *match.span())):
            before, after = text[max(0, first - AROUND) : first], text[last : last + AROUND]
            there = (Place(0, *place(first, last)),)
            pieces.add(Piece(core, there, kinds + kind, before + " ", " " + after, entity))


def classes_of(reading: Reading) -> bytes:
    """Return what each character of a text is for a row of digits."""
    codes = reading.codes
    if codes is None:
        return reading.skeleton.translate(ASCII_CLASSES)
    found = CLASSES.take(codes, mode="clip")
    if reading.view.rare:
        found[(codes >= EMOJI[0]) & (codes <= EMOJI[1])] = ord("s")
    return found.tobytes()


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a row without a check letter that is the edge of a word."""
    if text[start] in "Xx" and start and text[start - 1].isalnum() and text[start - 1].isascii():
        start += 1
    if text[end - 1] in "Xx" and text[end : end + 1].isalnum() and text[end : end + 1].isascii():
        end = start + len(text[start : end - 1].rstrip(SIGNS))
    return start, end


def hidden(text: str, classes: bytes, start: int, end: int) -> Iterator[Hidden]:
    """Yield what one row of digits can hide."""
    body, digits = classes[start:end], _digits(text[start:end])
    if digits.endswith("X") and len(digits) != 18:
        end = start + body.rindex(b"c")
        end -= len(body[: end - start]) - len(body[: end - start].rstrip(b"s"))
        body, digits = classes[start:end], digits[:-1]
    if digits.startswith("X") and len(digits) != 18:
        start += len(body) - len(body[1:].lstrip(b"s"))
        body, digits = classes[start:end], digits[1:]
    spelt, divided = b"n" in body, b"s" in body
    if spelt or divided:
        kind = "numerals" if spelt else "digits"
        if FEWEST <= len(digits) <= MOST + 4 and (entity := _entity(text, start, end, digits, body, spelt=spelt)):
            yield start, end, digits, kind, entity
        elif divided and len(digits) > 18:
            yield from _aligned(text, body, start)
    turned = digits[::-1]
    if FEWEST <= len(digits) <= MOST and (entity := _entity_turned(text, start, end, turned)):
        yield start, end, turned, "reversed", entity


def _aligned(text: str, body: bytes, start: int) -> Iterator[Hidden]:
    """Yield citizen numbers that are made of whole groups of a longer row."""
    groups = [(start + match.start(), start + match.end()) for match in GROUP.finditer(body)]
    digits = _digits(text[start : start + len(body)])
    ends = list(accumulate(last - first for first, last in groups))
    number = {end: place for place, end in enumerate(ends)}
    for place, (first, last) in enumerate(groups):
        if not place % BLOCK:
            spend(BLOCK // 8)
        begin = ends[place] - (last - first)
        final = number.get(begin + 18)
        if final is not None and final > place and LIKE_CITIZEN.match(digits, begin):
            core = digits[begin : begin + 18]
            if cn_id_card(core):
                yield first, groups[final][1], core, "digits", "CN_ID_CARD"


def _digits(written: str) -> str:
    return NO_DIGIT.sub("", written.translate(READ)).upper()


def _entity(text: str, start: int, end: int, digits: str, body: bytes, *, spelt: bool) -> str:
    """Return what a row may be as one number; empty where it is none."""
    if cn_id_card(digits):
        return "CN_ID_CARD"
    card = digits[0] in "234568" and len(digits) >= 15 and bank_card(digits)
    if not card and not MOBILE.fullmatch(digits):
        return ""
    signs = {text[start + sign.start() : start + sign.end()] for sign in SIGN.finditer(body)}
    groups = [len(group[0]) for group in GROUP.finditer(body)]
    even = len(signs) <= 1 and len(set(groups[:-1])) <= 1 and groups[-1] <= groups[0]
    in_row = not (card or spelt) and _in_row(text, start, end, digits, signs)
    if tuple(groups) in MOBILES and not in_row and _by_one_sign(text, start, end, signs):
        return "PHONE_NUMBER"
    if not even and not OPERATORS.isdisjoint("".join(signs - FORMATTING)):
        return ""
    natural = tuple(groups) in NATURAL and (even or signs.isdisjoint(FORMATTING)) and not in_row
    if card:
        return "CREDIT_CARD" if spelt or (even and groups[0] == 4) or CARDS.near(text, start, end) else ""
    if IPV4.fullmatch(text, start, end):
        return ""
    return "PHONE_NUMBER" if spelt or natural or PHONES.near(text, start, end) else ""


def _by_one_sign(text: str, start: int, end: int, signs: set[str]) -> bool:
    """Tell whether one sign divides a number, as in no row of a table and no sum: these have blanks, or go on."""
    if len(signs) != 1:
        return False
    sign = min(signs)
    if any(map(str.isspace, sign)):
        return sign.strip() == "|" and bool(PHONES.near(text, start, end))
    before, after = text[max(0, start - BESIDE) : start], text[end : end + BESIDE]
    if text.startswith("86", start):
        before = before.removesuffix("+")
    around = before.rstrip()[-1:] + after.lstrip()[:1]
    return OPERATORS.isdisjoint(around) and ("*" not in sign or UNITS.isdisjoint(text[start:end].split(sign)))


def _in_row(text: str, start: int, end: int, digits: str, signs: set[str]) -> bool:
    """Tell whether groups are figures of a row: in brackets or a path of their own, or all of them round."""
    if not signs or not ROWS.issuperset(map(str.strip, signs)) or PHONES.near(text, start, end):
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    if f"{before}{after}" in BRACKETS or "/" in (before, after) or (after == "." and text[end + 1 : end + 2].isalpha()):
        return True
    return all(not int(figure) % 10 or not int(figure) % 64 for figure in (digits[-8:-4], digits[-4:]))


def _entity_turned(text: str, start: int, end: int, turned: str) -> str:
    """Return what a number is when it is read backwards; empty where it is nothing."""
    if len(turned) == 18:
        return "CN_ID_CARD" if cn_id_card(turned) else ""
    if MOBILE.fullmatch(turned) and len(turned) == 11:
        phone = PHONES.near(text, start, end) or TURNED.near(text, start, end)
        return "PHONE_NUMBER" if phone and not MOBILE.fullmatch(turned[::-1]) else ""
    if bank_card(turned) and turned[0] in "34568" and len(turned) in (15, 16, 19):
        card = CARDS.near(text, start, end) or TURNED.near(text, start, end)
        return "CREDIT_CARD" if card else ""
    return ""
