"""The company's own words: customers, projects, people, whatever a list names.

Enters: a list of terms once, then texts. Leaves: where a term stands, in original offsets, the longest where several
begin together. Case, full-width forms, traditional characters and the length of spaces do not matter; a term of letters
is found only as whole words, so `Falcon` is not in `Falconer`, while Chinese terms are found wherever they stand. Other
ways of writing count where the list asks for them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from detectors.company.table import HEAD, Table, is_edge
from detectors.company.variants import SCORES, Variants
from detectors.interface import DetectorError, Finding
from detectors.normalise import normalise
from detectors.reading import read_text
from detectors.rulebook import ENTITY_NAME
from detectors.traditional import simplified

SPACES: Final = re.compile(r"\s+")
LEAST: Final = HEAD
"""Characters that a term must have: one alone would be found everywhere."""
TERM: Final = "term"
ALIAS: Final = "alias"


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text in lower case with single spaces, and its way back."""

    text: str = field(repr=False)
    places: tuple[int, ...] = (0,)
    """Offsets in the squeezed text from which the shift below holds, rising."""
    shifts: tuple[int, ...] = (0,)
    """How many characters were squeezed out before each place."""

    def unsqueezed(self, offset: int) -> int:
        """Return the offset in the text as it was before squeezing."""
        return offset + self.shifts[bisect_right(self.places, offset) - 1]


class Dictionary:
    """A detector made of a list of terms."""

    def __init__(
        self,
        name: str,
        entity: str,
        terms: Sequence[str],
        aliases: Sequence[str] = (),
        variants: frozenset[str] = frozenset(),
    ) -> None:
        """Take the list's name, the entity its terms are, the terms, and what else they are called and written.

        Raises `DetectorError` for unusable ones.
        """
        if not ENTITY_NAME.fullmatch(entity):
            raise DetectorError(f"{name}: the entity must be capital letters, digits and underscores, 40 at most")
        self._name = name
        self._entity = entity
        folded: dict[str, str] = {}
        for what, words in ((TERM, terms), (ALIAS, aliases)):
            for place, word in enumerate(words, start=1):
                plain = fold(word)
                if len(plain) < LEAST:
                    raise DetectorError(f"{name}: {what} {place} has fewer than {LEAST} characters")
                folded.setdefault(plain, what)
        self._table = Table(folded)
        self._variants = Variants(folded, variants) if variants else None

    @property
    def name(self) -> str:
        """Name of the list."""
        return self._name

    @property
    def entities(self) -> frozenset[str]:
        """The one entity of the list."""
        return frozenset({self._entity})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return where terms stand, none overlapping another."""
        if self._entity not in entities or not self._table:
            return ()
        view = read_text(text).view
        squeezed = squeeze(view.text)
        findings = []
        for start, end, score, because in self._spans(simplified(squeezed.text)):
            first, last = view.span(squeezed.unsqueezed(start), squeezed.unsqueezed(end - 1) + 1)
            findings.append(Finding(first, last, self._entity, score, self._name, (because,)))
        return tuple(findings)

    def _spans(self, text: str) -> list[tuple[int, int, float, str]]:
        """Return what was found in a folded text: the longest first, and of equals terms as they are written."""
        found = [
            (start, end, 1.0, what)
            for start, end, what in self._table.spans(text, lambda a, b, _: is_edge(text, a) and is_edge(text, b))
        ]
        if self._variants is None:
            return found
        found += [(start, end, SCORES[way], f"variant:{way}") for start, end, way in self._variants.find(text)]
        taken, busy = [], bytearray(len(text))
        for one in sorted(found, key=lambda one: (one[0] - one[1], -one[2], one[0])):
            if not any(busy[one[0] : one[1]]):
                busy[one[0] : one[1]] = b"\1" * (one[1] - one[0])
                taken.append(one)
        return sorted(taken)


def fold(term: str) -> str:
    """Return a term as it is compared."""
    return simplified(squeeze(normalise(term).text.strip()).text)


def squeeze(text: str) -> Squeezed:
    """Return `text` in lower case, every run of white space as one space."""
    # These two would change the length of the text or depend on their place in the word.
    lower = text.replace("\u0130", "I").lower().replace("ς", "σ")
    runs = [run.span() for run in SPACES.finditer(lower) if run.group() != " "]
    if not runs:
        return Squeezed(lower)
    return _squeezed(lower, runs)


def _squeezed(text: str, runs: Iterable[tuple[int, int]]) -> Squeezed:
    pieces, places, shifts = [], [0], [0]
    last = length = 0
    for start, end in runs:
        pieces += [text[last:start], " "]
        length += start - last + 1
        last = end
        places.append(length)
        shifts.append(end - length)
    pieces.append(text[last:])
    return Squeezed("".join(pieces), tuple(places), tuple(shifts))
