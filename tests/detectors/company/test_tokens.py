"""A text is cut the same way whatever stands between its pieces, and every piece leads back to its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.tokens import Manner, codes_of, cut, plain

TEXT = "张 三电话+86 138-0013-8000，Email: A.b@c.com；AC-20391_x = y(1)+2"


def tokens_of(text: str, manner: Manner) -> list[str]:
    text = plain(text)
    tokens = cut(text, codes_of(text), manner)
    return [text[slice(*tokens.span(int(a), int(b)))] for a, b in zip(tokens.starts, tokens.starts[1:], strict=False)]


CUTS = {
    Manner.DIGITS: ["86", "138", "0013", "8000", "20391", "1", "2"],
    Manner.CODES: ["86", "138", "0013", "8000", "email", "a", "b", "c", "com", "ac", "20391", "x", "y", "1", "2"],
    Manner.ADDRESSES: ["a.b@c.com"],
}


@pytest.mark.parametrize(("manner", "want"), CUTS.items(), ids=CUTS)
def test_each_manner_takes_its_own(manner, want):
    assert tokens_of(TEXT, manner) == want


def test_words_are_ideographs_and_words_of_alphabets():
    assert tokens_of("张三 loves Привет 5G，한국𠀀😀", Manner.WORDS) == [*"张三", "loves", "привет", "5g", *"한국𠀀"]


def test_source_code_keeps_names_and_signs():
    assert tokens_of("if (a_b != c[0]) { return -1; }", Manner.SOURCE) == [
        *("if", "a_b", "!", "=", "c", "0", "return", "-", "1"),
    ]


@pytest.mark.parametrize("code", ["86", "0086"])
def test_the_code_of_china_is_parted_from_a_mobile_number(code: str):
    assert tokens_of(f"+{code}13812340001", Manner.DIGITS) == [code, "13812340001"]
    assert tokens_of(f"{code}02112345678", Manner.DIGITS) == [f"{code}02112345678"], "a landline keeps what it has"


WINDOWS = {
    "blank": ("138 0013", True),
    "hyphen and blank": ("138 -0013", True),
    "three characters": ("138 - 0013", False),
    "a letter between": ("138x0013", False),
    "a Chinese comma": ("138，0013", False),
}


@pytest.mark.parametrize(("text", "together"), WINDOWS.values(), ids=WINDOWS)
def test_groups_of_a_number_stand_close(text, together):
    begins, _ = cut(text, codes_of(text), Manner.DIGITS).windows(2)
    assert len(begins) == int(together)


@given(st.text(max_size=200), st.sampled_from(list(Manner)))
def test_every_window_leads_back_to_the_text_it_was_made_of(text, manner):
    text = plain(text.encode("utf-8", "replace").decode())
    tokens = cut(text, codes_of(text), manner)
    packed = "".join(map(chr, tokens.packed))
    for size in (1, 2, 3):
        begins, ends = tokens.windows(size)
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            start, stop = tokens.span(begin, end)
            rest = iter(text[start:stop])
            assert all(one in rest for one in packed[begin:end]), "the letters stand there, in order"
            assert text[start] == packed[begin]
            assert text[stop - 1] == packed[end - 1]


@given(st.text(max_size=100))
def test_the_comparable_form_has_as_many_characters(text):
    assert len(plain(text)) == len(text)
