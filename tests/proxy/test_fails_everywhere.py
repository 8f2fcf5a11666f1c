"""A fault at every function of ours that an exchange passes: nothing goes out because of it, and it is on record.

Where an exchange passes is found by sending one (`faults.passed`), so a room that is built later is broken here by
itself; ROOMS says which must be among them. `test_fails_closed` says for chosen rooms what exactly is told and kept.
"""

import asyncio
import base64
import io
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from ipaddress import ip_network
from types import CodeType
from typing import Any

import orjson
import pytest
from mitmproxy import http

from proxy.caller import IdentitySources, NetworkSource
from proxy.canary.judge import FIELD
from proxy.shell.stream import OUR_ANSWER
from proxy.tenants import Tenants, openai
from tests.proxy.faults import NeverEntered, broken, name_of, passed
from tests.proxy.house import CUSTOMER, INTERNAL_KEY, SECRET, Tenant, chat, flow_to, open_house
from tests.proxy.internal.test_continue_talk import TURN, begin, chunks, page
from tests.proxy.sockets import Socket
from tests.proxy.test_attachments import Here, upload
from tests.proxy.websocket.test_hooks import REALTIME, item
from tests.thorough import THOROUGH


class Bare(BaseException):
    """No `Exception`, and no exit of the process either."""


