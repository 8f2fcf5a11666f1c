"""A refused person finds the way on: a link for what they can open, and at its end how, but never a thing done."""

import shlex
from dataclasses import replace
from ipaddress import ip_network
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
import pytest

from policies.decision import Decision, Findings, Gate, Notice, RuleNote, Text, Verdict
from policies.model import Rule
from proxy.caller import HeaderSource, IdentitySources
from proxy.exchange import Request
from proxy.handle import begin, depart, enter, inspect
from proxy.passage import House, Passage
from proxy.pipeline import Departure
from proxy.refusals.guide import at_home, classes_in, guide, way_on
from proxy.workflow.api import HOST
from tests.policies.samples import HEAD, parsed
from tests.proxy.house import CUSTOMER, NOON, Tenant, chat

HEADERS = (("content-type", "application/json"), ("x-user", "张三"))
NOTICES = (Notice("free-tier", Text("Mind."), acknowledge=True), Notice("校对", Text("Read."), acknowledge=True))


@pytest.fixture
def house(tenant: Tenant) -> House:
    """A house that believes a trusted front."""
    sources = IdentitySources(header=HeaderSource("x-user", (ip_network("10.0.0.0/8"),)))
    return replace(tenant.house, sources=sources)


def passage(house: House, headers=HEADERS, host: str = "api.openai.com", text: str = "hi") -> Passage:
    service = house.street.catalogue.lookup(host, "/v1/chat/completions")
    assert service is not None
    request = Request("POST", "https", host, 443, "/v1/chat/completions", headers)
    made = begin(house, request, service, "", "10.0.0.1")
    if enter(house, made) is None:
        depart(house, made, inspect(house, made, chat(text)), 9)
    return made


def test_the_link_of_an_approval_asks_for_exactly_what_was_refused(house: House) -> None:
    made = passage(house, text=CUSTOMER)
    link = way_on(house, made, Decision(gate=Gate.APPROVAL, deciding="no-vendor", opens="mistral-needs-approval"))
    address = urlsplit(link)
    assert (address.netloc, address.path) == (HOST, "/ask")
    assert house.portal is not None and CUSTOMER not in link
    token = house.portal.signer.read_token(parse_qs(address.query)["token"][0], NOON)
    assert (token.user, token.service, token.rule) == ("张三", "openai-api", "mistral-needs-approval")
    assert (token.reference, token.activity, token.classes) == (made.reference, "prompt", {"客户资料"})


def note(id: str) -> RuleNote:
    return RuleNote(id, Text(), Verdict.ALLOWED)


LINKS = {
    "confirm all that is open": (Decision(gate=Gate.ACKNOWLEDGE, notices=NOTICES), "/confirm", ["free-tier", "校对"]),
    "say what it is for": (
        Decision(gate=Gate.JUSTIFY, deciding="another", rules=(note("another"), note("the-rule"))),
        "/justify",
        ["the-rule"],
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_the_link_says_what_to_confirm(house: House, name: str) -> None:
    decision, path, notices = LINKS[name]
    made = passage(house)
    gated = Rule("the-rule", Verdict.ALLOWED, gate=Gate.JUSTIFY)
    made.street = replace(made.street, policy=replace(made.street.policy, rules=(*made.street.policy.rules, gated)))
    address = urlsplit(way_on(house, made, decision))
    assert (address.path, parse_qs(address.query)["notice"]) == (path, notices)


def test_what_is_confirmed_already_is_not_asked_again(house: House) -> None:
    made = passage(house)
    assert made.arrival is not None
    made.arrival = replace(made.arrival, facts=replace(made.arrival.facts, acknowledged=frozenset({"free-tier"})))
    link = way_on(house, made, Decision(gate=Gate.ACKNOWLEDGE, notices=NOTICES))
    assert parse_qs(urlsplit(link).query)["notice"] == ["校对"]


@pytest.mark.parametrize("reason", ["nothing opens it", "nobody knows who it is", "the proxy answers nothing"])
def test_where_nobody_can_go_on_there_is_no_link(house: House, reason: str) -> None:
    gate = Gate.NONE if reason == "nothing opens it" else Gate.APPROVAL
    house = replace(house, portal=None) if reason == "the proxy answers nothing" else house
    headers = HEADERS[:1] if reason == "nobody knows who it is" else HEADERS
    assert way_on(house, passage(house, headers), Decision(gate=gate)) == ""


@pytest.mark.parametrize("path", ["/ask", "/confirm", "/justify"])
def test_a_link_that_is_opened_says_how_and_does_nothing(house: House, path: str) -> None:
    name = "token" if path == "/ask" else "notice"
    request = Request("GET", "http", HOST, 80, f"{path}?{name}=free-tier", HEADERS)
    answer = at_home(house, request, "", "10.0.0.1")
    assert answer.status == 200 and b"free-tier" in answer.body and "运行".encode() in answer.body
    assert not house.ledger.store.acknowledged("张三")


FOREIGN = ["x' ; rm -rf ~ ; '", "$(id)", "`id`", '", "purpose": "', "a|b", "AI使用须知（2026）", "\\"]


@pytest.mark.parametrize("value", FOREIGN)
def test_a_link_cannot_choose_what_else_is_run(value: str) -> None:
    answer = guide("/confirm", urlencode({"notice": value}))
    *_, call = answer.body.decode().splitlines()
    assert answer.status == 200
    words = shlex.split(call)
    assert (words[:4], words[5:]) == (["curl", "-H", "x-sluice: 1", "--json"], [f"http://{HOST}/api/acknowledgements"])
    assert orjson.loads(words[4]) == {"notice": value}


@pytest.mark.parametrize("value", ["a\nb", "\u202ea", "", "x" * 5000])
def test_a_link_that_holds_no_name_says_nothing(value: str) -> None:
    answer = guide("/confirm", urlencode({"notice": value}))
    assert answer.status == 400 and b"curl" not in answer.body


COVERED = {
    "the class that holds nothing else": ({"PHONE_NUMBER"}, {"phones"}),
    "more than the smallest holds": ({"PHONE_NUMBER", "EMAIL_ADDRESS"}, {"phones", "contact"}),
    "none": (set(), set()),
}


@pytest.mark.parametrize("name", COVERED)
def test_a_link_asks_for_as_little_as_covers_what_was_found(name: str) -> None:
    found, want = COVERED[name]
    policy = parsed(
        HEAD + "data_classes: {contact: {entities: [PHONE_NUMBER, EMAIL_ADDRESS, CREDIT_CARD]}, "
        "phones: {entities: [PHONE_NUMBER]}}\nrules: [{id: ask, verdict: authorized, redact: contact}]\n"
    )
    departure = Departure(Decision(), None, "full", findings=Findings(dict.fromkeys(found, 1)))
    assert classes_in(policy, "another", departure) == want


def test_a_confirmation_is_the_callers_own(house: House) -> None:
    headers = (*HEADERS, ("x-sluice", "1"))
    body = orjson.dumps({"service": "openai-api", "purpose": "personal", "hours": 2})
    request = Request("POST", "http", HOST, 80, "/api/purpose", headers, body)
    assert at_home(house, request, "", "10.0.0.1").status == 200
    assert house.ledger.store.declared_purpose("张三", "openai-api", NOON) == "personal"
    assert at_home(house, request, "", "192.0.2.1").status == 403


def test_without_a_portal_nothing_is_there(house: House) -> None:
    request = Request("POST", "http", HOST, 80, "/api/purpose", HEADERS, b"{}")
    assert at_home(replace(house, portal=None), request, "", "10.0.0.1").status == 404
