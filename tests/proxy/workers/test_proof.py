"""Nobody is served by detection that misses a specimen."""

import pytest

from detectors.find import Finder, shipped_patterns
from detectors.interface import Scan
from proxy.workers.interface import WorkerFailed
from proxy.workers.proof import HOLDS, must_find


class Blind:
    entities = HOLDS

    def find(self, _text: str, entities: frozenset[str]) -> Scan:
        return Scan((), entities)


def test_the_shipped_patterns_find_it_and_who_finds_nothing_serves_nobody() -> None:
    must_find(Finder(shipped_patterns()))
    with pytest.raises(WorkerFailed, match="CN_ID_CARD, CREDIT_CARD, EMAIL_ADDRESS"):
        must_find(Blind())  # type: ignore[arg-type]
