"""Names of accounts are told from the words beside a messenger's name."""

import pytest

from detectors.handles import handle


@pytest.mark.parametrize("value", ["zhang_san88", "wxid_a1b2c3d4", "lisi-2024", "Xiaoming"])
def test_a_name_is_one(value):
    assert handle(value)


@pytest.mark.parametrize("value", ["payment", "OpenID", "wechat_pay", "_username_", "aaaaaa", "------"])
def test_a_word_of_the_trade_is_none(value):
    assert not handle(value)
