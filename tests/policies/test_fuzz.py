"""Whatever somebody types, pastes or damages: it loads, or it is refused with what is wrong and where, in both tongues.

Policies, tests and holidays that are right are broken in every way that editors, input methods, other tools and
attackers have: at their nodes and in their letters. Nothing but `PolicyError` may come of it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policies.calendar import read_holidays
from policies.check import check
from policies.decide import decide, needs
from policies.decision import Findings
from policies.format import translate
from policies.load import load_policy, parse_folder, parse_policy, shipped_holidays
from policies.model import Policy
from policies.problem import PolicyError, Problem
from policies.source import canonical
from policies.suite import inline_suite, read_suite
from tests.policies.office import OFFICE
from tests.policies.samples import facts, no_file
from tests.thorough import drawn

CASES = Path(__file__).parents[1] / "cases" / "policies"
SHIPPED = Path(__file__).parents[2] / "policies" / "shipped"
TERMS = {"customers.txt": (CASES / "customers.txt").read_text("utf-8")}
POLICIES = {
    "office": OFFICE,
    "good": (CASES / "good.yaml").read_text("utf-8"),
    "decisions": (CASES / "decisions" / "policy.yaml").read_text("utf-8"),
    **{path.stem: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml")) if "_test" not in path.stem},
}
SUITES = {path.stem: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*_test.yaml"))}
HOLIDAYS = shipped_holidays("cn-2026") or ""

TYPED = (
    "|~|null|yes|NO|on|是|0|-1|1.5|1e999|0x10|0b1|1_000|12:30:45|any|任何|otherwise|forbidden|允许|alowed|CN_ID_CARD|"
    "chatgpt|cn-2026|mon|24:00|2026-02-30|2026-10-01..2026-10-07|9999-12-31..9999-12-31|0001-01-01|6 months|9999 years|"
    "2周|10.0.0.0/8|10.0.0.1/8|::/0|fd00::/129|Asia/Shanghai|Mars/Olympus|../../etc/passwd|UTC|'|\"|''|{|[|}|]|[]|{}|"
    "[[]]|[{}]|{a: b}|{? a}|[a, , b]|{a, b}|&a x|*a|&a [*a]|!!python/object:os.system x|!a x|!!binary aGk=|!!set {a}|"
    "<<: {a: b}|? a|- a|а|ｃｈａｔ|你好，世界|“引号”|允许：|a: b: c|{word}|%s|{0}|'a\nb'|>-\n  a|"
    "\u200b|a\u200bb|\u202eabc|e\u0301|\ufeff|\u3000|\x00|\x07|\x1b[31m|\x85|\u2028|\ud800|\U0010ffff|😀|\r|\t"
)
ESCAPES = ('"\\x00"', '"\\ud800"', '"\\U00110000"', '"\\N"', '"\\u202e"', '"\\', "|\n  a\n  b")
ENDLESS = ("9" * 400, "a" * 5000, "客" * 5000, "[" * 25 + "]" * 25, "{a: " * 25 + "}" * 25, "- " * 25, "a: " * 25)
WORDS = (*TYPED.split("|"), *ESCAPES, *ENDLESS)
"""What stands in a value's place."""
WIDE = dict(zip(""":,"'[]{#- /""", "：，“‘【】｛＃－\u3000／", strict=True))
WRAPS = ("[{}]", "{a: {}}", "&a {}", "!a {}", "'{}'", '"{}"', "[{}, {}]", "{zh: {}, en: {}}", "{} # a", "? {}", "- {}")
PROLOGUES = ("\ufeff", "---\n", "%YAML 9.9\n---\n", "%TAG ! a\n---\n", "- ", "a:\n", "# a\n", "")
EPILOGUES = ("", "\n---\n{}", "\n...\n{}", "\n{}", "\n---", "\n...\n")


def beside(name: str) -> str:
    """Return a list of terms that stands beside a policy."""
    return TERMS[name] if name in TERMS else no_file(name)


