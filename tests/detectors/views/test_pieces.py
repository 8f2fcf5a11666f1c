"""What is found in a text put together leads back to its originals, and only what counts does."""

import pytest

from detectors.interface import Finding
from detectors.views.pieces import Piece, Pieces, Place


def pieces() -> Pieces:
    made = Pieces()
    made.add(Piece("123", (Place(0, 10, 15),), "digits", "a ", " b", "NUMBER"))
    made.add(Piece("abcdef", (Place(1, 4, 6), Place(2, 0, 4)), "joined", "x "))
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


@pytest.mark.parametrize(
    ("start", "end", "entity", "left"),
    [
        (10, 15, "NUMBER", ["joined"]),
        (9, 20, "NUMBER", ["joined"]),
        (10, 15, "OTHER", ["digits", "joined"]),
        (11, 15, "NUMBER", ["digits", "joined"]),
    ],
)
def test_what_was_found_to_be_what_it_is_need_not_be_looked_for_again(start, end, entity, left):
    rest = pieces().without([Finding(start, end, entity, 1.0, "d")])
    assert [core.kind for core in rest.cores] == left
    assert rest.text.endswith("x abcdef\n\n\n")
    assert rest.text[slice(rest.cores[-1].start, rest.cores[-1].end)] == "abcdef"


def test_a_piece_does_not_show_what_it_holds():
    assert repr(Piece("4111", (), "digits", "a card ", "")) == "Piece('digits')"
