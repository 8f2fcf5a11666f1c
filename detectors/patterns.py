"""Our own rules, on a linear-time engine: numbers of China, bank cards, keys, tokens and passwords.

Enters: one text. Leaves: findings in its original offsets. One pass asks which rules can match at all; only those are
located and checked. Edges are looked at by the pattern itself, because `\\b` fails beside Chinese characters.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from detectors.checksums import CHECKSUMS
from detectors.context import Words, words
from detectors.engine import Offsets, Which, compiled
from detectors.interface import CannotTell, Finding
from detectors.normalise import View, normalise
from detectors.plausible import PLAUSIBLE
from detectors.rulebook import Rule, load_rules

CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {**CHECKSUMS, **PLAUSIBLE}
RULES: Final = Path(__file__).with_name("rules")
SHIPPED: Final = ("china.yaml", "contact.yaml", "money.yaml", "keys.yaml", "cloud_keys.yaml", "passwords.yaml")

BEFORE: Final = {"number": r"(?:\A\.?|[^0-9.]|[^0-9]\.)", "word": r"(?:\A|[^A-Za-z0-9])", "none": ""}
AFTER: Final = {"number": r"(?:\z|[^0-9.]|\.(?:[^0-9]|\z))", "word": r"(?:\z|[^A-Za-z0-9])", "none": ""}
TOKEN: Final = re.compile("[A-Za-z0-9]*")
HEXADECIMAL: Final = re.compile("[A-Fa-f]*")

MOST_REJECTED: Final = 20_000
"""Candidates of one rule that may fail their check before a text counts as one that cannot be told."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A rule made ready to run."""

    rule: Rule
    pattern: Any
    """Compiled for bytes; group 1 is the core, between its edges."""
    values: tuple[int, ...]
    """Numbers of the groups that are the finding, of which one takes part at a time; the core where none does."""
    check: Callable[[str], bool] | None
    near: Words | None


class Patterns:
    """A detector made of rules."""

    name = "patterns"

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Compile `rules`; raises `DetectorError` naming the rule that does not compile."""
        self._matchers = tuple(_matcher(rule) for rule in rules)
        self._entities = frozenset(matcher.rule.entity for matcher in self._matchers)
        self._which = Which(_gate(matcher) for matcher in self._matchers)

    @property
    def entities(self) -> frozenset[str]:
        """All entities the rules name."""
        return self._entities

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return what the rules find of `entities`; raises `CannotTell` when a text is made of near misses."""
        view = normalise(text)
        data = view.text.encode()
        findings: list[Finding] = []
        for number in self._which.can_match(data):
            matcher = self._matchers[number]
            if matcher.rule.entity in entities:
                findings += [_finding(matcher, view, *span) for span in _locate(matcher, data, view)]
        return tuple(findings)


def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that come with Sluice; raises `DetectorError` naming file and rule."""
    return tuple(rule for file in SHIPPED for rule in load_rules(RULES / file, CHECKS))


def edged(rule: Rule) -> str:
    """Return the pattern of `rule` between its edges, the core in group 1."""
    return f"{BEFORE[rule.edges]}({rule.pattern}){AFTER[rule.edges]}"


def _gate(matcher: Matcher) -> str:
    """Return what a text must match for the rule to be tried.

    Where context is required its words are: that is a shorter list of states than a pattern that counts characters.
    """
    context = matcher.rule.context
    if context and context.required and matcher.near:
        return matcher.near.anywhere
    return matcher.rule.gate or edged(matcher.rule)


def _matcher(rule: Rule) -> Matcher:
    pattern = compiled(edged(rule), f"rule {rule.id}")
    near = words(rule.context.words, rule.context.within) if rule.context else None
    values = sorted(number for name, number in pattern.groupindex.items() if name.startswith(b"value"))
    return Matcher(rule, pattern, tuple(values), CHECKS.get(rule.check), near)


def _locate(matcher: Matcher, data: bytes, view: View) -> list[tuple[int, int]]:
    """Return where the rule finds its value in the view, in characters."""
    offsets = Offsets(data, view.text)
    found: list[tuple[int, int]] = []
    place = rejected = 0
    while match := matcher.pattern.search(data, place):
        place = match.start(1) + 1
        for candidate in _candidates(matcher, data, match):
            start, end = (offsets.character(offset) for offset in candidate.span(_group(matcher, candidate)))
            if _accepted(matcher, view.text, start, end):
                found.append((start, end))
                place = candidate.end(1)
                break
            rejected += 1
            if rejected > MOST_REJECTED:
                raise CannotTell(f"rule {matcher.rule.id}: too many near misses in one text")
    return found


def _candidates(matcher: Matcher, data: bytes, match: Any) -> Iterator[Any]:
    """Yield the match and, where check digits decide, all shorter ones that begin with it.

    The pattern took all it could, and that may be the next number too.
    """
    core = match.start(1)
    yield match
    while matcher.rule.check in CHECKSUMS:
        match = matcher.pattern.search(data, match.start(), match.end() - 1)
        if not match or match.start(1) != core:
            return
        yield match


def _group(matcher: Matcher, match: Any) -> int:
    """Return the group that is the finding."""
    return next((number for number in matcher.values if match.start(number) >= 0), 1)


def _accepted(matcher: Matcher, text: str, start: int, end: int) -> bool:
    rule = matcher.rule
    if rule.edges == "number" and _inside_a_token(text, start, end):
        return False
    if matcher.check and not matcher.check(text[start:end]):
        return False
    if rule.context and rule.context.required:
        return matcher.near is not None and matcher.near.near(text, start, end)
    return True


def _inside_a_token(text: str, start: int, end: int) -> bool:
    """Tell whether a number is only a stretch of a longer token, such as a hash or a key."""
    match = TOKEN.match(text[start - 80 : start][::-1] if start >= 80 else text[:start][::-1])
    before = match.group() if match else ""
    match = TOKEN.match(text, end)
    after = match.group() if match else ""
    if not before and not after:
        return False
    beside = before + after
    return bool(before and after) or not beside.isalpha() or bool(HEXADECIMAL.fullmatch(beside))


def _finding(matcher: Matcher, view: View, start: int, end: int) -> Finding:
    score = matcher.rule.score
    context = matcher.rule.context
    if context and matcher.near and context.raises > score and matcher.near.near(view.text, start, end):
        score = context.raises
    first, last = view.span(start, end)
    return Finding(first, last, matcher.rule.entity, score, matcher.rule.id)
