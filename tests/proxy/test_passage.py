"""An exchange keeps what it began with, whatever happens to the house meanwhile."""

from dataclasses import replace

from policies.decision import Needs
from proxy.exchange import Request
from proxy.handle import begin, depart, enter, inspect
from proxy.passage import Passage
from proxy.reload import CLOSED
from tests.proxy.house import Tenant, chat, street

JSON = (("content-type", "application/json"),)


def begun(tenant: Tenant) -> Passage:
    service = tenant.house.street.catalogue.lookup("api.openai.com", "/v1/chat/completions")
    assert service is not None
    request = Request("POST", "https", "api.openai.com", 443, "/v1/chat/completions", JSON)
    return begin(tenant.house, request, service, "", "10.0.0.1")


def test_a_policy_that_is_swapped_meanwhile_changes_nothing_for_it(tenant: Tenant) -> None:
    before = tenant.house.street.policy.label
    for step in range(3):
        passage = begun(tenant)
        if step == 1:
            tenant.house.street = street(policy=CLOSED)
        assert enter(tenant.house, passage) is None
        if step == 2:
            tenant.house.street = street(policy=CLOSED)
        depart(tenant.house, passage, inspect(tenant.house, passage, chat("hi")), 9)
        assert (tenant.records()[-1]["policy"], tenant.records()[-1]["outcome"]) == (before, "forwarded")
        tenant.house.street = street()
    tenant.house.street = street(policy=CLOSED)
    assert enter(tenant.house, begun(tenant)) is not None


def test_only_a_look_for_rules_that_are_not_in_force_is_no_more_than_that(tenant: Tenant) -> None:
    passage = begun(tenant)
    assert not passage.watching
    enter(tenant.house, passage)
    assert passage.arrival is not None and isinstance(passage.arrival.answer, Needs) and not passage.watching
    passage.arrival = replace(passage.arrival, answer=replace(passage.arrival.answer, watching=True))
    assert passage.watching
