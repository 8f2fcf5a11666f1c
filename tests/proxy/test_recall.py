"""A record says enough to decide again as was decided then; one that does not is never taken for a whole one."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decide import decide
from policies.decision import Decision, Facts, Findings, Grant, RecordDetail, Route
from policies.model import Policy
from policies.replay import replay
from proxy import audit
from proxy.audit import Record
from proxy.recall import NEEDED, recall
from tests.policies.samples import FINDINGS, NOON, QUESTIONS, facts, grant

LOOKED = frozenset({"API_KEY", "CUSTOMER"})


def line(decision: Decision | None, about: Facts | None, found: Findings | None, **given: Any) -> dict[str, Any]:
    """Return a request's record as whoever reads the log gets it."""
    went = decision is not None and decision.permitted
    record = Record(
        id="SLC-20261202-000001",
        at=about.at if about else NOON,
        outcome=given.pop("outcome", "forwarded" if went else "refused"),
        user=about.user if about else "",
        address=about.address if about else "",
        service=about.service if about else "",
        activity=about.activity if about else "",
        decision=decision,
        facts=about,
        findings=found,
        looked=LOOKED,
        **given,
    )
    read: dict[str, Any] = orjson.loads(orjson.dumps(record.fields("node-1")))
    return read


def entry(**changed: Any) -> dict[str, Any]:
    """Return the record of Alice's prompt, let go, but for what is changed; None takes a field away."""
    decision = Decision(route=Route.EXTERNAL, policy="3@0", redact=frozenset({"API_KEY"}))
    found = Findings({"API_KEY": 2, "CUSTOMER": 0}, 40)
    whole = line(decision, facts(), found, redacted={"API_KEY": 2}, unknown=frozenset({"CUSTOMER"})) | changed
    return {key: value for key, value in whole.items() if value is not None}


def test_all_that_decided_then_is_recalled() -> None:
    about = facts(
        groups=frozenset({"研发", "财务"}),
        tags=frozenset({"chat", "US"}),
        account="free",
        purpose="personal",
        acknowledged=frozenset({"read-me"}),
        used={"daily/requests": 3},
        grants=(grant(),),
    )
    decision = Decision(route=Route.INTERNAL, grant="G-1")
    found = Findings({"API_KEY": 2}, 40)
    written = line(decision, about, found, unknown=frozenset({"CUSTOMER"}), redacted={"API_KEY": 3, "URL": 1})
    past = recall(written, {"G-1": grant(), "G-2": grant(id="G-2")})
    assert past is not None
    assert (past.id, past.facts, past.found) == ("SLC-20261202-000001", about, found)
    assert (past.unknown, past.looked, past.route) == ({"CUSTOMER"}, LOOKED, Route.INTERNAL)
    assert past.redacted == {"API_KEY", "URL"}


@given(QUESTIONS, FINDINGS, st.frozensets(st.sampled_from(["API_KEY", "URL"]), max_size=1))
def test_an_exchange_that_is_recalled_is_decided_as_it_was(
    question: tuple[Policy, Facts], found: Findings, unknown: frozenset[str]
) -> None:
    policy, about = question
    about = replace(about, grants=tuple({each.id: each for each in about.grants}.values()))
    decision = decide(policy, about, found, unknown)
    taken = dict.fromkeys(decision.redact & found.entities, 1)
    past = recall(
        line(decision, about, found, unknown=unknown, redacted=taken), {each.id: each for each in about.grants}
    )
    if decision.record is RecordDetail.MINIMAL:
        assert past is None
        return
    assert past is not None
    assert decide(policy, past.facts, past.found, past.unknown) == decision
    assert replay(policy, [past]).changed == ()


def test_a_grant_that_the_store_no_longer_knows_is_left_out_where_it_opened_nothing() -> None:
    past = recall(line(Decision(), facts(grants=(grant(), grant(id="G-2"))), Findings()), {"G-2": grant(id="G-2")})
    assert past is not None
    assert [each.id for each in past.facts.grants] == ["G-2"]


