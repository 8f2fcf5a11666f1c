"""What holds for every policy: order means nothing, no rule loosens, a grant and a trial touch only what they name."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policies.decide import decide, needs
from policies.decision import TREATMENTS, Decision, Facts, Findings, Gate, Mode, Needs, Text, Verdict
from policies.effect import GATES, ROUTES, VERDICTS
from policies.index import Index, index_of
from policies.join import RECORDS
from policies.match import conditions, findings
from policies.model import Policy, Rule, Trouble
from tests.policies.samples import FINDINGS, FOUND, GRANTS, HEAD, QUESTIONS, facts, grant, parsed, rules
from tests.thorough import drawn


def strictness(decision: Decision) -> int:
    """Return how far from the service the exchange may go."""
    return ROUTES.index(decision.route)


def with_rules(policy: Policy, some: Sequence[Rule]) -> Policy:
    """Return the policy with other rules."""
    return replace(policy, rules=tuple(some))


@given(QUESTIONS, FINDINGS, FOUND, st.randoms(use_true_random=False))
def test_the_order_of_rules_means_nothing(question, found, unknown, random):
    policy, about = question
    shuffled = list(policy.rules)
    random.shuffle(shuffled)
    other = with_rules(policy, shuffled)
    assert decide(other, about, found, unknown) == decide(policy, about, found, unknown)
    assert needs(other, about) == needs(policy, about)


@given(QUESTIONS, rules(id_="z", verdict=Verdict.FORBIDDEN), FINDINGS, FOUND)
def test_a_forbidding_rule_never_loosens(question, rule: Rule, found, unknown):
    policy, about = question
    rule = replace(rule, mode=Mode.ENFORCE, stage=None, excepts=())
    before = decide(policy, about, found, unknown)
    after = decide(with_rules(policy, (*policy.rules, rule)), about, found, unknown)
    assert strictness(after) >= strictness(before)
    assert VERDICTS.index(after.verdict) >= VERDICTS.index(before.verdict)
    assert RECORDS.index(after.record) >= RECORDS.index(before.record)
    assert not after.permitted or (after.treat, after.grant, after.notices) == (
        before.treat,
        before.grant,
        before.notices,
    )


@settings(max_examples=drawn(300))
@given(QUESTIONS, rules(id_="z"), FINDINGS, FOUND)
def test_no_rule_loosens_what_another_rule_decided(question, rule: Rule, found, unknown):
    policy, about = question
    before = decide(policy, about, found, unknown)
    assume(before.deciding != "otherwise" or policy.otherwise is Verdict.ALLOWED)
    after = decide(with_rules(policy, (*policy.rules, rule)), about, found, unknown)
    assert strictness(after) >= strictness(before)
    assert RECORDS.index(after.record) >= RECORDS.index(before.record)
    assert after.withhold >= before.withhold or not before.permitted
    if after.permitted:
        owes_no_less(before, after)
    if not unknown:
        assert VERDICTS.index(after.verdict) >= VERDICTS.index(before.verdict)
        assert after.verdict is Verdict.FORBIDDEN or GATES.index(after.gate) >= GATES.index(before.gate)
    if rule.unreadable is not Trouble.PASS:
        assert before.unreadable_passes or not after.unreadable_passes
    if rule.on_error is not Trouble.PASS:
        assert before.errors_pass or not after.errors_pass


def owes_no_less(before: Decision, after: Decision) -> None:
    """Hold a permitted exchange to all that it owed before."""
    assert after.treat.keys() >= before.treat.keys()
    assert all(TREATMENTS.index(after.treat[each]) >= TREATMENTS.index(way) for each, way in before.treat.items())
    assert set(after.notices) >= set(before.notices)
    assert set(after.label.zh.split("\n")) >= set(before.label.zh.split("\n")) - {""}
    limits = {use.counter: use.limit for use in after.quotas}
    assert all(limits[use.counter] <= use.limit for use in before.quotas)


@given(QUESTIONS, GRANTS, FINDINGS, FOUND)
def test_a_grant_changes_nothing_but_the_rules_it_names(question, more, found, unknown):
    policy, about = question
    before = decide(policy, about, found, unknown)
    after = decide(policy, replace(about, grants=(*about.grants, more)), found, unknown)
    opened = {rule.id for rule in policy.rules if rule.verdict is Verdict.AUTHORIZED and more.rule in (rule.id, "*")}
    if not opened:
        assert after == before
    absolute = {rule.id for rule in policy.rules if not opened & set(rule.excepts)}
    if any(note.verdict is Verdict.FORBIDDEN and note.id in absolute for note in before.rules):
        assert (after.verdict, after.permitted) == (Verdict.FORBIDDEN, False)
    if after.permitted and before.permitted:
        assert after.treat == before.treat
    assert strictness(after) <= strictness(before)


@given(QUESTIONS, FINDINGS, FOUND)
def test_rules_on_trial_change_nothing_but_what_is_noted(question, found, unknown):
    policy, about = question
    without = with_rules(policy, [rule for rule in policy.rules if rule.mode is not Mode.OBSERVE])
    decision, bare = decide(policy, about, found, unknown), decide(without, about, found, unknown)
    noted = {rule.id for rule in policy.rules if rule.mode is Mode.OBSERVE or rule.stage}
    assert {note.id for note in decision.observed} <= noted
    assert replace(decision, observed=(), would=None) == replace(bare, observed=(), would=None)
    assert (decision.would is None) == (not decision.observed)
    asked, bare_asked = needs(policy, about), needs(without, about)
    if isinstance(asked, Needs) and asked.watching:
        unread = bare_asked.unless_read if isinstance(bare_asked, Needs) else bare_asked
        assert replace(asked.unless_read, observed=(), would=None) == replace(unread, observed=(), would=None)
    elif isinstance(asked, Needs):
        assert isinstance(bare_asked, Needs) and bare_asked.entities <= asked.entities
    else:
        assert replace(asked, observed=(), would=None) == replace(bare_asked, observed=(), would=None)


@given(QUESTIONS, FINDINGS, FOUND)
def test_rules_that_only_remind_stop_nothing(question, found, unknown):
    policy, about = question
    without = with_rules(policy, [rule for rule in policy.rules if rule.mode is not Mode.REMIND])
    decision, bare = decide(policy, about, found, unknown), decide(without, about, found, unknown)
    assert (decision.permitted, decision.gate, decision.treat) == (bare.permitted, bare.gate, bare.treat)
    if decision.permitted:
        assert set(decision.notices) >= set(bare.notices)


@given(QUESTIONS, FOUND, FOUND)
def test_what_could_not_be_looked_for_never_loosens(question, found, unknown):
    policy, about = question
    known, doubtful = decide(policy, about, found), decide(policy, about, found, unknown)
    assert strictness(doubtful) >= strictness(known)
    if doubtful.permitted:
        assert doubtful.redact >= known.redact
        assert not doubtful.redact & unknown


@given(QUESTIONS, FINDINGS)
def test_not_knowing_the_numbers_never_loosens(question, found: Findings):
    policy, about = question
    assert strictness(decide(policy, about, found.entities)) >= strictness(decide(policy, about, found))


@settings(max_examples=drawn(300))
@given(QUESTIONS, FINDINGS, FOUND)
def test_what_the_headers_decided_holds_for_every_text(question, found, unknown):
    policy, about = question
    answer, decision = needs(policy, about), decide(policy, about, found, unknown)
    if isinstance(answer, Decision) and answer.permitted:
        assert decision == answer
    elif isinstance(answer, Decision):
        assert not decision.permitted
        assert (answer.redact, answer.treat, answer.grant, answer.quotas) == (frozenset(), {}, "", ())
        assert (answer.unreadable_passes, answer.errors_pass, answer.label) == (False, False, Text())


@settings(max_examples=drawn(300))
@given(QUESTIONS, FINDINGS, FOUND)
def test_looking_for_what_is_needed_is_enough(question, found: Findings, unknown):
    policy, about = question
    answer = needs(policy, about)
    if isinstance(answer, Decision):
        return
    seen = Findings({each: n for each, n in found.counts.items() if each in answer.entities}, found.characters)
    assert decide(policy, about, seen, unknown & answer.entities) == decide(policy, about, found, unknown)
    clean, unread = decide(policy, about, Findings()), answer.unless_read
    assert replace(unread, unreadable_passes=clean.unreadable_passes, errors_pass=clean.errors_pass) == clean
    assert unread.unreadable_passes <= clean.unreadable_passes
    assert unread.errors_pass <= clean.errors_pass


@given(QUESTIONS, FINDINGS, FOUND)
def test_the_same_question_has_the_same_answer_and_a_reason(question, found, unknown):
    policy, about = question
    decision = decide(policy, about, found, unknown)
    assert decide(replace(policy), replace(about), found, unknown) == decision
    assert repr(decide(policy, about, found, unknown)) == repr(decision)
    assert decision.reason.en
    assert decision.reason.zh
    assert decision.permitted or decision.instead.en
    if not decision.permitted:
        assert not (decision.redact or decision.treat or decision.unreadable_passes or decision.errors_pass)
        assert not (decision.quotas or decision.label.zh or decision.grant)
    else:
        assert decision.gate is Gate.NONE
        assert decision.redact == decision.treat.keys()


class EveryRule(Index):
    """An index that leaves nothing out: it asks every rule everything."""

    def matching(self, facts: Facts, *_):  # noqa: ARG002  (the promise of Index)
        return [(rule, tuple(condition for _, condition in conditions(rule.when))) for rule, _ in self.candidates]


def scanned(policy: Policy) -> Policy:
    """Return the policy, to be decided by asking every rule."""
    naive = replace(policy)
    built = index_of(policy)
    slots = {name: getattr(built, name) for name in Index.__slots__}
    naive.memo[Index] = EveryRule(**slots)
    return naive


@settings(max_examples=drawn(300))
@given(QUESTIONS, FINDINGS, FOUND)
def test_the_index_decides_as_asking_every_rule_does(question, found, unknown):
    policy, about = question
    naive = scanned(policy)
    assert decide(policy, about, found, unknown) == decide(naive, about, found, unknown)
    assert needs(policy, about) == needs(naive, about)
    assert decide(policy, about, findings(found), unknown) == decide(policy, about, found, unknown)


INSIDE = """\
policy: p
version: 1
otherwise: forbid
rules:
  - {id: inside, verdict: allowed, route: internal, except: [by-grant], instead: {en: Use our model., zh: 用内部模型。}}
  - id: by-grant
    verdict: authorized
    ask: {en: Ask Zhang., zh: 找张敏。}
  - {id: no-uploads, verdict: forbidden, when: {activity: upload}, except: by-grant, instead: {en: Not so., zh: 不行。}}
  - {id: never, verdict: forbidden, when: {activity: train}}
