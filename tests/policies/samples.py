"""Policies and facts that the tests of this folder speak of: one company, its people, its Wednesday."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from policies.decision import (
    Facts,
    Findings,
    Gate,
    Grant,
    Mode,
    Notice,
    Period,
    RecordDetail,
    Route,
    Text,
    Treatment,
    Unit,
    Verdict,
)
from policies.load import parse_policy
from policies.meter import quota_names
from policies.model import (
    Amount,
    DataClass,
    Group,
    Hours,
    Policy,
    Quota,
    Rule,
    ServiceSet,
    Stage,
    TermList,
    Trouble,
    When,
)

HEAD = "policy: 测试 / Test\nversion: 3\nowner: 合规部\notherwise: forbid\n"
NOON = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
"""Wednesday, 12:00 in Shanghai."""


def no_file(name: str) -> str:
    """Stand in for a folder without files."""
    raise FileNotFoundError(2, "No such file or directory", name)


def parsed(text: str, own_entities: Collection[str] = (), **files: str) -> Policy:
    """Return the policy of `text`, with lists of terms `name.txt` beside it."""

    def beside(name: str) -> str:
        return files[name.removesuffix(".txt")] if files else no_file(name)

    return parse_policy(text, "policy.yaml", beside, own_entities=own_entities)


def facts(**given: Any) -> Facts:
    """Return Alice's prompt to ChatGPT on Wednesday at noon, but for what is given."""
    usual: dict[str, Any] = {
        "service": "chatgpt",
        "category": "chat",
        "country": "US",
        "user": "alice",
        "groups": frozenset(),
        "address": "10.1.2.3",
        "at": NOON,
        "activity": "prompt",
    }
    return Facts(**(usual | given))


def grant(**given: Any) -> Grant:
    """Return a grant of rule `ask` to Alice for another hour, but for what is given."""
    usual: dict[str, Any] = {
        "id": "G-1",
        "person": "alice",
        "group": "",
        "service": "*",
        "rule": "ask",
        "approver": "张敏",
        "purpose": "月报",
        "until": NOON + timedelta(hours=1),
    }
    return Grant(**(usual | given))


# ── for properties: small worlds in which conditions often meet ──────────────────────────────────────────────────────

CLASSES = (
    DataClass("personal", frozenset({"EMAIL_ADDRESS", "PHONE_NUMBER"})),
    DataClass("secrets", frozenset({"API_KEY", "PHONE_NUMBER"})),
    DataClass("客户", frozenset({"CUSTOMER"}), TermList("CUSTOMER", ("华星",))),
    DataClass("nothing"),
)
ENTITIES = ("EMAIL_ADDRESS", "PHONE_NUMBER", "API_KEY", "CUSTOMER", "URL")
GROUPS = (Group("研发", frozenset({"alice"})), Group("finance", frozenset()))
SETS = (
    ServiceSet("chatgpt", ids=frozenset({"chatgpt"})),
    ServiceSet("chat", categories=frozenset({"chat"})),
    ServiceSet("国内", countries=frozenset({"CN"}), categories=frozenset({"chat"})),
)
WINDOWS = (
    Hours("day", frozenset(range(5)), 540, 1080, "Asia/Shanghai"),
    Hours("night", frozenset(range(7)), 1320, 360, "Asia/Shanghai"),
    Hours("broken", frozenset(range(7)), 0, 1440, "Mars/Olympus"),
)
AMOUNTS = (
    Amount("EMAIL_ADDRESS", 1, frozenset({"EMAIL_ADDRESS"})),
    Amount("secrets", 2, frozenset({"API_KEY", "PHONE_NUMBER"})),
    Amount("characters", 100),
)
NOTICES = (
    Notice("free-tier", Text("Mind.", "留意。"), 86400),
    Notice("read-me", Text("Read.", "请读。"), 604800, acknowledge=True),
    Notice("check", Text("Check.", "核对。"), with_answer=True),
)
QUOTAS = (
    Quota("few", ((Unit.REQUESTS, 2),), Period.DAY, "person", "Asia/Shanghai"),
    Quota("long", ((Unit.CHARACTERS, 150), (Unit.TOKENS, 9)), Period.MONTH, "everyone", "Asia/Shanghai"),
    Quota("team", ((Unit.REQUESTS, 3),), Period.HOUR, "group", "UTC"),
    Quota("lost", ((Unit.REQUESTS, 9),), Period.WEEK, "person", "Mars/Olympus"),
)
SAID = Text("as written", "如文")


