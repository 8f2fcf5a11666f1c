"""What is taken out can be put back exactly, and nothing of it stays."""

import base64
import hmac
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import redact as module
from detectors.interface import Finding
from detectors.redact import LONGEST, PLACEHOLDER, placeholder, redact
from tests.thorough import drawn

CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
KEY = b"a key of the user, 32 bytes long"
NAMES = st.sampled_from(["PERSON", "PHONE_NUMBER", "CUSTOMER", "A", "Z" * 40])
TEXTS = st.one_of(
    st.text(),
    st.text(st.sampled_from("ab中\ud800[]_ 0")),
    st.lists(st.sampled_from(["[PERSON_7K2F0A1B]", "[X_7K2F0A1B]", "张三", "[", "]", " ", "13800138000"])).map("".join),
)


def finding(start, end, entity="PERSON", score=1.0):
    return Finding(start, end, entity, score, "test")


def restore(redaction):
    return PLACEHOLDER.sub(lambda token: redaction.originals.get(token.group(), token.group()), redaction.text)


@st.composite
def texts_and_findings(draw):
    text = draw(TEXTS.filter(bool))
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 12), NAMES, st.floats(0, 1))
    found = [finding(a, min(a + n, len(text)), name, score) for a, n, name, score in draw(st.lists(spans, max_size=8))]
    return text, found


@given(texts_and_findings())
@settings(max_examples=drawn(300))
def test_redact_then_restore_gives_the_text_that_came_in(case):
    text, found = case
    redaction = redact(text, found, KEY)
    assert restore(redaction) == text
    plain = redaction.text
    for token, original in redaction.originals.items():
        plain = plain.replace(token, original)
    assert plain == text


@given(texts_and_findings(), st.randoms())
def test_the_order_of_findings_does_not_matter(case, random):
    text, found = case
    shuffled = list(found)
    random.shuffle(shuffled)
    assert redact(text, shuffled, KEY) == redact(text, found, KEY)


@given(texts_and_findings())
def test_nothing_that_was_found_outside_a_placeholder_stays(case):
    text, found = case
    redaction = redact(text, found, KEY)
    kept = PLACEHOLDER.sub(
        lambda token: "\0" if token.group() in redaction.originals else token.group(), redaction.text
    )
    allowed = list(text)
    for one in found:
        if not any(token.start() <= one.start and one.end <= token.end() for token in PLACEHOLDER.finditer(text)):
            allowed[one.start : one.end] = [None] * (one.end - one.start)
    assert len(kept.replace("\0", "")) <= len([character for character in allowed if character is not None])


@given(texts_and_findings())
def test_redacting_what_is_redacted_changes_nothing(case):
    text, found = case
    once = redact(text, found, KEY)
    tokens = [token for token in PLACEHOLDER.finditer(once.text) if token.group() in once.originals]
    again = [finding(token.start(), token.end(), token.group(1)) for token in tokens]
    inside = [finding(token.start() + 1, token.end() - 2, token.group(1)) for token in tokens]
    assert redact(once.text, again + inside, KEY).text == once.text


@given(NAMES, st.text(), st.integers(0, 3))
def test_every_placeholder_has_the_form_and_fits_the_longest(name, value, attempt):
    token = placeholder(name, value, KEY, attempt)
    assert PLACEHOLDER.fullmatch(token).group(1) == name
    assert len(token) <= LONGEST
    assert not re.search("[ILOU]", token.removeprefix(f"[{name}_"))


def test_the_longest_is_reached():
    assert len(placeholder("Z" * 40, "x", KEY, attempt=1)) == LONGEST


def test_a_value_has_one_placeholder_for_a_user_and_another_for_everybody_else():
    assert placeholder("PERSON", "张三", KEY) == placeholder("PERSON", "张三", KEY)
    assert placeholder("PERSON", "张三", KEY) != placeholder("PERSON", "张三", b"another user's key")
    assert placeholder("PERSON", "张三", KEY) != placeholder("CUSTOMER", "张三", KEY)[len("CUSTOMER") - len("PERSON") :]


def test_a_placeholder_is_forty_bits_of_hmac_sha256_in_crockfords_letters():
    digest = hmac.new(KEY, "PERSON\0张三".encode(), "sha256").digest()
    letters = base64.b32encode(digest[:5]).decode().translate(CROCKFORD)
    assert placeholder("PERSON", "张三", KEY) == f"[PERSON_{letters}]" == "[PERSON_Y16CTMNN]"


def test_the_same_value_twice_is_one_placeholder_in_either_language():
    text = "张三 met Alice, and Alice met 张三"
    found = [finding(m.start(), m.end()) for m in re.finditer("张三|Alice", text)]
    redaction = redact(text, found, KEY)
    first, second = placeholder("PERSON", "张三", KEY), placeholder("PERSON", "Alice", KEY)
    assert redaction.text == f"{first} met {second}, and {second} met {first}"
    assert dict(redaction.originals) == {first: "张三", second: "Alice"}


