"""Whether a number is but some groups of a longer one, which is divided evenly: 5101-0719-7302-0448-49 is no telephone.

Enters: a text and a stretch of it. Leaves: yes or no. Blanks divide columns as well as numbers, so groups with blanks
between them are taken for numbers of their own, but in a row of bytes: 4a46 4946 0001 0101 0048 is the head of a
picture, and no card.
"""

import re
from typing import Final

GROUPS: Final = re.compile(r"([0-9]{2,6})([^0-9A-Za-z]{1,3})[0-9]+(?:\2[0-9]+)*+")
"""Groups of digits with one and the same sign between them: the first, and the sign."""

WORDS: Final = re.compile(r"[0-9]{4}(?:\s[0-9]{4})+")
WORD: Final = r"[0-9a-f]{4}"
WORDS_BEFORE: Final = re.compile(rf"(?<![0-9A-Za-z])(?:{WORD}\s)+\Z", re.IGNORECASE)
WORDS_AFTER: Final = re.compile(rf"(?:\s{WORD}(?![0-9A-Za-z]))+", re.IGNORECASE)
HEXADECIMAL: Final = re.compile(r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{4}\b", re.IGNORECASE)
"""A word that is neither a number nor one that people use."""
LEAST_WORDS: Final = 2
BYTE: Final = r"(?:1?[0-9]{1,2}|2[0-4][0-9]|25[0-5])"
BYTES: Final = re.compile(rf"{BYTE}(?:\s{{1,4}}{BYTE})+")
BYTES_BEFORE: Final = re.compile(rf"(?<![0-9A-Za-z.,])(?:{BYTE}\s{{1,4}})+\Z")
BYTES_AFTER: Final = re.compile(rf"(?:\s{{1,4}}{BYTE}(?![0-9A-Za-z.,]))+")
LEAST_BYTES: Final = 6
BESIDE: Final = 40
"""Characters of a row that are looked at on each side: eight words or ten bytes of it."""


def within_bytes(text: str, start: int, end: int) -> bool:
    """Tell whether what stands there are numbers in a row of bytes: words of two in hexadecimal, or decimal ones."""
    around = text[max(0, start - BESIDE) : start], text[end : end + BESIDE]
    if WORDS.fullmatch(text, start, end):
        rows = WORDS_BEFORE.search(around[0]), WORDS_AFTER.match(around[1])
        return sum(len(HEXADECIMAL.findall(row[0])) for row in rows if row) >= LEAST_WORDS
    if BYTES.fullmatch(text, start, end):
        rows = BYTES_BEFORE.search(around[0]), BYTES_AFTER.match(around[1])
        return sum(len(row[0].split()) for row in rows if row) >= LEAST_BYTES
    return False


def within_divided(text: str, start: int, end: int) -> bool:
    """Tell whether what stands there is of even groups, and goes on behind the same sign with a group of that size."""
    written = text[start:end]
    groups = GROUPS.fullmatch(written)
    if groups is None or not (sign := groups[2]).strip(" \t"):
        return False
    size, parts = len(groups[1]), written.split(sign)
    if any(len(part) != size for part in parts[:-1]) or len(parts[-1]) > size:
        return False
    edge, beyond = start - len(sign), end + len(sign)
    goes_on = text.startswith(sign, end) and text[beyond : beyond + 1].isdigit()
    if not goes_on and not (edge > 0 and text.startswith(sign, edge) and text[edge - 1].isdigit()):
        return False
    before, after = text[max(0, start - len(sign) - size - 1) : start], text[end : end + len(sign) + size + 1]
    group = f"[0-9]{{{size}}}"
    return bool(
        re.search(f"(?<![0-9A-Za-z]){group}{re.escape(sign)}\\Z", before)
        or (len(parts[-1]) == size and re.match(f"{re.escape(sign)}{group}(?![0-9A-Za-z])", after))
    )
