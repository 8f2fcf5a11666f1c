"""A form is read in one way only, and written anew only where it changed."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.forms import MOST_FIELDS, parse_form, write_form
from proxy.errors import TooLarge, WireError

READ = {
    "names and values": (b"a=1&b=2", [{"a": "1"}, {"b": "2"}]),
    "plus and percent": (b"q=a+b%2Bc", [{"q": "a b+c"}]),
    "Chinese": (b"q=%E5%BC%A0%E4%BC%9F", [{"q": "张伟"}]),
    "a value with an equals sign": (b"a=b=c", [{"a": "b=c"}]),
    "no value, no name, nothing": (b"a&=b&", [{"a": ""}, {"": "b"}, {"": ""}]),
    "a semicolon is text": (b"a=1;b=2", [{"a": "1;b=2"}]),
}


@pytest.mark.parametrize(("body", "want"), READ.values(), ids=READ.keys())
def test_fields_are_read_in_order(body: bytes, want):
    assert want == parse_form(body)
    assert body == write_form(body, want)


@pytest.mark.parametrize("body", [b"a=%", b"a=%4", b"a=%zz", b"%=1", b"a=%FF", "a=张".encode("gbk")])
def test_what_two_parsers_could_decode_differently_is_refused(body: bytes):
    with pytest.raises(WireError, match="the form holds") as caught:
        parse_form(body)
    assert caught.value.__context__ is None, "that would hold the field"


def test_a_form_without_end_is_too_large():
    with pytest.raises(TooLarge, match="fields"):
        parse_form(b"&" * MOST_FIELDS)


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))),
        min_size=1,
    ),
    st.data(),
)
def test_what_is_written_is_what_a_server_reads(pairs, data):
    body = urlencode([("x", "y")] * len(pairs)).encode()
    chosen = [pair if data.draw(st.booleans()) else ("x", "y") for pair in pairs]
    written = write_form(body, [dict([pair]) for pair in chosen])
    assert parse_qsl(written.decode(), keep_blank_values=True, max_num_fields=None) == chosen
