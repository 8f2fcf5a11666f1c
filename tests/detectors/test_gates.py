"""A gate is open for whatever its pattern matches, and short."""

import re
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.engine import compiled
from detectors.find import shipped_patterns
from detectors.gates import LONG_TOKEN, LONGEST, Gate, gate_as_written, gate_of, gate_of_words
from detectors.patterns import seekers, shipped_rules
from detectors.reading import TOKENS, read_text, utf8
from detectors.sieve import Sieve
from detectors.traditional import in_simplified
from tests.detectors import at_random
from tests.thorough import drawn


def is_open(gate: Gate, text: str) -> bool:
    skeleton = read_text(text).skeleton
    return (
        not (gate.pattern or gate.literals or gate.token)
        or bool(gate.pattern and compiled(gate.pattern, "gate").search(skeleton))
        or any(literal in text for literal in gate.literals)
        or (gate.token and bool(TOKENS.search(skeleton)))
    )


ATOMS = st.sampled_from(
    [
        "a",
        "K",
        "7",
        "@",
        "-",
        r"\.",
        "[0-9]",
        "[A-Za-z]",
        "[a-f0-9]",
        r"\d",
        r"\w",
        r"\s",
        ".",
        "密",
        "码",
        "[京沪]",
        "[^a-z]",
        r"\b",
    ]
)
TIMES = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}", "{3,}", "{7}", "{20}", "??", "{1,4}?"])


def repeated(part: str, times: str) -> str:
    return part if part == r"\b" else part + times


PARTS = st.recursive(
    st.builds(repeated, ATOMS, TIMES),
    lambda inner: st.builds(
        lambda branches, opening, times: f"{opening}{'|'.join(map(''.join, branches))}){times}",
        st.lists(st.lists(inner, min_size=1, max_size=3), min_size=1, max_size=3),
        st.sampled_from(["(", "(?:", "(?P<value>", "(?i:"]),
        st.sampled_from(["", "", "?", "{2}"]),  # repeated without end, Python's engine may take as long
    ),
    max_leaves=6,
)
PATTERNS = st.lists(PARTS, min_size=1, max_size=5).map("".join)


@given(PATTERNS, st.data())
@settings(max_examples=drawn(250), deadline=None, suppress_health_check=list(HealthCheck))
def test_a_gate_is_open_for_whatever_its_pattern_matches(pattern, data):
    try:
        known = re.compile(pattern)
    except re.error:  # two groups of the same name
        return
    match = known.search(data.draw(st.from_regex(known)))
    text = match.group() if match else ""
    if text != read_text(text).text:  # what a view does not hold, no pattern is asked about
        return
    assert is_open(gate_of(pattern, wide=True), text)
    longest = gate_of(pattern, wide=True).longest
    assert longest is None or len(text) <= longest


GATES = {
    "a prefix": (r"sk-ant-[a-z]{3,8}[0-9]{2}-[A-Za-z0-9_\-]{40,}", "sk\\-ant", ()),
    "digits, as many as are rare": (r"[1-8][0-9]{14}", "[1-8][0-9]{7}", ()),
    "what is rare, not what is first": (r"[a-z]{1,60}@[a-z]+", "[a-z]{1}@[a-z]", None),
    "Chinese words": (r"(?:密码|口令)\s*[:=]\s*[a-z]{4,}", "", ("密码", "口令")),
    "either": (r"(?:password|密码)[0-9a-z]{0,9}", "passwor", ("密码",)),
    "nothing at all": (r"[a-z]*", "", ()),
    "one branch of nothing": (r"abc|.*", "", ()),
    "look-around is dropped": (r"(?<=id )\d{9}(?!\d)", "\\d{7}", ()),
    "an optional group": (r"(?:AB-)?[0-9]{8}", None, ()),
}


@pytest.mark.parametrize(("pattern", "gate", "literals"), GATES.values(), ids=GATES)
def test_a_gate_is_the_rarest_short_piece(pattern, gate, literals):
    found = gate_of(pattern)
    if gate is not None and literals is not None:
        assert (found.pattern, found.literals) == (gate, literals)
    if found.pattern:
        assert gate_of(found.pattern).longest <= LONGEST


@pytest.mark.parametrize("pattern", [r"(?x) a b", r"(a", r"(?(1)a|b)", r"a{,3}", r"\Qa\E"])
def test_a_pattern_that_cannot_be_read_has_a_gate_that_is_always_open(pattern):
    assert gate_of(pattern) == Gate()


