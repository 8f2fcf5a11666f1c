"""Every word has one Chinese name, and at no place of a policy do two words share one."""

from collections.abc import Iterator

import pytest

from policies.grammar import POLICY, SUITE
from policies.shapes import Either, Keys, ListOf, Name, Named, Shape, Some, Word
from policies.words import ALIASES, alias, canonical
from tests.rows import each

SYNONYMS = {"yes", "no", "true", "false"}
"""Words that mean the same and share their Chinese."""


def places(shape: Shape) -> Iterator[tuple[str, ...]]:
    """Give the words that may stand at each place of a file."""
    match shape:
        case Word(words) | Name(words):
            yield words
        case ListOf(item) | Some(item):
            yield from places(item)
        case Named(item, words):
            yield words
            yield from places(item)
        case Either(shapes):
            for each in shapes:
                yield from places(each)
        case Keys():
            yield tuple(shape.keys)
            for key in shape.keys.values():
                yield from places(key.shape)


PLACES = sorted({tuple(sorted(each)) for root in (POLICY, SUITE) for each in places(root) if each})


@each("words", PLACES, ids=lambda words: f"{words[0]}+{len(words)}")
def test_no_two_words_of_a_place_share_their_chinese(words):
    named = [alias(word) for word in words if word not in SYNONYMS]
    assert len(named) == len(set(named))


@each("words", PLACES, ids=lambda words: f"{words[0]}+{len(words)}")
def test_the_chinese_of_a_word_leads_back_to_it(words):
    for word in words:
        back = canonical(alias(word), words)
        assert back == word or {back, word} <= SYNONYMS


def test_every_word_of_the_language_has_a_chinese_name_and_every_name_a_word():
    used = {word for words in PLACES for word in words}
    countries = {word for word in used if len(word) == 2 and word.isupper()}
    assert ALIASES.keys() == used - countries


@pytest.mark.parametrize(
    ("word", "where", "want"),
    [
        ("服务", ("service", "group"), "service"),
        ("服务", ("services", "groups"), "services"),
        ("禁止", ("forbid", "allow"), "forbid"),
        ("禁止", ("forbidden", "allowed"), "forbidden"),
        ("禁止", ("mon", "tue"), "禁止"),
        ("forbidden", ("forbidden",), "forbidden"),
        ("华星", ("forbidden",), "华星"),
    ],
)
def test_what_a_word_means_depends_on_where_it_stands(word, where, want):
    assert canonical(word, where) == want
