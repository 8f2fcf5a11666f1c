"""Whatever breaks, in whatever room: a native refusal, a record, and nothing that goes out or is told."""

import asyncio
import io
from typing import Any, NamedTuple

import orjson
import pytest
from mitmproxy import http

import proxy.adapters.choose
import proxy.answers.restore
import proxy.answers.returning
import proxy.answers.whole
import proxy.facts
import proxy.handle
import proxy.internal.ways
import proxy.ledger
import proxy.passage
import proxy.pipeline
import proxy.recent
import proxy.services.catalogue
import proxy.shell.addon
import proxy.shell.flows
import proxy.take_out
import proxy.wire.head
from detectors.find import Finder
from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.openai_chat import OpenAIChat
from proxy.adapters.prompt import TreePrompt
from proxy.answers.returning import Returning
from proxy.errors import StoreError
from proxy.internal.models import InternalServer
from proxy.internal.translate import AsItIs, ToChat
from proxy.ledger import Ledger
from proxy.services.catalogue import Catalogue
from proxy.shell.stream import OUR_ANSWER
from proxy.store.sqlite import SqliteStore
from proxy.trail.sinks import AuditFile
from tests.proxy.house import CUSTOMER, INTERNAL_KEY, SECRET, SmallDetector, Tenant, chat, flow_to

ERRORS = (RuntimeError, RecursionError, MemoryError, asyncio.CancelledError, GeneratorExit)
REDACTED = chat(f"请致电 {SECRET} 谢谢")
INSIDE = chat(f"{CUSTOMER} 的电话 {SECRET}")


class Room(NamedTuple):
    """A place that breaks, and a prompt that passes it."""

    owner: Any
    name: str
    body: bytes = REDACTED
    clients: tuple[str, ...] = ("openai", "anthropic")


ROOMS = {
    "flows.names_of": Room(proxy.shell.flows, "names_of"),
    "flows.host_of": Room(proxy.shell.flows, "host_of"),
    "catalogue.intercepts": Room(Catalogue, "intercepts"),
    "catalogue.lookup": Room(Catalogue, "lookup"),
    "caller.identify": Room(proxy.handle, "identify"),
    "ledger.grants": Room(Ledger, "grants"),
    "store.grants_for": Room(SqliteStore, "grants_for"),
    "facts_of": Room(proxy.handle, "facts_of"),
    "activity": Room(proxy.facts, "activity"),
    "account_of": Room(proxy.facts, "account_of"),
    "ledger.inform": Room(Ledger, "inform"),
    "store.acknowledged": Room(proxy.ledger, "still_fresh"),
    "quota_names": Room(proxy.ledger, "quota_names"),
    "adapters.choose": Room(proxy.pipeline, "choose"),
    "policy.needs": Room(proxy.pipeline, "needs"),
    "ledger.key": Room(Ledger, "key"),
    "reconsider": Room(proxy.handle, "reconsider"),
    "target.read": Room(proxy.wire.head, "read_target"),
    "fields.read": Room(proxy.wire.head, "read_fields"),
    "body.decode": Room(proxy.pipeline, "decode"),
    "openai.read": Room(OpenAIChat, "read", clients=("openai",)),
    "anthropic.read": Room(AnthropicMessages, "read", clients=("anthropic",)),
    "finder": Room(Finder, "find_all"),
    "detector": Room(SmallDetector, "find"),
    "policy.decide": Room(proxy.pipeline, "decide"),
    "measure": Room(proxy.pipeline, "measure"),
    "amounts_of": Room(proxy.pipeline, "amounts_of"),
    "redact": Room(proxy.take_out, "redact"),
    "spend": Room(Ledger, "spend"),
    "prompt.rewrite": Room(TreePrompt, "rewrite"),
    "route.forward": Room(proxy.pipeline, "forward"),
    "own_answer": Room(proxy.pipeline, "own_answer", INSIDE),
    "translation_for": Room(proxy.internal.ways, "translation_for", INSIDE),
    "translate.as_it_is": Room(AsItIs, "request", INSIDE, ("openai",)),
    "translate.messages": Room(ToChat, "request", INSIDE, ("anthropic",)),
    "route.model_for": Room(InternalServer, "model_for", INSIDE),
    "route.redirect": Room(proxy.internal.ways, "redirect", INSIDE),
    "ledger.keep": Room(Ledger, "keep"),
    "store.put_originals": Room(SqliteStore, "put_originals"),
    "audit.ending": Room(proxy.handle, "ending"),
    "flows.send": Room(proxy.shell.flows, "send"),
}
CASES = [
    pytest.param(room, client, error, id=f"{name}-{client}-{error.__name__}")
    for name, room in ROOMS.items()
    for client in room.clients
    for error in ERRORS
]


