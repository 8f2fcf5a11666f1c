"""What is found in a text put together leads back to its originals, and only what counts does."""

import pytest

from detectors.interface import Finding
from detectors.views.pieces import Pieces, Place


def pieces() -> Pieces:
    made = Pieces()
    made.add("123", (Place(0, 10, 15),), "digits", "a ", " b")
    made.add("abcdef", (Place(1, 4, 6), Place(2, 0, 4)), "joined", "x ")
    return made


@pytest.mark.parametrize(
    ("start", "end", "back"),
    [
        (2, 5, [(0, 10, 15)]),
        (2, 4, []),
        (0, 5, []),
        (12, 18, [(1, 4, 6), (2, 0, 4)]),
        (13, 15, [(1, 5, 6), (2, 0, 1)]),
        (12, 14, []),
        (14, 18, []),
        (10, 15, [(1, 4, 6), (2, 0, 1)]),
    ],
)
def test_only_whole_cores_and_what_goes_over_a_joint_count(start, end, back):
    made = pieces()
    assert made.text == "a 123 b\n\n\nx abcdef\n\n\n"
    got = made.back([Finding(start, end, "X", 1.0, "d")])
    assert [(number, one.start, one.end) for number, one in got] == back
    assert all(one.because == (f"view:{'joined' if number else 'digits'}",) for number, one in got)
