"""A view reads as people read, and every offset leads back."""

from unicodedata import category, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detectors.normalise import DRAWN_ALIKE, MARKS, fold, normalise

READS_AS = {
    "full-width digits": ("１３８００１３８０００", "13800138000"),
    "full-width letters and signs": ("Ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ：", "Alice@example.com:"),
    "Arabic digits": ("١٣٨", "138"),
    "Devanagari digits": ("१३८", "138"),
    "styled digits": ("𝟙𝟛𝟠𝟬", "1380"),
    "circled digits": ("①③⑧", "138"),
    "zero-width space": ("13\u200b8", "138"),
    "word joiner and soft hyphen": ("1\u20603\u00ad8", "138"),
    "byte order mark": ("\ufeff138", "138"),
    "direction marks": ("\u202e138\u202c", "138"),
    "keycaps": ("1\ufe0f\u20e33\ufe0f\u20e3", "13"),
    "struck-through digits": ("1\u03363\u03368\u0336", "138"),
    "tag characters": ("\U000e0031\U000e0033", "13"),
    "NUL and bell": ("1\x003\x078", "138"),
    "ideographic space": ("138\u3000001", "138 001"),
    "no-break and thin space": ("138\u00a0001\u2009", "138 001 "),
    "Hangul filler": ("138\u3164001", "138 001"),
    "dashes": ("138–001—2−3", "138-001-2-3"),
    "line separator": ("a\u2028b", "a\nb"),
    "Cyrillic in a key": ("sk-аbс", "sk-abc"),
    "Greek in a word": ("Αlpha", "Alpha"),
    "an accent written apart": ("cafe\u0301", "café"),
    "curly quotes": ("“x”", '"x"'),
    "one character as many": ("…℡", "...TEL"),
    "half a surrogate pair": ("a\ud800b", "a\ufffdb"),
    "radicals": ("⼀⼆", "一二"),
    "escaped full-width digits": (r"\uff11\uff13", "13"),
    "an escaped zero-width space": (r"13\u200b8", "138"),
    "half a pair, escaped": (r"a\ud800b", "a\ufffdb"),
    "an entity in a URL in JSON": (r"%5Cu0026%2349;38", "138"),
}
STAYS = {
    "ASCII": "plain text, with\ttabs\r\nand 138-0013",
    "Chinese": "今天的会议。《纪要》已发",
    "Russian": "Привет, сосед",
    "Greek": "Ελλάδα",
    "Korean": "안녕하세요",
}


@pytest.mark.parametrize(("text", "want"), READS_AS.values(), ids=READS_AS)
def test_what_is_drawn_alike_reads_alike(text, want):
    assert normalise(text).text == want


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_ordinary_text_stays_as_it_is(text):
    assert normalise(text).text == text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\%&")))
def test_ascii_without_escapes_maps_to_itself(text):
    view = normalise(text)
    assert view.text == text
    assert all(view.span(place, place + 1) == (place, place + 1) for place in range(len(text)))


@given(st.text(), st.data())
@example("1\u200b3\ufe0f\u20e3…\ud800", None)
def test_a_span_of_the_view_lies_in_the_original_and_covers_what_it_was_read_from(text, data):
    view = normalise(text)
    if not view.text:
        return
    start = data.draw(st.integers(0, len(view.text) - 1)) if data else 0
    end = data.draw(st.integers(start + 1, len(view.text))) if data else len(view.text)
    first, last = view.span(start, end)
    assert 0 <= first < last <= len(text)
    assert view.text[start:end] in normalise(text[first:last]).text or _needs_neighbours(text)


def _needs_neighbours(text):
    """Look-alikes are read by what stands beside them, so cut out alone they may read otherwise."""
    return any("\u0370" <= character <= "\u052f" for character in text)


@given(st.text())
def test_spans_rise_with_the_text_and_the_view_can_be_encoded(text):
    view = normalise(text)
    view.text.encode()
    spans = [view.span(place, place + 1) for place in range(len(view.text))]
    assert spans == sorted(spans)


@given(st.text())
def test_a_view_of_a_view_is_the_view(text):
    once = normalise(normalise(text).text).text
    assert normalise(once).text == once


