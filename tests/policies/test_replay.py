"""What has happened is decided again by a new policy, counted by rule and group, and nothing is guessed."""

from dataclasses import replace

import pytest
from hypothesis import given

from policies.decide import decide
from policies.decision import Findings, Route
from policies.replay import ENDINGS, Past, replay
from tests.policies.office import office
from tests.policies.samples import FINDINGS, QUESTIONS, facts

NEW = office(
    "policy: a\nversion: 1\notherwise: forbid\ndata_classes: {p: {entities: [CN_ID_CARD]}, q: {entities: [API_KEY]}}\n"
    "rules:\n"
    "  - {id: all, verdict: allowed, redact: p}\n"
    "  - {id: no-kimi, verdict: forbidden, when: {service: kimi}}\n"
    "  - {id: keys-inside, verdict: allowed, when: {data: q}, route: internal}\n"
)
BOTH = frozenset({"CN_ID_CARD", "API_KEY"})


def past(id: str = "a", route=Route.EXTERNAL, found=(), redacted=(), looked=BOTH, **given_):
    return Past(id, facts(**given_), Findings(dict.fromkeys(found, 1)), frozenset(), looked, route, frozenset(redacted))


CASES = {
    "the same": (past(), None),
    "stopped": (past(service="kimi"), "stopped"),
    "let go": (past(route=Route.NOWHERE), "let_go"),
    "kept inside": (past(found=["API_KEY"]), "kept_inside"),
    "sent outside": (past(route=Route.INTERNAL), "sent_outside"),
    "more is taken out": (past(found=["CN_ID_CARD"]), "redacted"),
    "less is taken out": (past(found=["CN_ID_CARD"], redacted=["CN_ID_CARD", "URL"]), "bared"),
    "as much is taken out": (past(found=["CN_ID_CARD"], redacted=["CN_ID_CARD"]), None),
    "refused then and now": (past(route=Route.NOWHERE, service="kimi"), None),
}


@pytest.mark.parametrize(("one", "want"), CASES.values(), ids=CASES.keys())
def test_an_exchange_that_would_have_ended_otherwise_says_how(one, want):
    done = replay(NEW, [one])
    assert [each.ending for each in done.changed] == ([] if want is None else [want])
    assert done.decided == 1


def test_the_sum_speaks_of_exchanges_and_people_by_rule_and_group():
    pasts = [
        past("1", service="kimi", groups=frozenset({"研发部"})),
        past("2", service="kimi", groups=frozenset({"研发部", "上海"})),
        past("3", service="kimi", user="bob"),
        past("4", service="kimi", user="", address="10.9.9.9"),
        past("5", service="kimi", user="", address="10.9.9.8"),
        past("6"),
    ]
    done = replay(NEW, pasts)
    assert [(each.en, each.zh) for each in done.lines()] == [
        ("5 exchanges of 4 people would have been stopped.", "4 人的 5 次使用会被拦下。")
    ]
    tally = done.tally("stopped")
    assert tally.by_rule == {"no-kimi": 5}
    assert tally.by_group == {"–": 3, "研发部": 2, "上海": 1}


def test_one_is_said_as_one():
    assert replay(NEW, [past(service="kimi")]).lines()[0].en == "1 exchange of 1 person would have been stopped."


def test_what_cannot_be_decided_again_is_counted_and_never_guessed():
    done = replay(NEW, [None, past(), None])
    assert (done.decided, done.skipped, done.changed) == (1, 2, ())


def test_what_nobody_looked_for_then_is_told():
    done = replay(NEW, [past(looked=frozenset({"CN_ID_CARD"})), past()])
    assert (done.blind, done.unseen) == (1, ("API_KEY",))


@given(question=QUESTIONS, found=FINDINGS)
def test_a_policy_changes_nothing_of_what_it_decided_itself(question, found):
    policy, about = question
    decision = decide(policy, about, found)
    was = Past("a", about, found, frozenset(), BOTH, decision.route, decision.redact & found.entities)
    if not decision.permitted:
        was = replace(was, redacted=frozenset())
    assert replay(policy, [was]).changed == ()


def test_every_ending_has_words():
    assert all(each.en and each.zh for each in ENDINGS.values())
