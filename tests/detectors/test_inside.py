"""What base64 holds is read as if it stood there, and the whole code is the finding."""

import base64
from textwrap import wrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import inside as module
from detectors.combined import PartlyTold, combined
from detectors.decode_text import NotText, Undecided, decode
from detectors.inside import decoded, end_of, inside
from detectors.interface import CannotTell
from detectors.patterns import Patterns, shipped_rules
from detectors.presidio import Presidio, shipped_recognizers
from detectors.reading import read_text
from tests.detectors.views.reading import found
from tests.rows import each
from tests.thorough import drawn

(ALL,) = combined((Patterns(shipped_rules()), Presidio(shipped_recognizers())))


def codes(text):
    reading = read_text(text)
    return list(inside(reading))


def code(text, alphabet="standard"):
    encode = base64.b64encode if alphabet == "standard" else base64.urlsafe_b64encode
    return encode(text.encode()).decode()


HIDDEN = "身份证110101199003074477，电话13800138000"
CODED = {
    "in a sentence": (f"请解码{code(HIDDEN)}谢谢", code(HIDDEN)),
    "for addresses": (f"x={code(HIDDEN, 'url')}&y", code(HIDDEN, "url").rstrip("=")),
    "without padding": (f"q {code(HIDDEN).rstrip('=')} q", code(HIDDEN).rstrip("=")),
    "in a data address": (f"data:text/plain;base64,{code(HIDDEN)}", code(HIDDEN)),
    "twice": (f"see {code(code(HIDDEN))} there", code(code(HIDDEN))),
    "over lines": ("\n".join(code(HIDDEN * 3)[at : at + 76] for at in range(0, 400, 76)).strip(), None),
    "in full width": (code(HIDDEN).translate({ord(c): ord(c) + 0xFEE0 for c in code(HIDDEN) if c.isalnum()}), None),
    "with invisible characters": ("\u200b".join(code(HIDDEN)), None),
    "in UTF-16, as PowerShell encodes": (wide := base64.b64encode(HIDDEN.encode("utf-16-le")).decode(), wide),
    "in GBK": (chinese := base64.b64encode(HIDDEN.encode("gbk")).decode(), chinese),
    "in JSON": (f'{{"a": "{code(HIDDEN)}"}}', code(HIDDEN)),
}


@pytest.mark.parametrize(("text", "want"), CODED.values(), ids=CODED)
def test_what_base64_holds_is_found_and_the_whole_code_is_the_finding(text, want):
    hits = [one for one in ALL.find(text, ALL.entities) if one.entity == "CN_ID_CARD"]
    assert hits and all("inside:base64" in one.because for one in hits)
    assert text[hits[0].start : hits[0].end].rstrip("=") == (want or text).rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(bytes(range(128, 256)) * 2).decode(),
        "an_ordinary_identifier_of_some_length",
        "Transformational/African-American",
        "responsibilities",
        "4111111111111111",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        code("short")[:20] + "A",
    ],
    ids=["bytes", "an identifier", "words", "a word", "a number", "a digest", "five left over"],
)
def test_what_decodes_to_no_text_is_none(text):
    assert codes(text) == []


WRAPPED = base64.b64encode("客户张三的身份证号码是 11010519491231002X，手机是 13912345678，请处理。".encode()).decode()
AMONG_BYTES = {
    "a sign that is no text before it": code("\0" + HIDDEN),
    "one behind it": code(HIDDEN + "\0"),
    "a record": base64.b64encode(b"\n\x12\xff\x08\x96\x01" + HIDDEN.encode() + b"\x80\x1a").decode(),
    **{f"lines of {width}": "\n".join(wrap(WRAPPED, width)) for width in (20, 24, 40, 60, 76)},
}


@pytest.mark.parametrize("text", AMONG_BYTES.values(), ids=AMONG_BYTES)
def test_what_stands_among_other_bytes_is_read(text):
    hits = ALL.find(f"please decode {text} for me", ALL.entities)
    assert {one.entity for one in hits} >= {"CN_ID_CARD", "PHONE_NUMBER"}