UNITED = {
    "apart": ([(0, 2), (4, 6)], [(0, 2), (4, 6)]),
    "touching stay two": ([(0, 2), (2, 4)], [(0, 2), (2, 4)]),
    "overlapping": ([(0, 3), (2, 5)], [(0, 5)]),
    "nested": ([(0, 9), (2, 3)], [(0, 9)]),
    "a chain": ([(0, 3), (2, 5), (4, 8)], [(0, 8)]),
    "the same twice": ([(1, 2), (1, 2)], [(1, 2)]),
}


@pytest.mark.parametrize(("spans", "want"), UNITED.values(), ids=UNITED)
def test_overlaps_are_united_and_never_shrunk(spans, want):
    redaction = redact("0123456789", [finding(*span) for span in spans], KEY)
    taken = [redaction.originals[one.group()] for one in PLACEHOLDER.finditer(redaction.text)]
    assert taken == ["0123456789"[start:end] for start, end in want]


def test_a_united_finding_is_called_what_its_longest_part_is_then_its_likeliest():
    longest = redact("0123456789", [finding(0, 4, "URL", 0.9), finding(2, 9, "EMAIL_ADDRESS", 0.5)], KEY)
    likeliest = redact("0123456789", [finding(0, 4, "URL", 0.5), finding(0, 4, "EMAIL_ADDRESS", 0.9)], KEY)
    assert longest.text == f"{placeholder('EMAIL_ADDRESS', '012345678', KEY)}9"
    assert likeliest.text == f"{placeholder('EMAIL_ADDRESS', '0123', KEY)}456789"


EXISTING = "[PERSON_7K2F0A1B]"
BESIDE = {
    "inside one": (f"我是{EXISTING}。", (4, 8), []),
    "exactly one": (f"我是{EXISTING}。", (2, 2 + len(EXISTING)), []),
    "over its edge": (f"我是{EXISTING}。", (1, 5), [f"是{EXISTING}"]),
    "over two": (f"{EXISTING}-{EXISTING}", (3, 20), [f"{EXISTING}-{EXISTING}"]),
    "a strange name, which may be the value": (
        "[SECRET13800138000_7K2F0A1B]",
        (7, 18),
        ["[SECRET13800138000_7K2F0A1B]"],
    ),
    "digits for a digest, which may be a card": ("[PERSON_4111111111111111]", (8, 24), ["[PERSON_4111111111111111]"]),
    "beside one": (f"{EXISTING}张三", (17, 19), ["张三"]),
}


@pytest.mark.parametrize(("text", "span", "want"), BESIDE.values(), ids=BESIDE)
def test_an_existing_placeholder_is_kept_or_taken_whole(text, span, want):
    redaction = redact(text, [finding(*span)], KEY)
    assert list(redaction.originals.values()) == want
    assert restore(redaction) == text


def test_two_values_with_one_placeholder_are_told_apart(monkeypatch):
    honest = placeholder

    def weak(entity, value, key, attempt=0):
        return f"[{entity}_00000000]" if not attempt else honest(entity, value, key, attempt)

    monkeypatch.setattr(module, "placeholder", weak)
    redaction = redact("张三和李四", [finding(0, 2), finding(3, 5)], KEY)
    assert sorted(redaction.originals.values()) == ["张三", "李四"]
    assert restore(redaction) == "张三和李四"


def test_a_placeholder_taken_by_another_part_of_the_exchange_is_not_used_again():
    token = placeholder("PERSON", "张三", KEY)
    elsewhere = redact("张三", [finding(0, 2)], KEY, taken={token: "李四"})
    same = redact("张三", [finding(0, 2)], KEY, taken={token: "张三"})
    assert token not in elsewhere.originals
    assert same.text == token


def test_a_placeholder_that_stands_in_the_text_already_is_not_used_again():
    token = placeholder("PERSON", "张三", KEY)
    redaction = redact(f"{token} 张三", [finding(len(token) + 1, len(token) + 3)], KEY)
    assert redaction.text.startswith(token) and token not in redaction.originals
    assert restore(redaction) == f"{token} 张三"


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (-1, 1), (0, 9)])
def test_a_finding_outside_the_text_is_an_error(span):
    with pytest.raises(ValueError, match="outside the text"):
        redact("张三", [finding(*span)], KEY)


@pytest.mark.parametrize("name", ["", "person", "客户", "1A", "A-B", "A" * 41, "_A", "A\n"])
def test_a_name_that_cannot_be_restored_is_an_error(name):
    with pytest.raises(ValueError, match="capital letters"):
        placeholder(name, "x", KEY)


def test_no_key_no_placeholder():
    with pytest.raises(ValueError, match="needs a key"):
        placeholder("PERSON", "x", b"")
