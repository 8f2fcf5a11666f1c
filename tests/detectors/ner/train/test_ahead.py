"""Rounds made ahead are the rounds, in their order."""

from itertools import islice

import numpy as np

from detectors.ner.train.ahead import Maker, dealt
from detectors.ner.train.encode import Row


def one(number: int) -> list[Row]:
    return [Row((np.full((1, 1), number, np.int32),), np.array([number]))]


def numbers(makers: int) -> list[int]:
    return [int(rows[0].tags[0]) for rows in islice(dealt(one, 4, makers), 5)]


def test_other_processes_deal_the_same_rounds_in_the_same_order() -> None:
    assert numbers(0) == numbers(2) == [4, 5, 6, 7, 8]


def test_a_maker_makes_the_same_round_each_time_and_another_with_another_seed() -> None:
    first, again, other = (Maker("hashed", seed).rows(0, 20) for seed in (1, 1, 2))
    same = [
        all(np.array_equal(x, y) for x, y in zip(a.inputs, b.inputs, strict=True))
        for a, b in zip(first, again, strict=True)
    ]
    assert all(same)
    assert [len(row) for row in first] != [len(row) for row in other]
