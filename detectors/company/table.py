"""A table of very many terms, looked up by first characters and length.

Enters: folded terms once, then texts. Leaves: where terms stand, the longest where several begin together. Pure. What
a place costs does not depend on how many terms there are.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from detectors.allowance import spend

HEAD: Final = 2
"""Characters by which terms are found; the least that a term must have."""
FIRST_IDEOGRAPH: Final = "\u2e80"
"""From here on scripts write without spaces, so nothing can be said of where a word ends."""


class Table[Note]:
    """Terms, each with something that is known of it."""

    def __init__(self, terms: Mapping[str, Note]) -> None:
        """Take terms of two characters or more."""
        self._heads: dict[str, dict[int, dict[str, Note]]] = {}
        for term, note in terms.items():
            self._heads.setdefault(term[:HEAD], {}).setdefault(len(term), {})[term] = note
        self._firsts = frozenset(head[0] for head in self._heads)
        # Longest first, so that the first hit is the one that counts.
        self._lengths = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in self._heads.items()}

    def __bool__(self) -> bool:
        """Whether there are any terms."""
        return bool(self._heads)

    def spans(self, text: str, accepts: Callable[[int, int, Note], bool]) -> Iterator[tuple[int, int, Note]]:
        """Give where accepted terms stand, none overlapping another."""
        heads = self._heads
        free = 0
        if self._firsts.isdisjoint(text):  # ends at the first that is there, and costs little where none is
            return
        for start in [place for place in range(len(text) - 1) if text[place : place + HEAD] in heads]:
            if start < free:
                continue
            spend()
            lengths = heads[text[start : start + HEAD]]
            for length in self._lengths[text[start : start + HEAD]]:
                end = start + length
                note = lengths[length].get(text[start:end])
                if note is not None and accepts(start, end, note):
                    free = end
                    yield start, end, note
                    break


def is_edge(text: str, place: int) -> bool:
    """Tell whether a word may begin or end at `place`: no letter or digit of an alphabet on both sides of it."""
    if not 0 < place < len(text):
        return True
    return not (is_lettered(text[place - 1]) and is_lettered(text[place]))


def is_lettered(character: str) -> bool:
    """Tell whether a character is a letter or digit of an alphabet."""
    return character.isalnum() and character < FIRST_IDEOGRAPH
