"""The shell carries out what the core decides; that it fails closed is told in `test_fails_closed.py`."""

import asyncio
import gzip
import math
import random
import threading
import time

import brotli
import orjson
import pytest
from mitmproxy.test import tflow

import proxy.handle
from detectors.allowance import effort, until
from proxy.overload.reading import HEAVY
from proxy.shell.addon import SluiceAddon
from proxy.shell.stream import CLIENT_LEFT, OUR_ANSWER, TOO_LARGE
from proxy.wire.body import Limits
from tests.proxy.house import CUSTOMER, SECRET, Tenant, chat, flow_to, open_house


def run(tenant: Tenant, work):
    return tenant.loop.run_until_complete(work)


def test_a_forbidden_request_is_refused_from_its_headers(tenant: Tenant) -> None:
    flow = flow_to("forbidden", b"")
    run(tenant, tenant.addon.requestheaders(flow))
    assert flow.response is not None and flow.response.status_code == 403
    [record] = tenant.records()
    assert (record["deciding"], record["inspection"], record["bytes_in"]) == ("no-deepseek", "not_needed", 0)


def test_an_allowed_prompt_leaves_redacted_and_its_answer_comes_back_restored(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat(f"请致电 {SECRET}")))
    assert flow.response is None
    sent = (flow.request.content or b"").decode()
    assert SECRET not in sent and "[PHONE_NUMBER_" in sent
    told = orjson.loads(sent)["messages"][0]["content"]
    answer = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": told}}]})
    got = tenant.answer(flow, 200, "application/json", answer)
    assert orjson.loads(got)["choices"][0]["message"]["content"] == f"请致电 {SECRET}"
    request, answered = tenant.records()
    assert (request["outcome"], request["redacted"]) == ("forwarded", {"PHONE_NUMBER": 1})
    assert (answered["restored"], answered["code"], answered["id"]) == (1, "", request["id"])


def test_a_customers_prompt_goes_inside_with_nothing_of_the_clients_head(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat(CUSTOMER), authorization="Bearer vendor", cookie="a=b", x_api_key="k"))
    assert (flow.request.host, flow.request.port, flow.request.path) == ("llm.internal", 8000, "/v1/chat/completions")
    assert "vendor" not in str(flow.request.headers) and "cookie" not in flow.request.headers
    assert flow.request.headers["host"] == "llm.internal:8000"
    assert flow.server_conn.address == ("llm.internal", 8000)


CODINGS = {"gzip": gzip.compress, "br": brotli.compress}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_a_coded_stream_of_the_companys_model_reaches_the_client_as_events(
    tenant: Tenant, client: str, coding: str
) -> None:
    """A server may compress although it was asked not to."""
    flow = tenant.ask(flow_to(client, chat(CUSTOMER, stream=True)))
    chunk = {"model": "qwen", "choices": [{"index": 0, "delta": {"content": "你好"}, "finish_reason": "stop"}]}
    stream = b"data: " + orjson.dumps(chunk) + b"\n\ndata: [DONE]\n\n"
    got = tenant.answer(flow, 200, "text/event-stream", CODINGS[coding](stream), content_encoding=coding)
    assert flow.response is not None and flow.response.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in flow.response.headers
    assert "你好" in got.decode() and got.count(b"data: ") > 1 and b"qwen" not in got
    assert tenant.records()[-1]["code"] == ""


@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_a_stream_of_nonsense_from_the_companys_model_is_told_and_recorded(tenant: Tenant, client: str) -> None:
    flow = tenant.ask(flow_to(client, chat(CUSTOMER, stream=True)))
    got = tenant.answer(flow, 200, "application/json", b"<<garbage", b", no JSON>>")
    assert b"garbage" not in got
    told = orjson.loads(got.rpartition(b"data: ")[2])
    assert "公司内部模型" in told["error"]["message"]
    assert tenant.records()[-1]["code"] == "internal_model_unavailable"


def test_an_error_of_the_companys_model_is_a_native_error_with_one_answer_line(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("anthropic", chat(CUSTOMER)))
    tenant.answer(flow, 500, "application/json", b'{"error":{"message":"gpu 3 on llm.internal is out of memory"}}')
    assert flow.response is not None and orjson.loads(flow.response.content or b"")["type"] == "error"
    assert b"llm.internal" not in (flow.response.content or b"")
    assert tenant.records()[-1]["code"] == "internal_model_unavailable"


