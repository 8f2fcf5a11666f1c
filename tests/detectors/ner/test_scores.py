"""What the shipped models and rules reach on the prompts to develop with: no change makes it worse unseen."""

import json

import pytest

from detectors.measure import Counts, Tally, tally
from detectors.ner.names import shipped_names
from detectors.ner.tags import LABELS
from detectors.ner.train.measure import WRITTEN
from detectors.ner.train.records import DATA

pytestmark = pytest.mark.slow

FLOORS = {
    # file: strict F1 of persons at least, and the share of harmless prompts with a false hit at most
    "zh": (0.92, 0.01),
    "en": (0.88, 0.03),
    "second-zh": (0.91, 0.01),
    "second-en": (0.93, 0.01),
    "third-zh": (0.91, 0.01),
    "third-en": (0.88, 0.01),
    "fourth-zh": (0.0, 0.04),
    "fourth-en": (0.0, 0.045),
}


@pytest.mark.parametrize("name", FLOORS)
def test_scores_stay_above_their_floor(name: str) -> None:
    persons, false = FLOORS[name]
    names, counted = shipped_names("accurate", "cpu", 2), Tally()
    for line in (DATA / WRITTEN / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        found = names.find(row["text"], frozenset(LABELS))
        counted += tally(map(tuple, row["spans"]), [(one.start, one.end, one.entity) for one in found])
    assert (counted.strict.get("PERSON", Counts()).f1 or 0.0) >= persons
    assert (counted.false_alarms or 0.0) <= false
