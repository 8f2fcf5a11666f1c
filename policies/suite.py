"""The tests of a policy, read: who does what, when, with which text, and what must come of it.

Enters: the text of `NAME_test.yaml`, or the section `tests` of the policy itself. Leaves: cases, or a `PolicyError`
with every mistake and its place. Pure; nothing is decided here. What a case says in its text is made up by its author,
and still never appears in a `repr`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from policies import messages, phrases
from policies.decision import Gate, RecordDetail, Route, Text, Verdict
from policies.enact import ACCOUNTS, ACTIVITIES, OTHERWISE, PURPOSES
from policies.listed import UNLISTED
from policies.model import Mark, Policy, fold
from policies.problem import PolicyError, Problem, Report, say
from policies.read import Reader
from policies.source import Entries, Items, Node, canonical, read_source
from policies.words import canonical as english

KEYS: Final = (
    *("name", "as", "group", "at", "service", "activity", "account", "purpose", "address"),
    *("says", "file", "finds", "grant", "acknowledged", "expect", "because"),
)
EXPECTED: Final = ("verdict", "route", "found", "redact", "gate", "record", "notices", "withhold")
OUTCOMES: Final = (*(each.value for each in Verdict), *(each.value for each in Route), "refused")
CLOCK: Final = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?:[+-]\d{2}:\d{2}|Z)?", re.ASCII)
COUNT: Final = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)
USUAL: Final = "2026-12-02 12:00"
"""The clock of a case that names none: a Wednesday noon."""
MOST_CASES: Final = 2000

CASE = Text("a test", "测试")
CASES = Text("The list of tests", "测试列表")
EXPECTATION = Text("an expectation", "期望")
OUTCOME = Text("outcome", "结果")
BAD_CLOCK = Text("“{word}” is not a date and time.", "“{word}”不是日期和时间。")
WRITE_CLOCK = Text(
    'Write "2026-12-02 10:00", in the policy\'s time zone.', '请按 "2026-12-02 10:00" 填写，按政策的时区。'
)
BAD_COUNT = Text("“{word}” is not a number of values.", "“{word}”不是数量。")
WRITE_COUNT = Text("Write a whole number from 1 up.", "请填写从 1 开始的整数。")
TWO_TEXTS = Text("“{word}” stands beside “{other}”; a test has one of them.", "“{word}”和“{other}”只能写一个。")
TOO_MANY = Text("There are more than {most} tests.", "测试超过 {most} 个。")
SAME_NAME = Text("Two tests are called “{word}”.", "有两个测试都叫“{word}”。")


@dataclass(frozen=True, slots=True)
class Expect:
    """What must come of a case; what is None, or not there, is not looked at."""

    outcome: str = ""
    """One of `OUTCOMES`, where the case says it in one word."""
    verdict: str | None = None
    route: str | None = None
    gate: str | None = None
    record: str | None = None
    found: Mapping[str, int] | None = field(default=None, hash=False)
    """Data class or entity → number of distinct values that the detectors must find, nought for any; and no others."""
    redact: frozenset[str] | None = None
    """Data classes or entities that are taken out, and no others."""
    notices: frozenset[str] | None = None
    withhold: bool | None = None
    because: str = ""
    """Id of the rule that must decide, or `otherwise`."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test."""

    name: str
    mark: Mark = field(compare=False)
    expect: Expect
    user: str = ""
    groups: frozenset[str] = frozenset()
    at: datetime = datetime(2026, 12, 2, 12, tzinfo=UTC)
    """Aware."""
    service: str = ""
    """Id or name of a service; empty for one that no catalogue lists."""
    activity: str = "prompt"
    account: str = "unknown"
    purpose: str = "unknown"
    address: str = "10.0.0.1"
    says: str = field(default="", repr=False)
    file: str = ""
    """Name of a file beside the suite whose text is looked through."""
    finds: Mapping[str, int] | None = field(default=None, hash=False)
    """Data class or entity → number of distinct values, given instead of a text."""
    grants: frozenset[str] = frozenset()
    """Ids of the rules that the person has a live grant for."""
    acknowledged: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one file."""

    file: str
    cases: tuple[Case, ...]


def read_suite(text: str, name: str, policy: Policy) -> Suite:
    """Return the suite that `text` says of `policy`; `name` stands in messages. Raises `PolicyError`."""
    report = Report(name, canonical(text))
    read = Reader(report)
    root = read_source(text, report)
    fields = read.fields(root, messages.POLICY, ("policy", "tests"), ("tests",))
    suite = Suite(name, _Cases(read, policy).all(fields["tests"]) if "tests" in fields else ())
    report.stop()
    return suite


def inline_suite(policy: Policy) -> Suite:
    """Return the tests that stand in the policy itself; raises `PolicyError`."""
    texts = policy.more or ((policy.file, policy.source),)
    problems: list[Problem] = []
    cases: list[Case] = []
    for name, text in texts:
        report = Report(name, text)
        root = read_source(text, report) if text else Entries((), Mark())
        entries = root.entries if isinstance(root, Entries) else ()
        nodes = [value for key, value in entries if english(key.text, ("tests",)) == "tests"]
        cases += (case for node in nodes for case in _Cases(Reader(report), policy).all(node))
        problems += report.problems
    if problems:
        raise PolicyError(problems)
    return Suite(policy.file, tuple(cases))


class _Cases:
    """Reads the cases of one file."""

    def __init__(self, read: Reader, policy: Policy) -> None:
        self._read = read
        self._policy = policy
        self._rules = (OTHERWISE, *(rule.id for rule in policy.rules))

    def all(self, section: Node) -> tuple[Case, ...]:
        nodes = self._read.items(section, CASES)
        if len(nodes) > MOST_CASES:
            self._read.report.add(section.mark, say(TOO_MANY, most=str(MOST_CASES)))
            return ()
        cases: dict[str, Case] = {}
        for node in nodes:
            case = self._case(node)
            if case.name in cases:
                self._read.report.add(case.mark, say(SAME_NAME, word=case.name), messages.OTHER_ID)
            cases.setdefault(case.name, case)
        return tuple(cases.values())

    def _case(self, node: Node) -> Case:
        fields = self._read.fields(node, CASE, KEYS, ("name", "expect"))
        texts = [key for key in ("says", "file", "finds") if key in fields]
        for other in texts[1:]:
            self._read.report.add(fields[other].mark, say(TWO_TEXTS, word=other, other=texts[0]), messages.REMOVE_IT)
        expect = self._expect(fields)
        if expect.found is not None and "finds" in fields:  # who pretends has no detector to test
            mark = fields["finds"].mark
            self._read.report.add(mark, say(TWO_TEXTS, word="finds", other="found"), messages.REMOVE_IT)
        return Case(
            name=self._line(fields, "name"),
            mark=node.mark,
            expect=expect,
            user=self._line(fields, "as"),
            groups=self._names(fields, "group", messages.GROUP),
            at=self._clock(fields),
            service=english(self._line(fields, "service"), (UNLISTED,)),
            activity=self._word(fields, "activity", messages.ACTIVITY, ACTIVITIES) or "prompt",
            account=self._word(fields, "account", messages.WORD, ACCOUNTS) or "unknown",
            purpose=self._word(fields, "purpose", messages.WORD, PURPOSES) or "unknown",
            address=self._line(fields, "address") or "10.0.0.1",
            says=self._line(fields, "says"),
            file=self._line(fields, "file"),
            finds=self._finds(fields["finds"]) if "finds" in fields else None,
            grants=frozenset(self._rule_ids(fields, "grant")),
            acknowledged=self._names(fields, "acknowledged", messages.WORD),
        )

    def _line(self, fields: Mapping[str, Node], key: str) -> str:
        return self._read.line(fields[key], CASE) if key in fields else ""

    def _names(self, fields: Mapping[str, Node], key: str, what: Text) -> frozenset[str]:
        return frozenset(name for name, _ in self._read.names(fields[key], what)) if key in fields else frozenset()

    def _word(self, fields: Mapping[str, Node], key: str, what: Text, choices: Sequence[str]) -> str | None:
        return self._read.word(fields[key], what, choices) if key in fields else None

    def _rule_ids(self, fields: Mapping[str, Node], key: str) -> list[str]:
        named = list(self._read.names(fields[key], messages.RULE_ID)) if key in fields else []
        ids = [(english(word, (OTHERWISE,)), mark) for word, mark in named]
        for word, mark in ids:
            if word not in self._rules:
                self._read.refuse_name(word, mark, phrases.AUTHORIZED_RULE, self._rules)
        return [word for word, _ in ids]

    def _clock(self, fields: Mapping[str, Node]) -> datetime:
        zone = ZoneInfo(self._policy.time_zone) if self._policy.time_zone else UTC
        usual = datetime.fromisoformat(USUAL).replace(tzinfo=zone)
        scalar = self._read.scalar(fields["at"], CASE) if "at" in fields else None
        if scalar is None:
            return usual
        try:
            if not CLOCK.fullmatch(scalar.text):
                raise ValueError
            at = datetime.fromisoformat(scalar.text)
        except ValueError:
            self._read.report.add(scalar.mark, say(BAD_CLOCK, word=scalar.text), WRITE_CLOCK)
            return usual
        return at if at.tzinfo else at.replace(tzinfo=zone)

    def _finds(self, node: Node, unsaid: int = 1) -> Mapping[str, int]:
        """Return how many values of which class or entity there are, `unsaid` where no number is written."""
        if not isinstance(node, Entries):
            empty = isinstance(node, Items) and not node.items
            named = [] if empty else list(self._read.names(node, messages.CLASS))
            return {self._found(word, mark): unsaid for word, mark in named}
        counts: dict[str, int] = {}
        for key, value in self._read.entries(node, messages.CLASS):
            scalar = self._read.scalar(value, messages.WORD)
            number = scalar.text if scalar else "1"
            if scalar and not COUNT.fullmatch(number):
                self._read.report.add(scalar.mark, say(BAD_COUNT, word=number), WRITE_COUNT)
                number = "1"
            counts[self._found(key.text, key.mark)] = int(number)
        return counts

    def _found(self, word: str, mark: Mark) -> str:
        """Return the class's own name, or the entity."""
        entities = {entity for each in self._policy.classes for entity in each.entities}
        for each in self._policy.classes:
            if fold(each.name) == fold(word):
                return each.name
        meant = english(word, entities)
        if meant not in entities:
            names = [each.name for each in self._policy.classes]
            self._read.refuse_name(word, mark, messages.CLASS, [*names, *sorted(entities)])
        return meant

    def _expect(self, fields: Mapping[str, Node]) -> Expect:
        because = next(iter(self._rule_ids(fields, "because")), "")
        node = fields.get("expect")
        if not isinstance(node, Entries):
            outcome = self._read.word(node, OUTCOME, OUTCOMES) if node is not None else None
            return Expect(outcome=outcome or "", because=because)
        said = self._read.fields(node, EXPECTATION, EXPECTED)
        withhold = self._word(said, "withhold", messages.WORD, ("yes", "no"))
        redact = said.get("redact")
        return Expect(
            verdict=self._word(said, "verdict", messages.VERDICT, tuple(Verdict)),
            route=self._word(said, "route", messages.ROUTE, tuple(Route)),
            gate=self._word(said, "gate", messages.WORD, tuple(Gate)),
            record=self._word(said, "record", messages.WORD, tuple(RecordDetail)),
            found=self._finds(said["found"], unsaid=0) if "found" in said else None,
            redact=None if redact is None else frozenset(self._finds(redact)),
            notices=self._names_or_none(said, "notices"),
            withhold=None if withhold is None else withhold == "yes",
            because=because,
        )

    def _names_or_none(self, fields: Mapping[str, Node], key: str) -> frozenset[str] | None:
        node = fields.get(key)
        if node is None or (isinstance(node, Items) and not node.items):
            return None if node is None else frozenset()
        return frozenset(name for name, _ in self._read.names(node, messages.WORD))
