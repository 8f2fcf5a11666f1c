"""From one server to the next: what is sent, what is recorded, and that there is no way outside."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from mitmproxy import http

from proxy.exchange import Redirect
from proxy.internal.failover import fails, give_up
from proxy.internal.fleet import Fleet
from proxy.internal.models import InternalModels, KeySource
from proxy.shell.stream import AGAIN, CLIENT_LEFT, OUR_ANSWER
from tests.proxy.house import CUSTOMER, SECRET, SERVER, Tenant, chat, flow_to, open_house

FIRST = replace(SERVER, name="m/1", key="key-of-the-first")
SECOND = replace(SERVER, name="m/2", host="spare.internal", key="key-of-the-second", models={"*": "spare"})
MODELS = InternalModels({"m": (FIRST, SECOND)}, "m")


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    made = open_house(tmp_path, internal=MODELS)
    made.house.fleet = Fleet(MODELS, made.house.clock)
    yield made
    made.close()


def fail(tenant: Tenant, flow: http.HTTPFlow, status: int) -> None:
    flow.response = http.Response.make(status, b"", {"content-type": "application/json"})
    tenant.loop.run_until_complete(tenant.addon.responseheaders(flow))


@pytest.mark.parametrize(("status", "failed"), [(200, False), (404, False), (401, False), (429, True), (500, True)])
def test_only_a_server_that_is_broken_or_busy_is_replaced(status: int, failed: bool) -> None:
    assert fails(status) is failed


def test_the_next_server_gets_the_request_with_its_own_key_and_the_log_says_so_without_the_text(
    tenant: Tenant,
) -> None:
    flow = tenant.ask(flow_to("openai", chat(f"{CUSTOMER} {SECRET}")))
    assert (flow.request.host, flow.request.headers["authorization"]) == ("llm.internal", "Bearer key-of-the-first")
    fail(tenant, flow, 503)
    assert flow.metadata.get(AGAIN) is True
    assert (flow.request.host, flow.request.headers["authorization"]) == (
        *("spare.internal", "Bearer key-of-the-second"),
    )
    assert orjson.loads(flow.request.content or b"")["model"] == "spare"
    step = tenant.records()[-1]
    assert (step["event"], step["from"], step["to"], step["why"]) == ("internal_failover", "m/1", "m/2", "status 503")
    assert step["id"] == tenant.records()[0]["id"]
    logged = tenant.log.read_text("utf-8")
    assert CUSTOMER not in logged and SECRET not in logged and "key-of" not in logged
    assert [state.healthy for state in tenant.house.fleet.states()] == [False, True]


def test_after_the_last_server_the_client_is_told_natively_and_nothing_goes_outside(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat(CUSTOMER)))
    fail(tenant, flow, 500)
    flow.metadata.pop(AGAIN)
    fail(tenant, flow, 500)
    assert AGAIN not in flow.metadata and flow.request.host == "spare.internal"
    tenant.loop.run_until_complete(tenant.addon.response(flow))
    assert flow.response is not None and flow.metadata[OUR_ANSWER] and flow.response.status_code == 503
    assert tenant.records()[-1]["code"] == "internal_model_unavailable"


def test_a_client_that_has_gone_needs_no_other_server(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat(CUSTOMER)))
    flow.metadata[CLIENT_LEFT] = True
    tenant.loop.run_until_complete(tenant.addon.error(flow))
    assert AGAIN not in flow.metadata and tenant.records()[-1]["code"] == "client_left"
    assert all(state.healthy for state in tenant.house.fleet.states())


def test_a_server_that_failed_is_asked_last_next_time_and_first_again_once_it_has_answered(tenant: Tenant) -> None:
    tenant.house.fleet.failed(FIRST, "status 500")
    assert tenant.ask(flow_to("openai", chat(CUSTOMER))).request.host == "spare.internal"
    tenant.house.fleet.failed(SECOND, "status 500")
    flow = tenant.ask(flow_to("openai", chat(CUSTOMER)))
    assert flow.request.host == "llm.internal"
    answer = orjson.dumps({"id": "x", "choices": [{"message": {"role": "assistant", "content": "hi"}}]})
    tenant.answer(flow, 200, "application/json", answer)
    assert [state.healthy for state in tenant.house.fleet.states()] == [True, False]


def test_a_model_without_its_key_is_not_asked_and_the_request_stays(tmp_path: Path) -> None:
    models = InternalModels({"m": (replace(FIRST, key="", source=KeySource(command=("false",))),)}, "m")
    tenant = open_house(tmp_path, internal=models)
    try:
        tenant.house.fleet = Fleet(models)
        flow = tenant.ask(flow_to("openai", chat(CUSTOMER)))
        assert flow.response is not None and flow.response.status_code == 503
        assert tenant.records()[-1]["code"] == "internal_model_unavailable"
    finally:
        tenant.close()


def test_what_goes_to_the_service_has_no_other_server(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat("hello")))
    passage = flow.metadata["sluice"]
    assert not isinstance(passage.departure.outcome, Redirect)
    assert give_up(tenant.house, passage, "no answer") is None
