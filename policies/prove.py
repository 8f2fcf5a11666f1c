"""Does a policy do what its tests say, and is every rule tried by one?

Enters: a policy, its suites, the services, and functions that look through a text. Leaves: a `Proof`. Pure. A test that
names a service nobody knows, or a text that could not be looked through, fails; it is never passed over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Grant, Needs, Route, Text, Verdict
from policies.listed import Services
from policies.model import Policy, Rule, fold
from policies.problem import say
from policies.suite import Case, Suite
from policies.words import alias


class Looked(NamedTuple):
    """What came of looking through a text."""

    found: Findings = Findings()
    unknown: frozenset[str] = frozenset()
    """The entities that could not be looked for."""
    unread: int = 0
    """How many stretches of it nobody can read: encrypted, packed, noise that is to be decoded."""


type Look = Callable[[str, frozenset[str]], Looked]
"""Looks through a text for all that rules ask for, and for the entities named besides."""

UNKNOWN_SERVICE = Text("there is no service “{word}” in the catalogue", "目录中没有服务“{word}”")
NOT_LOOKED_FOR = Text("{what}: {word} could not be looked for", "{what}：无法检测 {word}")
NO_FILE = Text("the file “{word}” cannot be read: {why}", "无法读取文件“{word}”：{why}")
UNREAD = Text(
    "some of the text could not be read (places: {count}): it is encrypted, packed or noise; {so}",
    "文本中有 {count} 处无法读取（加密、打包或杂乱数据）；{so}",
)
REFUSED = Text(
    "the proxy refuses such a request, unless a rule that matches says “unreadable: pass”",
    "代理会拒绝此类请求，除非匹配的规则写明“不可读: 放行”",
)
PASSES = Text("what they hold counts as not inspected", "其内容按未检查处理")
WANTED = Text("{what}: expected {want}, got {got}", "{what}：应为 {want}，实为 {got}")
HERE = {
    "outcome": Text("outcome", "结果"),
    "verdict": Text("verdict", "裁决"),
    "route": Text("route", "去向"),
    "gate": Text("gate", "关口"),
    "record": Text("record", "记录"),
    "found": Text("found", "检出"),
    "redact": Text("taken out", "隐去"),
    "notices": Text("notices", "提示"),
    "withhold": Text("withheld", "扣留"),
    "because": Text("deciding rule", "决定的规则"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One test that was run."""

    file: str
    case: Case
    decision: Decision | None
    """None where the case could not be run."""
    wrong: tuple[Text, ...]
    """All that is not as expected; empty where the test passed."""
    unread: Text = field(default_factory=Text)
    """That some of the text could not be read, and what comes of that; empty where all of it was."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of all suites."""

    tried: tuple[Tried, ...]
    untried: tuple[Rule, ...] = field(default=())
    """Rules that no test meets; of forbidden ones, those that decide no test."""

    @property
    def failed(self) -> tuple[Tried, ...]:
        """The tests that did not pass."""
        return tuple(each for each in self.tried if each.wrong)

    @property
    def unproven(self) -> tuple[Rule, ...]:
        """The forbidden rules that decide no test."""
        return tuple(rule for rule in self.untried if rule.verdict is Verdict.FORBIDDEN)


def prove(
    policy: Policy,
    suites: Sequence[Suite],
    services: Services,
    look: Look,
    read_file: Callable[[str], str],
) -> Proof:
    """Run all tests.

    `look` looks through a text for what rules ask for and a test names; `read_file` returns the text of a file beside
    the suites, raising `OSError` or `UnicodeError`.
    """
    tried = tuple(_try(policy, suite.file, case, services, look, read_file) for suite in suites for case in suite.cases)
    met = {note.id for each in tried if each.decision for note in each.decision.rules}
    decided = {each.decision.deciding for each in tried if each.decision}
    observed = {note.id for each in tried if each.decision for note in each.decision.observed}
    return Proof(
        tried,
        tuple(
            rule
            for rule in policy.rules
            if rule.id not in (decided | observed if rule.verdict is Verdict.FORBIDDEN else decided | met | observed)
        ),
    )


