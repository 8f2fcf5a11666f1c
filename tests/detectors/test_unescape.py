"""What a text spells out is read as what it spells, and leads back to how it was spelt."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.dictionary import Dictionary
from detectors.find import Finder, shipped_detectors
from detectors.interface import Finding
from detectors.normalise import normalise
from detectors.redact import redact
from detectors.unescape import uncoloured, unescape

FINDER = Finder((*shipped_detectors(), Dictionary("house", "SECRET_TERM", ["机密", "confidential", "TRADE SECRET"])))

READS_AS = {
    "JSON": (r'{"\u5ba2\u6237": "\u673a\u5bc6"}', '{"客户": "机密"}'),
    "JSON inside JSON": (r"\\u673a\\\\u5bc6", "机密"),
    "a surrogate pair": (r"\ud83d\ude00!", "😀!"),
    "source code": (r"'\U0001f600 \u{1F600} \x31\x33'", "'😀 😀 13'"),
    "bytes of Python": (r"b'\xe6\x9c\xba\xe5\xaf\x86'", "b'机密'"),
    "a URL": ("?q=%E6%9C%BA%e5%af%86%2013", "?q=机密 13"),
    "entities": ("&#26426;&#x5BC6; R&amp;D &commat;", "机密 R&D @"),
    "slashes and quotes": (r"https:\/\/a\/b \"x\" \'y\'", "https://a/b \"x\" 'y'"),
    "blanks before a word": (r"a\nconfidential\tb\rc", "a\nconfidential\tb\rc"),
    "a question and its answer": (r"Q:\nnew?\nA:\nno", "Q:\nnew?\nA:\nno"),
}
STAYS = {
    "a percentage": "100% sure, 5%a and %zz",
    "half an escape": r"\u67 \x3 &#; &nosuchthing; &copy \d+",
    "no character": r"\U00110000 \u{110000}",
    "a path": r"C:\new\table\readme.txt",
    "several marks": "a & b % c \\",
    "a mobile number": "call 139%1234%5678 now",
}


@pytest.mark.parametrize(("text", "want"), READS_AS.values(), ids=READS_AS)
def test_an_escape_reads_as_what_it_stands_for(text: str, want: str) -> None:
    read = unescape(text)
    assert read is not None and read.text == want


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_is_no_escape_stays(text: str) -> None:
    assert unescape(text) is None


HIDDEN = {
    "a telephone number in JSON": ('{"tel": "' + "".join(f"\\u{ord(c):04x}" for c in "13800138000") + '"}', "PHONE"),
    "a term in JSON": (r'看：{"a": "\u673a\u5bc6"}', "SECRET_TERM"),
    "a term after a line end": (r'"text\nconfidential\tplan"', "SECRET_TERM"),
    "a term over a line end": (r'"a TRADE\nSECRET"', "SECRET_TERM"),
    "a number after a line end": (r'"tel:\n13800138000"', "PHONE"),
    "a term in a URL": ("https://a.example/?q=%E6%9C%BA%E5%AF%86", "SECRET_TERM"),
    "an address in a URL": ("https://a.example/?to=alice%40corp-mail.cn", "EMAIL"),
    "a number in HTML": ("<b>&#49;3800138000</b>", "PHONE"),
    "a number behind bytes of GBK": ("wd=%C9%ED%B7%DD%D6%A4%2011010519491231002X", "CN_ID_CARD"),
    "a number right behind bytes of GBK": ("wd=%C9%ED%B7%DD%D6%A411010519491231002X", "CN_ID_CARD"),
    "a number behind bytes of Latin-1": ("caf%E9%204111111111111111", "CREDIT_CARD"),
    "a number behind a character that was cut": ("%E8%BA%2011010519491231002X", "CN_ID_CARD"),
    "a number all in percent behind bytes of GBK": (
        "%C9%ED%B7%DD%D6%A4%20" + "".join(f"%{ord(one):02X}" for one in "11010519491231002X"),
        "CN_ID_CARD",
    ),
    "a number in JavaScript": (r"a='\x313800138000'", "PHONE"),
}


@pytest.mark.parametrize(("text", "entity"), HIDDEN.values(), ids=HIDDEN)
def test_detectors_read_through_escapes_and_the_text_comes_back_whole(text: str, entity: str) -> None:
    scan = FINDER.find(text)
    assert any(finding.entity.startswith(entity) for finding in scan.findings)
    redaction = redact(text, scan.findings, b"key")
    again = redaction.text
    for token, original in redaction.originals.items():
        again = again.replace(token, original)
    assert again == text
    assert FINDER.find(redaction.text).findings == ()


def test_a_term_is_found_from_the_first_to_the_last_character_of_its_escapes() -> None:
    text = r"x \u673a\u5bc6 y"
    assert FINDER.find(text).findings == (Finding(2, 14, "SECRET_TERM", 1.0, "house"),)


SPELLINGS = {
    "in a URL": lambda text: quote(text, safe=""),
    "in Python": lambda text: "".join(f"\\U{ord(one):08x}" for one in text),
    "in JSON": lambda text: "".join(json.dumps(one)[1:-1] for one in text),
    "in JSON inside JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\\%&\b\f")))
def test_every_text_is_read_however_it_is_spelt(spell: Callable[[str], str], text: str) -> None:
    read = unescape(spell(text))
    assert (spell(text) if read is None else read.text) == text


@given(st.text(st.sampled_from("\\%&u{}x#;0a1fFdD8nC: 张"), max_size=30))
def test_spans_rise_lie_inside_and_plain_characters_lead_to_themselves(text: str) -> None:
    read = unescape(text)
    if read is None:
        return
    spans = [read.span(place, place + 1) for place in range(len(read.text))]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(text[start:end] == one for one, (start, end) in zip(read.text, spans, strict=True) if end - start == 1)
    assert spans[0][0] == 0 and spans[-1][1] == len(text)


def test_the_text_is_not_in_the_repr() -> None:
    assert "secret" not in repr(unescape("%41 secret"))


COLOURED = [
    "\x1b[32m",
    "\x1b[0m",
    "\x1b[38;2;255;100;0m",
    "\x1b[K",
    "\x9b1m",
    "^[[32m",
    "\\x1b[1;31m",
    "\\u001b[0m",
    "\\033[0m",
    "\\e[0m",
]


@given(st.lists(st.tuples(st.sampled_from(["", *COLOURED]), st.sampled_from("0123456789张")), min_size=1, max_size=30))
def test_what_only_a_terminal_sees_is_not_read_and_each_character_leads_to_itself(
    pieces: list[tuple[str, str]],
) -> None:
    text = "".join(colour + one for colour, one in pieces)
    view = normalise(text)
    assert view.text == "".join(one for _, one in pieces)
    for place, one in enumerate(view.text):
        start, end = view.span(place, place + 1)
        assert text[start:end] == one


@pytest.mark.parametrize("colour", COLOURED)
def test_a_number_in_colours_is_found(colour: str) -> None:
    text = f"手机 {colour}139{colour}12345678{colour}"
    (found,) = FINDER.find(text, frozenset({"PHONE_NUMBER"})).findings
    assert text[found.start : found.end] == f"139{colour}12345678"


@pytest.mark.parametrize("text", ["\x1b[13912345678m", "[32m", "a[0] ^ [1m]", "list[0m", r"C:\e\[32"])
def test_what_no_terminal_takes_for_a_colour_is_read(text: str) -> None:
    assert uncoloured(text) is None