ERRORS = (RuntimeError, MemoryError, RecursionError, Bare, asyncio.CancelledError, GeneratorExit, OSError, KeyError)
PRIVATE = (SECRET, CUSTOMER, INTERNAL_KEY)
ANSWER = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "你好"}}]})
EVENTS = (b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n', b"data: [DONE]\n\n")
FILE = base64.b64encode(f"file with {SECRET}\n".encode()).decode()
WITH_FILE = [{"type": "file", "file": {"filename": "a.txt", "file_data": f"data:text/plain;base64,{FILE}"}}]

WORDS = """
    websocket/ answers/ documents/ wire/ adapters/ services/ store/ trail/ refusals/ observe/ canary/
    attachments embedded uploads recent tenants gate reach destination parents labelled take_out quota facts
    account caller ledger vault record audit handle pipeline route findable bound internal/talks
    internal/continue_talk internal/ways internal/translate internal/failover overload/reading
    overload/admission workflow/signing shell/flows
"""
"""What must be among the rooms and modules that break here."""
ROOMS = tuple(f"proxy/{word}" for word in WORDS.split())

GOES_ON = {
    *(f"proxy/overload/admission.py:{name}" for name in ("Lane.leave", "Lane.learn")),
    *(f"proxy/overload/reading.py:{name}" for name in ("Turn.end", "Turn.is_late", "Reading.count")),
}
"""Where a fault lets a request go on as it was decided and recorded: a turn is given back behind its back."""

UNRECORDED: set[str] = set()
"""Without which no record can be made."""

UNHEARD = {"proxy/shell/addon.py:SluiceAddon.guard"}
"""What holds the fault of whatever it guards; its own are `tests/proxy/shell/test_guard.py`."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """One house for all: what a fault has left behind shows in the next exchange."""
    tenant = open_house(tmp_path_factory.mktemp("house"), documents=Here(), tenants=Tenants((*openai("ours"),)))
    tenant.house.sources = IdentitySources(networks=(NetworkSource(ip_network("0.0.0.0/0"), "alice"),))
    yield tenant
    tenant.close()


def outcome(tenant: Tenant, flow: http.HTTPFlow) -> http.HTTPFlow:
    """Run the hooks of a request with mitmproxy's manager of addons as we guard it (`guard.GuardedAddons`)."""
    for hook in (tenant.addon.requestheaders, tenant.addon.request):
        try:
            tenant.loop.run_until_complete(hook(flow))
        except NeverEntered:
            raise
        except BaseException as error:
            tenant.loop.run_until_complete(tenant.addon.fail(flow, error))
        if flow.response is not None:
            break
    return flow


def talk_goes_on(tenant: Tenant) -> Callable[[], http.HTTPFlow]:
    name = begin(tenant)
    return lambda: flow_to(TURN, page(f"call {SECRET}", name))


def with_head(client: str, body: bytes, **fields: str) -> Callable[[Tenant], Callable[[], http.HTTPFlow]]:
    return lambda _: lambda: flow_to(client, body, **fields)


NUMBERS = itertools.count()


def spoken(client: str, text: str, **more: Any) -> Callable[[Tenant], Callable[[], http.HTTPFlow]]:
    """Return what makes a prompt of a few new words each time: what is known already is not looked through again."""
    return lambda _: lambda: flow_to(client, chat(f"{next(NUMBERS)} {text}", **more))


def canary(tenant: Tenant) -> Callable[[], http.HTTPFlow]:
    mark = tenant.house.ledger.signer.canary("ab" * 12)
    return lambda: flow_to("openai", chat(f"{next(NUMBERS)} {SECRET}"), **{FIELD.replace("-", "_"): mark})


SITUATIONS: dict[str, Callable[[Tenant], Callable[[], http.HTTPFlow]]] = {
    "a value is taken out": spoken("openai", f"请致电 {SECRET}"),
    "another client": spoken("anthropic", f"call {SECRET}", system="be brief"),
    "the company's model": spoken("anthropic", f"{CUSTOMER} {SECRET}"),
    "forbidden": spoken("forbidden", SECRET),
    "a file": with_head("openai", orjson.dumps({"model": "m", "messages": [{"role": "user", "content": WITH_FILE}]})),
    "a file by itself": with_head(
        "api.openai.com/v1/files",
        upload(f"{SECRET}\n".encode(), "a.txt"),
        content_type="multipart/form-data; boundary=b",
    ),
    "a file is announced": with_head(
        "chatgpt.com/backend-api/files", orjson.dumps({"file_name": SECRET, "file_size": 9, "use_case": "x"})
    ),
    "a page's turn": with_head(TURN, page(f"call {SECRET}")),
    "a conversation of the company's model": talk_goes_on,
    "a canary": canary,
    "a body nobody knows": with_head("api.openai.com/v1/new", orjson.dumps({"x": [SECRET]})),
    "a grant is needed": spoken("api.mistral.ai/v1/chat/completions", SECRET),
}


def cases(found: Mapping[CodeType, str]) -> Iterator[tuple[CodeType, str, type[BaseException]]]:
    """Yield functions with where they were passed and an error: a third of them, drawn anew by each run, or all."""
    chosen = list(found.items())
    errors = itertools.cycle(random.sample(ERRORS, len(ERRORS)))
    for code, where in chosen if THOROUGH else random.sample(chosen, len(chosen) // 3):
        for error in ERRORS if THOROUGH else (next(errors),):
            yield code, where, error


def passed_by(make: Mapping[str, Callable[[], Any]], run: Callable[[Any], Any]) -> dict[CodeType, str]:
    """Return the functions that some things pass when they are run, each with the first of these."""
    found: dict[CodeType, str] = {}
    for name, made in make.items():
        run(made())  # what is made once, at the first time
        thing = made()
        for code in passed(lambda thing=thing: run(thing)):
            if name_of(code) not in UNHEARD:
                found.setdefault(code, name)
    return found


def never(where: str, text: str) -> None:
    """No private value stands here."""
    assert not [one for one in PRIVATE if one in text], where


def must_be_silent(house: Tenant, logged: io.StringIO) -> None:
    never("the running log", logged.getvalue())
    never("the audit log", house.log.read_text("utf-8"))


def told(house: Tenant, flow: http.HTTPFlow) -> tuple[str, str, int]:
    """Return how a request ended."""
    line = house.records()[-1]
    return line.get("outcome", ""), line.get("code", ""), flow.response.status_code if flow.response else 0


def test_a_fault_at_any_function_lets_nothing_out_and_is_on_record(house: Tenant, logged: io.StringIO) -> None:
    make = {name: prepare(house) for name, prepare in SITUATIONS.items()}
    usual = {name: told(house, outcome(house, made())) for name, made in make.items()}
    found = passed_by(make, lambda flow: outcome(house, flow))
    broke, unrecorded = 0, set()
    for code, where, error in cases(found):
        at, flow = f"{name_of(code)} {error.__name__} ({where})", make[where]()
        before = len(house.records())
        try:
            broken(code, error(f"{SECRET} {CUSTOMER}"), partial(outcome, house, flow))
        except NeverEntered:
            continue
        broke += 1
        lines = house.records()[before:]
        if flow.response is None:
            assert name_of(code) in GOES_ON, at
            assert [line["outcome"] for line in lines] in (["forwarded"], ["redirected"]), at
            continue
        assert flow.metadata[OUR_ANSWER] and flow.response.status_code in (200, 403, 404, 500, 503), at
        never(at, f"{flow.response.headers} {flow.response.text}")
        if not lines:
            unrecorded.add(name_of(code))
    assert broke > 50, "hardly any fault was brought about"
    assert unrecorded <= UNRECORDED
    must_be_silent(house, logged)
    for name, made in make.items():
        assert told(house, outcome(house, made())) == usual[name], f"{name}: does not work as before"
    reached = {name_of(code) for code in found}
    assert [room for room in ROOMS if not any(one.startswith(room) for one in reached)] == []


# -- the way back ------------------------------------------------------------------------------------------------------


def back(client: str, text: str, kind: str, *chunks: bytes, **more: Any) -> Callable[[Tenant], Callable[[], Any]]:
    """Return what makes a request that has gone out, and what comes back for it."""

    def prepare(tenant: Tenant) -> Callable[[], Any]:
        def made() -> tuple[http.HTTPFlow, str, tuple[bytes, ...]]:
            flow = tenant.ask(flow_to(client, chat(f"{next(NUMBERS)} {text}", **more)))
            assert flow.response is None
            return flow, kind, chunks

        return made

    return prepare


ANSWERS = {
    "whole": back("openai", SECRET, "application/json", ANSWER),
    "streamed": back("openai", SECRET, "text/event-stream", *EVENTS, stream=True),
    "of the company's model": back("anthropic", CUSTOMER, "application/json", ANSWER),
    "of the company's model, streamed": back(
        "anthropic", CUSTOMER, "text/event-stream", *chunks("Yes.", "No."), stream=True
    ),
}


def answered(tenant: Tenant, asked: tuple[http.HTTPFlow, str, tuple[bytes, ...]]) -> bytes:
    """Run the hooks of an answer as guarded; return what the client gets."""
    flow, kind, pieces = asked
    try:
        return tenant.answer(flow, 200, kind, *pieces)
    except NeverEntered:
        raise
    except BaseException as error:  # as above
        tenant.loop.run_until_complete(tenant.addon.fail(flow, error))
        return (flow.response.content or b"") if flow.response else b""


def test_a_fault_at_any_function_of_the_way_back_tells_nobody_elses_words(house: Tenant, logged: io.StringIO) -> None:
    make = {name: prepare(house) for name, prepare in ANSWERS.items()}
    found = passed_by(make, partial(answered, house))
    for code, where, error in cases(found):
        at, asked = f"{name_of(code)} {error.__name__} ({where})", make[where]()
        try:
            got = broken(code, error(f"{SECRET} {CUSTOMER}"), partial(answered, house, asked))
        except NeverEntered:
            continue
        never(at, got.decode())
        assert got or asked[0].response is not None, at
    must_be_silent(house, logged)
    for name, made in make.items():
        assert answered(house, made()), f"{name}: does not work as before"
    reached = {name_of(code) for code in found}
    assert [
        room
        for room in ("proxy/answers/", "proxy/framing/", "proxy/internal/")
        if not any(one.startswith(room) for one in reached)
    ] == []


# -- messages ----------------------------------------------------------------------------------------------------------


def test_a_fault_at_any_function_lets_no_message_out(house: Tenant, logged: io.StringIO) -> None:
    make = {"a message": lambda: Socket(house, REALTIME).open()}

    def say(socket: Socket) -> tuple[bytes, ...]:
        delivery = socket.message(item(f"{next(NUMBERS)} {SECRET}"), from_client=True)
        return () if delivery is None else tuple(one.content for one in delivery.to_server)

    found = passed_by(make, say)
    for code, where, error in cases(found):
        at, socket = f"{name_of(code)} {error.__name__} ({where})", make[where]()
        try:
            sent = broken(code, error(f"{SECRET} {CUSTOMER}"), partial(say, socket))
        except NeverEntered:
            continue
        except BaseException:  # `guard.no_delivery`: then the connection ends
            sent = ()
        assert not sent or name_of(code) in GOES_ON, at
        never(at, b"".join(sent).decode())
    must_be_silent(house, logged)
    assert say(make["a message"]()), "does not work as before"
    assert any(name_of(code).startswith("proxy/websocket/") for code in found)
