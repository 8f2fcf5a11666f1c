"""Every shipped rule proves itself, and the machinery finds what stands beside, inside and after near misses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import patterns
from detectors.interface import CannotTell
from detectors.patterns import Patterns, shipped_rules
from detectors.prove import marked
from detectors.rulebook import SOFT, Context, Rule
from tests.rows import each
from tests.thorough import drawn

RULES = {rule.id: rule for rule in shipped_rules()}
ALL = Patterns(RULES.values())


def spans(detector, text):
    return [(finding.start, finding.end) for finding in detector.find(text, detector.entities)]


@each(
    ("rule", "example"),
    [
        pytest.param(rule, example, id=f"{rule.id}-{n}")
        for rule in RULES.values()
        for n, example in enumerate(rule.examples)
    ],
)
def test_a_rule_finds_its_examples_exactly(rule, example):
    text, want = marked(example)
    assert spans(Patterns([rule]), text) == want


@each(
    ("rule", "text"),
    [
        pytest.param(rule, text, id=f"{rule.id}-{n}")
        for rule in RULES.values()
        for n, text in enumerate(rule.counterexamples)
    ],
)
def test_a_rule_does_not_find_its_counterexamples(rule, text):
    assert spans(Patterns([rule]), text.replace(SOFT, "")) == []


@each("rule", RULES.values(), ids=RULES)
def test_all_rules_together_find_what_each_finds_alone(rule):
    for example in rule.examples:
        text, wanted = marked(example)
        found = ALL.find(text, ALL.entities)
        for start, end in wanted:
            assert any(one.entity == rule.entity and one.start <= start and end <= one.end for one in found)


@each("rule", RULES.values(), ids=RULES)
def test_every_rule_has_an_example_in_chinese(rule):
    assert any("\u4e00" <= character <= "\u9fff" for example in rule.examples for character in example)


def rule(pattern, edges="number", check="", context=None):
    return Rule("r", "ROOM", pattern, edges, "", check, context, 0.5, ("⟦1⟧",), ("x",))


FOUND = {
    "a number after others": ("2024 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    "a number that a near miss overlaps": ("6226 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    "a card before the next number": ("4111111111111111 12", ["4111111111111111"]),
    "two cards one space apart": ("4111111111111111 5555555555554444", ["4111111111111111", "5555555555554444"]),
    "a card in brackets": ("(4111111111111111)", ["4111111111111111"]),
    "a card at the end of a sentence": ("card 4111111111111111.", ["4111111111111111"]),
    "the digits of a longer number": ("94111111111111111", []),
    "the digits of a fraction": ("0.4111111111111111", []),
    "a stretch of a hash": ("a4111111111111111f", []),
    "a stretch of a key": ("x7Q4111111111111111", []),
    "behind letters of a hash and what is not seen": ("a\x004111111111111111", ["4111111111111111"]),
    "behind letters of a hash": ("a4111111111111111", []),
    "a card glued to a word": ("card4111111111111111", ["4111111111111111"]),
    "a line break inside": ("4111\n1111\r\n1111\n1111", ["4111\n1111\r\n1111\n1111"]),
}


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_edges_and_near_misses(text, want):
    detector = Patterns([RULES["bank-card"]])
    assert [text[start:end] for start, end in spans(detector, text)] == want


def test_a_finding_tells_its_rule_and_context_raises_its_score():
    words = Context(("room", "房间"), within=5, raises=0.9)
    detector = Patterns([rule("[0-9]{3}", context=words)])
    (near,) = detector.find("房间101", detector.entities)
    (far,) = detector.find("101", detector.entities)
    assert (near.detector, near.entity, near.score, far.score) == ("r", "ROOM", 0.9, 0.5)


def test_entities_that_nobody_asked_for_are_not_looked_for():
    assert ALL.find("卡号4111111111111111", frozenset({"PHONE_NUMBER"})) == ()


def test_a_text_made_of_near_misses_cannot_be_told(monkeypatch):
    monkeypatch.setattr(patterns, "MOST_REJECTED", 50)
    with pytest.raises(CannotTell, match="rule bank-card: too many near misses"):
        Patterns([RULES["bank-card"]]).find("4111111111111112 " * 100, frozenset({"CREDIT_CARD"}))


@pytest.mark.parametrize("row", ["DE{:02}", "DE{:08}", "BE{:04} 7", "GB{:012}", "FR{:02}", "AB{:06},", "7 DE{:08} 42"])
def test_a_long_list_with_one_code_a_line_is_no_account_and_can_be_told(row):
    codes = "\n".join(row.format(at * 7919) for at in range(6000))
    assert Patterns([RULES["iban-over-lines"]]).find(codes, frozenset({"IBAN_CODE"})) == ()


@given(st.text())
@settings(max_examples=drawn(200))
def test_findings_of_any_text_lie_in_it(text):
    for finding in ALL.find(text, ALL.entities):
        assert 0 <= finding.start < finding.end <= len(text)


@given(
    st.sampled_from(["4111111111111111", "110101199003074477", "13800138000", "alice@example.com"]),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=8),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=8),
)
def test_chinese_characters_never_hide_what_they_touch(value, before, after):
    text = before + value + after
    assert (len(before), len(before) + len(value)) in spans(ALL, text)


@given(st.sampled_from(["4111111111111111", "110101199003074477", "13800138000"]), st.data())
def test_invisible_characters_hide_nothing(value, data):
    places = data.draw(st.sets(st.integers(1, len(value) - 1), max_size=6))
    text = "".join("\u200b" * (place in places) + digit for place, digit in enumerate(value))
    assert (0, len(text)) in spans(ALL, text)
