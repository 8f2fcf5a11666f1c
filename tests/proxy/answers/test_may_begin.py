"""An answer in which no placeholder may begin is not read, and goes back as it came."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.openai_chat import ChatShape
from proxy.answers.hosts import MAY_BE_UNFINISHED, SIGNS_OF_START, UNFINISHED
from proxy.answers.restore import MAY_BEGIN, restore_body

SIGN = re.compile(
    r"""[［【]|\\\\|\\u(?:ff3b|3010|005[bc])|\[(?![\s\[\]{\-0-9]|"(?![,}\]:\s]|\Z)|(?:true|false|null)\s*[,\]])""", re.I
)
"""`MAY_BEGIN`, written plainly."""


@given(
    st.lists(
        st.sampled_from([*'[]［【\\u",}: \n-7{aP', "ff3b", "FF3B", "005b", "005C", "3010", "true", "null"]), max_size=8
    ).map("".join)
)
def test_where_a_placeholder_may_begin_is_found_however_it_is_looked_for(text: str) -> None:
    assert (MAY_BEGIN.search(text) is None) == (SIGN.search(text) is None)


@pytest.mark.parametrize("shape", [ChatShape(), AnyShape()])
@pytest.mark.parametrize(
    "body",
    [
        b'{"choices": [{"message": {"content": "no sign of one"}}]}',
        b'{"n": [1, -2], "s": ["a", "b"], "t": [true, null], "e": [], "o": [{}]}',
        b"no JSON at all",
        b"{broken",
        b"\xff\xfe",
        b'{"dup": 1, "dup": 2}',
    ],
)
def test_an_answer_in_which_none_may_begin_goes_back_as_it_came(shape, body: bytes) -> None:
    assert restore_body(body, "application/json", shape, {}.get) == (body, 0)


@given(st.lists(st.sampled_from([*"wW.a:/?#\\& 中", "www.", "WwW."]), max_size=7).map("".join))
def test_signs_of_an_address_are_found_however_they_are_looked_for(text: str) -> None:
    assert (SIGNS_OF_START.search(text) is None) == (re.search(r"[:/?#\\&]|www\.", text, re.IGNORECASE) is None)


@given(st.lists(st.sampled_from([*'[［【\\&<a#1-!/" 中\n', "<!--", "&amp", "[P"]), max_size=7).map("".join))
def test_what_may_go_on_holds_one_of_the_signs_that_are_asked_for_first(text: str) -> None:
    if UNFINISHED.search(text):
        assert any(sign in text for sign in MAY_BE_UNFINISHED)
