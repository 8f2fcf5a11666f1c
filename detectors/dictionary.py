"""The company's own words: customers, projects, people, whatever a list names.

Enters: a list of terms once, then texts. Leaves: where a term stands, in original offsets, the longest where several
begin together. Case, full-width forms and the length of spaces do not matter; a term of letters is found only as whole
words, so `Falcon` is not in `Falconer`, while Chinese terms are found wherever they stand.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from detectors.interface import DetectorError, Finding
from detectors.normalise import normalise
from detectors.rulebook import ENTITY_NAME

SPACES: Final = re.compile(r"\s+")
LEAST: Final = 2
"""Characters that a term must have: one alone would be found everywhere."""

HEAD: Final = 2
FIRST_IDEOGRAPH: Final = "\u2e80"
"""From here on scripts write without spaces, so nothing can be said of where a word ends."""


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

    def __init__(self, name: str, entity: str, terms: Sequence[str]) -> None:
        """Take the list's name, the entity its terms are, and the terms; raises `DetectorError` for unusable ones."""
        if not ENTITY_NAME.fullmatch(entity):
            raise DetectorError(f"{name}: the entity must be capital letters, digits and underscores, 40 at most")
        self._name = name
        self._entity = entity
        self._heads: dict[str, dict[int, set[str]]] = {}
        for place, term in enumerate(terms, start=1):
            folded = squeeze(normalise(term).text.strip()).text
            if len(folded) < LEAST:
                raise DetectorError(f"{name}: term {place} has fewer than {LEAST} characters")
            self._heads.setdefault(folded[:HEAD], {}).setdefault(len(folded), set()).add(folded)
        # Longest first, so that the first hit is the one that counts.
        self._lengths = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in self._heads.items()}

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
        if self._entity not in entities or not self._heads:
            return ()
        view = normalise(text)
        squeezed = squeeze(view.text)
        findings = []
        for start, end in self._spans(squeezed.text):
            first, last = view.span(squeezed.unsqueezed(start), squeezed.unsqueezed(end - 1) + 1)
            findings.append(Finding(first, last, self._entity, 1.0, self._name))
        return tuple(findings)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        heads = self._heads
        free = 0
        for start in [place for place in range(len(text) - 1) if text[place : place + HEAD] in heads]:
            if start < free or not _edge(text, start):
                continue
            lengths = heads[text[start : start + HEAD]]
            for length in self._lengths[text[start : start + HEAD]]:
                end = start + length
                if text[start:end] in lengths[length] and _edge(text, end):
                    free = end
                    yield start, end
                    break


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


def _edge(text: str, place: int) -> bool:
    """Tell whether a word may begin or end at `place`: no letter or digit of an alphabet on both sides of it."""
    if not 0 < place < len(text):
        return True
    before, after = text[place - 1], text[place]
    return not (_lettered(before) and _lettered(after))


def _lettered(character: str) -> bool:
    return character.isalnum() and character < FIRST_IDEOGRAPH
