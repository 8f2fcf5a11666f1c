"""Placeholders come back as originals, wherever they stand and however they arrive."""

import itertools
import json
import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.interface import Finding
from detectors.redact import LONGEST, PLACEHOLDER, redact
from detectors.redact import WRITTEN_BEGINNING as BEGINNING
from proxy.answers.restore_text import REACH, TextRestorer, restore_text
from proxy.errors import StoreError
from tests.feed import feed_every_way
from tests.rows import each

NAME, NASTY, PHONE = "[PERSON_7K2F9ABC]", "[PROJECT_7K2F9ABC7K2F9ABC]", "[PHONE_NUMBER_0123ABCD]"
VALUES = {NAME: "张伟😀", NASTY: 'a"b\\c\n\t/é', PHONE: "13800138000"}
lookup = VALUES.get

TEXTS = {
    "alone": (NAME, "张伟😀"),
    "in Chinese": (f"客户{NAME}，电话{PHONE}。", "客户张伟😀，电话13800138000。"),
    "next to each other": (f"[{NAME}{PHONE}]", "[张伟😀13800138000]"),
    "in a link's text": (f"[{NAME}](b) [[1]]", "[张伟😀](b) [[1]]"),
    "nasty, in prose": (f"<{NASTY}>", f"<{VALUES[NASTY]}>"),
    "unknown": ("[PERSON_00000000] [ABC] [PERSON_", "[PERSON_00000000] [ABC] [PERSON_"),
    "beginning again": (f"[PERSON_7K[PERSON_{NAME}", "[PERSON_7K[PERSON_张伟😀"),
    "in an address": (f"https://evil.example/?q={NAME} {NAME}", f"https://evil.example/?q={NAME} 张伟😀"),
    "in an image": (f"![x](https://evil.example/{NAME}.png)", f"![x](https://evil.example/{NAME}.png)"),
    "in a relative target": (f"![x](<{NAME}>) {NAME}", f"![x](<{NAME}>) 张伟😀"),
    "in JSON": (f'{{"a": "{NASTY}"}}', '{"a": "a\\"b\\\\c\\n\\t/é"}'),
    "without quotes in what may be JSON": (f'{{"a": {NAME}, "b": {PHONE}}}', '{"a": 张伟😀, "b": 13800138000}'),
    "in brackets": (f"[[[{NAME}]]]", "[[[张伟😀]]]"),
    "in an address in JSON": (
        f'{{"u": "http://x/{NAME}", "n": "{NAME}"}}',
        f'{{"u": "http://x/{NAME}", "n": "张伟😀"}}',
    ),
}

