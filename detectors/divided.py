"""Whether a number is but some groups of a longer one, which is divided evenly: 5101-0719-7302-0448-49 is no telephone.

Enters: a text and a stretch of it. Leaves: yes or no. Blanks divide columns as well as numbers, so groups with blanks
between them are taken for numbers of their own.
"""

import re
from typing import Final

GROUPS: Final = re.compile(r"([0-9]{2,6})([^0-9A-Za-z]{1,3})[0-9]+(?:\2[0-9]+)*+")
"""Groups of digits with one and the same sign between them: the first, and the sign."""


def within_divided(text: str, start: int, end: int) -> bool:
    """Tell whether what stands there is of even groups, and goes on behind the same sign with a group of that size."""
    written = text[start:end]
    groups = GROUPS.fullmatch(written)
    if groups is None or not (sign := groups[2]).strip(" \t"):
        return False
    size, parts = len(groups[1]), written.split(sign)
    if any(len(part) != size for part in parts[:-1]) or len(parts[-1]) > size:
        return False
    before, after = text[max(0, start - len(sign) - size - 1) : start], text[end : end + len(sign) + size + 1]
    group = f"[0-9]{{{size}}}"
    return bool(
        re.search(f"(?<![0-9A-Za-z]){group}{re.escape(sign)}\\Z", before)
        or (len(parts[-1]) == size and re.match(f"{re.escape(sign)}{group}(?![0-9A-Za-z])", after))
    )
