"""Rules with every name resolved; what contradicts itself is refused."""

import ipaddress

import pytest

from policies.decision import Route, Verdict
from policies.model import Trouble
from policies.problem import PolicyError
from tests.policies.samples import HEAD, parsed

DEFINED = (
    "time_zone: Asia/Shanghai\n"
    'hours: {w: {days: [mon], from: "09:00", to: "18:00"}}\n'
    "groups: {研发: [alice]}\nservices: {聊天: {category: chat}}\ndata_classes: {p: {entities: [URL]}}\n"
)


def rule(rest: str):
    """Return rule `r` with the rest of its keys."""
    return parsed(f"{HEAD}{DEFINED}rules:\n  - {{id: r, {rest}}}\n").rules[0]


def refused(rest: str) -> list[str]:
    """Return what is said of a rule that cannot be."""
    with pytest.raises(PolicyError) as caught:
        rule(rest)
    return [problem.message.en for problem in caught.value.problems]


def test_a_rule_that_says_little_is_for_everything_and_goes_outside():
    made = rule("verdict: allowed")
    assert (made.route, made.redact, made.unreadable, made.on_error) == (Route.EXTERNAL, (), None, None)
    assert made.when == rule("verdict: allowed, when: {}").when


def test_names_are_resolved_whatever_their_letters():
    when = rule("verdict: allowed, when: {group: 研发, hours: Ｗ, data: P, service: 聊天}").when
    assert [each.name for each in (*when.groups, *when.hours, *when.classes, *when.services)] == [
        "研发",
        "w",
        "p",
        "聊天",
    ]


def test_a_network_may_be_a_single_address():
    assert rule("verdict: allowed, when: {network: ['10.1.2.3', '::1']}").when.networks == (
        ipaddress.ip_network("10.1.2.3/32"),
        ipaddress.ip_network("::1/128"),
    )


FINE = {
    "forbidden that refuses the unreadable": "verdict: forbidden, unreadable: refuse, on_error: refuse",
    "authorized with effects": "verdict: authorized, ask: x, route: internal, redact: p, unreadable: pass",
    "allowed with a reason": "verdict: allowed, reason: x, instead: y",
}


@pytest.mark.parametrize("rest", FINE.values(), ids=FINE.keys())
def test_what_fits_together_is_accepted(rest):
    assert rule(rest).verdict in Verdict


CONTRADICTORY = {
    "forbidden, and sent inside": ("verdict: forbidden, route: internal", "“route” means nothing"),
    "forbidden, and sent outside": ("verdict: forbidden, route: external", "“route” means nothing"),
    "forbidden, and redacted": ("verdict: forbidden, redact: p", "“redact” means nothing"),
    "forbidden, and passing": ("verdict: forbidden, on_error: pass", "cannot say that anything may pass"),
    "forbidden, and asking": ("verdict: forbidden, ask: x", "“ask” belongs to rules"),
    "allowed, and asking": ("verdict: allowed, ask: x", "“ask” belongs to rules"),
}


@pytest.mark.parametrize(("rest", "said"), CONTRADICTORY.values(), ids=CONTRADICTORY.keys())
def test_what_contradicts_itself_is_refused(rest, said):
    (problem,) = refused(rest)
    assert said in problem


@pytest.mark.parametrize("key", ["service", "group", "person", "hours", "outside_hours", "activity", "data", "network"])
def test_an_empty_list_of_conditions_is_refused(key):
    assert refused(f"verdict: allowed, when: {{{key}: []}}") == ["This list is empty, so it could never hold."]


def test_every_mistake_of_a_rule_is_told():
    said = refused("verdict: maybe, when: {group: 市场, data: q}, route: up, redact: z, unreadable: yes")
    assert len(said) == 6


def test_an_answer_about_trouble_is_typed():
    made = rule("verdict: allowed, unreadable: pass, on_error: refuse")
    assert (made.unreadable, made.on_error) == (Trouble.PASS, Trouble.REFUSE)
