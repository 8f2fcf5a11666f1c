"""A conversation that the company's model has begun goes on with it or not at all; the vendor's own go on as ever.

tests/e2e/test_talks.py asks the same of every page through the running proxy.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from mitmproxy import http

from policies.model import Mode, Trouble
from proxy.adapters.web.beside import BESIDE
from proxy.errors import StoreError
from proxy.internal.talks import Talks
from proxy.store.sqlite import SqliteStore
from tests.pages import chatgpt, events
from tests.policies.samples import parsed
from tests.proxy.house import CUSTOMER, NOON, SECRET, Tenant, flow_to, open_house, street

TURN = "chatgpt.com/backend-api/f/conversation"
VENDORS = "68a1c2d3-0000-8000-9000-000000000001"
"""A conversation that the vendor has begun."""


def page(text: str, id: str = "") -> bytes:
    message = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": [text]}}
    return orjson.dumps({"action": "next", "messages": [message], **({"conversation_id": id} if id else {})})


def chunks(*pieces: str, whole: bool = True) -> list[bytes]:
    """Return a stream of the company's model."""
    made = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    end = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}] if whole else []
    return [b"data: " + orjson.dumps(each) + b"\n\n" for each in made + end] + [b"data: [DONE]\n\n"] * whole


def turn(tenant: Tenant, text: str, id: str = "", *answer: bytes) -> tuple[http.HTTPFlow, bytes]:
    """Ask, and let the company's model answer if it is asked; return the flow and what the page gets."""
    flow = tenant.ask(flow_to(TURN, page(text, id)))
    if flow.response is not None:
        return flow, flow.response.content or b""
    if flow.request.host == "llm.internal":
        return flow, tenant.answer(flow, 200, "text/event-stream", *(answer or chunks("Yes.")))
    return flow, b""


def begin(tenant: Tenant, text: str = CUSTOMER, *answer: bytes) -> str:
    """Begin a conversation with the company's model, and return what it is called."""
    flow, shown = turn(tenant, text, "", *answer)
    assert flow.request.host == "llm.internal"
    return next(str(data["v"]["conversation_id"]) for name, data in events(shown) if name == "delta")


def told(flow: http.HTTPFlow) -> list[str]:
    return [each["content"] for each in orjson.loads(flow.request.content or b"")["messages"]]


def load(tenant: Tenant, id: str) -> http.HTTPFlow:
    flow = flow_to(f"chatgpt.com/backend-api/conversation/{id}", b"")
    flow.request.method = "GET"
    return tenant.ask(flow)


def loaded(tenant: Tenant, id: str) -> list[str]:
    """Return the texts that the page loads again, the earliest first."""
    response = load(tenant, id).response
    assert response is not None and response.status_code == 200
    nodes = [node["message"] for node in orjson.loads(response.content or b"")["mapping"].values() if node["message"]]
    return [node["content"]["parts"][0] for node in nodes]


def test_what_policy_would_send_outside_stays_inside(tenant: Tenant) -> None:
    id = begin(tenant)
    flow, shown = turn(tenant, "and now?", id, *chunks("La", "ter."))
    assert (flow.request.host, told(flow)) == ("llm.internal", [CUSTOMER, "Yes.", "and now?"])
    assert chatgpt(shown).text == "Later."
    assert loaded(tenant, id) == [CUSTOMER, "Yes.", "and now?", "Later."]


@pytest.mark.parametrize("watching", [False, True], ids=["decided by the headers", "with a rule that only observes"])
def test_it_stays_inside_where_policy_has_no_rule_on_the_text_any_more(tenant: Tenant, watching: bool) -> None:
    id = begin(tenant)
    policy = tenant.house.street.policy
    by_id = {rule.id: rule for rule in policy.rules}
    rules = (replace(by_id["office-use"], redact=()), replace(by_id["customers-stay-inside"], mode=Mode.OBSERVE))
    tenant.house.street = street(policy=replace(policy, rules=rules[: 1 + watching]))
    flow, shown = turn(tenant, CUSTOMER, id)
    assert (flow.request.host, chatgpt(shown).text) == ("llm.internal", "Yes.")
    assert turn(tenant, CUSTOMER)[0].request.host == "chatgpt.com", "a new one goes where policy says"


