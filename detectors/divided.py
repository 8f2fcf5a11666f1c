"""Tells whether a match is only some groups of a longer number: 5101-0719-7302-0448-49 is no telephone number.

Enters: a text and a span of it. Leaves: yes or no. Spaces separate columns as well as groups of digits, so groups with
spaces between them count as numbers of their own, except in a hex dump: 4a46 4946 0001 0101 0048 is the head of a
picture, and no card number.
"""

import re
from typing import Final

GROUPS: Final = re.compile(r"([0-9]{2,6})([^0-9A-Za-z]{1,3})[0-9]+(?:\2[0-9]+)*+")
"""Groups of digits with the same separator between all of them; captures the first group and the separator."""

WORDS: Final = re.compile(r"[0-9]{4}(?:\s[0-9]{4})+")
WORD: Final = r"[0-9a-f]{4}"
WORDS_BEFORE: Final = re.compile(rf"(?<![0-9A-Za-z])(?:{WORD}\s)+\Z", re.IGNORECASE)
WORDS_AFTER: Final = re.compile(rf"(?:\s{WORD}(?![0-9A-Za-z]))+", re.IGNORECASE)
HEXADECIMAL: Final = re.compile(r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{4}\b", re.IGNORECASE)
"""Four hexadecimal digits with letters and figures mixed: neither a decimal number nor a word."""
LEAST_WORDS: Final = 2
BYTE: Final = r"(?:1?[0-9]{1,2}|2[0-4][0-9]|25[0-5])"
BYTES: Final = re.compile(rf"{BYTE}(?:\s{{1,4}}{BYTE})+")
BYTES_BEFORE: Final = re.compile(rf"(?<![0-9A-Za-z.,])(?:{BYTE}\s{{1,4}})+\Z")
BYTES_AFTER: Final = re.compile(rf"(?:\s{{1,4}}{BYTE}(?![0-9A-Za-z.,]))+")
LEAST_BYTES: Final = 6
BESIDE: Final = 40
"""Characters looked at on each side: eight hex words, or ten bytes."""


def within_bytes(text: str, start: int, end: int) -> bool:
    """Tell whether the span lies in a dump of bytes: hex words of two bytes each, or decimal bytes."""
    around = text[max(0, start - BESIDE) : start], text[end : end + BESIDE]
    if WORDS.fullmatch(text, start, end):
        rows = WORDS_BEFORE.search(around[0]), WORDS_AFTER.match(around[1])
        return sum(len(HEXADECIMAL.findall(row[0])) for row in rows if row) >= LEAST_WORDS
    if BYTES.fullmatch(text, start, end):
        rows = BYTES_BEFORE.search(around[0]), BYTES_AFTER.match(around[1])
        return sum(len(row[0].split()) for row in rows if row) >= LEAST_BYTES
    return False


def within_divided(text: str, start: int, end: int) -> bool:
    """Tell whether the span consists of equal groups and goes on, behind the same separator, with one more of them."""
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
