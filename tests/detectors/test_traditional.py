"""Traditional characters read as simplified ones, one for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.traditional import FORMS, simplified

CASES = {
    "a name": ("張偉與劉曉麗", "张伟与刘晓丽"),
    "an address": ("臺北市中山區長安東路", "台北市中山区长安东路"),
    "simplified already": ("张伟", "张伟"),
    "Latin": ("Zoë, 12", "Zoë, 12"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "want"), CASES.values(), ids=CASES)
def test_each_character_has_its_simplified_form(text, want):
    assert simplified(text) == want


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(sorted(FORMS)))))
def test_the_length_stays_and_a_second_time_changes_nothing(text):
    once = simplified(text)
    assert len(once) == len(text) and simplified(once) == once


def test_the_table_has_thousands_of_forms_of_one_character():
    assert len(FORMS) > 2000
    assert all(len(one) == len(form) == 1 and one != form for one, form in FORMS.items())
