"""Words near a finding: the same look-out for our own patterns and for Presidio's.

Enters: a view's text and a range in it. Leaves: whether one of the words stands near. A word of ASCII letters counts
only as a whole word; Chinese has no spaces, so a Chinese word counts wherever it stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

EDGE: Final = "[A-Za-z0-9]"


@dataclass(frozen=True, slots=True)
class Words:
    """A set of words ready to be looked for."""

    pattern: re.Pattern[str]
    anywhere: str
    """RE2 that matches any text that has one of them."""
    within: int
    """How many characters before and after the finding are looked at."""

    def near(self, text: str, start: int, end: int) -> bool:
        """Tell whether one of the words stands within reach of `start` to `end`."""
        before = text[max(0, start - self.within) : start]
        return bool(self.pattern.search(before) or self.pattern.search(text[end : end + self.within]))


def words(terms: Iterable[str], within: int) -> Words:
    """Return the look-out for `terms`, of which there must be at least one."""
    longest_first = sorted(set(terms), key=len, reverse=True)
    return Words(
        pattern=re.compile("|".join(_whole(term) for term in longest_first), re.I),
        anywhere=f"(?i:{'|'.join(_spaced(term) for term in longest_first)})",
        within=within,
    )


def _whole(term: str) -> str:
    before = f"(?<!{EDGE})" if re.match(EDGE, term) else ""
    after = f"(?!{EDGE})" if re.match(EDGE, term[-1:]) else ""
    return before + _spaced(term) + after


def _spaced(term: str) -> str:
    return r"\s+".join(re.escape(piece) for piece in term.split())
