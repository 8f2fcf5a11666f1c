import pytest

from policies.listed import NOBODYS, Listed, list_services
from tests.policies.office import SERVICES

WORDS = {
    "an id": ("doubao", "doubao"),
    "a name": ("ChatGPT", "openai-chatgpt"),
    "another case": ("chatgpt", "openai-chatgpt"),
    "a Chinese name": ("豆包", "doubao"),
    "full width": ("ｄｏｕｂａｏ", "doubao"),
    "nothing": ("", NOBODYS.id),
    "outside the catalogue": ("unlisted", NOBODYS.id),
    "the same in Chinese": ("未收录", NOBODYS.id),
}


@pytest.mark.parametrize(("word", "want"), WORDS.values(), ids=WORDS.keys())
def test_a_service_is_known_by_id_and_by_name(word, want):
    assert SERVICES.called(word).id == want


def test_what_nobody_knows_is_none_and_never_the_unlisted_service():
    assert SERVICES.called("chatgtp") is None


def test_an_id_comes_before_another_services_name():
    services = list_services([Listed("a", "chat", "US", names=("b",)), Listed("b", "chat", "US")])
    assert services.called("b").id == "b"
