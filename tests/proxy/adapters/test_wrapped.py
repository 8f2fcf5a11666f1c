"""Text inside text is seen for what it is, and anything else is plain text."""

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxy.adapters.wrapped import (
    declares_data,
    decode_text,
    inner_json,
    inner_lines,
    inner_text,
    is_blob,
    is_lines,
    is_text_type,
    wrap_lines,
    wrap_text,
)

LONG = "张伟，13800138000。" * 20
CODED = base64.b64encode(LONG.encode()).decode()
PICTURE = base64.b64encode(bytes(range(256))).decode()

TEXTS = {
    "long base64 of a text": (CODED, LONG),
    "the URL alphabet": (base64.urlsafe_b64encode("ÿþ~?".encode() * 60).decode(), "ÿþ~?" * 60),
    "without padding": (CODED.rstrip("="), LONG),
    "a text file": ("data:text/csv;charset=utf-8;base64,5byg", "张"),
    "a type in capitals": ("DATA:Text/CSV;BASE64,5byg", "张"),
    "no type": ("data:;base64,5byg", "张"),
    "folded base64": ("data:text/plain;base64,5b\n yg", "张"),
    "a picture": (PICTURE, None),
    "a picture in a URI": ("data:image/png;base64,5byg", None),
    "a picture that drew itself": ("data:image/svg+xml;base64,PHN2Zy8+", "<svg/>"),
    "a text file of another charset": ("data:text/plain;base64,1cXOsA==", None),
    "a PDF without binary in it": ("data:text/plain;base64," + base64.b64encode(b"%PDF-1.4 a").decode(), None),
    "an empty file": ("data:text/plain;base64,", None),
    "a text file in plain": ("data:text/plain,hello", None),
    "words": ("hello", None),
    "short base64": ("5byg", None),
    "a long word of the wrong length": ("a" * 257, None),
}


@pytest.mark.parametrize(("text", "want"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_in_base64_is_read(text: str, want: str | None):
    assert want == inner_text(text)


BLOBS = {
    "a picture": (PICTURE, True),
    "a picture in a URI": ("data:image/png;base64,iVBORw0KGgo=", True),
    "sound": ("data:audio/wav;base64,UklGRg", True),
    "prose that calls itself a picture": ("data:image/png;base64,my card is 4111!", False),
    "prose": ("hello", False),
    "a long line of prose": ("hello world " * 99, False),
    "a URI in plain": ("data:image/svg+xml,<svg/>", False),
    "an address": ("https://example.com/" + "a" * 300, False),
}


@pytest.mark.parametrize(("text", "want"), BLOBS.values(), ids=BLOBS.keys())
def test_what_no_detector_reads_is_named(text: str, want: bool):
    assert want == is_blob(text)


def test_short_base64_counts_where_the_object_says_so():
    assert inner_text("5byg", declared=True) == "张"
    assert is_blob("iVBORw0KGgo=", declared=True)
    assert not is_blob("no base64!", declared=True)
    assert declares_data({"type": "base64", "data": ""})
    assert declares_data({"mimeType": "image/png", "data": ""})
    assert not declares_data({"type": "text", "media_type": "text/plain", "data": ""})


@pytest.mark.parametrize("text", ["{}", ' [1, {"a": null}] ', '{"a": "\\u5f20"}'])
def test_a_string_that_is_json_as_a_whole_is_entered(text: str):
    assert inner_json(text) is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[1", "1", '"a"', "{a}", '{"a": 1} {}', "[" * 999 + "]" * 999, '{"a":"\ud800"}']
)
def test_a_string_that_is_not_json_as_a_whole_is_text(text: str):
    assert inner_json(text) is None


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        ("text/x-python", True),
        ("application/vnd.api+json; a=b", True),
        ("image/svg+xml", True),
        ("application/pdf", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_text_types_are_known(kind: str, want: bool):
    assert want == is_text_type(kind)


@pytest.mark.parametrize("data", [b"\xff", b"a\x00b", b"\x1b[0m", b"%PDF-1.7", b"{\\rtf1"])
def test_bytes_that_hide_something_are_no_text(data: bytes):
    assert decode_text(data) is None


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    st.sampled_from(["", "data:text/plain;base64,"]),
)
def test_what_is_wrapped_is_read_again(text: str, head: str):
    assume(decode_text(text.encode()) is not None)
    assert inner_text(wrap_text(head + "YQ==", text), declared=True) == text


@given(st.text())
def test_no_string_makes_it_raise(text: str):
    inner_json(text), inner_text(text, declared=True), is_blob(text)


LINES = {
    "objects": ('{"a": 1}\n{"b": 2}\n', [{"a": 1}, {"b": 2}, None]),
    "lists": ('["张伟"]\r\n["李雷"]', [["张伟"], ["李雷"]]),
    "blank lines between": ("[1]\n\n  \n[2]", [[1], None, [2]]),
    "notes and a broken line": ('# 导出\nnote\n{"a": 1}\n{"b"\n{"c": 3}', ["# 导出\nnote", {"a": 1}, '{"b"', {"c": 3}]),
    "one object in running text": ('look:\n{"a": 1}\nthanks', None),
    "lists in running text": ("x = [\n[1, 2]\n[3]\n]", None),
    "empty objects in source code": ("f()\n{}\n{}\n", None),
    "a line said twice in one object": ('{"a": 1, "a": 2}\n{"b": 1}', None),
    "prose": ("one\ntwo", None),
}


@pytest.mark.parametrize(("text", "want"), LINES.values(), ids=LINES)
def test_lines_of_json_are_entered_and_text_stays_together(text: str, want: list[object] | None):
    lines = inner_lines(text)
    assert lines == want
    if lines is not None:
        assert wrap_lines(text, lines) == text


def test_a_changed_line_is_written_anew_between_its_blanks_and_others_stay():
    text = '# a\r\n {"a" : 1}\r\n\r\n{"b":  2}'
    assert wrap_lines(text, ["# z\r", {"a": "x"}, None, {"b": 2}]) == '# z\r\n {"a":"x"}\r\n\r\n{"b":  2}'


@pytest.mark.parametrize(
    ("body", "want"),
    [(b'1\n"a"\n', True), (b"{}\n\n[]", True), (b"{}", False), (b"{}\nx", False), (b"{}\n\xff", False), (b"", False)],
)
def test_a_body_is_lines_when_all_of_them_are_strict_json(body: bytes, want: bool):
    assert want == is_lines(body)
