"""What is no word of the interface is never in what comes out, and what is stays where it was."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.capture.mask import (
    CARD,
    ORIGINALS,
    PERSON,
    SENTENCE,
    STRUCTURAL,
    Masker,
    Piece,
    inner_value,
    number_like,
    shape_of,
)
from tests.thorough import drawn


def masked(value, masker: Masker | None = None):
    masker = masker or Masker()
    return masker.fill(value, masker.texts(masker.gather(value)))


KEPT = {
    "a field of the interface": {"content_type": "text"},
    "words in any spelling": {"parentMessageId": "", "ModelID": "", "max_tokens": 1},
    "an event and a place": {"type": "content_block_delta", "p": "/message/content/parts/0", "o": "append"},
    "switches and nothing": {"stream": True, "error": None, "index": 0},
    "the end of a stream": "[DONE]",
    "the marker": {"text": SENTENCE},
    "half of a placeholder at the end": {"text": PERSON[:9]},
}


@pytest.mark.parametrize("value", KEPT.values(), ids=KEPT)
def test_the_interfaces_own_words_stay(value) -> None:
    assert masked(value) == value


TAKEN = {
    "a text": ({"content": "Dear Mira, 您好 2026!"}, {"content": "Xxxx Xxxx, 字字 0000!"}),
    "one word": ({"content": "Mira"}, {"content": "Xxxx"}),
    "words of the interface in a sentence": ({"content": "the text"}, {"content": "xxx xxxx"}),
    "a short word, which could be a letter of one": ({"content": "id"}, {"content": "xx"}),
    "initials": ({"content": "a.b.c", "a_b": 1}, {"content": "x.x.x", "unnamed1": 1}),
    "a digit": ({"content": "7"}, {"content": "0"}),
    "a number beside a word": ({"content": "text-2026"}, {"content": "xxxx-0000"}),
    "an id": ({"id": "68d0c0de-4000"}, {"id": "00x0x0xx-0000"}),
    "a name of nobody's list": ({"Mira": {"Mira": 1}, "Lotz": 1}, {"unnamed1": {"unnamed1": 1}, "unnamed2": 1}),
    "numbers": ({"count": 987, "seed": -5, "temperature": 0.75}, {"count": 100, "seed": -2, "temperature": 0.5}),
    "JSON in a text": ({"data": '{"text":"Mira", "Mira":[8812]}'}, {"data": '{"text":"Xxxx","unnamed1":[1000]}'}),
    "round the marker": ({"text": f"Mira {PERSON}!"}, {"text": f"Xxxx {PERSON}!"}),
}


@pytest.mark.parametrize(("value", "shape"), TAKEN.values(), ids=TAKEN)
def test_everything_else_is_taken_out_and_leaves_its_shape(value, shape) -> None:
    assert masked(value) == shape


def test_what_the_administrator_allows_stays() -> None:
    masker = Masker(STRUCTURAL | {"bits"})
    assert masked({"bits": "bits_delta"}, masker) == {"bits": "bits_delta"}
    assert masker.names == {}


PIECES = {
    "of one name": [("text", (), "Hi [PERS"), ("text", (), "ON_7K2F9"), ("text", (), "ABC] Mira")],
    "of two names": [("text", (), "Hi [PERSON_7"), ("v", (), "K2F9ABC] Mira")],
    "of two choices, mixed": [
        ("text", ("index 0",), "Hi [PER"),
        ("text", ("index 1",), "Lotz [CREDIT_CARD_"),
        ("text", ("index 0",), "SON_7K2F9ABC] Mira"),
        ("text", ("index 1",), "0123ABCD]"),
    ],
    "with other texts between": [("text", (), "Hi [PER"), ("id", (), "c-9"), ("text", (), "SON_7K2F9ABC] Mira")],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_a_placeholder_that_is_cut_stays_whole_in_its_pieces(pieces) -> None:
    texts = Masker().texts([Piece(*piece) for piece in pieces])
    assert [len(text) for text in texts] == [len(piece[2]) for piece in pieces]
    first = "".join(text for text, piece in zip(texts, pieces, strict=True) if piece[1] != ("index 1",))
    assert first.replace("x-0", "") == f"Xx {PERSON} Xxxx"
    second = "".join(text for text, piece in zip(texts, pieces, strict=True) if piece[1] == ("index 1",))
    assert second in ("", f"Xxxx {CARD}")


@given(st.text())
def test_a_shape_has_as_many_characters_and_nothing_of_the_letters(text: str) -> None:
    shape = shape_of(text)
    assert len(shape) == len(text)
    assert not {char for char in shape if char.isalnum()} - set("xX0é字😀")


@given(st.integers())
def test_a_number_keeps_its_sign_and_its_digits_count(number: int) -> None:
    like = number_like(number)
    assert len(str(like)) == len(str(number)) and (like < 0) == (number < 0)
    assert set(str(like).lstrip("-")) <= set("012")


WORDS = st.text("bcdfghjklmpqrstvwz", min_size=5, max_size=9) | st.text("客户张伟合同机密项目", min_size=2, max_size=6)
WORDS |= st.integers(234567, 10**12).map(str).filter(lambda digits: len(set(digits)) > 3)
"""Words of nobody's list: without vowels, in Chinese, or numbers."""
SCALARS = st.none() | st.booleans() | WORDS | WORDS.filter(str.isdecimal).map(int) | st.sampled_from(sorted(STRUCTURAL))
TEXTS = st.lists(WORDS | st.sampled_from(["the", "text", SENTENCE, PERSON, "[", "_", "-", '"']), max_size=5).map(
    " ".join
)
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.sampled_from(sorted(STRUCTURAL)), inner, max_size=4)
        | inner.map(lambda value: json.dumps(value, ensure_ascii=False))
    ),
    max_leaves=15,
)


def words_in(text: str) -> set[str]:
    """Return every run of letters, of digits, and of Chinese characters."""
    return set(re.findall(r"[a-z]{2,}|[0-9]{2,}|[一-鿿]+", text.lower()))


OURS = words_in(SENTENCE + "".join(ORIGINALS.values())) | {"unnamed", "true", "false", "null"} | STRUCTURAL


def foreign(text: str) -> set[str]:
    """Return the words of a text that are neither the interface's nor ours, nor a shape."""
    return {word for word in words_in(text) - OURS if set(word) - set("x0字1é")}


@settings(max_examples=drawn(300), deadline=None)
@given(VALUES)
def test_no_word_that_is_in_no_list_comes_out(value) -> None:
    shape = masked(value)
    told = json.dumps(shape, ensure_ascii=False)
    told = re.sub(r"unnamed\d+|\b20*\b", "", told)
    assert foreign(told) == set()
    assert outline(shape) == outline(value)


def outline(value):
    """Return the structure of a value: kinds and numbers of all that it holds."""
    match value:
        case dict():
            return [outline(one) for one in value.values()]
        case list():
            return ["list", *map(outline, value)]
        case str():
            inner = inner_value(value)
            return "text" if inner is None else ["json", outline(inner)]
        case _:
            return type(value).__name__
