"""The content of an answer says what it is, at the first byte that can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.answers.sniff import EVENTS, JSON, LINES, MOST, OTHER, type_by_content

TOLD = {
    b"": (None, OTHER),
    b" \n": (None, OTHER),
    b"d": (None, OTHER),
    b"dax": (OTHER, OTHER),
    b"data:": (EVENTS, EVENTS),
    b"\n\nevent: x": (EVENTS, EVENTS),
    b": keep": (EVENTS, EVENTS),
    b"\xef\xbb\xbfdata: x": (EVENTS, EVENTS),
    b'{"a": 1}': (None, JSON),
    b'{"a": 1}\n': (None, JSON),
    b'{"a": 1}\n{': (LINES, LINES),
    b'{\n"a": 1}': (None, JSON),
    b"<!doctype html>": (OTHER, OTHER),
    b"PK\x03\x04": (OTHER, OTHER),
    b"{" + b" " * MOST: (OTHER, JSON),
}


@pytest.mark.parametrize(("data", "told"), TOLD.items(), ids=range(len(TOLD)))
def test_a_body_is_told_by_its_beginning(data: bytes, told: tuple[str | None, str]) -> None:
    assert (type_by_content(data, ended=False), type_by_content(data, ended=True)) == told


@given(st.binary(max_size=40))
def test_what_has_ended_is_always_told(data: bytes) -> None:
    assert type_by_content(data, ended=True) in (EVENTS, JSON, LINES, OTHER)
