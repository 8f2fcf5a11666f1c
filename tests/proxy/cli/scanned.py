"""A small finder for tests of the command line: digits in rows of four are cards, words in capitals are people.

Enters: a text. Leaves: findings with reasons. It cannot tell of a text that has "unspeakable" in it.
"""

import re
from dataclasses import dataclass

from detectors.find import Finder
from detectors.interface import CannotTell, Finding

CARD, PERSON = "CREDIT_CARD", "PERSON"
BOTH = frozenset({CARD, PERSON})


@dataclass(frozen=True)
class Small:
    """Finds what its pattern fits."""

    entity: str
    pattern: str
    score: float
    because: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"small-{self.entity.lower()}"

    @property
    def entities(self) -> frozenset[str]:
        return frozenset({self.entity})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        if "unspeakable" in text and self.entity == PERSON:
            raise CannotTell("a test says so")
        return tuple(
            Finding(*match.span(), self.entity, self.score, self.name, self.because)
            for match in re.finditer(self.pattern, text)
            if self.entity in entities
        )


def small_finder() -> Finder:
    """Return a finder that loads at once."""
    card = Small(CARD, r"[0-9]{4}(?: [0-9]{4}){3}", 0.95, ("check:luhn", "context:卡号"))
    return Finder((card, Small(PERSON, r"\b[A-Z]{3,}\b|王芳", 0.6)))
