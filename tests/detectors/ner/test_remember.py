"""What is remembered is what was said of the very same numbers, it is bounded, and it spells no text."""

import numpy as np
import pytest

from detectors.ner.model import Window
from detectors.ner.remember import Memory, mark


def window(*numbers, heads=None, name="ids", kind=np.int64):
    return Window(0, 2, {name: np.array(numbers, kind)}, None if heads is None else np.array(heads, np.int64))


def logits(value, tokens=4):
    return np.full((tokens, 2), value, np.float32)


SAME = window(1, 2, 3)
OTHERS = {
    "other numbers": window(1, 2, 4),
    "fewer numbers": window(1, 2),
    "another input": window(1, 2, 3, name="types"),
    "other tokens": window(1, 2, 3, heads=[0, 2]),
    "another shape": Window(0, 2, {"ids": np.array([[1, 2, 3]], np.int64)}),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_only_the_very_same_numbers_have_the_same_mark(other):
    assert mark(SAME) == mark(window(1, 2, 3)) != mark(other)


def test_where_a_window_stands_in_its_text_does_not_matter():
    assert mark(Window(7, 9, SAME.inputs)) == mark(SAME)


def test_what_was_asked_for_longest_ago_is_forgotten_first():
    memory = Memory(most=3 * logits(0).nbytes)
    for number in (1, 2, 3, 1, 4):
        if memory.get(bytes([number])) is None:
            memory.put(bytes([number]), logits(number))
    assert [memory.get(bytes([number])) is not None for number in (1, 2, 3, 4)] == [True, False, True, True]


def test_what_is_put_twice_counts_once():
    memory = Memory(most=2 * logits(0).nbytes)
    for number in (1, 2, 2, 2):
        memory.put(bytes([number]), logits(number))
    assert memory.get(b"\x01") is not None and memory.get(b"\x02") is not None


def test_what_is_larger_than_the_memory_is_not_kept():
    memory = Memory(most=logits(0).nbytes)
    memory.put(b"a", logits(1, tokens=9))
    assert memory.get(b"a") is None


def test_what_is_kept_is_a_copy_that_nobody_changes():
    memory, whole = Memory(), np.zeros((8, 2), np.float32)
    memory.put(b"a", whole[:2])
    whole[:] = 1
    kept = memory.get(b"a")
    assert kept.base is None and not kept.any()
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1
