"""A head learns from what the layers of a graph say, the same twice. It runs where training does."""

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from detectors.ner.hashed import FEATURES  # noqa: E402
from detectors.ner.tags import SECRET_TAGS  # noqa: E402
from detectors.ner.train.encode import Row  # noqa: E402
from detectors.ner.train.graft import taps  # noqa: E402
from detectors.ner.train.head import Read, fit  # noqa: E402
from tests.detectors.ner.train.test_graft import graph  # noqa: E402

SINGLE = SECRET_TAGS.index("S-PASSWORD")
KEY = 7


def told(rows: int) -> list[Row]:
    """Return rows in which whatever stands behind the word of number `KEY` is a secret."""
    chance = np.random.default_rng(3)
    made = []
    for _ in range(rows):
        ids = chance.integers(10, 900, (14, FEATURES)).astype(np.int32)
        ids[:, -1] = 1
        tags = np.zeros(14, np.int64)
        if at := int(chance.integers(0, 12)):
            ids[at, :4], tags[at + 1] = KEY, SINGLE
        made.append(Row((ids,), tags))
    return made


def read() -> Read:
    model = graph("hashed")
    return Read(model, taps(model), told(200))


def test_a_head_learns_where_a_secret_is_told():
    learnt = fit(iter([read()] * 80), steps=160)
    entering, tags = read().batch(range(200))
    with torch.no_grad():
        found = learnt(*entering).argmax(-1)
    assert (found == tags).float().mean() > 0.98 and (found[tags == SINGLE] == SINGLE).float().mean() > 0.8


def test_it_learns_the_same_twice():
    first, again = (fit(iter([read()] * 2), steps=4).state_dict() for _ in range(2))
    assert all(torch.equal(value, again[name]) for name, value in first.items())


def test_what_is_read_is_padded_and_padding_is_not_judged():
    one = read()
    one.tags[0], one.numbers[0] = one.tags[0][:5], one.numbers[0][:5]
    assert one.ids is not None
    one.ids[0] = one.ids[0][:5]
    (numbers, real, ids), tags = one.batch([0, 1])
    assert (numbers.shape[1], real[0].sum(), real[1].sum()) == (14, 5, 14)
    assert (tags[0, 5:] == -100).all() and ids is not None and (ids[0, 5:] == 0).all()
