"""Pieces of chat requests, and what they refuse."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.vendors import chat
from proxy.errors import Untranslatable, WireError


def test_calls_without_ids_are_answered_in_order_and_those_with_ids_by_them() -> None:
    calls = chat.Calls()
    made = [calls.begin("f"), calls.begin("f", "own"), calls.begin("g"), calls.begin("f", "")]
    assert made == ["call_1", "own", "call_3", "call_4"]
    assert [calls.end("f", "own"), calls.end("f"), calls.end("f"), calls.end("g")] == [
        "own",
        "call_1",
        "call_4",
        "call_3",
    ]
    with pytest.raises(WireError, match="answers no call"):
        calls.end("f")


def test_null_asks_for_nothing() -> None:
    assert chat.renamed({"p": None, "k": 0, "t": 1}, {"p": "top_p", "k": "top_k"}) == {"top_k": 0}


def test_a_tool_without_parameters_takes_none() -> None:
    made = chat.function("f", None, None)["function"]
    assert made == {"name": "f", "parameters": {"type": "object", "properties": {}}}


@pytest.mark.parametrize(
    ("kind", "data", "want"),
    [
        ("text/csv; charset=utf-8", "5byg5Lyf", [{"type": "text", "text": "张伟"}]),
        ("text/plain", "", []),
        ("IMAGE/PNG", "AA==", [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]),
        (
            "application/pdf",
            "AA==",
            [{"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,AA=="}}],
        ),
    ],
    ids=["text", "nothing", "a picture", "a document"],
)
def test_data_becomes_the_part_of_its_kind(kind: str, data: str, want: list[Any]) -> None:
    assert chat.media(kind, data) == want


@given(data=st.binary(max_size=60), padded=st.booleans())
def test_base64_of_either_alphabet_is_told_in_the_one_that_model_servers_read(data: bytes, padded: bool) -> None:
    written = base64.urlsafe_b64encode(data).decode()
    (part,) = chat.media("image/png", written if padded else written.rstrip("="))
    assert part["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(data).decode()}"
    (sound,) = chat.media("audio/wav", written)
    assert base64.b64decode(sound["input_audio"]["data"], validate=True) == data


def test_a_text_in_googles_alphabet_keeps_its_characters() -> None:
    text = "姓名??>>>~~~,身份证\n张三???"
    written = base64.urlsafe_b64encode(text.encode()).decode()
    assert {"-", "_"} <= set(written) and chat.media("text/csv", written) == [{"type": "text", "text": text}]


@pytest.mark.parametrize(("kind", "data"), [("text/plain", "/w=="), ("text/plain", "张伟"), ("video/mp4", "AA==")])
def test_data_that_cannot_be_shown_is_refused_and_never_quoted(kind: str, data: str) -> None:
    with pytest.raises(WireError) as caught:
        chat.media(kind, data)
    assert "张伟" not in str(caught.value) and isinstance(caught.value, Untranslatable) == (kind == "video/mp4")


@pytest.mark.parametrize(
    "read",
    [
        lambda: chat.turns_of({"m": []}, "m"),
        lambda: chat.turns_of({"m": ["张伟"]}, "m"),
        lambda: chat.objects("张伟", "m"),
        lambda: chat.entries({"m": "张伟"}, "m"),
        lambda: chat.word({"m": 7}, "m"),
    ],
)
def test_a_field_of_another_form_is_named_and_never_quoted(read: Any) -> None:
    with pytest.raises(WireError, match="m must be") as caught:
        read()
    assert "张伟" not in str(caught.value)
