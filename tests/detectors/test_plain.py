"""What was written as plain JSON comes back as it was; any other JSON is refused."""

from dataclasses import dataclass

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.plain import Unfit, plain, reader_of


@dataclass(frozen=True, slots=True)
class Leaf:
    text: str
    often: float


@dataclass(frozen=True, slots=True)
class Tree:
    leaf: Leaf | None
    leaves: tuple[Leaf, ...]
    pair: tuple[int, bool]
    longest: int | None = None


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(2**53), 2**53)
LEAVES = st.builds(Leaf, st.text(st.characters(exclude_categories=["Cs"])), NUMBERS)
TREES = st.builds(
    Tree, st.none() | LEAVES, st.lists(LEAVES).map(tuple), st.tuples(WHOLE, st.booleans()), st.none() | WHOLE
)


@given(TREES)
def test_a_value_comes_back_as_it_was(tree):
    assert reader_of(Tree)(orjson.loads(orjson.dumps(plain(tree)))) == tree


GOOD = [["a", 1.0], [["b", 0.5]], [3, True], None]
REFUSED = {
    "too short": GOOD[:3],
    "too long": [*GOOD, 1],
    "a mapping": {"leaf": None},
    "a flag for a number": [None, [], [True, True], None],
    "a number for a flag": [None, [], [1, 1], None],
    "a whole number for a fraction": [["a", 1], [], [1, True], None],
    "a text for a row": [None, "ab", [1, True], None],
    "nothing for a row": [None, None, [1, True], None],
    "a number for a text": [[1, 1.0], [], [1, True], None],
    "a text for none": ["", [], [1, True], None],
    "a pair of three": [None, [], [1, True, 2], None],
}


def test_the_good_one_is_read():
    assert reader_of(Tree)(GOOD) == Tree(Leaf("a", 1.0), (Leaf("b", 0.5),), (3, True))


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_any_other_form_is_refused(value):
    with pytest.raises(Unfit):
        reader_of(Tree)(value)


@pytest.mark.parametrize("kind", [list[int], dict[str, int], bytes, set[str]])
def test_a_type_without_a_plain_form_is_no_type(kind):
    with pytest.raises(TypeError):
        reader_of(kind)