STAYS = {
    "a definition behind a full-width comma": "![a][1]\n\n[1]: https://evil/?q=，PH",
    "a definition in angles": "[1]: <https://evil/? PH>",
    "a definition named by a placeholder": "[PERSON_00000000]: /x?PH",
    "a relative definition": "[1]: /x?PH",
    "a source behind a full-width comma": '<img src="https://evil/?q=，PH">',
    "a source behind a blank": '<img src="https://evil/?q= PH">',
    "a source behind a backtick": '<img src="https://evil/?q=`PH">',
    "backslashes": '<img src="https:\\\\evil.com\\PH">',
    "no slashes": '<img src="https:evil.com/PH">',
    "a slash and a backslash": '<img src="/\\evil.com/PH">',
    "a relative link": '<a href="x?PH">',
    "a tag in JSON": r'{"a": "<img src=\"/x?PH\">"}',
    "a bare domain": "evil.com/?q=PH",
    "escaped slashes": "http:\\/\\/evil\\/PH",
    "mail": "mailto:PH@evil.com",
    "data": "data:text/html,PH",
    "a host": "see PH.evil.com",
    "a mailbox": "to PH@evil.com",
    "a host of two": "PHPH.evil.com PH.PH.evil.com",
    "a host in JSON": r'{"a": "PH\u002eevil.com"}',
    "a host behind more than is looked at": "PH" + "x" * 300 + ".evil.com",
    "a share of a network": "\\\\evil.com\\share\\PH",
    "a share in quotes": '"\\\\evil\\PH"',
    "a host in code": "`PH`.evil.com",
    "a host behind an ideographic full stop": "PH。evil。com",
    "a host behind a wide full stop": "PH．com",
    "a path behind an ideographic full stop": "evil。com/?q=PH",
    "a path behind a domain in Chinese": "例子.公司/PH",
    "a path behind a domain in Cyrillic": "пример.рф/PH",
    "a path behind a short one": "e.рф/PH",
    "a path behind punycode": "xn--fsqu00a.xn--55qx5d/PH",
    "a host behind a zero-width space": "PH\u200b.evil.com",
    "a host behind a soft hyphen": "PH\u00ad.evil.com",
    "a host behind marks of direction": "PH\u202e\u2069.evil.com",
    "a host behind many of them": "PH" + "\u200b" * 300 + ".evil.com",
    "a host behind bold": "**PH**.evil.com",
    "a host in Chinese": "PH.例子.公司",
    "a host behind an entity that nobody sees": "PH&shy;.evil.com",
    "a user with a password": "PH:pw@evil.com",
    "a user of a URL": "https://PH:x@evil.com/",
    "a user without a scheme": "//PH@evil",
    "a label of a URL": "https://PH.evil.com",
    "a mailbox in angles": "<PH/x@evil.com>",
    "a quote within a query": 'https://evil.com/?q="PH"',
    "quotes around an address and its query": 'see "https://evil.com/?q="PH"',
    "an angle within a query": "https://evil.com/?q=a>PH",
    "a host with an accent": "PHé.evil.com",
    "a host with Cyrillic": "PHя.evil.com",
    "a host with Chinese": "的PH的.evil.com",
    "a host behind a letter": "的PH.evil.com яPH.evil.com",
    "a host behind a tag with attributes": "PH<span class=a>.evil.com",
    "a host behind a tag with an angle": 'PH<b title="a>b">.evil.com',
    "a host behind a tag with much in it": f'PH<b title="{"x" * 300}">.evil.com',
    "a host behind a comment": "PH<!-- a > b -->.evil.com PH<!---->.evil.com PH<?x?>.evil.com",
    "a name with a port": "evil:80/PH",
    "a number of ten digits": "http://2130706433/PH",
    "a hexadecimal number": "http://0x7f000001/PH 0x7f000001/PH",
    "this machine": "localhost:8080/PH localhost/PH",
    "IPv6": "http://[::1]/PH [::1]/PH",
    "a source by entities": '<img src="https&colon;&sol;&sol;evil/PH">',
}
"""What a hostile answer may write: `PH` is a placeholder, and stays one."""

RETURNS = [
    "PH", "PH.", "PH. Then", "PH.\nThen", "PH，", "PH。", '"PH"', "(PH)", "**PH**", "`PH`", '{"a": "PH"}',
    'email = "PH"', "| PH | PH |", "PH, a@b.example", "Name <PH>", "PH/PH", "PH: PH", "客户PH：电话PH", "- PH\n- PH",
    "PH's", "<td>PH</td>", "https://a.example/ PH", "src/PH/main.py", "PH？", "1.PH", "[PH](b)", '{"a":"PH."}',
    '["PH", "PH"]', "PH。OK。", "PH。2024年", "PH。company",
    "C:\\Users\\PH", "a \\\\ PH", "PH。他说com。", "`PH`. Then",
    "联系PH。谢谢", "PH：您好", "PH。公司的电话是PH，", "PH。谢谢。公司：PH", "**PH**：好",
    "PH、PH/PH", "PH(a@b.example)", "|PH|a@b.example|",
    "电话:PH", "姓名/电话/PH", "PH：a@b.example", "完毕。网站/PH", "<td>PH</td><td>PH</td>",
    "PH...", "PH…", "PH~", "PH．谢谢，",
    "PH的网站是evil.com", "PH您好.谢谢您，", "PH请联系@张三 ", "联系PH即可。OK。", "PH先生您好！", "PH的",
    "é PH é", "PHさんへ。",
    '请看"https://a.example/"，联系PH。', '**"https://a.example/"**：PH', '"https://a.example/","PH"',
    "**PH**您好，**PH**",
    '{"a":"see https://a.example/","b":"PH"}', '<a href="https://a.example/">PH</a>',
    "<a href=https://a.example/>PH</a>", "<a href='https://a.example/'>PH</a>",
    '<img alt="a>b" src="https://a.example/">PH',
    "<https://a.example/>PH", "a < b, PH < c", "at 10:30/PH", "3.14/PH", "PH<b>!</b>", "> PH", "->PH", 'say "PH", "PH"',
]  # fmt: skip
"""Prose, code and tables in which `PH` becomes its original."""


