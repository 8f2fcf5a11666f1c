"""What policy is told of a request's head."""

import pytest

from policies.decision import Text
from proxy.caller import Caller
from proxy.exchange import Request
from proxy.facts import facts_of, tags_of
from proxy.services.catalogue import load_catalogue
from proxy.services.service import Service
from proxy.services.unlisted import NOBODYS
from tests.proxy.house import NOON

ALICE = Caller("alice", frozenset({"研发部"}), "10.0.0.7", "header")


def test_a_request_is_told_with_service_person_activity_tags_and_account() -> None:
    service = load_catalogue().services["openai-api"]
    headers = (("content-type", "application/json"), ("openai-organization", "org-ours"))
    request = Request("POST", "https", "api.openai.com", 443, "/v1/embeddings", headers)
    facts = facts_of(request, service, ALICE, NOON, {"openai-api": frozenset({"org-ours"})})
    assert (facts.service, facts.user, facts.groups, facts.at) == ("openai-api", "alice", ALICE.groups, NOON)
    assert (facts.activity, facts.account, facts.purpose) == ("embed", "company", "unknown")
    assert facts.tags == {"api", "US"}
    assert not (facts.grants or facts.acknowledged or facts.used)


@pytest.mark.parametrize(
    ("service", "tags"),
    [
        (NOBODYS, {"unlisted"}),
        (Service("x", Text(), "", "CN", "chat"), {"chat", "CN"}),
        (Service("", Text(), "", "", ""), set()),
    ],
    ids=["outside the catalogue", "inside", "unknown"],
)
def test_services_like_one_share_its_tags(service: Service, tags: set[str]) -> None:
    assert tags_of(service) == tags
