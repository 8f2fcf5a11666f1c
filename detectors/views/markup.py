"""Values with markup in their midst: tags of HTML, signs of Markdown, pieces of a string put together in code.

Enters: the reading of a text. Leaves: what is read where the page is shown or the program runs, each value with the
way back to all of it, markup included. Pages have markup everywhere: only what parts one token counts.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from detectors.allowance import spend
from detectors.checksums import bank_card, cn_id_card
from detectors.engine import compiled
from detectors.reading import Reading
from detectors.views.numbers import AROUND, CARDS, MOBILE, NATURAL, PHONES
from detectors.views.pieces import Piece, Pieces, Place
from detectors.views.seams import may_hold

INLINE: Final = (
    "a|abbr|b|big|br|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var|wbr"
)
"""Tags that part no paragraph, so that what is on both sides is read as one."""

MARK: Final = (
    rf"(?:</?(?i:{INLINE})(?:\s[^<>]*)?/?>|<!--[^<>]*-->"
    r"|\[/?(?:b|i|u|s|color|size|font|url)(?:=[^\[\]]{0,40})?\]"
    r"|\*{2,3}|~~|`"
    r"""|["']\s{0,20}[+.&]\s{0,20}["'])"""
)
TOKENS: Final = compiled(rf"[0-9A-Za-z.@+_\-]+(?:{MARK}+[0-9A-Za-z.@+_\-]+)+", "tokens with markup in them")
FIGURES: Final = compiled(rf"[0-9][0-9.+\-]*(?: ?(?:{MARK} ?)+[0-9.+\-]+)+[Xx]?", "figures with markup between them")
BETWEEN: Final = re.compile(rf" ?(?:{MARK} ?)+")
SIGN: Final = re.compile(r"[.+\-]")
EDGE: Final = ".-+_"
"""What ends a sentence rather than begins or ends a value."""
MOST: Final = 1000
"""Characters of what may be a value, with its markup."""


def markup(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the values of a text that have markup in their midst."""
    text = reading.text
    for first, last, parts in _rows(reading):
        row = "".join(parts)
        core = row.strip(EDGE)
        start, end = first + len(row) - len(row.lstrip(EDGE)), last - len(row) + len(row.rstrip(EDGE))
        if core and _may_be(text, start, end, core, parts):
            before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
            there = (Place(0, *place(start, end)),)
            pieces.add(Piece(core, there, f"{kinds}markup", before + " ", " " + after))


def _rows(reading: Reading) -> Iterator[tuple[int, int, list[str]]]:
    """Yield where tokens with markup in them stand, and their parts; with spaces beside the markup, only figures."""
    for pattern in (TOKENS, FIGURES):
        for match in pattern.finditer(reading.skeleton):
            spend()
            start, end = match.span()
            row = reading.text[start:end]
            if end - start <= MOST and (pattern is TOKENS or " " in row):
                yield start, end, BETWEEN.split(row)


def _may_be(text: str, start: int, end: int, core: str, parts: list[str]) -> bool:
    """Tell whether parts of one token may be a value: figures must be proven, or have a word for it."""
    digits = SIGN.sub("", core).upper()
    if not digits.removesuffix("X").isdigit():
        return may_hold(core)
    if cn_id_card(digits):
        return True
    if MOBILE.fullmatch(digits):
        return tuple(map(len, parts)) in NATURAL or bool(PHONES.near(text, start, end))
    return len(digits) >= 15 and bank_card(digits) and bool(CARDS.near(text, start, end))