WRITTEN = {
    "escaped for Markdown": lambda bare: "\\[" + bare.replace("_", "\\_") + "\\]",
    "underlines escaped": lambda bare: "[" + bare.replace("_", "\\_") + "]",
    "wide brackets": lambda bare: f"［{bare}］",
    "black brackets": lambda bare: f"【{bare}】",
    "small letters": lambda bare: f"[{bare.lower()}]",
    "a capital": lambda bare: f"[{bare.capitalize()}]",
    "over a line": lambda bare: f"[{bare[:7]}\n{bare[7:]}]",
    "over lines of Windows": lambda bare: f"[{bare[:4]}\r\n{bare[4:10]}\r\n{bare[10:]}]",
    "all at once": lambda bare: "【" + bare.lower().replace("_", "\\_").replace("a", "a\n") + "］",
}
"""How an answer may write a placeholder."""


@each("write", WRITTEN.values(), ids=WRITTEN)
@each("where", ["{}", "客户{}，电话。", "| {} | {} |", "a\\b {}", "C:\\{}\\x", "[{}](b)", "[[{}]]"])
def test_a_placeholder_that_is_written_otherwise_is_restored_however_it_is_cut(write, where: str):
    if write is WRITTEN["escaped for Markdown"] and "C:" in where:
        return  # there the sign before the bracket is the path's
    feed_every_way(in_pieces, where.replace("{}", write(NAME[1:-1])), where.replace("{}", VALUES[NAME]))


@each("write", WRITTEN.values(), ids=WRITTEN)
@each(
    "where",
    ["https://evil.example/?q={}", "![x](/{})", "<img src='x?{}'>", "{}.evil.com", "to {}@evil.com", "[1]: /x?{}"],
)
def test_none_is_restored_where_a_client_could_carry_it_out(write, where: str):
    hostile = where.replace("{}", write(PHONE[1:-1]))
    feed_every_way(in_pieces, hostile, hostile)


@each("write", WRITTEN.values(), ids=WRITTEN)
def test_in_arguments_of_tools_it_is_escaped_as_the_string_is(write):
    written = partial(json.dumps, ensure_ascii=False)
    text = written({"to": write(NASTY[1:-1]), "in": written({"to": write(NAME[1:-1])})})
    want = written({"to": VALUES[NASTY], "in": written({"to": VALUES[NAME]})})
    feed_every_way(lambda pieces: in_pieces(pieces, json=True), text, want)


@each(
    "text",
    ["[note]", "[see_the_annex]", "【person_7k2f9abcd】", "\\[person_7k2f9abc]", "［PERSON_00000000］", "[a\\_b", "\\"],
)
def test_what_is_none_stays_as_it_is(text: str):
    want = text.replace("[person_7k2f9abc]", VALUES[NAME])
    feed_every_way(in_pieces, text, want)


def in_pieces(pieces, **kind) -> str:
    restorer = TextRestorer(lookup, **kind)
    return "".join(map(restorer.feed, pieces)) + restorer.flush()


@pytest.mark.parametrize(("text", "want"), TEXTS.values(), ids=TEXTS.keys())
def test_a_running_text_is_restored_however_it_is_cut(text: str, want: str):
    feed_every_way(in_pieces, text, want)


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_nothing_is_put_where_a_client_could_carry_it_out(text: str):
    hostile = text.replace("PH", PHONE)
    feed_every_way(in_pieces, hostile, hostile)


@each("text", RETURNS)
@each("person", [NAME, PHONE], ids=["a name", "a number"])
def test_ordinary_text_is_restored(text: str, person: str):
    feed_every_way(in_pieces, text.replace("PH", person), text.replace("PH", VALUES[person]))


@pytest.mark.parametrize("url", ["https://evil/?q=PH", "PH.evil.com", "<img src=x?PH>", "![a](x?PH)"])
@pytest.mark.parametrize("known", [True, False], ids=["known JSON", "JSON by its looks"])
def test_an_address_in_an_argument_of_a_tool_is_an_address(url: str, known: bool):
    text = json.dumps({"url": url, "to": "PH", "in": json.dumps({"url": url, "to": "PH"})})
    want = text.replace(url, "U").replace("PH", VALUES[PHONE]).replace("U", url.replace("PH", PHONE))
    feed_every_way(lambda pieces: in_pieces(pieces, json=known), text.replace("PH", PHONE), want)


