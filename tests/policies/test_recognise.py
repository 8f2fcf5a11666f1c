"""A service is found by what people call it, and nobody is led to another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.load import parse_policy
from policies.problem import PolicyError
from policies.recognise import MOST_OFFERED, by_likeness, by_name, offer
from tests.policies.samples import HEAD, no_file

SERVICES = {
    "openai-chatgpt": ("ChatGPT", "OpenAI"),
    "openai-api": ("OpenAI API", "OpenAI"),
    "openai-voice": ("ChatGPT Advanced Voice", "OpenAI"),
    "chatgot": ("ChatGot",),
    "plaud": ("PLAUD",),
    "openart": ("OpenArt",),
    "anthropic-claude": ("Claude", "Anthropic"),
    "deepseek-api": ("DeepSeek API / 深度求索 API", "DeepSeek API", "深度求索 API", "DeepSeek"),
    "deepseek-chat": ("DeepSeek Chat / 深度求索", "DeepSeek Chat", "深度求索", "DeepSeek"),
    "doubao": ("Doubao / 豆包", "Doubao", "豆包", "ByteDance"),
    "qianwen": ("Qianwen (Tongyi) / 千问 / 通义千问", "Qianwen (Tongyi)", "千问 / 通义千问", "Alibaba"),
}

OFFERS = {
    "a product": ("chatgpt", "ChatGPT: openai-chatgpt; ChatGPT Advanced Voice: openai-voice"),
    "another product": ("claude", "Claude: anthropic-claude"),
    "a vendor": (
        "openai",
        "OpenAI API: openai-api; ChatGPT: openai-chatgpt; ChatGPT Advanced Voice: openai-voice",
    ),
    "a vendor with two": (
        "deepseek",
        "DeepSeek API / 深度求索 API: deepseek-api; DeepSeek Chat / 深度求索: deepseek-chat",
    ),
    "Chinese": ("豆包", "Doubao / 豆包: doubao"),
    "one of two Chinese names": ("通义千问", "Qianwen (Tongyi) / 千问 / 通义千问: qianwen"),
    "other letters": ("ＣｈａｔＧＰＴ", "ChatGPT: openai-chatgpt; ChatGPT Advanced Voice: openai-voice"),
    "spaces and hyphens": ("Chat-GPT", "ChatGPT: openai-chatgpt; ChatGPT Advanced Voice: openai-voice"),
    "more than the name": ("豆包网页版", "Doubao / 豆包: doubao"),
    "the beginning": ("anthro", "Claude: anthropic-claude"),
    "a part": ("求索", "DeepSeek API / 深度求索 API: deepseek-api; DeepSeek Chat / 深度求索: deepseek-chat"),
    "misspelt": ("doubo", "Doubao / 豆包: doubao"),
    "misspelt, between two": (
        "chatgtp",
        "ChatGPT: openai-chatgpt; ChatGPT Advanced Voice: openai-voice; ChatGot: chatgot",
    ),
    "nothing like it": ("zzzzz", ""),
    "no letter": ("*", ""),
}


@pytest.mark.parametrize(("word", "want"), OFFERS.values(), ids=OFFERS.keys())
def test_a_name_leads_to_every_service_that_has_it(word, want):
    assert offer(word, SERVICES) == want


def test_ids_alone_are_enough():
    assert offer("chatgpt", {"openai-chatgpt", "kimi"}) == "openai-chatgpt"
    assert offer("chatgpt", ()) == ""


def test_no_more_are_offered_than_one_reads():
    many = {f"maker-{number}": ("Thing", "Maker") for number in range(9)}
    assert offer("maker", many).count(": ") == MOST_OFFERED
    assert offer("maker", many).endswith("; …")


def test_a_name_with_strange_characters_is_made_visible():
    assert offer("thing", {"a": ("Thing\x1b[31m",)}) == "Thing<U+001B>[31m: a"


@given(st.text(max_size=80))
def test_any_word_gives_ids_of_the_catalogue(word):
    assert set(by_name(word, SERVICES)) | set(by_likeness(word, SERVICES)) <= SERVICES.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_found_by_its_own_names(name):
    for called in SERVICES[name]:
        assert name in by_name(called, SERVICES), called


def hints(text: str, known=SERVICES) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(HEAD + text, "p", no_file, known)
    return [problem.hint.zh for problem in caught.value.problems]


def test_a_policy_is_told_what_the_catalogue_calls_it():
    rule = "rules:\n  - {id: a, verdict: allowed, when: {service: %s}}\n"
    assert hints(rule % "豆包") == ["是否想写其中之一？Doubao / 豆包: doubao"]
    assert hints("services: {s: {ids: [豆包]}}\n" + rule % "s") == ["是否想写其中之一？Doubao / 豆包: doubao"]
    assert hints("services: {聊天: {category: chat}}\n" + rule % "聊天类") == ["是否想写其中之一？聊天"]
    many = SERVICES | {f"s-{number}": () for number in range(20)}
    assert hints(rule % "'*'", many) == ["是否想写“any”？"]
    assert hints(rule % "zzzzz", many) == ["请填写服务的 id；`sluice services list` 列出全部。"]
