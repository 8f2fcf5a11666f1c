"""The estimate of tokens: near enough, never by the bytes of a picture."""

import json

import pytest

from proxy.adapters.anthropic_count import IMAGE_TOKENS, count_answer, count_tokens


def user(content: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": content}]}


def picture(data: str, media_type: str = "image/png") -> dict[str, object]:
    return user([{"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}])


@pytest.mark.parametrize(
    ("content", "low", "high"),
    [
        ("please summarise the attached quarterly report " * 100, 700, 1300),
        ("请总结附件中的季度报告，重点说明客户流失的原因。" * 100, 1000, 2000),
        ("", 1, 10),
    ],
    ids=["English", "Chinese", "nothing"],
)
def test_text_counts_about_as_a_tokeniser_would(content, low, high):
    assert low < count_tokens(user(content)) < high


def test_the_system_text_and_tools_count_too():
    words = "describe the weather " * 50
    alone = count_tokens(user("hi"))
    assert count_tokens({**user("hi"), "system": words}) > alone + 200
    assert count_tokens({**user("hi"), "tools": [{"name": "f", "description": words}]}) > alone + 200


def test_a_picture_counts_the_same_whatever_its_bytes():
    assert count_tokens(picture("A" * 40)) == count_tokens(picture("A" * 400_000))
    assert IMAGE_TOKENS <= count_tokens(picture("A")) < IMAGE_TOKENS + 50


def test_a_longer_document_counts_more():
    short, long = (count_tokens(picture("A" * size, "application/pdf")) for size in (1000, 1_000_000))
    assert long > 10 * short


def test_the_answer_is_what_clients_read():
    assert json.loads(count_answer(user("你好"))) == {"input_tokens": count_tokens(user("你好"))}


def test_an_odd_body_still_has_a_count():
    assert count_tokens({"messages": [None, 1.5, {"type": "base64"}]}) >= 1
