"""Every adapter says how well it knows what it reads."""

import pytest

from proxy.adapters.choose import ADAPTERS, FALLBACK
from proxy.adapters.known import KNOWN, WITHOUT_FORMAT, known_as

IDS = {entry.adapter.id for entry in ADAPTERS} | {FALLBACK.id}


@pytest.mark.parametrize(
    ("adapter", "word"),
    [
        ("chatgpt-web", "format"),
        ("openai-chat", "format"),
        ("chatgpt-web-beside", "beside"),
        ("google-any", "beside"),
        ("fallback", "fallback"),
        ("websocket", "fallback"),
        ("", ""),
    ],
)
def test_an_adapter_is_known_by_its_id(adapter: str, word: str) -> None:
    assert known_as(adapter) == word


def test_every_adapter_of_the_register_has_a_word_and_none_is_named_that_is_not_there() -> None:
    assert {known_as(one) for one in IDS} == KNOWN.keys()
    assert WITHOUT_FORMAT <= IDS