def breaking(error: type[BaseException]) -> Any:
    """Return a function that raises, with a confidential value in the message."""

    def broken(*_: Any, **__: Any) -> Any:
        raise error(f"{SECRET} {CUSTOMER}")

    return broken


def message_of(client: str, response: http.Response) -> str:
    """Return the message of a native error; fails where it is another client's."""
    told = orjson.loads(response.content or b"")
    if client == "anthropic":
        assert told["type"] == "error"
        assert isinstance(told["error"]["type"], str)
    else:
        assert {"message", "type", "code"} <= told["error"].keys()
    return str(told["error"]["message"])


def expect_silence(tenant: Tenant, flow: http.HTTPFlow, logged: io.StringIO) -> None:
    assert flow.response is not None
    told = flow.response.content or b""
    for where in (told.decode(), logged.getvalue(), tenant.log.read_text("utf-8"), str(flow.response.headers)):
        assert SECRET not in where and CUSTOMER not in where and INTERNAL_KEY not in where


@pytest.mark.parametrize(("room", "client", "error"), CASES)
def test_an_error_in_any_room_is_a_native_refusal_and_a_record(
    tenant: Tenant,
    logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    room: Room,
    client: str,
    error: type[BaseException],
) -> None:
    monkeypatch.setattr(room.owner, room.name, breaking(error))
    flow = tenant.ask(flow_to(client, room.body))
    assert flow.response is not None, "mitmproxy would send the request on"
    assert flow.metadata[OUR_ANSWER]
    assert flow.response.status_code in (403, 500)
    message = message_of(client, flow.response)
    last = tenant.records()[-1]
    assert last["id"] in message
    if room is ROOMS["flows.send"]:  # its record said "forwarded" already; a second line takes that back
        assert (last["event"], last["status"], last["code"]) == ("answer", 500, "internal_error")
    elif room is ROOMS["detector"] and issubclass(
        error, Exception
    ):  # a detector that fails is not clean: policy decides
        assert (last["outcome"], last["code"]) == ("refused", "blocked_by_policy")
    else:
        assert (last["outcome"], last["code"]) == ("error", "internal_error")
    expect_silence(tenant, flow, logged)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_without_a_record_nothing_goes_out(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, client: str, error: type[BaseException]
) -> None:
    monkeypatch.setattr(AuditFile, "write", breaking(error))
    flow = tenant.ask(flow_to(client, REDACTED))
    assert flow.response is not None and flow.response.status_code == 500
    message_of(client, flow.response)
    assert tenant.records() == []
    expect_silence(tenant, flow, logged)


def test_a_full_disk_says_that_the_records_cannot_be_kept(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AuditFile, "write", breaking(StoreError))
    flow = tenant.ask(flow_to("openai", REDACTED))
    assert flow.response is not None and flow.response.status_code == 503
    assert orjson.loads(flow.response.content or b"")["error"]["code"] == "store_unavailable"


@pytest.mark.parametrize("name", ["compose", "answer_for"])
def test_a_refusal_without_words_is_still_a_refusal_with_a_record(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(proxy.handle, name, breaking(RuntimeError))
    flow = tenant.ask(flow_to("forbidden", REDACTED))
    assert flow.response is not None and flow.response.status_code == 500
    assert [record["outcome"] for record in tenant.records()] == ["error"]
    expect_silence(tenant, flow, logged)


def test_a_refusal_finds_a_voice_when_no_wire_format_can_be_chosen(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy.passage, "choose", breaking(RuntimeError))
    monkeypatch.setattr(proxy.pipeline, "choose", breaking(RuntimeError))
    flow = tenant.ask(flow_to("openai", REDACTED))
    assert flow.response is not None and flow.response.status_code == 500
    assert [record["adapter"] for record in tenant.records()] == ["fallback"]


AFTER_THE_VERDICT = {
    "the request is rewritten": ((AsItIs, "request"),),
    "what was said is remembered": ((proxy.pipeline, "last_said"), (proxy.recent, "last_said")),
}


@pytest.mark.parametrize("broken", AFTER_THE_VERDICT.values(), ids=AFTER_THE_VERDICT)
def test_what_is_known_to_be_confidential_never_passes_because_of_an_error(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, broken: tuple[tuple[Any, str], ...]
) -> None:
    """`on_error: pass` is for what could not be looked at, not for what was found out."""
    decided = proxy.pipeline.needs

    def lenient(*asked: Any) -> Any:
        from dataclasses import replace

        needs = decided(*asked)
        return replace(needs, unless_read=replace(needs.unless_read, errors_pass=True))

    monkeypatch.setattr(proxy.pipeline, "needs", lenient)
    for where, what in broken:
        monkeypatch.setattr(where, what, breaking(RuntimeError))
    refused = tenant.ask(flow_to("openai", INSIDE))
    assert refused.response is not None and refused.response.status_code == 500
    monkeypatch.setattr(proxy.pipeline, "decode", breaking(RuntimeError))
    passed = tenant.ask(flow_to("openai", INSIDE))
    assert passed.response is None
    assert tenant.records()[-1]["outcome"] == "not_inspected"


# -- the way back ------------------------------------------------------------------------------------------------------

ANSWER = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "你好"}}]})
EVENTS = b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n'
BACK = {
    "come_back": (proxy.handle, "come_back"),
    "greet": (proxy.shell.addon.handle, "greet"),
    "whole": (Returning, "whole"),
    "restore": (proxy.answers.returning, "restore_body"),
    "decode": (proxy.answers.whole, "decode"),
}


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("room", BACK)
def test_a_services_answer_that_cannot_be_restored_passes_with_its_placeholders(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, room: str, error: type[BaseException]
) -> None:
    flow = tenant.ask(flow_to("openai", REDACTED))
    assert flow.response is None
    monkeypatch.setattr(*BACK[room], breaking(error))
    assert tenant.answer(flow, 200, "application/json", ANSWER) == ANSWER
    last = tenant.records()[-1]
    assert (last["event"], last["status"], last["code"]) == ("answer", 200, "not_restored")
    expect_silence(tenant, flow, logged)