"""

WAITING = {
    "inside until there is a grant": ("prompt", False, ("internal", "inside", "none", "")),
    "outside with one": ("prompt", True, ("external", "by-grant", "none", "")),
    "refused, and told how to ask": ("upload", False, ("nowhere", "no-uploads", "approval", "by-grant")),
    "open with a grant": ("upload", True, ("external", "by-grant", "none", "")),
    "refused for good": ("train", False, ("nowhere", "never", "none", "")),
    "refused for good, grant or not": ("train", True, ("nowhere", "never", "none", "")),
}


@pytest.mark.parametrize(("activity", "granted", "want"), WAITING.values(), ids=WAITING.keys())
def test_a_rule_with_an_exception_says_what_holds_until_there_is_a_grant(activity, granted, want):
    grants = (grant(rule="by-grant"),) if granted else ()
    exchange = facts(activity=activity, grants=grants)
    answer = needs(parsed(INSIDE), exchange)
    assert isinstance(answer, Decision) and answer == decide(parsed(INSIDE), exchange, Findings())
    assert (answer.route, answer.deciding, answer.gate, answer.opens) == want
    if answer.opens:
        assert (answer.instead.en, answer.instead.zh) == ("Not so. Ask Zhang.", "不行。找张敏。")


def inside_except(more: str, **given):
    """Decide a prompt that goes inside but for a grant; returns what the headers and what the text decide."""
    policy = parsed(
        HEAD + "data_classes: {p: {entities: [PHONE_NUMBER]}, q: {entities: [API_KEY]}}\nrules:\n"
        f"  - {{id: inside, verdict: allowed, route: internal, except: [one, two]}}\n{more}"
    )
    exchange = facts(**given)
    return needs(policy, exchange), decide(policy, exchange, Findings({"API_KEY": 1}))


def test_a_grant_that_the_text_may_close_makes_no_refusal_final():
    more = (
        "  - {id: one, verdict: authorized, gate: justify}\n"
        "  - {id: two, verdict: authorized, when: {activity: train}}\n"
    )
    answer, later = inside_except(more, grants=(grant(rule="one", classes=frozenset({"p"})),))
    assert isinstance(answer, Needs) and (later.route, later.deciding) == ("internal", "inside")


def test_a_grant_for_one_of_two_exceptions_makes_nothing_stricter():
    more = "  - {id: one, verdict: authorized}\n  - {id: two, verdict: authorized}\n"
    for grants, want in (((), "internal"), (("one",), "internal"), (("one", "two"), "external")):
        _, decision = inside_except(more, grants=tuple(grant(id=f"G-{each}", rule=each) for each in grants))
        assert decision.route == want, grants


def test_no_grant_is_offered_that_could_not_open_it():
    policy = parsed(
        HEAD + "groups: {g: [alice]}\nrules:\n  - {id: no, verdict: forbidden, except: ask}\n"
        "  - {id: ask, verdict: authorized, when: {group: g}}\n"
    )
    for user, gate in (("alice", "approval"), ("", "none"), ("bob", "none")):
        assert decide(policy, facts(user=user, groups=frozenset()), Findings()).gate == gate, user


INTERNAL = """
  - {id: falcon, verdict: allowed, when: {data: falcon}, route: internal}
  - {id: code, verdict: allowed, when: {data: code}, send_to: internal, model: coder}
  - {id: deal, 裁决: 允许, 当: {数据: deal}, 去向: 内部, 模型: vault}
  - {id: watched, verdict: allowed, when: {data: falcon}, route: internal, model: trial, mode: observe}
  - {id: nothing, verdict: forbidden, when: {service: kimi}}
"""
CLASSES = "data_classes: {falcon: {entities: [URL]}, code: {entities: [API_KEY]}, deal: {entities: [PERSON]}}\n"


@pytest.mark.parametrize(
    ("service", "found", "models"),
    [
        ("openai-chatgpt", {"URL"}, set()),
        ("openai-chatgpt", {"API_KEY"}, {"coder"}),
        ("openai-chatgpt", {"URL", "API_KEY", "PERSON"}, {"coder", "vault"}),
        ("openai-chatgpt", set(), set()),
        ("kimi", {"API_KEY"}, set()),
    ],
    ids=["none named", "one", "two", "outside", "refused"],
)
def test_all_models_that_rules_in_force_name_are_told_and_none_of_what_goes_elsewhere(service, found, models):
    head = HEAD.replace("otherwise: forbid", "otherwise: allow")
    policy = parsed(f"{head}{CLASSES}rules:{INTERNAL}")
    decision = decide(policy, facts(service=service), Findings(dict.fromkeys(found, 1)), frozenset())
    assert decision.models == models