def test_the_vendors_own_conversations_go_on_as_ever(tenant: Tenant) -> None:
    begin(tenant)
    allowed, _ = turn(tenant, "hello", VENDORS)
    assert (allowed.request.host, allowed.request.content) == ("chatgpt.com", page("hello", VENDORS))
    kept, shown = turn(tenant, CUSTOMER, VENDORS)
    assert kept.response is not None and tenant.records()[-1]["code"] == "not_translatable"
    assert [data["conversation_id"] for _, data in events(shown) if "conversation_id" in data] == [VENDORS]
    assert load(tenant, VENDORS).response is None


def test_what_was_taken_out_is_in_the_store_as_a_placeholder_and_the_page_shows_the_original(tenant: Tenant) -> None:
    id = begin(tenant, f"{CUSTOMER} {SECRET}")
    flow, _ = turn(tenant, "Who?", id)
    [first, *_] = told(flow)
    assert SECRET not in first and "[PHONE_NUMBER_" in first
    assert loaded(tenant, id)[0] == f"{CUSTOMER} {SECRET}"


def test_without_a_model_it_is_refused_and_not_sent_outside(tenant: Tenant) -> None:
    id = begin(tenant)
    tenant.house.street = street(internal=None)
    flow, shown = turn(tenant, "and now?", id)
    assert "has not set up its own model" in chatgpt(shown).text
    assert (flow.request.host, tenant.records()[-1]["code"]) == ("chatgpt.com", "internal_model_missing")


def test_an_answer_that_broke_off_is_not_told_to_the_model_again(tenant: Tenant) -> None:
    id = begin(tenant, CUSTOMER, *chunks("Half an ans", whole=False))
    flow, _ = turn(tenant, "again", id)
    assert told(flow) == ["again"]
    assert loaded(tenant, id) == [CUSTOMER, "again", "Yes."]


@pytest.fixture
def clocked(tmp_path: Path):
    """A house, and what sets its clock."""
    now = [NOON]
    opened = open_house(tmp_path, lambda: now[0])

    def set_to(moment: datetime) -> None:
        now[0] = moment

    yield opened, set_to
    opened.close()


def test_a_turn_that_nobody_can_read_goes_nowhere_once_a_conversation_is_kept_inside(tenant: Tenant) -> None:
    policy = tenant.house.street.policy
    lenient = tuple(replace(rule, unreadable=Trouble.PASS) for rule in policy.rules)
    tenant.house.street = street(policy=replace(policy, rules=lenient))

    def unread() -> http.HTTPFlow:
        return tenant.ask(flow_to(TURN, page("and now?"), content_encoding="x-none"))

    assert unread().response is None and tenant.records()[-1]["outcome"] == "not_inspected"
    begin(tenant)
    assert unread().response is not None, "it may be a turn of that"
    assert tenant.records()[-1]["outcome"] == "refused"


def test_after_its_time_it_is_over_and_still_not_the_vendors(
    clocked: tuple[Tenant, Callable[[datetime], None]],
) -> None:
    tenant, set_to = clocked
    id = begin(tenant)
    set_to(NOON + timedelta(days=29))
    turn(tenant, "and now?", id)
    for later in (59, 300):
        set_to(NOON + timedelta(days=later))
        tenant.house.ledger.store.purge(tenant.house.clock())
        _, shown = turn(tenant, "and now?", id)
        assert "Begin a new conversation." in chatgpt(shown).text
        response = load(tenant, id).response
        assert response is not None and response.status_code == 404
        assert tenant.records()[-1]["code"] == "conversation_over"


def test_where_no_conversations_are_kept_the_first_turn_is_all_there_is(tenant: Tenant) -> None:
    tenant.house.ledger = replace(tenant.house.ledger, conversations_for=timedelta(0))
    id = begin(tenant)
    flow, _ = turn(tenant, CUSTOMER, id)
    assert flow.response is not None and tenant.records()[-1]["code"] == "not_translatable"
    assert tenant.records()[0]["conversation"] == ""


