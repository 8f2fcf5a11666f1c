"""How good found spans are: strict, overlapping, by covered characters, and by false hits where nothing is to find.

Enters: records and the spans found in them. Leaves: figures. Strict means exact offsets and label; overlapping means
that a span of the same label shares a character; coverage asks only whether a confidential character was under any
span, which is what leaks are about.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detectors.ner.tags import LABELS
from detectors.ner.train.records import Labelled, Record

MICRO: Final = "micro"


@dataclass(frozen=True, slots=True)
class Rate:
    """Right, wrong and missed mentions."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Return the share of what is there that was found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one set."""

    strict: dict[str, Rate]
    """By label, and `micro` over all."""
    overlapping: dict[str, Rate]
    """Likewise; a mention found in two pieces counts once as right."""
    coverage: float
    """Share of the characters of all mentions that lie under any span found."""
    false_hits: float
    """Share of the texts without mentions in which something was found."""
    empty: int
    """How many texts without mentions there are."""

    def row(self) -> dict[str, Any]:
        """Return the figures in percent, for a table or a file."""
        figures: dict[str, Any] = {label: round(100 * rate.f1, 1) for label, rate in self.strict.items()}
        figures["precision"] = round(100 * self.strict[MICRO].precision, 1)
        figures["recall"] = round(100 * self.strict[MICRO].recall, 1)
        figures["overlap"] = {label: round(100 * rate.f1, 1) for label, rate in self.overlapping.items()}
        figures["coverage"] = round(100 * self.coverage, 1)
        figures["false_hits"] = round(100 * self.false_hits, 1)
        return figures


def score(records: Sequence[Record], found: Sequence[Iterable[Labelled]], streets_are_places: bool) -> Score:
    """Compare; with `streets_are_places`, an ADDRESS counts as LOCATION, for sets that know no addresses."""
    strict, loose = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    covered = whole = hits = empty = 0
    for record, spans in zip(records, found, strict=True):
        gold = {_named(span, streets_are_places) for span in record.spans}
        ours = {_named(span, streets_are_places) for span in spans}
        _count(strict, gold, ours, lambda one, other: one == other)
        _count(loose, gold, ours, lambda one, other: one[2] == other[2] and one[0] < other[1] and other[0] < one[1])
        marked = {at for start, end, _ in ours for at in range(start, end)}
        covered += sum(at in marked for start, end, _ in gold for at in range(start, end))
        whole += sum(end - start for start, end, _ in gold)
        if not gold:
            empty += 1
            hits += bool(ours)
    return Score(_rates(strict), _rates(loose), covered / max(1, whole), hits / max(1, empty), empty)


def _named(span: Labelled, streets_are_places: bool) -> Labelled:
    start, end, label = span
    return start, end, "LOCATION" if streets_are_places and label == "ADDRESS" else label


def _count(counts: Counter[tuple[str, str]], gold: set[Labelled], ours: set[Labelled], alike: Any) -> None:
    for one in gold:
        counts[one[2], "right" if any(alike(one, other) for other in ours) else "missed"] += 1
    for other in ours:
        counts[other[2], "wrong"] += not any(alike(one, other) for one in gold)


def _rates(counts: Counter[tuple[str, str]]) -> dict[str, Rate]:
    rates = {
        label: Rate(counts[label, "right"], counts[label, "wrong"], counts[label, "missed"])
        for label in LABELS
        if counts[label, "right"] + counts[label, "missed"]
    }
    sums = [sum(counts[label, what] for label in LABELS) for what in ("right", "wrong", "missed")]
    rates[MICRO] = Rate(*sums)
    return rates