@pytest.mark.parametrize("opened", ["G-1", "G-1 G-2"])
def test_what_a_lost_grant_opened_cannot_be_decided_again(opened: str) -> None:
    known: dict[str, Grant] = {"G-2": grant(id="G-2")}
    assert recall(entry(grant=opened), known) is None
    assert recall(entry(grant=opened), known | {"G-1": grant()}) is not None


CUT = [f"group-{number}" for number in range(audit.MAX_ITEMS + 1)]
NOT_WHOLE = {
    "of an answer": {"event": "answer"},
    "of Sluice itself": {"event": "start"},
    "of nothing": {"event": None},
    "without a decision": {"route": ""},
    "of a route that is none": {"route": "sideways"},
    "of a failure after the decision": {"outcome": "refused"},
    "of an error": {"outcome": "error"},
    "with a time without a zone": {"time": "2026-12-02T04:00:00.000"},
    "with a time that is none": {"time": "noon"},
    "with a number for a time": {"time": 1764648000},
    "with a word for a list": {"groups": "研发"},
    "with a number in a list": {"groups": ["研发", 7]},
    "with a list for a user": {"user": ["alice"]},
    "with a list for counts": {"values": ["API_KEY"]},
    "with half a value": {"values": {"API_KEY": 1.5}},
    "with a yes for a count": {"values": {"API_KEY": True}},
    "with a word for a length": {"characters": "40"},
    "with a number for a grant": {"grant": 7},
    "with nothing for what was used": {"used": [None]},
}


@pytest.mark.parametrize("name", NOT_WHOLE)
def test_a_record_that_does_not_hold_what_a_decision_needs_is_not_recalled(name: str) -> None:
    assert recall(entry(), {}) is not None
    assert recall(entry(**NOT_WHOLE[name]), {}) is None


@pytest.mark.parametrize(("turn", "recalled"), [(1, True), (2, False), (0, False)])
def test_only_the_first_turn_of_a_conversation_with_the_companys_model_went_by_policy_alone(
    turn: int, recalled: bool
) -> None:
    assert (recall(entry(conversation="9f86d081884c7d65", turn=turn), {}) is not None) == recalled


@pytest.mark.parametrize("key", NEEDED)
def test_a_record_from_before_a_field_was_kept_is_not_recalled(key: str) -> None:
    assert recall(entry(**{key: None}), {}) is None


def test_a_record_kept_to_the_minimum_is_not_recalled() -> None:
    decision = Decision(route=Route.EXTERNAL, record=RecordDetail.MINIMAL)
    assert recall(line(decision, facts(), Findings()), {}) is None


def test_a_request_that_policy_never_saw_is_not_recalled() -> None:
    assert recall(line(None, None, None, outcome="error"), {}) is None
    assert recall(line(None, facts(), None), {}) is None


@pytest.mark.parametrize("field", ["groups", "tags", "acknowledged"])
def test_a_record_whose_list_was_cut_short_is_not_recalled(field: str) -> None:
    assert recall(line(Decision(), facts(**{field: frozenset(CUT[:-1])}), Findings()), {}) is not None
    assert recall(line(Decision(), facts(**{field: frozenset(CUT)}), Findings()), {}) is None


def test_a_refusal_by_policy_is_a_decision_and_no_failure() -> None:
    past = recall(line(Decision(), facts(), Findings()), {})
    assert past is not None
    assert past.route is Route.NOWHERE


def test_what_was_forwarded_unread_is_recalled_with_nothing_found() -> None:
    past = recall(line(Decision(route=Route.EXTERNAL), facts(), None, outcome="not_inspected"), {})
    assert past is not None
    assert (past.found, past.looked) == (Findings(), frozenset())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(entry())), JSON))
def test_a_line_that_somebody_wrote_over_is_recalled_or_left_out_and_never_raises(changed: dict[str, Any]) -> None:
    past = recall(entry() | changed, {"G-1": grant()})
    if past is not None:
        assert past.facts.at.tzinfo is not None
        assert all(isinstance(name, str) for name in past.facts.groups | past.facts.tags | past.unknown)
        assert all(type(count) is int for count in past.found.counts.values())
