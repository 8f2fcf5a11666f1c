"""How good found spans are, by the house's own measure (`detectors.measure`), for the sets of the training.

Enters: records and the spans found in them. Leaves: a tally of the set, and its figures in percent.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from detectors.measure import Tally, micro, tally
from detectors.ner.tags import LABELS
from detectors.ner.train.records import Labelled, Record


def score(records: Sequence[Record], found: Sequence[Iterable[Labelled]], streets_are_places: bool) -> Tally:
    """Compare; with `streets_are_places`, an ADDRESS counts as LOCATION, for sets that know no addresses."""
    counted = Tally()
    for record, spans in zip(records, found, strict=True):
        counted += tally(_named(record.spans, streets_are_places), _named(spans, streets_are_places))
    return counted


def row(counted: Tally) -> dict[str, Any]:
    """Return the figures in percent, for a table or a file: F1 by label, and what all labels reach together."""
    strict = micro(counted.strict)
    figures: dict[str, Any] = {label: percent(one.f1) for label, one in counted.strict.items() if one.there}
    figures["micro"] = percent(strict.f1)
    figures["precision"], figures["recall"] = percent(strict.precision), percent(strict.recall)
    figures["overlap"] = {label: percent(one.f1) for label, one in counted.overlapping.items() if one.there}
    figures["overlap"]["micro"] = percent(micro(counted.overlapping).f1)
    figures["coverage"] = percent(counted.covered.recall)
    figures["false_hits"] = percent(counted.false_alarms)
    return figures


def percent(share: float | None) -> float:
    """Return a share in percent; nought for a share of nothing."""
    return round(100 * (share or 0.0), 1)


def _named(spans: Iterable[Labelled], streets_are_places: bool) -> list[Labelled]:
    named = (
        (start, end, "LOCATION" if streets_are_places and label == "ADDRESS" else label) for start, end, label in spans
    )
    return [span for span in named if span[2] in LABELS]
