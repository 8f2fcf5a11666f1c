"""What holds for every policy, in a wider world than that of test_join.py: all conditions, effects, zones and signs.

The order of whatever is listed means nothing, no rule loosens, a grant touches its own rule, what cannot be told is the
strictest it could be, and what the headers decide is true of every text.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policies.calendar import read_holidays
from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Gate, Grant, Mode, Needs, Route, Text, Treatment, Verdict
from policies.effect import GATES, ROUTES, VERDICTS, effect
from policies.index import index_of
from policies.join import RECORDS
from policies.load import shipped_holidays
from policies.match import findings, match
from policies.meter import quota_names
from policies.model import Hours, Policy, Rule, ServiceSet, Sign, Stage, Trouble, When
from policies.purpose import judge
from policies.trace import in_words, trace
from tests.policies import samples
from tests.policies.samples import CLASSES, ENTITIES, GROUPS, NOON, NOTICES, SAID, facts, grant
from tests.policies.test_decisions import reading
from tests.policies.test_join import owes_no_less, scanned, with_rules
from tests.thorough import drawn

# ── a wider world: each rule, exchange and text is made of a number, so that thousands of them can be looked at ──────

OFF, WORK = read_holidays(shipped_holidays("cn-2026") or "", "cn-2026.yaml")
LOST = samples.WINDOWS[2]
"""Of a zone that the system does not know; one policy has one zone, so it never stands beside others."""
WINDOWS = (
    *samples.WINDOWS[:2],
    Hours("work", frozenset(range(5)), 540, 1080, "Asia/Shanghai", OFF, WORK),
    Hours("rest", frozenset({5, 6}), 0, 1440, "Asia/Shanghai", OFF, WORK),
    Hours("maintenance", frozenset({6}), 90, 150, "America/New_York"),
    Hours("Berlin by night", frozenset(range(7)), 1320, 360, "Europe/Berlin"),
)
INSTANTS = (
    *("2026-10-01T02:00Z", "2026-10-10T02:00Z", "2026-02-28T09:59:59Z", "2026-02-28T10:00Z", "2026-12-02T16:00Z"),
    *("2026-03-08T06:59Z", "2026-03-08T07:00Z", "2026-11-01T05:30Z", "2026-11-01T06:00Z", "2026-11-01T06:30Z"),
)
"""A holiday, a make-up day and its end, a night, the changes of clocks."""
CLOCKS = (*[NOON] * 5, *map(datetime.fromisoformat, INSTANTS), NOON.replace(tzinfo=None))
SETS = (*samples.SETS, ServiceSet("new", tags=frozenset({"unlisted"})), ServiceSet("kimi", ids=frozenset({"kimi"})))
NETWORKS = (ip_network("10.0.0.0/8"), ip_network("192.168.0.0/16"), ip_network("fd00::/8"))
QUOTAS = (*(replace(each, zone="America/New_York") for each in samples.QUOTAS[:3]), samples.QUOTAS[3])
"""Of one zone, as those of a policy are, or of a lost one."""
ACTIVITIES = ("visit", "prompt", "upload", "download", "complete", "embed", "train", "other")
KINDS: dict[str, Sequence[Any]] = {
    "services": SETS,
    "groups": GROUPS,
    "people": ("alice", "bob"),
    "hours": WINDOWS,
    "outside": WINDOWS,
    "activities": ACTIVITIES,
    "classes": CLASSES,
    "amounts": samples.AMOUNTS,
    "networks": NETWORKS,
    "tags": ("unlisted", "chat", "US"),
    "accounts": ("free", "personal", "company", "unknown"),
    "purposes": ("business", "personal", "unknown"),
}
"""Conditions, by their names in `When`, and what they may ask for."""
SETS_OF_WORDS = ("people", "activities", "tags", "accounts", "purposes")
SEEDS = st.integers(0, 2**40)
VERDICTS_DRAWN = (*[Verdict.ALLOWED] * 7, *[Verdict.AUTHORIZED] * 2, Verdict.FORBIDDEN)


def some(random: Random, values: Sequence[Any], most: int = 2) -> tuple[Any, ...]:
    """Give some of the values, at least one."""
    return tuple(random.sample(values, random.randint(1, min(most, len(values)))))


def maybe(random: Random, values: Sequence[Any], most: int = 2) -> tuple[Any, ...]:
    """Give some of the values, mostly none."""
    return some(random, values, most) if random.random() < 0.3 else ()


def when_of(random: Random, most: int = 4, without: Sequence[str] = ()) -> When:
    """Give conditions, up to so many; few are likelier, for a rule that asks for much never matches."""
    kinds = [key for key in KINDS if key not in without]
    chosen = random.sample(kinds, min(random.choice((0, 0, 1, 1, 2, most)), most))
    asked = {key: some(random, KINDS[key], 4) for key in chosen}
    asked |= {key: (LOST,) for key in ("hours", "outside") if key in asked and random.random() < 0.1}
    return When(**{key: frozenset(each) if key in SETS_OF_WORDS else each for key, each in asked.items()})


def rule_of(seed: int, id_: str = "z") -> Rule:
    """Give a rule such as the loader could make; it excepts nothing."""
    random = Random(seed)
    verdict = random.choice(VERDICTS_DRAWN)
    forbids = verdict is Verdict.FORBIDDEN
    trouble = (None, Trouble.REFUSE) if forbids else (None, *Trouble)
    rule = Rule(
        id=id_,
        verdict=verdict,
        when=when_of(random),
        reason=random.choice((Text(), SAID)),
        unreadable=random.choice(trouble),
        on_error=random.choice(trouble),
        record=random.choice((None, None, *RECORDS)),
        mode=random.choice((*[Mode.ENFORCE] * 9, *Mode)),
        stage=random.choice((*[None] * 6, Stage(GROUPS[:1]), Stage((), 50), Stage(GROUPS, 1))),
    )
    if forbids:
        return rule
    if verdict is Verdict.ALLOWED and random.random() < 0.05:
        return replace(rule, withhold=True, remind=maybe(random, NOTICES))
    redact = some(random, CLASSES) if random.random() < 0.6 else ()
    return replace(
        rule,
        route=random.choice(ROUTES[:2]),
        redact=redact,
        treatments=tuple(random.choice(tuple(Treatment)) for _ in redact),
        gate=random.choice((*GATES[:1] * 12, *GATES[1:3])),
        remind=maybe(random, NOTICES),
        label=random.choice((Text(), Text(), SAID, Text(zh="人工智能生成"))),
        quotas=maybe(random, QUOTAS[: random.choice((3, 3, 3, 4))], 3),
    )


def excepting(rule: Rule) -> bool:
    inside = rule.verdict is Verdict.ALLOWED and rule.route is Route.INTERNAL and not rule.withhold
    return inside or rule.verdict is Verdict.FORBIDDEN


def policy_of(seeds: list[int], seed: int) -> Policy:
    """Give a policy of which rules that forbid, or send inside, except some of its authorized ones."""
    random = Random(seed)
    rules = [rule_of(each, "abcdef"[number]) for number, each in enumerate(seeds)]
    open_ = [rule.id for rule in rules if rule.verdict is Verdict.AUTHORIZED]
    rules = [replace(rule, excepts=some(random, open_)) if open_ and excepting(rule) else rule for rule in rules]
    otherwise = random.choice((Verdict.FORBIDDEN, Verdict.ALLOWED))
    policy = samples.policy_of(rules, otherwise, random.choice(RECORDS))
    signs = [
        Sign(purpose, Rule(f"purpose-{purpose}", Verdict.ALLOWED, when=when_of(random, 2, ("purposes",))))
        for purpose in random.choices(("business", "personal"), k=random.choice((0, 0, 1, 3)))
    ]
    return replace(policy, hours=WINDOWS, services=SETS, signs=tuple(signs), time_zone="Asia/Shanghai")


def grant_of(seed: int) -> Grant:
    """Give a grant, alive more often than not."""
    random = Random(seed)
    return grant(
        id=random.choice(("G-1", "G-2", "G-3")),
        person=random.choice((*["alice"] * 6, "ＡLICE", "bob", "")),
        group=random.choice(("", "研发", "ＦＩＮＡＮＣＥ")),
        service=random.choice(("*", "*", "*", "chatgpt", "kimi")),
        rule=random.choice((*"abcdef", *"******")),
        until=random.choice((NOON, *[NOON + timedelta(days=9)] * 8, NOON.replace(tzinfo=None))),
        from_=random.choice((*[None] * 8, NOON, NOON + timedelta(minutes=1))),
        activity=random.choice((*"*" * 12, *ACTIVITIES)),
        uses_left=random.choice((None, None, None, None, 1, 1, 0)),
        classes=random.choice((frozenset(), frozenset(), frozenset({"personal"}), frozenset({"客户", "ＳECRETS"}))),
    )


def exchange_of(seed: int) -> Facts:
    """Give an exchange, some of whose facts are wrong or missing."""
    random = Random(seed)
    return facts(
        service=random.choice(("chatgpt", "chatgpt", "kimi", "")),
        category=random.choice(("chat", "coding")),
        country=random.choice(("US", "CN")),
        user=random.choice((*["alice"] * 5, "Ａlice", "bob", "BOB", "eve", "")),
        groups=frozenset(maybe(random, ("finance", "ＦＩＮＡＮＣＥ", "研发", "else"))),
        address=random.choice((*["10.1.2.3"] * 3, "::ffff:192.168.0.9", "fd00::1", "8.8.8.8", "", "?")),
        at=random.choice(CLOCKS),
        activity=random.choice((*["prompt"] * 4, *ACTIVITIES, "fly")),
        grants=tuple(grant_of(random.getrandbits(40)) for _ in range(random.choice((0, 1, 2, 3, 3)))),
        tags=frozenset(maybe(random, ("unlisted", "chat", "US"))),
        account=random.choice(("unknown", "free", "personal", "company", "enterprise")),
        purpose=random.choice(("unknown", "business", "personal")),
        acknowledged=frozenset(maybe(random, ("read-me", *"abcz"), 4)),
    )


def question_of(policy: Policy, about: Facts, seed: int) -> tuple[Policy, Facts]:
    """Give a policy, and an exchange for which its quotas are used, some of them up."""
    random = Random(seed)
    return policy, replace(
        about, used={name: random.choice((0, 0, 0, 0, 1, 9)) for name in sorted(quota_names(policy, about))}
    )


def text_of(seed: int) -> tuple[Findings | frozenset[str], frozenset[str]]:
    """Give what was found in a text, in numbers or not, and what could not be looked for."""
    random = Random(seed)
    unknown = frozenset(maybe(random, ENTITIES))
    if random.random() < 0.2:
        return frozenset(maybe(random, ENTITIES)), unknown
    counts = {each: random.randint(0, 4) for each in maybe(random, ENTITIES, 4)}
    return Findings(counts, random.choice((0, 50, 120, 200))), unknown


POLICIES = st.builds(policy_of, st.lists(SEEDS, min_size=1, max_size=6), SEEDS)
EXCHANGES = SEEDS.map(exchange_of)
QUESTIONS = st.builds(question_of, POLICIES, EXCHANGES, SEEDS)
TEXTS = SEEDS.map(text_of)
RULES = SEEDS.map(rule_of)


def not_looser(before: Decision, after: Decision, *, verdict: bool = True) -> None:
    """Hold `after` to be nowhere looser than `before`, on any axis and in anything that is owed."""
    assert ROUTES.index(after.route) >= ROUTES.index(before.route)
    assert RECORDS.index(after.record) >= RECORDS.index(before.record)
    assert after.permitted <= before.permitted
    assert after.unreadable_passes <= before.unreadable_passes
    assert after.errors_pass <= before.errors_pass
    if after.permitted:
        owes_no_less(before, after)
    elif verdict:
        assert VERDICTS.index(after.verdict) >= VERDICTS.index(before.verdict)
        assert after.verdict is Verdict.FORBIDDEN or GATES.index(after.gate) >= GATES.index(before.gate)


# ── the promises ─────────────────────────────────────────────────────────────────────────────────────────────────────


def shuffled(listed: Sequence[Any], random: Random) -> tuple[Any, ...]:
    """Return a list in another order."""
    return tuple(random.sample(listed, len(listed)))


def turned(rule: Rule, random: Random) -> Rule:
    """Return the rule with everything that it lists in another order."""
    lists = ("services", "groups", "hours", "outside", "classes", "networks", "amounts")
    taken = shuffled(tuple(zip(rule.redact, rule.treatments, strict=True)), random)
    return replace(
        rule,
        when=replace(rule.when, **{key: shuffled(getattr(rule.when, key), random) for key in lists}),
        redact=tuple(one for one, _ in taken),
        treatments=tuple(way for _, way in taken),
        remind=shuffled(rule.remind, random),
        quotas=shuffled(rule.quotas, random),
        excepts=shuffled(rule.excepts, random),
    )


@settings(max_examples=drawn(150))
@given(QUESTIONS, TEXTS, SEEDS)
def test_the_order_of_whatever_is_listed_means_nothing(question, text, seed):
    (policy, about), random = question, Random(seed)
    other = replace(
        policy,
        rules=shuffled([turned(rule, random) for rule in policy.rules], random),
        signs=shuffled(policy.signs, random),
        groups=shuffled(policy.groups, random),
        classes=shuffled(policy.classes, random),
    )
    asked = replace(about, grants=shuffled(about.grants, random))
    assert decide(other, asked, *text) == decide(policy, about, *text)
    assert needs(other, asked) == needs(policy, about)
    assert quota_names(other, asked) == quota_names(policy, about)


@settings(max_examples=drawn(400))
@given(QUESTIONS, RULES, TEXTS)
def test_a_rule_that_excepts_nothing_never_loosens(question, rule, text):
    policy, about = question
    before = decide(policy, about, *text)
    after = decide(with_rules(policy, (*policy.rules, rule)), about, *text)
    if before.deciding == "otherwise" and policy.otherwise is Verdict.FORBIDDEN:
        if after.permitted:  # then it is the new rule, for certain, that permits it
            assert "z" in {note.id for note in after.rules}
            assert rule.mode is Mode.ENFORCE and rule.verdict is not Verdict.FORBIDDEN
        return
    passing = {"unreadable_passes": rule.unreadable, "errors_pass": rule.on_error}
    said = {key: getattr(before, key) for key, trouble in passing.items() if trouble is Trouble.PASS}
    not_looser(before, replace(after, **said), verdict=not text[1])


@settings(max_examples=drawn(200))
@given(QUESTIONS, SEEDS.map(grant_of), TEXTS)
@example(question_of(policy_of([232, 376362416], 0), exchange_of(0), 0), grant_of(0), text_of(7))  # its quota is over
@example(question_of(policy_of([0, 497, 320], 0), exchange_of(497), 0), grant_of(0), text_of(0))  # it must be confirmed
def test_a_grant_changes_the_effect_of_its_own_rule_and_of_no_other(question, more, text):
    (policy, about), (found, unknown), closing = question, text, set[str]()
    about = judge(policy, about, found, unknown)
    _, richer = both = about, replace(about, grants=(*about.grants, more))
    own = {rule.id for rule in policy.rules if rule.verdict is Verdict.AUTHORIZED and more.rule in (rule.id, "*")}
    for rule in policy.rules:
        how = match(rule, about, found, unknown)
        assert match(rule, richer, found, unknown) is how
        before, after = (effect(policy, index_of(policy), rule, each, how, findings(found), unknown) for each in both)
        if before != after:
            assert rule.id in own and after.grant
            assert ROUTES.index(after.route) <= ROUTES.index(before.route)
        closing |= {rule.id} if after.over or after.gate not in (Gate.NONE, Gate.APPROVAL) else set()
    poor, rich = (decide(policy, each, *text) for each in both)
    # What was not looked for may go inside, not where grants lead: something is asked for there, or a quota used up.
    closed = rich.route is Route.NOWHERE and (unknown or rich.deciding in closing)
    assert closed or ROUTES.index(rich.route) <= ROUTES.index(poor.route)
    before, after = ({note.id for note in each.rules} for each in (poor, rich))
    gives_way = [rule for rule in policy.rules if own & set(rule.excepts)]
    if "otherwise" not in (poor.deciding, rich.deciding):  # which decides where nothing is certain, and notes no rule
        assert before - after <= {rule.id for rule in gives_way}
        assert after - before <= own.union(*(rule.excepts for rule in gives_way)), "what waited behind it may show"


class Raises:
    """A network of which nothing can be told."""

    def __contains__(self, address: object) -> bool:
        raise ZeroDivisionError


RAISING: dict[str, dict[str, Any]] = {
    "an address in a network": {"networks": (Raises(),)},
    "hours of a lost zone": {"hours": (LOST,)},
    "outside hours of a lost zone": {"outside": (LOST,)},
    "both": {"hours": (LOST,), "networks": (Raises(),)},
}


@pytest.mark.parametrize("raising", RAISING.values(), ids=RAISING.keys())
@settings(max_examples=drawn(80))
@given(QUESTIONS, RULES, TEXTS)
def test_a_condition_that_raises_counts_as_the_strictest_that_its_rule_could_be(raising, question, rule, text):
    policy, about = question
    about = replace(about, address="10.1.2.3")
    plain = replace(rule, when=replace(rule.when, hours=(), outside=(), networks=()))
    doubtful = replace(plain, when=replace(plain.when, **raising))
    without, certain, unsure = (
        decide(with_rules(policy, (*policy.rules, *more)), about, *text) for more in ((), (plain,), (doubtful,))
    )
    assert unsure.permitted <= without.permitted, "what it would permit does not count"
    assert unsure.permitted <= certain.permitted, "what it forbids counts"
    if without.permitted:
        not_looser(without, unsure, verdict=not text[1])
        spent = rule.verdict is Verdict.AUTHORIZED  # without its grant, nobody asks what its quotas hold
        not_looser(certain, unsure, verdict=not (spent or text[1]))


@settings(max_examples=drawn(120))
@given(QUESTIONS, st.lists(EXCHANGES, max_size=3), TEXTS)
def test_the_same_question_has_the_same_answer_whatever_was_asked_before(question, others, text):
    (policy, about), (found, unknown) = question, text
    fresh, first = deepcopy(replace(policy)), decide(policy, about, found, unknown)
    for other in others:
        decide(policy, other, found, unknown), needs(policy, other)
    for again in (decide(policy, about, found, unknown), decide(fresh, deepcopy(about), found, unknown)):
        assert again == first
        assert repr((again.reason, again.instead, again.label)) == repr((first.reason, first.instead, first.label))
    if about.at.tzinfo is not None and all(each.until.tzinfo is not None for each in about.grants):
        seen = findings(found)
        assert in_words(fresh, about, seen, first) == in_words(policy, about, seen, first)
        told = [[row.failed for row in trace(each, about, seen, unknown, first.grant)] for each in (policy, fresh)]
        assert told[0] == told[1]


@settings(max_examples=drawn(200))
@given(QUESTIONS, st.lists(TEXTS, min_size=1, max_size=4))
def test_what_the_headers_decide_is_true_of_every_text(question, texts):
    policy, about = question
    answer = needs(policy, about)
    for found, unknown in texts:
        decision = decide(policy, about, found, unknown)
        assert {use.counter for use in decision.quotas} <= quota_names(policy, about)
        if isinstance(answer, Needs):
            assert decide(policy, about, only(found, answer.entities), unknown & answer.entities) == decision
        elif answer.permitted:
            assert decision == answer
        else:
            assert not decision.permitted


def only(found: Findings | frozenset[str], entities: frozenset[str]) -> Findings | frozenset[str]:
    """Return what was found of these entities."""
    if isinstance(found, Findings):
        return replace(found, counts={each: count for each, count in found.counts.items() if each in entities})
    return found & entities


@settings(max_examples=drawn(150))
@given(QUESTIONS, TEXTS)
def test_the_index_gives_what_asking_every_rule_gives(question, text):
    policy, about = question
    naive = scanned(policy)
    assert decide(policy, about, *text) == decide(naive, about, *text)
    assert needs(policy, about) == needs(naive, about)


@settings(max_examples=drawn(500))
@given(RULES, EXCHANGES)
def test_a_rule_matches_where_its_conditions_hold_read_one_by_one(rule, about):
    rule = replace(rule, when=replace(rule.when, classes=(), amounts=()))
    assert match(rule, about, None).value == reading(rule.when, about)
