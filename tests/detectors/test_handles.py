"""Names of accounts are told from the words beside a messenger's name."""

import pytest

from detectors.handles import handle, numbered_handle


@pytest.mark.parametrize("value", ["zhang_san88", "wxid_a1b2c3d4", "lisi-2024", "Xiaoming"])
def test_a_name_is_one(value):
    assert handle(value)


@pytest.mark.parametrize("value", ["payment", "OpenID", "wechat_pay", "_username_", "aaaaaa", "------"])
def test_a_word_of_the_trade_is_none(value):
    assert not handle(value)


@pytest.mark.parametrize("value", ["zhangsan_1988", "liming0715", "lin_mei88"])
def test_a_name_with_figures_needs_no_more_than_the_messenger_before_it(value):
    assert numbered_handle(value)


@pytest.mark.parametrize(
    "value", ["zhangsan", "iphone15", "Windows11", "base64", "utf8mb4", "access_token2", "v12345", "openid"]
)
def test_a_word_without_figures_or_of_technology_needs_more(value):
    assert not numbered_handle(value)
