"""Numbers of people that are told in pieces within one text: the first digits, then the last; one variable each; one
field of an address each.

Enters: the reading of a text. Leaves: the pieces put together, with the way back to each of them. Texts are full of
figures with words between, so what stands between must say that they are pieces (the last four, a second variable or
field), and the whole must be proven by its check digits, or have a word for it and be told as pieces from the first.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.allowance import spend
from detectors.checksums import bank_card, cn_id_card
from detectors.engine import compiled
from detectors.normalise import TABLED
from detectors.reading import Reading
from detectors.views.figures import Figures, may_match
from detectors.views.numbers import AROUND, CARDS, FEWEST, LIKE_CITIZEN, MOBILE, MOST, PHONES
from detectors.views.pieces import Piece, Pieces, Place
from detectors.views.signs import ORDERS, seen

KIND: Final = "told in pieces"
PIECES: Final = 4
"""Of one number."""

ONE_ORDER: Final = "|".join(ORDERS)
LATIN: Final = compiled(rf"[0-9Xx][^0-9\n]{{0,24}}(?i:{ONE_ORDER})", "words for pieces of numbers")
CHINESE_ORDERS: Final = "前|中间|中間|后|後|末|尾|最后|其余|余下|剩|接着|然后|再|半|部分|段"
CHINESE: Final = re.compile(CHINESE_ORDERS)
BEGINS_ORDER: Final = np.zeros(TABLED + 1, np.bool_)
BEGINS_ORDER[[ord(word[0]) for word in CHINESE_ORDERS.split("|")]] = True
REACH: Final = 16
"""Characters between a piece and the Chinese word that says that it is one."""
AHEAD: Final = re.compile(rf"[0-9Xx][^0-9]{{0,{REACH}}}\Z")
AFTER: Final = re.compile(
    r"[^0-9]{0,24}?(?:[0-9]{1,2}(?:\s?(?:[位个個]|digits?|chars?|characters?)[^0-9]{0,12}?|[\s:：]{1,3}))?"
    r"(?=[0-9]|[Xx](?![A-Za-z0-9]))"
)
"""From the word to the next piece; how many digits that has may be told between."""
TOLD: Final = re.compile(
    r"[前中后後末尾首](?:间|間|面)?[0-9一二两三四五六七八九十]{0,3}\s?[位段]|[前后後上下]半|一半"
    r"|(?:first|last|next|middle|final|remaining)\s(?:[a-z0-9]{1,8}\s)?(?:digits?|part|half|numbers?)|(?:part|half)\s(?:[a-z]+|[0-9])\b"
    r"|(?:first|last|next|final|remaining)\s(?:two|three|four|five|six|seven|eight|nine|[0-9])\b",
    re.IGNORECASE,
)
"""What says so plainly, in whatever text."""
BARELY: Final = re.compile(
    rf"(?:[\W_]|{CHINESE_ORDERS}|[是为為位的第几一二两三四五六七八九十]|\b(?:{ONE_ORDER}|and|by|with|the|is|are|it|its|digits?|numbers?|[0-9]{{1,2}})\b)*+",
    re.IGNORECASE,
)
"""What stands between pieces of one number where that is not told plainly: nothing else, nor what is counted."""
NAME: Final = r"[A-Za-z_$][A-Za-z0-9_.$\[\]\-]{0,23}"
GIVEN: Final = r"""["'`]?[ \t]*(?::=|=>|=|:)[ \t]*["'`]?"""
DECLARED: Final = r"(?:[A-Za-z*]{1,12}[ \t]{1,4}){0,2}"
VARIABLE: Final = (
    rf"""[0-9]{{2}}["'`][ \t]*[)\]]?[ \t]*[;,\n][\s;,]{{0,16}}{DECLARED}"""
    rf"""["']?{NAME}["']?[ \t]*(?::=|=>|=|:)[ \t]*["'`]"""
    rf"|[0-9]{{2}}[ \t]*[;\n][\s;]{{0,16}}{DECLARED}{NAME}[ \t]*:?=[ \t]*"
)
"""Texts in quotes, and bare numbers where each is a statement."""
FIELD: Final = rf"[0-9]{{2}}&(?:amp;)?{NAME}="
LINKS: Final = tuple(
    (kind, compiled(pattern, f"pieces of numbers: {kind}")) for kind, pattern in (("given", VARIABLE), ("field", FIELD))
)
BEGUN: Final = compiled(
    r"""[0-9]{2}(?:&|["'`][ \t]*[)\]]?[ \t]*[;,\n]|[ \t]*[;\n])""", "how pieces of numbers are parted by programs"
)
"""How either begins."""
DIGITS: Final = re.compile(r"[0-9]{1,17}[Xx]?\Z")
BEHIND: Final = re.compile(r"[0-9]{1,17}[Xx]?|[Xx]")
COUNTED: Final = re.compile(r"\s?(?:位|个|個|digits?|numbers?|characters?|chars?|st\b|nd\b|rd\b|th\b)", re.IGNORECASE)
"""Behind a number of digits that is told, and is none of them."""
GIVEN_NAME: Final = re.compile(rf"({NAME}){GIVEN}\Z")
LONGEST_NAME: Final = 32
ORDINAL: Final = re.compile(r"[_.\-\[]?(?:[0-9]{1,2}\]?|[A-Za-z])\Z")
PARTS: Final = re.compile(
    r"(?:^|[_.\-])(?:first|second|third|last|head|tail|start|end|prefix|suffix|left|right|mid(?:dle)?|hi(?:gh)?|low?|part)(?:$|[_.\-0-9])",
    re.IGNORECASE,
)
BEFORE: Final = 16
"""Characters before the first piece in which it is told that it is one."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two pieces with what says that they are pieces."""

    first: tuple[int, int]
    last: tuple[int, int]
    kind: str


def parted(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the numbers of a text that are told in pieces; `place` tells where a stretch of it stands."""
    text = reading.text
    found: dict[Link, None] = dict.fromkeys(links(reading))
    following = {(one.kind, one.first): one.last for one in found}
    for one in found:
        spans = [one.first, one.last]
        while len(spans) <= PIECES and length_of(spans) <= MOST:
            for row in (spans, spans[::-1]):
                if entity := entity_of(text, row, one.kind):
                    add(text, pieces, row, entity, place, kinds)
            if (last := following.get((one.kind, spans[-1]))) is None:
                break
            spans = [*spans, last]


def links(reading: Reading) -> Iterator[Link]:
    """Yield two pieces each, with what stands between them."""
    text = reading.text
    data, figures = reading.skeleton, reading.made(Figures)
    may_hold = reading.made(seen)
    for kind, pattern in LINKS if may_match(BEGUN, reading) else ():
        for match in pattern.finditer(data) if kind in may_hold else ():
            if text[match.end() : match.end() + 1].isdigit():
                yield from link(text, match.start(), match.end(), kind)
    for word in LATIN.finditer(data) if "named" in may_hold and may_match(LATIN, reading) else ():
        if behind := AFTER.match(text, word.end()):
            yield from link(text, word.start(), behind.end(), "named")
    codes = reading.codes
    for order in () if codes is None else chinese_orders(text, codes, figures):
        low = max(0, order.start() - REACH - 1)
        ahead = AHEAD.search(text[low : order.start()])
        behind = AFTER.match(text, order.end()) if ahead else None
        if ahead and behind:
            yield from link(text, low + ahead.start(), behind.end(), "named")


def chinese_orders(text: str, codes: NDArray[np.uint32], figures: Figures) -> Iterator[re.Match[str]]:
    """Yield the words for pieces that stand near behind a digit: all others say nothing of one. `codes` is the text."""
    begins = BEGINS_ORDER.take(codes, mode="clip").nonzero()[0]
    end = 0
    for start in figures.before(begins, REACH + 2).tolist():
        if start >= end and (word := CHINESE.match(text, start)):
            end = word.end()
            yield word


def link(text: str, start: int, last: int, kind: str) -> Iterator[Link]:
    """Yield two pieces: of one the last characters begin at `start`, the other begins at `last`."""
    spend()
    end = start
    while text[end].isascii() and text[end].isdigit():
        end += 1
    end += text[end : end + 1] in ("X", "x")  # its check letter
    if end < 2 or not text[end - 2].isdigit():
        return  # of fewer than two digits only the last piece is
    before, behind = DIGITS.search(text[max(0, end - 18) : end]), BEHIND.match(text, last)
    if before is None or behind is None:
        return
    first, second = (end - len(before[0]), end), behind.span()
    counted = second[1] - second[0] <= 2 and COUNTED.match(text, second[1])
    if not counted and is_free(text, *first) and is_free(text, *second):
        yield Link(first, second, kind)


def is_free(text: str, start: int, end: int) -> bool:
    """Tell whether a piece is no part of a word or of a longer number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum()):
        return False
    return not (before == "." and text[start - 2 : start - 1].isdigit()) and not (
        after == "." and text[end + 1 : end + 2].isdigit()
    )


def length_of(spans: list[tuple[int, int]]) -> int:
    """Return how many digits pieces have together."""
    return sum(end - start for start, end in spans)


def entity_of(text: str, spans: list[tuple[int, int]], kind: str) -> str:
    """Return what pieces may be together; empty where they are nothing."""
    length = length_of(spans)
    if not FEWEST <= length <= MOST:
        return ""
    digits = "".join(text[start:end] for start, end in spans).upper()
    if LIKE_CITIZEN.fullmatch(digits):
        return "CN_ID_CARD" if cn_id_card(digits) else ""
    card = length >= 15 and digits[0] in "23456" and bank_card(digits)
    if not (card or MOBILE.fullmatch(digits)):
        return ""
    inner = sorted(spans)
    start, end = inner[0][0], inner[-1][1]
    between = [text[max(0, start - BEFORE) : start], *(text[a:b] for (_, a), (b, _) in pairwise(inner))]
    told = kind == "named" and all(map(TOLD.search, between))
    if spans != inner and not told:
        return ""
    if kind != "named" and not alike(text, inner):
        return ""
    if kind == "named" and not (told or all(map(BARELY.fullmatch, between[1:]))):
        return ""
    if not told and all(map(is_round, (text[start:end] for start, end in spans))):
        return ""
    if card:
        return "CREDIT_CARD" if CARDS.near(text, start, end) else ""
    return "PHONE_NUMBER" if told or PHONES.near(text, start, end) else ""


def is_round(piece: str) -> bool:
    """Tell whether a piece reads as a figure of hundreds or thousands, as limits and prices are."""
    return piece[0] != "0" and piece.endswith("00")


def alike(text: str, spans: list[tuple[int, int]]) -> bool:
    """Tell whether the names of variables or fields say that each holds a piece of one thing."""
    found = [GIVEN_NAME.search(text[max(0, start - LONGEST_NAME) : start]) for start, _ in spans]
    if None in found:
        return False
    names = [one[1] for one in found if one is not None]
    stems = {ORDINAL.sub("", name) for name in names}
    return len(set(names)) == len(names) and (len(stems) == 1 or all(PARTS.search(name) for name in names))


def add(
    text: str,
    pieces: Pieces,
    spans: list[tuple[int, int]],
    entity: str,
    place: Callable[[int, int], tuple[int, int]],
    kinds: str,
) -> None:
    """Add a number with the way back to its pieces."""
    core = "".join(text[start:end] for start, end in spans).upper()
    first, last = min(spans)[0], max(spans)[1]
    places = [Place(0, *place(start, end)) for start, end in spans]
    before = text[max(0, first - AROUND) : first] + "".join(text[a:b] for (_, a), (b, _) in pairwise(sorted(spans)))
    after = text[last : last + AROUND]
    pieces.add(Piece(core, places, kinds + KIND, f"{before} ", f" {after}", entity, whole=True))
