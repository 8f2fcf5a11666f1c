"""Every check that a rule may name is told in both languages."""

import re

import pytest

from detectors.checked import CHECKED
from detectors.patterns import CHECKS

HAN = re.compile("[一-鿿]")


def test_every_check_that_a_rule_may_name_has_its_row_and_no_row_is_of_none():
    assert CHECKED.keys() == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(CHECKED))
def test_a_row_is_english_and_chinese_in_this_order(name):
    english, chinese = CHECKED[name]
    assert english and not HAN.search(english)
    assert HAN.search(chinese)
