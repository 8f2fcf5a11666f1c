"""Characters in scripts that most people cannot read: braille, and the signs of Unicode for Roman numbers, one a digit.

Enters: a text as it came, for folding reads these signs as letters and blanks. Leaves: the place of each row of them,
and what it stands for.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from detectors.allowance import spend

CELLS: Final = re.compile("[\u2801-\u28ff](?:[\u2800 ]?[\u2801-\u28ff]){8,}")
LETTERS: Final = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
DIGITS: Final = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚", "1234567890", strict=True))
SIGNS: Final = {"⠲": ".", "⠤": "-", "⠸": "/", "⠒": ":"}
PAIRS: Final = {"⠈⠁": "@", "⠨⠤": "_", "⠸⠌": "/", "⠐⠖": "+"}
NUMBER, CAPITAL, LETTER = "⠼", "⠠", "⠰"
"""What says of the cells behind it what they are."""
COMPUTER: Final = " A1B'K2L@CIF/MSP\"E3H9O6R^DJG>NTQ,*5<-U8V.%[$+X!&;:4\\0Z7(_?W]#Y)="
"""Computer braille: the sign of ASCII that each cell of six dots is, by their numbers."""

ROMAN: Final = re.compile(
    "[Ⅰ-Ⅸⅰ-ⅸ](?:[ ,.·、/\\-]{0,3}[Ⅰ-Ⅸⅰ-ⅸ0NOo〇○零]){9,18}(?:[ ,.·、/\\-]{0,3}[Xx](?![0-9A-Za-z]))?"
)
NO_DIGIT: Final = re.compile(r"[ ,.·、/\-]+")
DIGIT: Final = str.maketrans("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅰⅱⅲⅳⅴⅵⅶⅷⅸNOo〇○零x", "123456789123456789000000X")

SIGNS_OF_ROMANS: Final = (0x2160, 0x20)
CELLS_WITH_DOTS: Final = (0x2801, 0xFF)
"""The first of the signs of which rows of either kind are never without one, and how many there are."""

type Script = tuple[int, int, str, str]
"""Start, end, the script, and what stands there."""


def scripts(text: str) -> Iterator[Script]:
    """Yield the rows of such signs in a text."""
    if text.isascii() or not has_signs(text):
        return
    for match in CELLS.finditer(text):
        spend()
        yield *match.span(), "braille", f"{literary(match[0])}\n{computer(match[0])}"
    for match in ROMAN.finditer(text):
        spend()
        yield *match.span(), "Roman numerals", NO_DIGIT.sub("", match[0]).translate(DIGIT)


def has_signs(text: str) -> bool:
    """Tell whether any such sign stands in a text; seen sooner than any engine sees it."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    return any(bool((units - np.uint16(first) < count).any()) for first, count in (SIGNS_OF_ROMANS, CELLS_WITH_DOTS))


def literary(cells: str) -> str:
    """Return what people read by touch: letters, and digits behind their sign."""
    written, place, counting, capital = "", 0, False, False
    while place < len(cells):
        pair, cell = cells[place : place + 2], cells[place]
        place += 2 if pair in PAIRS else 1
        if pair in PAIRS:
            written, counting = written + PAIRS[pair], False
        elif cell in (NUMBER, LETTER):
            counting = cell == NUMBER
        elif cell == CAPITAL:
            capital, counting = True, False
        elif counting and cell in DIGITS:
            written += DIGITS[cell]
        elif cell in LETTERS:
            written += LETTERS[cell].upper() if capital else LETTERS[cell]
            counting = capital = False
        else:
            written += SIGNS.get(cell, " ")
            counting &= cell in SIGNS
    return written


def computer(cells: str) -> str:
    """Return what programs write that have a cell for each sign of ASCII; capitals are all that they know."""
    return "".join(COMPUTER[(ord(cell) - 0x2800) % 64] if cell > "\u2800" else " " for cell in cells)
