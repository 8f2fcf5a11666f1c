"""What is masked, named or dropped keeps its shape at most, shows no more than its class may, and is never restored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.entities import ENTITIES, Entity
from detectors.interface import Finding
from detectors.redact import PLACEHOLDER, redact
from detectors.treat import SECRET_MASK, STRICTNESS, gap, generalise, instead, language_of, mask, strictest

KEY = b"a key of the user, 32 bytes long"

MASKS = {
    "mobile": ("PHONE_NUMBER", "13800138000", "138****8000"),
    "mobile with code": ("PHONE_NUMBER", "+86 138-0013-8000", "+86 1**-****-8000"),
    "short number": ("PHONE_NUMBER", "88226600", "********"),
    "bank card": ("CREDIT_CARD", "4111 1111 1111 1234", "**** **** **** 1234"),
    "resident id": ("CN_ID_CARD", "11010519491231002X", "1****************X"),
    "plate": ("CN_VEHICLE_PLATE", "京A12345", "京*****5"),
    "chinese name": ("PERSON", "欧阳娜娜", "欧***"),
    "one character": ("PERSON", "张", "*"),
    "english name": ("PERSON", "Mary Jane Watson", "M*** J*** W*****"),
    "address": ("EMAIL_ADDRESS", "mary.w@example.com", "m***@example.com"),
    "one-letter address": ("EMAIL_ADDRESS", "m@example.com", "*@*******.***"),
    "key": ("API_KEY", "sk-proj-abcdefghijklmnop", SECRET_MASK),
    "password": ("PASSWORD", "hunter2", SECRET_MASK),
    "company's own": ("CUSTOMER", "华星科技", "****"),
    "an address of ours": ("IP_ADDRESS", "10.1.2.3", "**.*.*.*"),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_keeps_the_shape_of_its_class(name: str) -> None:
    entity, value, want = MASKS[name]
    assert mask(entity, value) == want


@given(st.sampled_from(sorted(ENTITIES)), st.text(min_size=1))
def test_a_mask_has_no_bracket_and_never_shows_a_whole_value(entity: str, value: str) -> None:
    masked = mask(entity, value)
    assert not set("[]") & set(masked)
    if any(char.isalnum() for char in value):
        assert "*" in masked


KINDS = {
    "zh": ("PHONE_NUMBER", "zh", None, "[电话号码]"),
    "en": ("PHONE_NUMBER", "en", None, "[telephone number]"),
    "named by the company": ("CUSTOMER", "zh", Entity("customer", "客户资料"), "[客户资料]"),
    "without a name": ("TEAM_NAME", "en", None, "[team name]"),
    "a name that would be a placeholder": ("X", "en", Entity("[PERSON_7K2F0A1B]\u202e", "甲"), "[PERSON_7K2F0A1B]"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_value_is_named_in_the_language_asked_for(name: str) -> None:
    entity, language, named, want = KINDS[name]
    assert generalise(entity, language, named) == want


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("请打电话 13800138000", "zh"),
        ("Call 张三 at his office tomorrow morning", "en"),
        ("13800138000", "en"),
        ("", "en"),
    ],
    ids=["zh", "en with a name", "digits", "nothing"],
)
def test_the_text_says_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_strictest_treatment_counts_and_a_strange_one_is_an_error() -> None:
    assert strictest(["mask", "placeholder"]) == "mask"
    assert strictest(STRICTNESS) == "drop" and strictest([]) == "placeholder"
    with pytest.raises(ValueError, match="placeholder, mask"):
        strictest(["encrypt"])


@pytest.mark.parametrize(
    ("before", "after", "want"),
    [
        ("8", "0", " "),
        ("a", "b", " "),
        ("是", "请", ""),
        ("是", "0", ""),
        (" ", "0", ""),
        ("", "0", ""),
        ("８", "０", " "),
    ],
)
def test_what_a_dropped_value_kept_apart_stays_apart(before: str, after: str, want: str) -> None:
    assert gap(before, after) == want


def finding(start: int, end: int, entity: str = "PHONE_NUMBER") -> Finding:
    return Finding(start, end, entity, 1.0, "test")


WRITTEN = {
    "masked": ("电话13800138000。", [finding(2, 13)], {"PHONE_NUMBER": "mask"}, "电话138****8000。"),
    "named, zh": ("电话13800138000。", [finding(2, 13)], {"PHONE_NUMBER": "generalise"}, "电话[电话号码]。"),
    "named, en": ("Call 13800138000!", [finding(5, 16)], {"PHONE_NUMBER": "generalise"}, "Call [telephone number]!"),
    "named, zh around a Latin value": (
        "发到 mary.wang.jones@example.com 吧", [finding(3, 30)], {"PHONE_NUMBER": "generalise"}, "发到 [电话号码] 吧"),
    "named, nothing around": ("张三", [finding(0, 2)], {"PHONE_NUMBER": "generalise"}, "[电话号码]"),
    "dropped": ("电话13800138000。", [finding(2, 13)], {"PHONE_NUMBER": "drop"}, "电话。"),
    "dropped between digits": ("138XX00138000", [finding(3, 5)], {"PHONE_NUMBER": "drop"}, "138 00138000"),
    "two dropped in a row": ("138X-0013", [finding(3, 4), finding(4, 5)], {"PHONE_NUMBER": "drop"}, "138 0013"),
    "overlap of mask and drop": ("张三13800138000", [finding(0, 5, "PERSON"), finding(2, 13)],
                                 {"PERSON": "drop", "PHONE_NUMBER": "mask"}, ""),
    "overlap of two masks shows nothing": ("张三13800138000", [finding(0, 5, "PERSON"), finding(2, 13)],
                                           {"PERSON": "mask", "PHONE_NUMBER": "mask"}, SECRET_MASK),
    "overlap of placeholder and mask": ("张三13800138000", [finding(0, 5, "PERSON"), finding(2, 13)],
                                        {"PHONE_NUMBER": "mask"}, SECRET_MASK),
    "over the edge of a placeholder": ("[PERSON_7K2F0A1B]13", [finding(10, 19)], {"PHONE_NUMBER": "mask"}, SECRET_MASK),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_a_treated_value_leaves_no_original(name: str) -> None:
    text, findings, treat, want = WRITTEN[name]
    redaction = redact(text, findings, KEY, treat=treat)
    assert (redaction.text, dict(redaction.originals)) == (want, {})
    assert sum(redaction.treated.values()) > 0


def test_each_value_is_treated_as_its_own_entity_asks() -> None:
    text = "张三 13800138000"
    redaction = redact(text, [finding(0, 2, "PERSON"), finding(3, 14)], KEY, treat={"PHONE_NUMBER": "mask"})
    [token] = redaction.originals
    assert (redaction.text, redaction.originals[token]) == (f"{token} 138****8000", "张三")
    assert dict(redaction.treated) == {"PHONE_NUMBER": 1}


def test_the_companys_own_name_stands_for_its_own_terms() -> None:
    names = {"CUSTOMER": Entity("customer data", "客户资料")}
    redaction = redact(
        "华星科技的合同", [finding(0, 4, "CUSTOMER")], KEY, treat={"CUSTOMER": "generalise"}, names=names
    )
    assert redaction.text == "[客户资料]的合同"


def test_a_strange_treatment_is_refused_and_never_lets_the_value_through() -> None:
    with pytest.raises(ValueError, match="is treated as"):
        redact("13800138000", [finding(0, 11)], KEY, treat={"PHONE_NUMBER": "hide"})


@st.composite
def texts_and_findings(draw):
    text = draw(st.text(st.sampled_from("ab中1[]_ 0X"), min_size=1, max_size=40))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 9)), max_size=6))
    names = st.sampled_from(["PERSON", "PHONE_NUMBER", "CUSTOMER"])
    return text, [finding(at, min(at + length, len(text)), draw(names)) for at, length in spans]


@given(texts_and_findings(), st.sampled_from(["mask", "generalise", "drop"]))
def test_no_placeholder_is_made_of_what_must_not_come_back(case, treatment) -> None:
    text, findings = case
    treat = dict.fromkeys(["PERSON", "PHONE_NUMBER", "CUSTOMER"], treatment)
    redaction = redact(text, findings, KEY, treat=treat)
    assert not redaction.originals
    before = {token.group() for token in PLACEHOLDER.finditer(text)}
    assert {token.group() for token in PLACEHOLDER.finditer(redaction.text)} <= before


def test_instead_of_nothing_there_is_nothing() -> None:
    assert instead("drop", "PERSON", "张三", plain=True, language="zh", name=None) == ""
