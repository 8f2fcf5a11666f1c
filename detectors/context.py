"""Words near a finding: the same look-out for our own patterns and for Presidio's.

Enters: a view's text and a range in it. Leaves: which of the words stands near. A word of ASCII letters counts only as
a whole word, in the plural too; Chinese has no spaces, so a Chinese word counts wherever it stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from detectors.engine import Later, compiled_later

EDGE: Final = "[A-Za-z0-9]"
DOTTED: Final = re.compile("[iI]")
DOTS: Final = "[iİı]"
"""What Python takes for an `i` where case does not matter; RE2 does not."""

PLURAL: Final = "(?:'?s|es)?"


@dataclass(frozen=True, slots=True)
class Words:
    """A set of words ready to be looked for."""

    terms: tuple[str, ...]
    """The words, longest first."""
    pattern: Any
    """A regular expression of Python that has a group for each of `terms`."""
    quick: Any
    """RE2 that matches any text that has one of them, compiled: most have none, and that is known sooner so."""
    within: int
    """How many characters before and after the finding are looked at."""

    def near(self, text: str, start: int, end: int) -> str:
        """Return the word that stands within reach of `start` to `end`, as the rule has it; empty when none does."""
        first = max(0, start - self.within)
        around = text[first : end + self.within].encode()
        sign = self.quick.search(around)
        if not sign:
            return ""
        at = first + len(around[: sign.start()].decode())
        match = self.pattern.search(text[first:start], at - first) if at < start else None
        match = match or self.pattern.search(text[end : end + self.within], max(0, at - end))
        return self.terms[(match.lastindex or 1) - 1] if match else ""

    def around(self, text: str, start: int, end: int) -> bool:
        """Tell whether a word may stand within reach of anything between `start` and `end`."""
        return bool(self.quick.search(text[max(0, start - self.within) : end + self.within].encode()))

    def before(self, text: str, start: int) -> str:
        """Return the word that stands within reach before `start`; empty when none does."""
        window = text[max(0, start - self.within) : start]
        return self.near(window, len(window), len(window))


def words(terms: Iterable[str], within: int) -> Words:
    """Return the look-out for `terms`, of which there must be at least one."""
    longest_first = tuple(sorted(dict.fromkeys(terms), key=len, reverse=True))
    anywhere = f"(?i:{'|'.join(DOTTED.sub(DOTS, _spaced(term)) for term in longest_first)})"
    return Words(
        terms=longest_first,
        pattern=Later(partial(_each, longest_first)),
        quick=compiled_later(anywhere, "words"),
        within=within,
    )


def _each(terms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"({_whole(term)})" for term in terms), re.I)


def _whole(term: str) -> str:
    before = f"(?<!{EDGE})" if re.match(EDGE, term) else ""
    last = term[-1:]
    after = f"(?!{EDGE})" if re.match(EDGE, last) else ""
    return before + _spaced(term) + (PLURAL if last.isascii() and last.isalpha() and len(term) > 2 else "") + after


def _spaced(term: str) -> str:
    return r"\s+".join(re.escape(piece) for piece in term.split())
