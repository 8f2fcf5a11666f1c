"""The place in a text is known at every character, however the text arrives."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.answers.nesting import Level
from tests.feed import feed_every_way

EXPOSED = {
    "an address": "see https://example.com/?q=",
    "an address in capitals": "HTTPS://EXAMPLE.COM/",
    "an address without a scheme": "www.example.com/",
    "an address that a scheme is missing from": "<img src=//example.com/",
    "an address of its own scheme": "vscode://open/",
    "an address with a bracket": "https://example.com/[a](b)",
    "an image": "![chart](https://example.com/",
    "a relative link": "[chart](/files/",
    "a link with a title": '[chart](/files "of ',
    "parentheses in a target": "[a](b(c)",
    "an escaped parenthesis": "[a](b\\)",
    "an angled target": "![a](<b) c",
    "a target on the next line": "![a](\n",
    "an address after Chinese": "请访问https://example.com/",
    "the Chinese letters of an address": "https://example.com/张",
    "an address in a string of JSON": '{"url": "https://example.com/',
    "an address and a Chinese comma": "详见https://example.com，",
    "a definition whose label looks like JSON": '["a"]: /x',
    "a target that is JSON as well": '{"a": "![a](/x", "b": "',
    "a footnote's destination": "[1]: /x?",
    "an address in JSON in JSON": '{"a": "{\\"url\\": \\"https://example.com/',
}

FREE = {
    "nothing": "",
    "prose": "Dear ",
    "after an address": "https://example.com ",
    "after an address and a line": "https://example.com\n",
    "after an address in angles": "<https://example.com>",
    "after an address in quotes": '"https://example.com", ',
    "after a link": "[a](b)",
    "after an image": "![a](https://example.com/x.png) ",
    "in the text of a link": "[",
    "after a link with parentheses": "[a](b(c))",
    "after an angled target": "![a](<b>)",
    "after a blank line": "[a](b\n \n",
    "parentheses of prose": "see (a",
    "a bracket and a space": "[a] (b",
    "the next string of JSON": '{"url": "https://example.com", "name": "',
    "a colon": "name: ",
}

STRINGS = {
    "prose": ("hello", 0, False),
    "an object": ("{", 0, False),
    "an open object": ('{"', 1, False),
    "a key": ('{"a', 1, False),
    "a value": ('{"a": ', 0, False),
    "a string": ('{"a": "x', 1, False),
    "after a string": ('{"a": "x"', 0, False),
    "after an escaped quote": ('{"a": "x\\"', 1, False),
    "after an escaped backslash": ('{"a": "x\\\\"', 0, False),
    "quotes in prose in a string": ('{"a": "He said \\"', 1, False),
    "JSON in a string": ('{"a": "{\\"b\\": \\"', 2, False),
    "a value of JSON in a string": ('{"a": "{\\"b\\": ', 1, False),
    "JSON in JSON in a string": ('{"a": "{\\"b\\": \\"[\\\\\\"', 3, False),
    "after JSON in a string": ('{"a": "{\\"b\\": \\"c\\"}", "d": "', 1, False),
    "an array": ('["a", "', 1, False),
    "an array of numbers": ("[1, 2, ", 0, False),
    "a footnote": ('[1] He said "', 0, False),
    "a remark": ('[note] "', 0, False),
    "prose in braces": ('{name} said "', 0, False),
    "a template": ('{{ "x', 0, False),
    "after all of it": ('{"a": 1} and "', 0, False),
    "a unicode escape": ('{"a": "\\u0041\\"', 1, False),
    "JSON opened by an escape": ('{"a": "\\u007b\\"b\\": \\"', 2, False),
    "blank space before it": (' \n {"a": "', 1, False),
}


def fed(pieces, **kind) -> Level:
    level = Level(**kind)
    for piece in pieces:
        level.feed(piece)
    return level


@pytest.mark.parametrize("text", EXPOSED.values(), ids=EXPOSED.keys())
def test_a_value_would_travel_with_a_url(text: str):
    feed_every_way(lambda pieces: fed(pieces).exposed, text, want=True)


@pytest.mark.parametrize("text", FREE.values(), ids=FREE.keys())
def test_a_value_would_stay_in_the_text(text: str):
    feed_every_way(lambda pieces: fed(pieces).exposed, text, want=False)


@pytest.mark.parametrize(
    ("text", "exposed"),
    [
        ('{"text": "https://example.com\\n', False),
        ('{"a": "![a](/x", "b": "', False),
        ('{"a": "https:\\/\\/example.com\\/', True),
        ('{"a": "\\u0068ttps:', True),
    ],
    ids=["an escaped line feed", "a target in another string", "escaped slashes", "an escaped letter"],
)
def test_known_json_is_not_read_as_prose_but_its_strings_are(text: str, exposed: bool):
    feed_every_way(lambda pieces: fed(pieces, json=True).exposed, text, want=exposed)


AHEAD = {
    "prose": ("see ", ".evil", (".evil", False)),
    "a string": ('{"a": "', ".evil", (".evil", False)),
    "a string's end": ('{"a": "', '", .evil', ("", True)),
    "an escaped dot": ('{"a": "', "\\u002eevil", (".evil", False)),
    "half an escape": ('{"a": "', "x\\u00", ("x", False)),
    "the end of a string in a string": ('{"a": "{\\"b\\": \\"', '\\".evil', ("", True)),
    "an escape in an escape": ('{"a": "{\\"b\\": \\"', "\\\\u002eevil", (".evil", False)),
}


@pytest.mark.parametrize(("text", "after", "want"), AHEAD.values(), ids=AHEAD.keys())
def test_what_follows_is_read_as_the_innermost_text_reads_it(text: str, after: str, want):
    assert fed([text]).ahead(after) == want


@pytest.mark.parametrize(("text", "strings", "bare"), STRINGS.values(), ids=STRINGS.keys())
def test_the_number_of_strings_is_known(text: str, strings: int, bare: bool):
    def place(pieces):
        level = fed(pieces)
        return level.strings, level.bare

    feed_every_way(place, text, want=(strings, bare))


def test_what_is_known_to_be_json_stays_json():
    level = fed(['{"a": oops "b', "c"], json=True)
    assert (level.strings, level.bare) == (1, False)
    assert fed([""], json=True).bare


def test_a_hundred_levels_do_not_recurse_without_bound():
    text = "x"
    for _ in range(12):
        text = json.dumps([text])
    assert fed([text[: len(text) // 2 + 1]]).strings <= 9


@given(st.text('[]{}":,\\un1x/ ()<>\n', max_size=60), st.lists(st.integers(0, 60), max_size=4), st.booleans())
def test_the_place_does_not_depend_on_the_cuts(text: str, cuts, known: bool):
    cuts = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(cuts)]
    whole, apart = fed([text], json=known), fed(pieces, json=known)
    assert (whole.strings, whole.bare, whole.exposed) == (apart.strings, apart.bare, apart.exposed)


def test_a_list_is_asked_about_what_follows_in_every_text_that_holds_it():
    for before, after, want in (
        ('x = ["https://a.example/", "', '"].join("")', True),
        ('x = ["https://a.example/", "', '"] and more', False),
        ('x = ["https://a.example/", "', '"', None),
        ('{"code": "[\\"https://a.example/\\", \\"', '\\"].join(', True),
        ('{"code": "[\\"https://a.example/\\", \\"', '\\"]", "b": 1}', False),
        ('{"code": "[\\"https://a.example/\\", \\"', '\\"]', None),
        ("see ", '"].join("")', False),
    ):
        level = Level()
        level.feed(before)
        assert level.joins(after, ended=False) is want, (before, after)
        assert level.joins(after, ended=True) is bool(want), (before, after)