@pytest.mark.parametrize(
    ("client", "text", "code", "status"),
    [
        ("openai", CUSTOMER, "internal_model_unavailable", 503),
        ("openai", "hi", "service_unreachable", 502),
    ],
    ids=["internal", "external"],
)
def test_an_upstream_that_cannot_be_reached_is_a_native_error(
    tenant: Tenant, client: str, text: str, code: str, status: int
) -> None:
    flow = tenant.ask(flow_to(client, chat(text)))
    run(tenant, tenant.addon.error(flow))
    assert flow.response is not None and flow.metadata[OUR_ANSWER]
    told = orjson.loads(flow.response.content or b"")
    assert (flow.response.status_code, told["error"]["code"]) == (status, code)
    assert tenant.records()[-1]["code"] == "upstream_unreachable"


def test_a_client_that_left_is_not_told_as_a_service_that_is_down(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat("hi")))
    flow.metadata[CLIENT_LEFT] = True
    run(tenant, tenant.addon.error(flow))
    assert tenant.records()[-1]["code"] == "client_left"


def test_a_host_outside_the_catalogue_streams_through_and_leaves_a_count(tenant: Tenant) -> None:
    flow = flow_to("intranet.example.org/", chat(SECRET))
    run(tenant, tenant.addon.requestheaders(flow))
    assert flow.request.stream and flow.response is None
    assert tenant.addon.counters == {"outside": 1}
    assert tenant.records() == []


@pytest.mark.parametrize("other", ["github.com", "api.anthropic.com", "intranet.example.org"])
def test_a_second_name_of_the_destination_hides_nothing(tenant: Tenant, other: str) -> None:
    """github.com is of the catalogue for some paths only: it must not stand in front of a service."""
    flow = flow_to("openai", chat(SECRET), host=other)
    run(tenant, tenant.addon.requestheaders(flow))
    assert flow.response is not None and flow.response.status_code == 421
    assert tenant.records()[-1]["code"] == "misdirected_request"


def test_an_address_beside_a_name_is_no_contradiction(tenant: Tenant) -> None:
    flow = flow_to("openai", chat("hi"))
    flow.request.data.host = "203.0.113.7"
    assert tenant.ask(flow).response is None


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_refused(tmp_path, announced: bool) -> None:
    tenant = open_house(tmp_path, limits=Limits(max_body=100))
    flow = flow_to("openai", b"x" * 200) if announced else flow_to("openai", b"")
    if not announced:
        flow.metadata[TOO_LARGE] = True
    tenant.ask(flow)
    assert flow.response is not None and flow.response.status_code == 413
    assert tenant.records()[-1]["code"] == "body_too_large"
    tenant.close()


def test_reading_that_takes_too_long_is_refused_and_leaves_no_trace_of_its_own(tenant: Tenant, monkeypatch) -> None:
    addon = SluiceAddon(tenant.house, 0.05)
    released = []

    def slow(*asked):
        effort().add(work.pop())
        time.sleep(0.3)
        released.append(1)
        return inspect(*asked)

    inspect = proxy.handle.inspect
    monkeypatch.setattr(proxy.handle, "inspect", slow)
    work = [0.0, 1000.0]
    for status, code in ((413, "scan_timeout"), (503, "overloaded")):
        flow = flow_to("openai", chat(SECRET * 4000))
        run(tenant, addon.requestheaders(flow))
        run(tenant, addon.request(flow))
        assert flow.response is not None and flow.response.status_code == status
        assert tenant.records()[-1]["code"] == code
    addon.reading.readers.shutdown(wait=True)
    assert len(released) == 2 and len(tenant.records()) == 2


def test_detectors_have_no_time_left_before_a_request_is_refused_for_it(tenant: Tenant, monkeypatch) -> None:
    inspect, left = proxy.handle.inspect, []

    def asked(*given):
        left.append(until() - time.monotonic())
        return inspect(*given)

    monkeypatch.setattr(proxy.handle, "inspect", asked)
    tenant.ask(flow_to("openai", chat("hi")))
    assert 0 < left[0] < tenant.addon.reading.seconds
    assert until() == math.inf