def test_a_mark_goes_with_the_letter_it_belongs_to():
    assert normalise("xe\u0301y").span(1, 2) == (1, 3)
    assert normalise("1\ufe0f\u20e32").span(0, 1) == (0, 3)


def test_what_an_escape_spells_leads_back_to_the_whole_escape():
    text = r"客户：\u673a\u5bc6 \uff11３%38"
    view = normalise(text)
    assert view.text == "客户:机密 138"
    assert [text[slice(*view.span(place, place + 1))] for place in range(3, 9)] == (
        [r"\u673a", r"\u5bc6", " ", r"\uff11", "３", "%38"]
    )


def test_escapes_inside_escapes_lead_back_through_all_of_them():
    text = "ab%5Cu0026%2349;８ c%26amp;d"
    view = normalise(text)
    assert view.text == "ab18 c&d"
    spans = [text[slice(*view.span(place, place + 1))] for place in range(len(view.text))]
    assert spans == ["a", "b", "%5Cu0026%2349;", "８", " ", "c", "%26amp;", "d"]


def plainly(text):
    """Return what a text without escapes reads as, told one character after the other, and what each is read from."""
    read = []
    for place, character in enumerate(text):
        plain = fold(character)
        if not plain and read and category(character) in MARKS:
            together = normalize("NFC", read[-1][0] + character)
            read[-1] = (together if len(together) == 1 else read[-1][0], read[-1][1], place + 1)
        read += [(one, place, place + 1) for one in plain]
    letters = [one for one, _, _ in read]
    for places in (range(len(read)), reversed(range(len(read)))):
        for place in places:
            beside = [letters[at] for at in (place - 1, place + 1) if 0 <= at < len(read)]
            if any(one.isascii() and one.isalnum() for one in beside):
                letters[place] = DRAWN_ALIKE.get(letters[place], letters[place])
    return "".join(letters), [(start, end) for _, start, end in read]


@given(
    st.text(
        st.one_of(
            st.sampled_from("a1 .中文０Ａ，“…℡①é\u200b\u2060\u0301\u20dd\ufe0f\ud800\U000e0031\x00\f\u2028"),
            st.sampled_from("аеоіЖ\u0391\u0399λ"),
            st.characters(exclude_characters="\\%&"),
        ),
        max_size=40,
    )
)
def test_a_text_reads_as_its_characters_do_one_after_the_other(text):
    view = normalise(text)
    assert (view.text, [view.span(place, place + 1) for place in range(len(view.text))]) == plainly(text)


def test_no_text_can_fill_the_memory_of_characters():
    assert fold.cache_info().maxsize is not None


@pytest.mark.parametrize("unit", ["а", "а1", "\u200b", "a\u200b\u0301", "…", "привет "])
def test_a_long_text_reads_as_its_parts(unit):
    assert normalise(unit * 3000).text == normalise(unit * 30).text * 100


def test_the_text_is_not_in_the_repr_of_a_view():
    assert "secret" not in repr(normalise("secret"))


DISGUISES = {
    "wide": lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
    "styled digits": lambda text: "".join(chr(0x1D7CE + int(one)) if one.isdigit() else one for one in text),
    "circled digits": lambda text: text.translate(str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")),
    "invisible signs": "\u200b".join,
}
ESCAPED = {
    "percent": lambda text: "".join(f"%{ord(one):02X}" for one in text),
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "units": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("escape", ESCAPED.values(), ids=ESCAPED)
def test_escapes_that_are_written_in_other_signs_are_read_with_the_way_back(escape, disguise):
    digits = "13912345678"
    text = f"电话{disguise(escape(digits))}，谢谢"
    view = normalise(text)
    assert view.text == f"电话{digits}，谢谢".replace("，", ",")
    start = view.text.index(digits)
    first, last = view.span(start, start + len(digits))
    assert (text[:first], text[last:].lstrip("\u200b")) == ("电话", "，谢谢")


@pytest.mark.parametrize("text", ["增长１０％２０２５年", "Ｑ＆Ａ ＆＃３９；", "路径Ｃ：＼ｘ３１"])
def test_a_few_signs_of_escapes_in_prose_are_none(text):
    assert normalise(text).before is None
