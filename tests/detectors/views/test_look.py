"""A text is entered through its codes, and each child leads back to the whole code."""

import base64

from detectors.views.look import look
from tests.detectors.views.reading import CARD, ID, redacted


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


def test_a_long_number_is_no_code():
    assert look(CARD).children == []