def test_a_long_run_of_letters_and_digits_opens_by_itself_and_words_do_not():
    gate = gate_of("[A-Za-z0-9]{32}")
    assert gate.token and not gate.pattern
    assert is_open(gate, "key 9f1101011990030744ab4477de1199aa") and not is_open(gate, "an ordinary sentence")


def test_a_gate_that_somebody_wrote_stays_as_it_is_where_it_is_short_and_ascii():
    assert gate_as_written(r"\b[0-9]{3}").pattern == r"\b[0-9]{3}"
    assert gate_as_written(LONG_TOKEN).token


AROUND = {
    "a word beyond ASCII": ("密码", ("密码",), ""),
    "words of each branch": ("(?i:Token)[0-9]{40}|口令是", ("token", "口令是"), ""),
    "a class beyond ASCII": ("[月日]生", ("日生", "月生"), ""),
    "a branch without a rare word": ("口令是|[一-鿿]@", ("口令是",), "[\x1d\x1e\x1f]@"),
    "as long as may be": ("key" + "[0-9]" * 125, ("key",), ""),
}


@pytest.mark.parametrize(("pattern", "words", "others"), AROUND.values(), ids=AROUND)
def test_a_gate_that_is_long_or_beyond_ascii_is_looked_for_around_its_words_and_matched_in_full(pattern, words, others):
    gate = gate_as_written(pattern)
    assert (gate.words, gate.pattern, gate.closer) == (words, others, pattern)


@pytest.mark.parametrize("pattern", ["密码[0-9]+", "key" + "[0-9]" * 126, "密[一-鿿]{200}"])
def test_a_gate_without_end_is_no_more_than_its_rarest_piece(pattern):
    assert gate_as_written(pattern) == gate_of(pattern)


WORDS = {
    "whole": ("reg no 1", True),
    "in the plural": ("two regs", True),
    "inside another word": ("the region", False),
    "in capitals": ("REG 1", True),
    "the first of two": ("social security", True),
    "Chinese": ("我的车牌是", True),
    "none": ("nothing", False),
}


@pytest.mark.parametrize(("text", "want"), WORDS.values(), ids=WORDS)
def test_a_gate_of_words_opens_for_whole_words(text, want):
    assert is_open(gate_of_words(("reg", "social security number", "车牌")), text) is want


GATED = {rule.id: rule for rule in shipped_rules() if rule.gate}


@cache
def ready(name):
    matcher = seekers([GATED[name]])[0]
    return matcher, Sieve([matcher.openings])


CASES = {"as it is": str, "capitals": str.upper, "capital letters first": str.title}


@given(st.sampled_from(sorted(GATED)), st.sampled_from(sorted(CASES)), st.integers(0, 10**6))
@settings(max_examples=drawn(250), deadline=None)
def test_a_gate_that_somebody_wrote_is_open_for_whatever_its_rule_matches(name, case, seed):
    rule, (matcher, sieve), random = GATED[name], ready(name), Random(seed)
    spoken = random.choice(rule.context.words) if rule.context and rule.context.required else ""
    value = CASES[case](at_random.value(rule.pattern.replace(r"\z", r"\Z"), "", random))
    reading = read_text(f"{spoken} {value}\n")
    plain = in_simplified(reading) or reading
    data = reading.skeleton if matcher.plain else utf8(reading)
    if matcher.pattern.search(data):
        assert sieve.open(reading, {0}) or sieve.open(plain, {0}), value


OPEN = {
    "both words in capitals": "LOGGING IN WITH Kite¦Flyer92 FAILS",
    "asked about with a rarer word": "is Jm7#¦kkPq3 an acceptable password",
    "a colon behind the word": "wifi: the pass Learn2¦Read! please",
    "a network number in twos": "pay DE89 37 04 00 44 05 32 01 30 00 today",
    "a marking in another form": "(ATTORNEY-CLIENT PRIVILEGE)",
    "figures close to the word": "die staff PIN71068 please",
    "a quotation mark": "locker combination“3427”",
    "a code of a device": "解锁系统码改为#5897#",
    "a door downstairs": "楼下门 25820",
    "an account behind its word in Chinese": "wire to routing 021000021, acct是7365567332",
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_no_gate_is_narrower_than_its_rule(text):
    detector = shipped_patterns()[0]
    assert detector.find(text.replace("¦", ""), detector.entities)
