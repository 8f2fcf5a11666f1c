"""A text that is too long to be looked through in time is told so at once, and only where that matters."""

from dataclasses import replace

import pytest

from policies.load import parse_policy
from proxy.errors import TextTooLong
from proxy.exchange import Forward
from proxy.wire.body import Limits
from tests.proxy.house import chat, street
from tests.proxy.test_pipeline import depart

LONG = chat("word " * 10)


def test_a_text_that_is_too_long_is_told_at_once_unless_policy_asks_for_nothing_in_it() -> None:
    short = replace(street(), limits=Limits(max_text=40))
    with pytest.raises(TextTooLong, match="40 characters"):
        depart(LONG, short)
    assert isinstance(depart(LONG, replace(street(), limits=Limits(max_text=400))).outcome, Forward)
    nothing = parse_policy("policy: p\nversion: 1\notherwise: allow\nrules: []\n", "p", lambda _name: "")
    assert isinstance(depart(LONG, replace(short, policy=nothing)).outcome, Forward)


def test_names_take_longer_so_that_less_text_is_looked_through_for_them() -> None:
    limits = Limits(max_text=100, max_text_names=40)
    assert (limits.characters(names=True), limits.characters(names=False)) == (40, 100)