BEHIND = {
    "a sentence": "please read it",
    "a sentence with a figure": "user1 will call",
    "a greeting and a name": "Thanks,\nAnna",
    "words on lines of their own": "Thanks\nAnna\n",
    "capitals": "ABCD\n",
    "a command": "kubectl apply -f x.yaml",
    "a key and its value": "name=value",
    "a quotation": "> please read it",
    "carriage returns": "please\r\nread",
}


@each("behind", BEHIND.values(), BEHIND)
def test_a_word_on_the_line_behind_a_code_is_no_part_of_it(behind: str) -> None:
    for said in (HIDDEN, HIDDEN + " ", HIDDEN + "  "):  # with and without signs that fill the code up
        for lines in ([code(said)], wrap(code(said), 40)):
            whole = "\n".join(lines)
            text = f"{whole}\n{behind}"
            cards = [value for entity, value in found(text) if entity == "CN_ID_CARD"]
            assert [value.rstrip("=") for value in cards] == [whole.rstrip("=")]


@settings(max_examples=drawn(300))
@given(st.text("客户张三abc 0189.", min_size=12, max_size=200), st.integers(1, 19))
def test_the_end_of_a_wrapped_code_stays_a_part_of_it(said: str, quarter: int) -> None:
    text = "\n".join(wrap(code(said), 4 * quarter))
    assert end_of(text, 0, len(text)) == len(text)


def test_more_code_than_the_limit_is_unknown_and_what_came_before_is_found(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 100)
    text = f"{code(HIDDEN)} {code(HIDDEN)}"
    with pytest.raises(CannotTell, match="more text in base64"):
        codes(text)
    with pytest.raises(PartlyTold) as told:
        ALL.find(text, ALL.entities)
    assert told.value.entities == ALL.entities
    assert {one.entity for one in told.value.findings} >= {"CN_ID_CARD", "PHONE_NUMBER"}


def test_pictures_do_not_count_for_the_limit(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 100)
    picture = base64.b64encode(b"\x89PNG\r\n" + bytes(range(128, 256)) * 2).decode()
    assert len(codes(f"{picture} {code(HIDDEN)}")) == 1


WORDS = ("护照号码：张伟，住上海。", "Anna Müller, 4111 1111", "密码：hunter2", "ＡＢＣ，，，", "Zoë")


@settings(max_examples=drawn(400))
@given(
    st.one_of(
        st.binary(max_size=60),
        st.builds(
            lambda text, codec, at, cut: text.encode(codec, "ignore")[at:cut],
            st.sampled_from(WORDS),
            st.sampled_from(("utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "utf-8-sig")),
            st.integers(0, 3),
            st.integers(4, 40),
        ),
    )
)
def test_what_is_seen_at_once_to_be_no_text_is_none_when_looked_at_closely(data):
    seen = module.otherwise(data)
    try:
        found = decode(data)
    except (NotText, Undecided):
        closely = None
    else:
        text = found.encoding in module.OTHERS and not module.UNPRINTABLE.search(found.text)
        closely = found.text if text else None
    assert seen == closely


@pytest.mark.parametrize("depth", range(1, module.DEPTH + 1))
def test_codes_within_codes_are_read(depth):
    text = HIDDEN
    for _ in range(depth):
        text = code(text)
    assert [one.text for _, _, one in codes(text)][-1] == HIDDEN.replace("，", ",")
    assert "CN_ID_CARD" in {one.entity for one in ALL.find(text, ALL.entities)}


def test_codes_deeper_than_is_read_are_unknown():
    text = HIDDEN
    for _ in range(module.DEPTH + 1):
        text = code(text)
    with pytest.raises(PartlyTold, match="more often") as told:
        ALL.find(text, ALL.entities)
    assert told.value.entities == ALL.entities


@given(st.text(min_size=8))
@settings(max_examples=drawn(100))
def test_a_text_without_control_characters_comes_back_whole(text):
    text = text.encode("utf-8", "ignore").decode()
    plain = decoded(code(text))
    assert plain == text or plain is None
    if plain is None:
        assert module.UNPRINTABLE.search(text)


@given(st.text("ABCDEFabcdef0123456789+/=_-\n ", max_size=80))
@settings(max_examples=drawn(100), deadline=None)
def test_no_text_makes_it_raise_and_places_lie_in_it(text):
    for start, end, _ in codes(text):
        assert 0 <= start < end <= len(read_text(text).text)