@lru_cache(256)
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where each node of a YAML text begins and ends; none where it is no YAML."""

    seen: set[int] = set()

    def below(node: yaml.Node | None) -> Iterator[tuple[int, int]]:
        if node is None or id(node) in seen:  # an anchor inside itself
            return
        seen.add(id(node))
        yield node.start_mark.index, node.end_mark.index
        for each in node.value if isinstance(node.value, list) else ():
            for child in each if isinstance(each, tuple) else (each,):
                yield from below(child)

    try:
        return tuple(below(yaml.compose(text, yaml.CSafeLoader)))
    except (yaml.YAMLError, ValueError):
        return ()


def at_a_node(text: str, random: Random) -> str:
    """Change one node: its value, its kind, its place."""
    places = spans(text)
    if not places:
        return in_the_letters(text, random)
    start, end = random.choice(places)
    other = random.choice(places)
    node = text[start:end]
    changed = random.choice(
        (
            lambda: "",
            lambda: random.choice(WORDS),
            lambda: random.choice(WORDS),
            lambda: random.choice(WRAPS).replace("{}", node.strip()),
            lambda: text[other[0] : other[1]],
            lambda: node + node,
            lambda: node + random.choice(WORDS),
            lambda: "".join(WIDE.get(each, each) for each in node),
        )
    )()
    return text[:start] + changed + text[end:]


def in_the_lines(text: str, random: Random) -> str:
    """Lose a line, repeat it, move it, indent it, join it."""
    lines = text.split("\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    change = random.randrange(7)
    if change == 0:
        del lines[one]
    elif change == 1:
        lines.insert(one, lines[one])
    elif change == 2:
        lines[one], lines[other] = lines[other], lines[one]
    elif change == 3:
        lines[one] = random.choice((" ", "  ", "\t", "\u3000", "- ")) + lines[one]
    elif change == 4:
        lines[one] = lines[one].lstrip()
    elif change == 5:
        lines[one] += random.choice((":", " #", ",", "：", "x" * 3000, "\\", "\r", " |", " *a", " {"))
    else:
        lines[one : one + 2] = ["".join(lines[one : one + 2])]
    return "\n".join(lines)


def in_the_letters(text: str, random: Random) -> str:
    """Type, delete or cut off somewhere."""
    at = random.randrange(len(text) + 1)
    change = random.randrange(4)
    if change == 0:
        return text[:at] + random.choice(WORDS) + text[at:]
    if change == 1:
        return text[:at] + text[at + random.randint(1, 12) :]
    if change == 2:
        return text[:at] + "".join(WIDE.get(each, each) for each in text[at : at + 20]) + text[at + 20 :]
    return text[:at]


def around(text: str, random: Random) -> str:
    """Change what stands around the document, or its line ends."""
    if random.random() < 0.2:
        return text.replace("\n", random.choice(("\r\n", "\r", "\n\n", "\n ")))
    return random.choice(PROLOGUES) + text + random.choice(EPILOGUES).replace("{}", text)


DAMAGE = (*[at_a_node] * 6, *[in_the_lines] * 2, in_the_letters, around)


def damaged(text: str, seeds: list[int]) -> str:
    """Return the text after one damage for each seed."""
    for seed in seeds:
        random = Random(seed)
        text = random.choice(DAMAGE)(text, random)[:100_000]
    return text


SEEDS = st.lists(st.integers(0, 2**40), min_size=1, max_size=3)


def told(read: Callable[[], object], files: Mapping[str, str]) -> object:
    """Return what is read, or None where it is refused as it must be; `files` are all texts by the names they have."""
    try:
        return read()
    except PolicyError as error:
        assert error.problems
        for each in error.problems:
            helps(each, files)
        assert str(error) == error.render("en")
        return None


def helps(problem: Problem, files: Mapping[str, str]) -> None:
    """Hold a problem to be in its text, to be said in both languages, and to be fit for a terminal."""
    lines = [*canonical(files[problem.file]).split("\n"), ""]  # what is missing may stand after the end
    assert 1 <= problem.line <= len(lines)
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    assert problem.message.en.strip() and problem.message.zh.strip()
    assert bool(problem.hint.en) == bool(problem.hint.zh)
    for language in ("en", "zh"):
        said = problem.render(language)
        assert "‹" not in said or "‹" in files[problem.file], "a word of the language that was not written out"
        assert all(each.isprintable() or each in "\n\u3000" for each in said)
        assert said.encode("utf-8")


def same(one: Policy, other: Policy) -> bool:
    """Tell whether two policies say the same, whatever their texts are."""
    return replace(one, digest="", file="") == replace(other, digest="", file="")


def loads_or_says_why(text: str) -> None:
    """Hold everything that reads a policy to its promise for one text."""
    files = {"p.yaml": text} | TERMS
    policy = told(lambda: parse_policy(text, "p.yaml", beside), files)
    for language in ("zh", "en"):
        other = told(lambda language=language: translate(text, language), {"": text})
        if isinstance(policy, Policy):
            assert isinstance(other, str)
            again = told(lambda other=other: parse_policy(other, "p.yaml", beside), {"p.yaml": other} | TERMS)
            assert isinstance(again, Policy) and same(policy, again)
    if isinstance(policy, Policy):
        assert decide(policy, facts(), Findings()).reason.zh
        needs(policy, facts())
        told(lambda: inline_suite(policy), files)
        for each in check(policy):
            helps(each, files)


@pytest.mark.parametrize("name", POLICIES)
def test_what_is_broken_here_is_right_before(name):
    loads_or_says_why(POLICIES[name])
    assert parse_policy(POLICIES[name], name, beside)


@settings(max_examples=drawn(200))
@given(st.sampled_from(sorted(POLICIES)), SEEDS)
def test_a_damaged_policy_loads_or_is_refused(name, seeds):
    loads_or_says_why(damaged(POLICIES[name], seeds))


@settings(max_examples=drawn(40))
@given(st.sampled_from(sorted(POLICIES)), SEEDS)
def test_a_damaged_policy_in_chinese_words_loads_or_is_refused(name, seeds):
    loads_or_says_why(damaged(translate(POLICIES[name], "zh"), seeds))


@settings(max_examples=drawn(40))
@given(st.sampled_from(sorted(POLICIES)), st.sampled_from(sorted(POLICIES)), SEEDS, SEEDS)
def test_a_damaged_folder_loads_or_is_refused(one, other, first, second):
    files = {"p/a.yaml": damaged(POLICIES[one], first), "p/b.yaml": damaged(POLICIES[other], second)}
    head, rules, rest = files["p/a.yaml"].partition("\nrules:")
    parts = {"p/a.yaml": head, "p/b.yaml": f"rules:{rest}" if rules else files["p/b.yaml"]}
    for each in (files, parts):
        named = each | TERMS | {"p": ""}
        told(lambda each=each: parse_folder(list(each.items()), "p", beside), named)


@settings(max_examples=drawn(40))
@given(st.sampled_from(sorted(SUITES)), SEEDS)
def test_damaged_tests_load_or_are_refused(name, seeds):
    text = damaged(SUITES[name], seeds)
    policy = parsed_once(name.removesuffix("_test"))
    told(lambda: read_suite(text, "t.yaml", policy), {"t.yaml": text})
    for language in ("zh", "en"):
        told(lambda language=language: translate(text, language, suite=True), {"": text})


@lru_cache
def parsed_once(name: str) -> Policy:
    """Return a policy that is right."""
    return parse_policy(POLICIES[name], name, beside)


@settings(max_examples=drawn(100))
@given(SEEDS)
def test_damaged_holidays_load_or_are_refused(seeds):
    text = damaged(HOLIDAYS, seeds)
    told(lambda: read_holidays(text, "h.yaml"), {"h.yaml": text})


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "big5hkscs", "latin-1")


@settings(max_examples=drawn(80))
@given(st.binary(max_size=200), st.sampled_from(ENCODINGS), st.booleans(), st.integers(0, 500))
@example(b"\xff\xfe", "utf-8", False, 0)
@example(b"\xef\xbb\xbf", "utf-8", False, 0)
@example(b"", "utf-16", True, 0)
def test_any_bytes_load_or_are_refused(tmp_path_factory, data, encoding, beside, at):
    whole = POLICIES["good"].encode(encoding, "replace")
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(whole[:at] + data + whole[at:] if beside else data)
    text = path.read_bytes().decode("utf-8", "replace")
    told(lambda: load_policy(path), {str(path): text, "customers.txt": ""})
