"""Our own rules, on a linear-time engine: numbers of China, bank cards, keys, tokens and passwords.

Enters: a text that was read, and where in it a rule can match. Leaves: findings in original offsets. A rule is located,
checked and scored only there. Edges are looked at by the pattern itself, because `\\b` fails beside Chinese characters.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from detectors.agree import FORMLESS
from detectors.allowance import spend
from detectors.build_cache import building
from detectors.checksums import CHECKSUMS
from detectors.combined import Combined
from detectors.context import Words, words
from detectors.divided import within_bytes, within_divided
from detectors.domains import DOMAINS
from detectors.engine import Offsets, compiled_later, judged
from detectors.gates import Gate, gate_as_written, gate_of, gate_of_words
from detectors.handles import HANDLES
from detectors.interface import CannotTell, Finding
from detectors.needed import Group
from detectors.personal import BESIDE, PERSONAL
from detectors.plausible import PLAUSIBLE
from detectors.reading import Reading, Span
from detectors.rulebook import Rule, load_rules
from detectors.sieve import Opening, opening
from detectors.titles import IN_PLACE as OF_PAPERS
from detectors.typed import BESIDE as OF_CODES
from detectors.typed import SEVERAL, TYPED
from detectors.value_end import value_span

CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    **CHECKSUMS,
    **PLAUSIBLE,
    **DOMAINS,
    **HANDLES,
    **TYPED,
    **PERSONAL,
    **dict.fromkeys(OF_PAPERS, bool),
}
IN_PLACE: Final = {**OF_PAPERS, **OF_CODES, **BESIDE}
RULES: Final = Path(__file__).with_name("rules")
NOT_RULES: Final = frozenset({"presidio.yaml"})
"""What stands in `rules/` in another form."""

BEFORE: Final = {"number": r"(?:\A\.?|[^0-9.]|[^0-9]\.)", "word": r"(?:\A|[^A-Za-z0-9])", "none": ""}
AFTER: Final = {"number": r"(?:\z|[^0-9.]|\.(?:[^0-9]|\z))", "word": r"(?:\z|[^A-Za-z0-9])", "none": ""}
EDGE: Final = 3
"""Characters that edges look at, and one more."""

TOKEN: Final = re.compile("[A-Za-z0-9]*")
HEXADECIMAL: Final = re.compile("[A-Fa-f]*")

SURE: Final = "cn_id_card"
"""A check of region, date and check digit, which hardly one in a million rows of digits passes."""

LABEL: Final = 12
"""How far before a match a word stands that says what it is; a longer word has room for itself."""
SIGNS: Final = 5
"""Signs between such a word and the match, as in `"word": "match"`."""

LONG: Final = 640
"""Characters of a match beyond which a rule looks through the whole text."""

WEAK: Final = 9.0
"""Bits of a gate that is open in most texts; a rule that needs a word near it is tried only where the word is."""

MOST_REJECTED: Final = 20_000
"""Candidates of one rule that may fail their check before a text counts as one that cannot be told."""


READ_AGAIN: Final = 64
"""Characters of one candidate that count for another one: what never ends is read anew from each of its beginnings."""


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
    unless: Words | None
    plain: bool
    """Whether it can run on a skeleton, where an offset is an offset in the text."""
    longest: int
    """Characters that a match with its edges has at most, as far as that matters."""
    openings: tuple[Opening, ...]
    because: tuple[str, ...]
    """What speaks for whatever it finds."""
    figures: int
    """How many digits stand in a match, at least."""

    @property
    def entity(self) -> str:
        """What the rule finds."""
        return self.rule.entity

    @property
    def spoken(self) -> Words | None:
        """The words the rule cannot do without."""
        return self.near if self.rule.context and self.rule.context.required else None

    @property
    def formless(self) -> bool:
        """Whether its check is one of what has no form."""
        return f"check:{self.rule.check}" in FORMLESS

    def seek(self, reading: Reading, spans: Sequence[Span]) -> list[Finding]:
        """Return what the rule finds; raises `CannotTell` when a text is made of near misses."""
        rejected, joints = 0, SEVERAL.get(self.rule.check)
        findings: list[Finding] = []
        for first, end in spans:
            spend()
            for start, stop, word in _locate(self, reading, first, end):
                spend(1 + (stop - start) // READ_AGAIN)
                if word is not None:
                    spans_found = _each(joints, reading.text, start, stop) if joints else ((start, stop),)
                    findings += [self.finding(reading, *span, word) for span in spans_found]
                    continue
                rejected += 1 + (stop - start) // READ_AGAIN  # the next may begin one character further on
                if rejected > MOST_REJECTED:
                    raise CannotTell(f"rule {self.rule.id}: too many near misses in one text")
        return findings

    def finding(self, reading: Reading, start: int, end: int, word: str) -> Finding:
        """Return what was found at a place of the view, with the word near it, if any."""
        rule, because = self.rule, self.because
        score = rule.score
        if rule.context and word:
            score = max(score, rule.context.raises)
            because = (*because, f"context:{word}")
        return Finding(*reading.view.span(start, end), rule.entity, score, rule.id, because)


class Patterns(Combined):
    """A detector made of rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Compile `rules`; raises `DetectorError` naming the rule that does not compile."""
        super().__init__(seekers(rules))


def seekers(rules: Iterable[Rule]) -> list[Matcher]:
    """Return rules made ready to run; raises `DetectorError` naming the rule that does not compile."""
    return [_matcher(rule) for rule in rules]


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that come with Sluice, read once a process; raises `DetectorError` naming file and rule."""
    files = sorted(path for path in RULES.glob("*.yaml") if path.name not in NOT_RULES)
    with building():
        return tuple(rule for path in files for rule in load_rules(path, CHECKS))