def _try(
    policy: Policy,
    file: str,
    case: Case,
    services: Services,
    look: Look,
    read_file: Callable[[str], str],
) -> Tried:
    facts = facts_of(case, services)
    if facts is None:
        return Tried(file, case, None, (say(UNKNOWN_SERVICE, word=case.service),))
    try:
        looked = _findings(policy, case, look, read_file)
    except (OSError, UnicodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "UTF-8?"
        return Tried(file, case, None, (say(NO_FILE, word=case.file, why=why),))
    decision, unread = decide_unread(policy, facts, looked)
    wrong = (*_wrong_found(policy, case.expect.found, looked), *_wrong(policy, case, decision))
    unsure = bool(unread.en) and (bool(wrong) or case.expect.found is not None)
    return Tried(file, case, decision, (*wrong, unread) if unsure else wrong, unread)


def decide_unread(policy: Policy, facts: Facts, looked: Looked) -> tuple[Decision, Text]:
    """Return the decision as the proxy makes it of a text of which some cannot be read, and what to say of that."""
    decision = decide(policy, facts, looked.found, looked.unknown)
    if not looked.unread:
        return decision, Text()
    asked = needs(policy, facts)
    passes = decision.unreadable_passes and not (isinstance(asked, Needs) and asked.refuses_unreadable)
    stops = isinstance(asked, Needs) and not asked.watching and decision.route is Route.EXTERNAL and not passes
    if stops:
        decision = replace(decision, verdict=Verdict.FORBIDDEN, route=Route.NOWHERE)
    return decision, say(UNREAD, count=str(looked.unread), so=REFUSED if stops else PASSES)


def facts_of(case: Case, services: Services) -> Facts | None:
    """Return the facts that a case describes, or None for a service that nobody knows."""
    service = services.called(case.service)
    if service is None:
        return None
    until = case.at + timedelta(hours=1)
    return Facts(
        service=service.id,
        category=service.category,
        country=service.country,
        user=case.user,
        groups=case.groups,
        address=case.address,
        at=case.at,
        activity=case.activity,
        grants=tuple(
            Grant(f"test-{rule}", case.user, "", "*", rule, "a test", "a test", until) for rule in sorted(case.grants)
        ),
        tags=service.tags,
        account=case.account,
        purpose=case.purpose,
        acknowledged=case.acknowledged,
    )


def _findings(policy: Policy, case: Case, look: Look, read_file: Callable[[str], str]) -> Looked:
    if case.finds is None:
        text = read_file(case.file) if case.file else case.says
        return look(text, _entities(policy, frozenset(case.expect.found or ()))) if text else Looked()
    classes = {each.name: each.entities for each in policy.classes}
    counts: dict[str, int] = {}
    for name, count in case.finds.items():
        for entity in classes.get(name, frozenset({name})):
            counts[entity] = max(count, counts.get(entity, 0))
    return Looked(Findings(counts))


def _wrong_found(policy: Policy, expected: Mapping[str, int] | None, looked: Looked) -> Iterator[Text]:
    """Give the difference between what the detectors found and what a case expects of them, whatever rules make of it.

    A class counts what has the score that it asks for, as it does in a rule.
    """
    if expected is None:
        return
    named = _entities(policy, frozenset(expected))
    found = looked.found
    for entity in sorted(named & looked.unknown):
        yield say(NOT_LOOKED_FOR, what=HERE["found"], word=_spoken(entity))
    least = {each.name: each.minimum for each in policy.classes}
    want, got = [], []
    for name, count in sorted(expected.items()):
        there = sum(found.count(entity, least.get(name, 0.0)) for entity in _entities(policy, frozenset({name})))
        want.append(f"{name} {count}" if count else name)
        got += [f"{name} {there}" if count else name] if there else []
    got += sorted(entity for entity in found.entities if entity not in named)
    if want != got:
        yield _differs("found", ", ".join(want) or "–", ", ".join(got) or "–")


def _wrong(policy: Policy, case: Case, decision: Decision) -> Iterator[Text]:
    """Give each difference between what came and what was expected."""
    expect = case.expect
    if expect.outcome and expect.outcome not in _outcomes(decision):
        yield _differs("outcome", expect.outcome, f"{decision.verdict.value}, {decision.route.value}")
    for what, want, got in (
        ("verdict", expect.verdict, decision.verdict.value),
        ("route", expect.route, decision.route.value),
        ("gate", expect.gate, decision.gate.value),
        ("record", expect.record, decision.record.value),
        ("withhold", expect.withhold, decision.withhold),
        ("because", expect.because or None, decision.deciding),
    ):
        if want is not None and want != got:
            yield _differs(what, str(want), str(got))
    if expect.redact is not None and (entities := _entities(policy, expect.redact)) != decision.redact:
        yield _differs("redact", _listed(entities), _listed(decision.redact))
    shown = frozenset(notice.id for notice in decision.notices)
    if expect.notices is not None and {fold(name) for name in expect.notices} != {fold(name) for name in shown}:
        yield _differs("notices", _listed(expect.notices), _listed(shown))


def _outcomes(decision: Decision) -> frozenset[str]:
    """Return every word that is true of the decision."""
    words = {decision.verdict.value, decision.route.value}
    return frozenset(words if decision.permitted else words | {"refused"})


def _entities(policy: Policy, names: frozenset[str]) -> frozenset[str]:
    classes = {each.name: each.entities for each in policy.classes}
    return frozenset[str]().union(*(classes.get(name, frozenset({name})) for name in names))


def _differs(what: str, want: str, got: str) -> Text:
    return say(WANTED, what=HERE[what], want=_spoken(want), got=_spoken(got))


def _spoken(words: str) -> Text:
    """Return words of the language in both languages; ids and names stay."""
    return Text(words, "、".join(alias(each) for each in words.split(", ")))


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words)) or "–"
