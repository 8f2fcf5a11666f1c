"""Rounds made ahead are the rounds, in their order."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from detectors.ner.train import ahead, rounds
from detectors.ner.train.ahead import Maker, dealt
from detectors.ner.train.encode import Row
from tests.detectors.ner.train.small import fewer_sets


def one(number: int) -> list[Row]:
    return [Row((np.full((1, 1), number, np.int32),), np.array([number]))]


def numbers(makers: int) -> list[int]:
    return [int(rows[0].tags[0]) for rows in islice(dealt(one, 4, makers), 5)]


def test_other_processes_deal_the_same_rounds_in_the_same_order() -> None:
    assert numbers(0) == numbers(2) == [4, 5, 6, 7, 8]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A twentieth of what training has, so that a round takes a moment."""
    fewer_sets(monkeypatch)
    every = rounds.training
    monkeypatch.setattr(rounds, "training", lambda languages: tuple(every(languages))[::20])
    for name in ("SYNTHETIC", "DRILLS"):
        counts = getattr(rounds, name)
        fewer = {kind: {what: count // 20 for what, count in of.items()} for kind, of in counts.items()}
        monkeypatch.setattr(rounds, name, fewer)
    ahead._rounds.cache_clear()
    yield
    ahead._rounds.cache_clear()


@pytest.mark.usefixtures("few")
def test_a_maker_makes_the_same_round_each_time_and_another_with_another_seed() -> None:
    first, again, other = (Maker("hashed", seed).rows(0, 20) for seed in (1, 1, 2))
    same = [
        all(np.array_equal(x, y) for x, y in zip(a.inputs, b.inputs, strict=True))
        for a, b in zip(first, again, strict=True)
    ]
    assert all(same)
    assert [len(row) for row in first] != [len(row) for row in other]