def own_rules(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file of the company's own; raises `DetectorError`, also for the id of a shipped one."""
    taken = frozenset[str]() if path.resolve().is_relative_to(RULES) else {rule.id for rule in shipped_rules()}
    return load_rules(path, CHECKS, taken)


def edged(rule: Rule) -> str:
    """Return the pattern of `rule` between its edges, the core in group 1."""
    return f"{BEFORE[rule.edges]}({rule.pattern}){AFTER[rule.edges]}"


def _matcher(rule: Rule) -> Matcher:
    where = f"rule {rule.id}"
    groups = judged(edged(rule), where).groups
    near = words(rule.context.words, rule.context.within) if rule.context else None
    values = sorted(number for name, number in groups if name.startswith("value"))
    whole = gate_of(rule.pattern)
    reach = None if whole.longest is None or whole.longest > LONG else whole.longest + EDGE
    gate = gate_as_written(rule.gate) if rule.gate else whole
    unless = words(rule.unless, max(LABEL, *(len(one) + SIGNS for one in rule.unless))) if rule.unless else None
    required = near if rule.context and rule.context.required else None
    return Matcher(
        rule=rule,
        pattern=compiled_later(edged(rule), where),
        values=tuple(values),
        check=CHECKS.get(rule.check),
        near=near,
        unless=unless,
        plain=whole.plain,
        longest=reach or LONG,
        because=(f"rule:{rule.id}", f"check:{rule.check}") if rule.check else (f"rule:{rule.id}",),
        figures=whole.figures,
        openings=openings_of(gate, reach, required, edged(rule) if whole.plain else "", whole.needs),
    )


def openings_of(
    gate: Gate, reach: int | None, required: Words | None, full: str = "", needs: tuple[Group, ...] = ()
) -> tuple[Opening, ...]:
    """Return the opening of a pattern: its own gate, or where that is weak the words that must stand near it."""
    if required is None or gate.bits > WEAK:
        return (opening(gate, reach, full, needs),)
    longest = max(len(term) for term in required.terms)
    reach = None if reach is None else reach + required.within + longest
    return (opening(gate_of_words(required.terms), reach, needs=needs),)


def _locate(matcher: Matcher, reading: Reading, first: int, end: int) -> Iterator[tuple[int, int, str | None]]:
    """Yield where in one stretch of the view the rule matches, in characters, with the word near it, if any.

    None in place of the word is for what is not accepted.
    """
    text, pattern, plain = reading.text, matcher.pattern, matcher.plain
    begin = max(0, first - EDGE)
    stop = end if end == len(text) else min(len(text), end + matcher.longest + EDGE)
    if plain:
        data, base, place, last = reading.skeleton, 0, begin, stop
    else:
        data = reading.skeleton[begin:stop] if reading.codes is None else text[begin:stop].encode()
        base, place, last = begin, 0, len(data)
    character = None if plain or reading.codes is None else Offsets(data, text[begin:stop]).character
    while (not plain or place < end) and (match := pattern.search(data, place, last)):
        begins = match.start(1)
        core = base + (character(begins) if character else begins)
        if core >= end:
            return
        place = begins + 1
        if core < first and begin:  # the edge before it is not in sight
            continue
        while match and match.start(1) == begins:
            group = _group(matcher, match)
            start, after = match.span(group)
            if character:
                start, after = character(start), character(after)
            start, after, seen = base + start, base + after, match.end(1)
            if matcher.entity == "PASSWORD":
                span = value_span(text, start, after, partial(_width, reading))
                if span != (start, after):
                    seen = match.start(group) + len(text[start : span[1]].encode())
                    start, after = span
            word = _accepted(matcher, reading, start, after)
            yield start, after, word
            if word is not None:
                place = seen
                break
            match = _shorter(matcher, data, match)


def _each(joints: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Span]:
    """Yield where the values stand of which a match has several, with joints between them."""
    for joint in joints.finditer(text, start, end):
        yield start, joint.start()
        start = joint.end()
    yield start, end


def _width(reading: Reading, at: int) -> int:
    """Return how many characters the one at `at` was written with."""
    start, end = reading.view.span(at, at + 1)
    return end - start


def _shorter(matcher: Matcher, data: bytes, match: Any) -> Any:
    """Return the next shorter match where check digits decide.

    The pattern took all it could, and that may be the next number too.
    """
    if matcher.rule.check not in CHECKSUMS:
        return None
    return matcher.pattern.search(data, match.start(), match.end() - 1)


def _group(matcher: Matcher, match: Any) -> int:
    """Return the group that is the finding."""
    for number in matcher.values:
        if match.start(number) >= 0:
            return number
    return 1


def _accepted(matcher: Matcher, reading: Reading, start: int, end: int) -> str | None:
    """Return the word near a match that counts, empty where it counts without; none where it does not count."""
    rule, text = matcher.rule, reading.text
    if start == end:
        return None
    if rule.edges == "number" and _inside_a_token(reading, start, end, sure=rule.check == SURE):
        return None
    if matcher.check and not matcher.check(text[start:end]):
        return None
    if rule.check in IN_PLACE and not IN_PLACE[rule.check](text, start, end):
        return None
    if matcher.unless and matcher.unless.before(text, start):
        return None
    word = matcher.near.near(text, start, end) if matcher.near else ""
    number = rule.edges == "number" and not word
    if number and (within_bytes(text, start, end) or (not rule.check and within_divided(text, start, end))):
        return None
    return word if word or not matcher.spoken else None


def _inside_a_token(reading: Reading, start: int, end: int, *, sure: bool) -> bool:
    """Tell whether a number is only a stretch of a longer token, such as a hash or a key.

    One that is `sure` by its form may have any letters before it: a hash that ends so is rarer than an id made of one.
    """
    text = reading.text
    if not _is_token_sign(text, start - 1) and not _is_token_sign(text, end):
        return False
    match = TOKEN.match(text[max(0, start - 80) : start][::-1])
    before = match.group() if match else ""
    match = TOKEN.match(text, end)
    after = match.group() if match else ""
    if before and not after and ((sure and before.isalpha()) or _apart(reading, start)):
        return False
    beside = before + after
    return bool(before and after) or not beside.isalpha() or bool(HEXADECIMAL.fullmatch(beside))


def _is_token_sign(text: str, place: int) -> bool:
    """Tell whether a letter or digit of ASCII stands at a place."""
    return 0 <= place < len(text) and (one := text[place]).isascii() and one.isalnum()


def _apart(reading: Reading, place: int) -> bool:
    """Tell whether something that is not seen stands before a place."""
    return reading.view.span(place - 1, place)[1] < reading.view.span(place, place + 1)[0]
