"""What a score is worth: how often what was found with it is right.

Enters: spans that are in a text, and what was found there with its score. Leaves: counts by label and band of score,
which add up over texts. Pure; nothing here holds text. A detector is *calibrated* where of what it finds with a score
of 0.8 eight in ten are right; the expected calibration error (Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated
Probabilities Using Bayesian Binning", AAAI 2015) is how far it is off on average.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from detectors.measure import Span, by_label, pairs

BANDS: Final = 10
"""Bands of equal width from 0 to 1; a score of 1 is in the last."""


@dataclass(frozen=True, slots=True)
class Band:
    """What was found with scores of one band: how much, how much of it is right, and the sum of its scores."""

    found: int = 0
    right: int = 0
    scores: float = 0.0

    def __add__(self, other: "Band") -> "Band":
        """Return the counts of both."""
        return Band(self.found + other.found, self.right + other.right, self.scores + other.scores)

    @property
    def off(self) -> float:
        """How many more are right than their scores say, or fewer."""
        return abs(self.right - self.scores)


@dataclass(slots=True)
class Reliability:
    """Counts by label and band of score."""

    bands: dict[str, list[Band]] = field(default_factory=dict)
    there: dict[str, int] = field(default_factory=dict)
    """Spans that are marked, by label."""

    def count(self, there: Iterable[Span], found: Iterable[tuple[Span, float]]) -> None:
        """Count one text. A finding is right where it shares a character with a span of its label."""
        marked = by_label(there)
        for label, row in marked.items():
            self.there[label] = self.there.get(label, 0) + len(row)
        for span, score in found:
            bands = self.bands.setdefault(span[2], [Band()] * BANDS)
            right = bool(pairs(marked.get(span[2], []), [span]))
            place = min(int(score * BANDS + 1e-9), BANDS - 1)
            bands[place] += Band(1, int(right), score)

    def error(self, label: str) -> float | None:
        """Return the expected calibration error of a label, 0 to 1; none where nothing of it was found."""
        bands = self.bands.get(label, [])
        found = sum(band.found for band in bands)
        return sum(band.off for band in bands) / found if found else None

    def since(self, label: str) -> list[tuple[float, Band, Band]]:
        """Return for each band in which something is: its least score, what is in it, and all from there on."""
        bands = self.bands.get(label, [])
        rows = [(place / BANDS, band, sum(bands[place:], Band())) for place, band in enumerate(bands)]
        return [row for row in rows if row[1].found]