def some(values: tuple[Any, ...], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give some of the values, often none."""
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple))


ASKED: dict[str, st.SearchStrategy[Any]] = {
    "services": some(SETS),
    "groups": some(GROUPS, 1),
    "people": some(("alice", "bob"), 2).map(frozenset),
    "hours": some(WINDOWS, 1),
    "outside": some(WINDOWS, 1),
    "activities": some(("prompt", "upload", "visit")).map(frozenset),
    "classes": some(CLASSES),
    "tags": some(("unlisted", "chat", "US"), 1).map(frozenset),
    "accounts": some(("free", "personal", "company", "unknown"), 3).map(frozenset),
    "purposes": some(("business", "personal", "unknown"), 1).map(frozenset),
    "amounts": some(AMOUNTS),
}


@st.composite
def whens(draw: st.DrawFn) -> When:
    """Give conditions, few of them, for a rule that asks for much never matches; data more often than the rest."""
    chosen = sorted(draw(st.sets(st.sampled_from([*ASKED, "classes", "amounts"]), max_size=2)))
    return When(**{key: draw(ASKED[key]) for key in chosen})


WHENS = whens()


OFTEN_ALLOWED = [Verdict.ALLOWED] * 4 + [Verdict.AUTHORIZED] * 2 + [Verdict.FORBIDDEN]
"""Most random policies would refuse everything if verdicts were evenly drawn."""


@st.composite
def rules(draw: st.DrawFn, id_: str = "", verdict: Verdict | None = None) -> Rule:
    """Give a rule such as the loader could make."""
    verdict = verdict or draw(st.sampled_from(OFTEN_ALLOWED))
    forbids = verdict is Verdict.FORBIDDEN
    trouble = st.sampled_from([None, Trouble.REFUSE] if forbids else [None, *Trouble])
    rule = Rule(
        id=id_ or draw(st.sampled_from("abcd")),
        verdict=verdict,
        when=draw(WHENS),
        reason=draw(st.sampled_from([Text(), SAID])),
        unreadable=draw(trouble),
        on_error=draw(trouble),
        record=draw(st.sampled_from([None, None, *RecordDetail])),
        mode=draw(st.sampled_from([Mode.ENFORCE] * 6 + [*Mode])),
        stage=draw(st.sampled_from([None, None, None, Stage(GROUPS[:1]), Stage((), 50), Stage(GROUPS, 1)])),
        excepts=draw(some(tuple("abcd"))) if forbids else (),
    )
    if forbids:
        return rule
    if verdict is Verdict.ALLOWED and draw(st.integers(0, 9)) == 0:
        return replace(rule, withhold=True, remind=draw(some(NOTICES)))
    return replace(
        rule,
        route=draw(st.sampled_from([Route.EXTERNAL, Route.INTERNAL])),
        redact=draw(st.lists(st.sampled_from(CLASSES), unique=True, max_size=2).map(tuple)),
        treatments=tuple(draw(st.lists(st.sampled_from(Treatment), max_size=2))),
        gate=draw(st.sampled_from([Gate.NONE] * 6 + [Gate.ACKNOWLEDGE, Gate.JUSTIFY])),
        remind=draw(some(NOTICES)),
        label=draw(st.sampled_from([Text(), Text(), SAID, Text(zh="人工智能生成")])),
        quotas=draw(some(QUOTAS)),
    )


def policy_of(
    rules_: list[Rule], otherwise: Verdict = Verdict.FORBIDDEN, record: RecordDetail = RecordDetail.FULL
) -> Policy:
    """Return a policy with these rules."""
    bare = Policy("测试", 3, otherwise, tuple(rules_), "0" * 64, record=record)
    return replace(bare, hours=WINDOWS, groups=GROUPS, services=SETS, classes=CLASSES)


POLICIES = st.builds(
    policy_of,
    st.lists(rules(), min_size=1, max_size=4, unique_by=lambda rule: rule.id),
    st.sampled_from([Verdict.FORBIDDEN, Verdict.ALLOWED]),
    st.sampled_from([RecordDetail.FULL, RecordDetail.MINIMAL]),
)
GRANTS = st.builds(
    grant,
    id=st.sampled_from(["G-1", "G-2", "G-3"]),
    person=st.sampled_from(["alice", "alice", "bob", ""]),
    group=st.sampled_from(["", "研发", "finance"]),
    service=st.sampled_from(["*", "*", "chatgpt", "kimi"]),
    rule=st.sampled_from([*"abcd", *"****"]),
    until=st.sampled_from([NOON, *[NOON + timedelta(days=9)] * 3]),
    from_=st.sampled_from([None, None, None, NOON, NOON + timedelta(minutes=1)]),
    activity=st.sampled_from(["*", "*", "*", "prompt"]),
    uses_left=st.sampled_from([None, None, None, 1, 0]),
    classes=st.sampled_from([*[frozenset()] * 3, frozenset({"personal"}), frozenset({"客户", "secrets"})]),
)
FACTS: st.SearchStrategy[Facts] = st.builds(
    facts,
    service=st.sampled_from(["chatgpt", "kimi", ""]),
    category=st.sampled_from(["chat", "coding"]),
    country=st.sampled_from(["US", "CN"]),
    user=st.sampled_from(["alice", "alice", "bob", "ALICE", ""]),
    groups=st.sampled_from([frozenset(), frozenset({"finance"})]),
    at=st.sampled_from([NOON, NOON + timedelta(hours=12), NOON + timedelta(days=3)]),
    activity=st.sampled_from(["prompt", "upload", "visit", "other", "complete", "train"]),
    grants=st.lists(GRANTS, min_size=1, max_size=3).map(tuple),
    tags=st.sampled_from([frozenset(), frozenset({"unlisted"}), frozenset({"chat", "US"})]),
    account=st.sampled_from(["unknown", "free", "company"]),
    purpose=st.sampled_from(["unknown", "business", "personal"]),
    acknowledged=st.frozensets(st.sampled_from(["read-me", *"abcz"]), max_size=2),
)
FOUND = st.frozensets(st.sampled_from(ENTITIES))
FINDINGS = st.builds(
    Findings, st.dictionaries(st.sampled_from(ENTITIES), st.integers(0, 4)), st.sampled_from([0, 50, 120, 200])
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Policy, Facts]:
    """Give a policy and facts in which some of its quotas are used already."""
    policy, about = draw(POLICIES), draw(FACTS)
    names = sorted(quota_names(policy, about))
    counts = [draw(st.integers(0, 3)) for _ in names]
    return policy, replace(about, used=dict(zip(names, counts, strict=True)))


QUESTIONS = questions()