def broken(kind: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise kind

    return fail


@pytest.mark.parametrize("kind", [StoreError("full"), RuntimeError("a bug")], ids=["store", "bug"])
@pytest.mark.parametrize("step", ["find", "ask"])
@pytest.mark.usefixtures("logged")
def test_where_it_is_not_known_or_cannot_be_kept_nothing_goes_out(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, step: str, kind: Exception
) -> None:
    id = begin(tenant)
    policy = tenant.house.street.policy
    lenient = tuple(replace(rule, on_error=Trouble.PASS) for rule in policy.rules)
    tenant.house.street = street(policy=replace(policy, rules=lenient))
    monkeypatch.setattr(Talks, step, broken(kind))
    flow, _ = turn(tenant, "and now?", id)
    assert flow.response is not None
    assert tenant.records()[-1]["outcome"] in ("refused", "error")


@pytest.mark.usefixtures("logged")
def test_an_answer_that_cannot_be_kept_is_seen_all_the_same(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    id = begin(tenant)
    monkeypatch.setattr(SqliteStore, "put_answer", broken(StoreError("full")))
    _, shown = turn(tenant, "and now?", id)
    assert chatgpt(shown).text == "Yes."
    assert tenant.records()[-1]["event"] == "answer"


def test_a_page_is_loaded_from_its_vendor_whatever_its_address_says(tenant: Tenant) -> None:
    flow = flow_to(f"chatgpt.com/c/{begin(tenant)}", b"", sec_fetch_dest="document", sec_fetch_mode="navigate")
    flow.request.method = "GET"
    assert tenant.ask(flow).response is None


def test_where_the_service_is_forbidden_now_nothing_is_shown_again(tenant: Tenant) -> None:
    id = begin(tenant)
    service = tenant.house.street.policy
    tenant.house.street = street(policy=replace(service, rules=()))
    response = load(tenant, id).response
    assert response is not None and (response.status_code, tenant.records()[-1]["code"]) == (403, "blocked_by_policy")


def test_every_page_says_how_it_refuses_beside_its_turns() -> None:
    on_sockets = {"ms-copilot", "m365-copilot", "character-ai"}
    assert {wire: one.adapter.id for wire, one in BESIDE.items()} == {
        wire: f"{wire}-beside" if wire in on_sockets else f"{wire.removesuffix('-web').removesuffix('-ai')}-web-beside"
        for wire in BESIDE
    }


SHUT = parsed("policy: shut\nversion: 1\nowner: ops\ntime_zone: Asia/Shanghai\notherwise: forbid\nrules: []\n")


def following(parent: str, own: str) -> bytes:
    message = {"id": own, "author": {"role": "user"}, "content": {"content_type": "text", "parts": ["hello"]}}
    turn = {"action": "next", "messages": [message], "parent_message_id": parent, "conversation_id": VENDORS}
    return orjson.dumps(turn)


def test_a_turn_that_the_headers_refuse_is_shown_as_a_turn_and_the_next_one_follows_what_the_vendor_knows(
    tenant: Tenant,
) -> None:
    opened = tenant.house.street
    tenant.house.street = street(policy=SHUT)
    refused = tenant.ask(flow_to(TURN, following("known-1", "own-1")))
    assert refused.response is not None
    shown = chatgpt(refused.response.content or b"")
    assert shown.text and tenant.records()[-1]["outcome"] == "refused"
    tenant.house.street = opened
    flow = tenant.ask(flow_to(TURN, following("own-1", "own-2")))
    assert flow.response is None
    assert orjson.loads(flow.request.content or b"")["parent_message_id"] == "known-1"


@pytest.mark.parametrize("body", [b"", b"{broken", b"\xff"])
def test_what_the_headers_refuse_stays_refused_for_that_whatever_its_body_is(tenant: Tenant, body: bytes) -> None:
    tenant.house.street = street(policy=SHUT)
    flow = tenant.ask(flow_to(TURN, body))
    assert flow.response is not None
    assert tenant.records()[-1]["code"] == "blocked_by_policy"