def test_a_refusal_from_the_headers_waits_for_nobodys_reading(tenant: Tenant, monkeypatch) -> None:
    addon = SluiceAddon(tenant.house, 60)
    enough, inspect = threading.Event(), proxy.handle.inspect

    def slow(*asked):
        enough.wait(60)
        return inspect(*asked)

    monkeypatch.setattr(proxy.handle, "inspect", slow)

    async def crowd() -> None:
        reading = [flow_to("openai", chat(f"hello {number}")) for number in range(30)]
        for flow in reading:
            await addon.requestheaders(flow)
        asked = [asyncio.create_task(addon.request(flow)) for flow in reading]
        await asyncio.sleep(0)
        refused = flow_to("forbidden", chat("hi"))
        await asyncio.wait_for(addon.requestheaders(refused), 30)
        assert refused.response is not None and refused.response.status_code == 403
        assert not any(one.done() for one in asked)
        enough.set()
        await asyncio.gather(*asked)

    run(tenant, crowd())


def test_the_answer_to_a_login_of_the_proxy_is_left_alone(tenant: Tenant) -> None:
    flow = flow_to("openai", chat("hi"))
    flow.response = tflow.tflow(resp=True).response
    run(tenant, tenant.addon.requestheaders(flow))
    run(tenant, tenant.addon.responseheaders(flow))
    assert flow.response is not None and flow.response.status_code == 200 and tenant.records() == []


def test_an_answer_that_offers_http3_is_not_believed(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat("hi")))
    flow.response = tflow.tflow(resp=True).response
    assert flow.response is not None
    flow.response.headers["alt-svc"] = 'h3=":443"'
    run(tenant, tenant.addon.responseheaders(flow))
    assert "alt-svc" not in flow.response.headers


def test_an_answer_that_is_no_text_streams_through(tenant: Tenant) -> None:
    flow = tenant.ask(flow_to("openai", chat("hi")))
    assert tenant.answer(flow, 200, "image/png", b"\x89PNG", b"...") == b"\x89PNG..."
    assert flow.response is not None and flow.response.stream is True


@pytest.mark.parametrize("coded", [False, True], ids=["plain", "coded"])
def test_long_bodies_never_keep_a_short_one_waiting(tenant: Tenant, monkeypatch, coded: bool) -> None:
    inspect = proxy.handle.inspect
    let_go = threading.Event()

    def stuck_on_long(house, passage, body):
        assert len(body) < 20_000 or let_go.wait(20)
        return inspect(house, passage, body)

    monkeypatch.setattr(proxy.handle, "inspect", stuck_on_long)
    long = random.Random(1).randbytes(40_000) if coded else chat("x" * HEAVY)
    fields = {"content_encoding": "gzip"} if coded else {}

    async def all_at_once() -> None:
        flows = [flow_to("openai", long, **fields) for _ in range(12)]
        for flow in flows:
            await tenant.addon.requestheaders(flow)
        readings = [asyncio.create_task(tenant.addon.request(flow)) for flow in flows]
        short = flow_to("openai", chat("hi"))
        await tenant.addon.requestheaders(short)
        await asyncio.wait_for(tenant.addon.request(short), 10)
        assert short.response is None and not any(reading.done() for reading in readings)
        let_go.set()
        await asyncio.gather(*readings)

    try:
        run(tenant, all_at_once())
    finally:
        let_go.set()


def test_the_event_loop_is_not_held_while_a_text_is_read(tenant: Tenant, monkeypatch) -> None:
    inspect = proxy.handle.inspect
    started, finish = asyncio.Event(), []

    def slow(*asked):
        tenant.loop.call_soon_threadsafe(started.set)
        while not finish:
            time.sleep(0.005)
        return inspect(*asked)

    monkeypatch.setattr(proxy.handle, "inspect", slow)

    async def both() -> None:
        flow = flow_to("openai", chat("hi"))
        await tenant.addon.requestheaders(flow)
        reading = asyncio.create_task(tenant.addon.request(flow))
        await started.wait()
        finish.append("the loop was free to come here")
        await reading

    run(tenant, both())
    assert finish