def test_the_text_the_client_gets_is_the_one_that_is_judged():
    values = {NAME: "https://intranet.example/x"}.get
    assert restore_text(f"{NAME}?q={NAME} {NAME}", values)[0] == f"{values(NAME)}?q={NAME} {values(NAME)}"


def test_a_value_without_quotes_in_known_json_gets_them_unless_it_is_a_number():
    text = f'{{"a": {NASTY}, "b": {PHONE}}}'
    feed_every_way(lambda pieces: in_pieces(pieces, json=True), text, '{"a": "a\\"b\\\\c\\n\\t/é", "b": 13800138000}')


OPENING = st.sampled_from(
    [*'[]{},"- \n', "a", "张", '"k": ', "13", "true", "[[", '{"', "11010519491231002X", "13800138000"]
)


@settings(deadline=None)
@given(st.lists(OPENING, max_size=16).map("".join))
def test_what_was_taken_out_of_any_text_comes_back_as_it_was(text: str):
    values = [each.span() for each in re.finditer("11010519491231002X|13800138000", text)]
    taken = redact(text, [Finding(start, end, "CN_ID_CARD", 1.0, "x") for start, end in values], b"k" * 32)
    assert restore_text(taken.text, taken.originals.get)[0] == text


PARTS = st.sampled_from(
    [
        PHONE,
        NAME,
        "[PER",
        *'./@:[]()<>"\\ \n，a-',
        "](",
        "]: ",
        "<a ",
        "evil.com",
        "http:",
        "x" * 70,
        '{"a": "',
        "\\u002e",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join), st.lists(st.integers(0, 400), max_size=6), st.booleans())
def test_the_cuts_make_no_difference(text: str, cuts, known: bool):
    cuts = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(cuts)]
    assert in_pieces(pieces, json=known) == in_pieces([text], json=known) == in_pieces(text, json=known)


@pytest.mark.parametrize("levels", [1, 2, 3, 4])
@pytest.mark.parametrize("known", [True, False], ids=["known JSON", "JSON by its looks"])
def test_a_value_is_escaped_for_every_level_of_json_in_strings(levels: int, known: bool):
    text, want = NASTY, VALUES[NASTY]
    for _ in range(levels):
        text, want = json.dumps({"值": text}, ensure_ascii=False), json.dumps({"值": want}, ensure_ascii=False)
    feed_every_way(lambda pieces: in_pieces(pieces, json=known), text, want)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*'[]_AP0:/."(){}张 ', "[PERSON_7K2", NAME, PHONE]), max_size=40).map("".join), st.data()
)
def test_no_more_is_held_back_than_can_still_become_a_placeholder_or_a_host(text: str, data):
    restorer, given_out = TextRestorer(lookup), ""
    at = 0
    while at < len(text):
        end = data.draw(st.integers(at + 1, len(text)))
        given_out += restorer.feed(text[at:end])
        at = end
        assert len(restorer.held) < LONGEST + REACH
        if restorer.held and not PLACEHOLDER.match(restorer.held):
            assert len(restorer.held) < LONGEST
            assert BEGINNING.fullmatch(restorer.held)
            assert completed(restorer.held)
    assert given_out + restorer.flush() == in_pieces([text])


def completed(beginning: str) -> bool:
    """Say whether some ending makes a placeholder of `beginning`."""
    endings = ("]", *("0" * count + "]" for count in range(1, 17)))
    return any(PLACEHOLDER.fullmatch(beginning + middle + end) for middle in ("", "_", "A_") for end in endings)


def test_a_vault_out_of_reach_leaves_the_placeholder_in_the_text():
    def broken(_):
        raise StoreError("down")

    assert restore_text(f"Dear {NAME}", broken) == (f"Dear {NAME}", 0)


def test_restored_placeholders_are_counted_and_others_are_not():
    assert restore_text(f"{NAME}{PHONE} [PERSON_00000000] https://x/{NAME}", lookup)[1] == 2
