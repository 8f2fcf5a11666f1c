"""JSON is read strictly or not at all, and written without losing a digit."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import SluiceError, TooLarge, WireError
from proxy.wire.json_text import MAX_DEPTH, dump, parse, parse_object

REFUSED = {
    "nothing": (b"", "malformed"),
    "two values": (b"1 2", "malformed"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "malformed"),
    "UTF-16": ("{}".encode("utf-16"), "UTF-8"),
    "half a character": ('"张"'.encode()[:3], "UTF-8"),
    "a surrogate in UTF-8": (b'"\xed\xa0\x80"', "UTF-8"),
    "a lone surrogate as an escape": (b'"\\ud83d"', "strict JSON"),
    "a lone surrogate in a key": (b'{"\\uDC00": 1}', "strict JSON"),
    "a repeated key": (b'{"a": 1, "a": 2}', "repeats a key"),
    "a key repeated through an escape": (b'{"a": 1, "\\u0061": 2}', "repeats a key"),
    "NaN": (b"[NaN]", "NaN"),
    "infinity": (b"[-Infinity]", "NaN"),
    "overflow": (b"[1e999]", "overflows"),
    "a number that takes ages": (b"9" * 5000, "too many digits"),
    "a leading zero": (b"[01]", "malformed"),
    "a trailing comma": (b"[1,]", "malformed"),
    "a comment": (b"[1] // x", "malformed"),
    "single quotes": (b"{'a': 1}", "malformed"),
    "a control character": (b'"a\nb"', "malformed"),
    "an unclosed string": (b'{"a": "' + b"\\" * 99, "malformed"),
}


@pytest.mark.parametrize(("body", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_two_parsers_could_read_differently_is_refused(body: bytes, reason: str):
    with pytest.raises(WireError, match=reason) as caught:
        parse(body)
    assert caught.value.__context__ is None, "that would hold the body"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000, 2_000_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["arrays", "objects"])
def test_deep_nesting_is_refused_before_a_parser_recurses(opening: bytes, depth: int):
    with pytest.raises(TooLarge, match="nested deeper than 200"):
        parse(opening * depth)


def test_nesting_up_to_the_cap_is_read_and_written():
    body = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert dump(parse(body)) == body


def test_brackets_inside_strings_are_no_nesting():
    assert parse(json.dumps(["[" * 500 + '\\"{' * 500]).encode()) == ["[" * 500 + '\\"{' * 500]


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "1.0",
        "1.50",
        "1e5",
        "1E-05",
        "1e-05",
        "1e+16",
        "10000000000000000.0",
        "0.30000000000000000000000000444",
        "123456.789",
        "1234567890123456789012345",
        "-99999999999999999999",
        "18446744073709551615",
    ],
)
def test_no_digit_of_a_number_is_lost(number: str):
    body = f'{{"n":[{number}]}}'.encode()
    assert dump(parse(body)) == body


@pytest.mark.parametrize("body", [b"[]", b"null", b'"{}"', b"1"])
def test_a_body_that_must_be_an_object_is_one(body: bytes):
    assert parse_object(b'{"a": []}') == {"a": []}
    with pytest.raises(WireError, match="must be a JSON object"):
        parse_object(body)


def test_text_is_written_as_it_is_read():
    body = '{"名":"张伟 \\"😀\\" \\n / é"}'.encode()
    assert dump(parse(body)) == body


@pytest.mark.parametrize(
    "value", [{1, 2}, "\ud800", {"a": object()}, 10**5000], ids=["set", "surrogate", "object", "digits"]
)
def test_what_json_cannot_say_is_refused(value: object):
    with pytest.raises(WireError, match="strict JSON"):
        dump(value)


def test_integers_beyond_64_bits_made_by_our_own_code_are_written():
    assert dump({"n": 10**30}) == b'{"n":1' + b"0" * 30 + b"}"


def test_no_message_holds_body_text():
    for body, _ in REFUSED.values():
        with pytest.raises(SluiceError) as caught:
            parse(b'{"secret": "s3cret", "x": ' + body)
        assert "s3cret" not in str(caught.value)


@given(st.binary(max_size=60) | st.text('[]{}":,\\u0d8ea1e-.N tf\n', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_typed_error(body: bytes):
    try:
        value = parse(body)
    except (WireError, TooLarge):
        return
    assert json.loads(body) == value
    assert parse(dump(value)) == value