@pytest.mark.parametrize("error", ERRORS)
def test_a_services_stream_that_cannot_be_restored_passes_with_its_placeholders(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    flow = tenant.ask(flow_to("openai", chat(SECRET, stream=True)))
    monkeypatch.setattr(Returning, "feed", breaking(error))
    assert tenant.answer(flow, 200, "text/event-stream", EVENTS) == EVENTS
    assert tenant.records()[-1]["code"] == "not_restored"
    expect_silence(tenant, flow, logged)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("client", ["openai", "anthropic"])
@pytest.mark.parametrize("room", BACK)
def test_an_answer_of_the_companys_model_that_cannot_go_back_is_a_native_error(
    tenant: Tenant,
    logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    room: str,
    client: str,
    error: type[BaseException],
) -> None:
    flow = tenant.ask(flow_to(client, INSIDE))
    assert flow.response is None and flow.request.host == "llm.internal"
    monkeypatch.setattr(*BACK[room], breaking(error))
    tenant.answer(flow, 200, "application/json", ANSWER)
    assert flow.response is not None and flow.response.status_code in (500, 503)
    assert "你好" not in (flow.response.content or b"").decode()
    message = message_of(client, flow.response)
    last = tenant.records()[-1]
    assert last["id"] in message
    assert (last["event"], last["status"]) == ("answer", flow.response.status_code)
    assert [record["event"] for record in tenant.records()] == ["request", "answer"]
    expect_silence(tenant, flow, logged)


def test_a_model_that_talks_nonsense_is_a_native_error(tenant: Tenant, logged: io.StringIO) -> None:
    flow = tenant.ask(flow_to("anthropic", INSIDE))
    tenant.answer(flow, 200, "text/html", b"<html>llm.internal:8000 down</html>")
    assert flow.response is not None and flow.response.status_code == 503
    assert "llm.internal" not in message_of("anthropic", flow.response)
    assert tenant.records()[-1]["code"] == "internal_model_unavailable"
    expect_silence(tenant, flow, logged)


@pytest.mark.parametrize("room", [(proxy.handle, "finish"), (AuditFile, "write")], ids=["finish", "audit"])
def test_an_answer_that_cannot_be_recorded_is_an_error(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, room: tuple[Any, str]
) -> None:
    flow = tenant.ask(flow_to("openai", REDACTED))
    monkeypatch.setattr(*room, breaking(RuntimeError))
    tenant.answer(flow, 200, "application/json", ANSWER)
    assert flow.response is not None and flow.response.status_code == 500
    message_of("openai", flow.response)
    expect_silence(tenant, flow, logged)


def test_a_vault_that_cannot_be_read_leaves_the_placeholder(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tenant.ask(flow_to("openai", REDACTED))
    sent = orjson.loads(first.request.content or b"")["messages"][0]["content"]
    assert "[PHONE_NUMBER_" in sent
    second = tenant.ask(flow_to("openai", chat("again")))
    monkeypatch.setattr(SqliteStore, "get_original", breaking(StoreError))
    answer = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": sent}}]})
    assert tenant.answer(second, 200, "application/json", answer) == answer
