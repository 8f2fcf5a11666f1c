"""A text is entered through its codes, and each child leads back to the whole code."""

import base64

from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.budget import Budget
from detectors.views.codes import codes
from detectors.views.letters import letters
from detectors.views.look import APART, look
from detectors.views.numbers import numbers
from detectors.views.pieces import Pieces
from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE, redacted
from tests.thorough import drawn


def test_children_know_where_they_come_from_and_how():
    code = base64.b64encode(f"number {ID}".encode().hex().encode()).decode()
    text = f"see {code} there"
    outer, inner = look(text).children
    assert (outer.text, outer.kind) == (f"number {ID}".encode().hex(), "base64")
    assert (inner.text, inner.kind) == (f"number {ID}", "base64 hex")
    assert {text[child.start : child.end] for child in (outer, inner)} == {code}


def test_numbers_inside_a_code_take_the_code_with_them():
    code = f"card {'-'.join(CARD)}".encode().hex()
    assert redacted(f"see {code} there") == "see ⟦⟧ there"


def test_what_is_turned_by_a_sign_is_read_as_it_is_shown():
    assert redacted(f"mail \u202e{'li.wei@northwind.cn'[::-1]}\u202c to") == "mail ⟦⟧ to"


def test_an_ordinary_text_has_nothing_to_be_seen():
    sight = look("Please recommend three books on project management. 请推荐三本书,2024 年以后的。")
    assert (sight.children, sight.pieces.cores, sight.rows.cores, sight.closed) == ([], [], [], [])


@given(st.text("0123456789abXx.,:-= eE+", min_size=8, max_size=60))
@example(f"{ID[:3]} - {ID[3:10]} - {ID[10:]}")
@example("4.111111111111111e15")
@example(f"{MOBILE}.0")
@example(" ".join(MAIL))
@example(" ".join(f"{byte:02x}" for byte in MAIL.encode()))
@example("".join(f"={byte:02X}" for byte in MAIL.encode()))
@settings(max_examples=drawn(300), deadline=None)
def test_what_has_no_sign_of_being_written_apart_is_not(text):
    reading = read_text(text)
    pieces = Pieces()
    numbers(reading, pieces, lambda start, end: (start, end))
    letters(reading, pieces, lambda start, end: (start, end))
    apart = [code for code in codes(reading, Budget()) if code not in [*codes(reading, Budget(), apart=False)]]
    if not APART.search(reading.skeleton):
        assert (pieces.cores, apart) == ([], [])


def test_a_long_number_is_no_code():
    assert look(CARD).children == []
