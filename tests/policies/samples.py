"""Policies and facts that the tests of this folder speak of: one company, its people, its Wednesday."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from policies.decision import Facts, Grant, Route, Text, Verdict
from policies.load import parse_policy
from policies.model import DataClass, Group, Hours, Policy, Rule, ServiceSet, TermList, Trouble, When

HEAD = "policy: 测试 / Test\nversion: 3\nowner: 合规部\notherwise: forbid\n"
NOON = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
"""Wednesday, 12:00 in Shanghai."""


def no_file(name: str) -> str:
    """Stand in for a folder without files."""
    raise FileNotFoundError(2, "No such file or directory", name)


def parsed(text: str, **files: str) -> Policy:
    """Return the policy of `text`, with lists of terms `name.txt` beside it."""
    return parse_policy(text, "policy.yaml", lambda name: files[name.removesuffix(".txt")] if files else no_file(name))


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
SAID = Text("as written", "如文")


def some(values: tuple[Any, ...], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give some of the values, often none."""
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple))


WHENS = st.builds(
    When,
    services=some(SETS),
    groups=some(GROUPS, 1),
    people=some(("alice", "bob"), 1).map(frozenset),
    hours=some(WINDOWS, 1),
    outside=some(WINDOWS, 1),
    activities=some(("prompt", "upload", "visit")).map(frozenset),
    classes=some(CLASSES),
)


OFTEN_ALLOWED = [Verdict.ALLOWED] * 3 + [Verdict.AUTHORIZED, Verdict.FORBIDDEN]
"""Most random policies would refuse everything if verdicts were evenly drawn."""


@st.composite
def rules(draw: st.DrawFn, id_: str = "", verdict: Verdict | None = None) -> Rule:
    """Give a rule such as the loader could make."""
    verdict = verdict or draw(st.sampled_from(OFTEN_ALLOWED))
    forbids = verdict is Verdict.FORBIDDEN
    trouble = st.sampled_from([None, Trouble.REFUSE] if forbids else [None, *Trouble])
    return Rule(
        id=id_ or draw(st.sampled_from("abcdefgh")),
        verdict=verdict,
        when=draw(WHENS),
        route=Route.EXTERNAL if forbids else draw(st.sampled_from([Route.EXTERNAL, Route.INTERNAL])),
        redact=() if forbids else draw(some(CLASSES)),
        reason=draw(st.sampled_from([Text(), SAID])),
        unreadable=draw(trouble),
        on_error=draw(trouble),
    )


def policy_of(rules_: list[Rule], otherwise: Verdict = Verdict.FORBIDDEN) -> Policy:
    """Return a policy with these rules."""
    return Policy(
        "测试", 3, otherwise, tuple(rules_), "0" * 64, hours=WINDOWS, groups=GROUPS, services=SETS, classes=CLASSES
    )


POLICIES = st.builds(
    policy_of,
    st.lists(rules(), max_size=6, unique_by=lambda rule: rule.id),
    st.sampled_from([Verdict.FORBIDDEN, Verdict.ALLOWED]),
)
GRANTS = st.builds(
    grant,
    id=st.sampled_from(["G-1", "G-2", "G-3"]),
    person=st.sampled_from(["alice", "bob", ""]),
    group=st.sampled_from(["", "研发", "finance"]),
    service=st.sampled_from(["*", "chatgpt", "kimi"]),
    rule=st.sampled_from([*"abcdefgh", "*"]),
    until=st.sampled_from([NOON, NOON + timedelta(hours=1)]),
)
FACTS = st.builds(
    facts,
    service=st.sampled_from(["chatgpt", "kimi", ""]),
    category=st.sampled_from(["chat", "coding"]),
    country=st.sampled_from(["US", "CN"]),
    user=st.sampled_from(["alice", "bob", "ALICE", ""]),
    groups=st.sampled_from([frozenset(), frozenset({"finance"})]),
    at=st.sampled_from([NOON, NOON + timedelta(hours=12), NOON + timedelta(days=3)]),
    activity=st.sampled_from(["prompt", "upload", "visit", "other"]),
    grants=st.lists(GRANTS, max_size=2).map(tuple),
)
FOUND = st.frozensets(st.sampled_from(ENTITIES))
