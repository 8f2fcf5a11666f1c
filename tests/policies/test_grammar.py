"""The grammar speaks the loader's language, no more and no less."""

import pytest

from policies import calendar, classify, define, enact, grammar, head, load, measure, oblige, suite
from policies.shapes import Either, Key, Keys, Shape
from policies.words import alias


def keys_of(shape: Shape) -> set[str]:
    """Return the keys of a mapping, also where it is one of several shapes."""
    found = [each for each in (shape.shapes if isinstance(shape, Either) else (shape,)) if isinstance(each, Keys)]
    return set(found[0].keys)


SAME = {
    "policy": (grammar.POLICY, load.KEYS),
    "rule": (grammar.RULE, enact.KEYS),
    "conditions": (grammar.WHEN, enact.CONDITIONS),
    "window": (grammar.WINDOW, (*define.WINDOW, "holidays", "off", "work")),
    "class": (grammar.CLASS, classify.KEYS),
    "notice": (grammar.NOTICE, oblige.NOTICE_KEYS),
    "showing": (grammar.SHOW, oblige.SHOW_KEYS),
    "asking": (grammar.ASK, oblige.ASK_KEYS),
    "quota": (grammar.QUOTA, measure.QUOTA_KEYS),
    "amount": (grammar.AMOUNT, measure.AMOUNT_KEYS),
    "test": (grammar.CASE, suite.KEYS),
    "expectation": (grammar.EXPECT, suite.EXPECTED),
    "review": (grammar.POLICY.keys["review"].shape, head.REVIEW_KEYS),
}


@pytest.mark.parametrize(("shape", "keys"), SAME.values(), ids=SAME.keys())
def test_a_mapping_has_the_keys_that_the_loader_reads(shape, keys):
    assert keys_of(shape) == set(keys)


def test_the_files_of_holidays_share_the_words_of_windows():
    assert {"off", "work"} <= keys_of(grammar.WINDOW) & set(calendar.KEYS)


@pytest.mark.parametrize(
    ("shape", "needed"),
    [(grammar.POLICY, load.NEEDED), (grammar.WINDOW, define.WINDOW), (grammar.RULE, ("id", "verdict"))],
    ids=["policy", "window", "rule"],
)
def test_what_the_loader_needs_is_marked_as_needed(shape, needed):
    assert {word for word, key in shape.keys.items() if key.needed} == set(needed)


@pytest.mark.parametrize("shape", [grammar.POLICY, grammar.RULE, grammar.WHEN, grammar.CASE, grammar.CLASS])
def test_every_key_is_explained_in_both_languages(shape):
    for word, key in shape.keys.items():
        assert isinstance(key, Key)
        assert key.said.en.endswith(".")
        assert key.said.zh.endswith("。"), word
        assert alias(word) != word
