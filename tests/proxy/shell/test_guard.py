"""Whatever raises, in whatever hook of whatever addon: nothing goes on because of it."""

import asyncio
import inspect
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mitmproxy import dns, hooks, http
from mitmproxy.net.dns import response_codes
from mitmproxy.options import Options
from mitmproxy.proxy import layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import taddons, tflow

from proxy.overload.connections import Deaf, SluiceConnection
from proxy.settings.interface import Settings
from proxy.shell.guard import CLOSES, CUT, REFUSED, GuardedAddons
from proxy.shell.layers import Closed
from proxy.shell.master import make
from proxy.shell.stream import OUR_ANSWER, SluiceStream
from proxy.websocket.interface import Delivery
from proxy.websocket.layer import DELIVERY
from tests.proxy.house import CUSTOMER, SECRET, Tenant, chat, flow_to
from tests.proxy.running import client, prompt, running, upstream

ERRORS = (RuntimeError, RecursionError, MemoryError, asyncio.CancelledError, GeneratorExit, BaseException)
LIFECYCLE = {"load", "configure", "running", "done", "update", "add_log"}


def of_house(tenant: Tenant, folder: Path) -> GuardedAddons:
    """Return the manager of all addons that a running proxy has."""

    async def scene() -> GuardedAddons:
        made, _ = make(Settings(state=folder / "state"), tenant.house)
        return made.addons

    return tenant.loop.run_until_complete(scene())


def test_every_hook_of_mitmproxy_has_a_row(tenant: Tenant, tmp_path: Path) -> None:
    of_house(tenant, tmp_path)  # imports every layer there is
    assert CLOSES.keys() == hooks.all_hooks.keys()
    assert CLOSES.keys() >= CUT | REFUSED


def test_what_is_no_hook_of_mitmproxy_is_not_taken_for_one(tenant: Tenant, tmp_path: Path) -> None:
    """A hook misspelt, or gone in a new version, would never run."""
    for addon in of_house(tenant, tmp_path).chain:
        if not type(addon).__module__.startswith("proxy."):
            continue
        named = {name for name in dir(addon) if name.startswith(("tcp_", "udp_", "tls_", "http_", "websocket_"))}
        named |= {name for name in dir(addon) if name.startswith(("server_", "client_", "quic_", "dns_"))}
        assert named - {"tcp_hosts", "udp_hosts"} <= hooks.all_hooks.keys(), type(addon).__name__


def context() -> Context:
    return Context(tflow.tclient_conn(), Options())


def message_of(flow: Any) -> bytes:
    return bytes(flow.messages[-1].content)


def with_delivery() -> http.HTTPFlow:
    flow = tflow.twebsocketflow()
    flow.metadata[DELIVERY] = Delivery()
    return flow


def opening() -> Any:
    return ServerConnectionHookData(server=tflow.tserver_conn(), client=tflow.tclient_conn())


ABOUT: dict[str, tuple[Any, Any]] = {
    "http_connect": (tflow.tflow, lambda flow: flow.response.status_code == 500),
    "http_connect_upstream": (tflow.tflow, lambda flow: bool(flow.server_conn.error)),
    "websocket_start": (with_delivery, lambda flow: not flow.metadata),
    "websocket_message": (with_delivery, lambda flow: DELIVERY not in flow.metadata),
    "websocket_end": (with_delivery, lambda flow: DELIVERY not in flow.metadata),
    "tcp_start": (tflow.ttcpflow, lambda flow: bool(flow.server_conn.error)),
    "tcp_message": (tflow.ttcpflow, lambda flow: message_of(flow) == b""),
    "udp_start": (tflow.tudpflow, lambda flow: bool(flow.server_conn.error)),
    "udp_message": (tflow.tudpflow, lambda flow: message_of(flow) == b""),
    "dns_request": (tflow.tdnsflow, lambda flow: flow.response.response_code == response_codes.SERVFAIL),
    "dns_response": (tflow.tdnsflow, lambda flow: flow.response.response_code == response_codes.SERVFAIL),
    "next_layer": (lambda: layer.NextLayer(context()), lambda data: isinstance(data.layer, Closed)),
    "tls_start_client": (lambda: SimpleNamespace(ssl_conn=object()), lambda data: data.ssl_conn is None),
    "tls_start_server": (lambda: SimpleNamespace(ssl_conn=object()), lambda data: data.ssl_conn is None),
    "quic_start_client": (lambda: SimpleNamespace(settings=object()), lambda data: data.settings is None),
    "quic_start_server": (lambda: SimpleNamespace(settings=object()), lambda data: data.settings is None),
    "client_connected": (tflow.tclient_conn, lambda client: bool(client.error)),
    "server_connect": (opening, lambda data: bool(data.server.error)),
    "socks5_auth": (lambda: SimpleNamespace(valid=True), lambda data: not data.valid),
}
"""What a hook is about, and how one sees that nothing of it can go on."""


def failing(name: str, error: type[BaseException]) -> Any:
    """Return an addon of which one hook raises, with a confidential value in the message."""

    def broken(*_: Any) -> None:
        raise error(f"{SECRET} {CUSTOMER}")

    return SimpleNamespace(name="failing", **{name: broken})


def test_every_hook_that_holds_something_back_is_tried_below() -> None:
    idle = {name for name, closes in CLOSES.items() if closes.__name__ == "nothing_goes_on"}
    assert ABOUT.keys() == CLOSES.keys() - idle


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", sorted(CLOSES.keys() - REFUSED - LIFECYCLE))
def test_a_hook_that_raises_closes_what_it_is_about(
    logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, name: str, error: type[BaseException]
) -> None:
    make_about, closed = ABOUT.get(name, (tflow.tflow, lambda _: True))
    about, cut, after = make_about(), [], []
    if isinstance(about, dns.DNSFlow):
        about.response = None

    async def scene() -> None:
        with taddons.context() as stage:
            manager = GuardedAddons(stage.master)
            monkeypatch.setattr(manager, "cut", cut.append)
            manager.chain = [failing(name, error), SimpleNamespace(name="next", **{name: after.append})]
            await manager.trigger_event(hooks.all_hooks[name](about))

    asyncio.run(scene())
    assert closed(about)
    assert cut == ([about] if name in CUT else [])
    assert after == [about], "the others still run, and find it closed"
    assert "a hook failed" in logged.getvalue() and name in logged.getvalue()
    assert SECRET not in logged.getvalue() and CUSTOMER not in logged.getvalue()


def test_addons_that_come_or_go_are_known_with_the_next_event() -> None:
    """Which addons have a hook is asked once, not for every event."""
    told: list[str] = []

    def addon(name: str, **more: Any) -> Any:
        return SimpleNamespace(name=name, request=lambda _: told.append(name), **more)

    first, outer, last = addon("first"), SimpleNamespace(name="outer", addons=[addon("inner")]), addon("last")
    other = SimpleNamespace(name="other", response=lambda _: told.append("other"), request=None)

    async def asked(manager: GuardedAddons) -> list[str]:
        told.clear()
        await manager.trigger_event(hooks.all_hooks["request"](tflow.tflow()))
        return list(told)

    async def scene() -> None:
        with taddons.context() as stage:
            manager = GuardedAddons(stage.master)
            manager.add(first, outer, other)
            assert await asked(manager) == ["first", "inner"]
            manager.add(last)
            assert await asked(manager) == ["first", "inner", "last"]
            more = addon("more")
            outer.addons.append(manager.register(more))
            assert await asked(manager) == ["first", "inner", "more", "last"]
            manager.remove(first)
            assert await asked(manager) == ["inner", "more", "last"]
            manager.chain = [last]
            assert await asked(manager) == ["last"]
            manager.clear()
            assert await asked(manager) == []

    asyncio.run(scene())


def test_a_hook_that_nobody_has_thought_of_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(CLOSES, "tls_clienthello")
    cut: list[object] = []

    async def scene() -> None:
        with taddons.context() as stage:
            manager = GuardedAddons(stage.master)
            monkeypatch.setattr(manager, "cut", cut.append)
            manager.chain = [failing("tls_clienthello", RuntimeError)]
            await manager.trigger_event(hooks.all_hooks["tls_clienthello"]("hello"))

    asyncio.run(scene())
    assert cut == ["hello"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_is_not_held_up(error: type[BaseException]) -> None:
    async def scene() -> None:
        with taddons.context() as stage:
            manager = GuardedAddons(stage.master)
            manager.chain = [failing("request", error)]
            with pytest.raises(error):
                await manager.trigger_event(hooks.all_hooks["request"](tflow.tflow()))

    asyncio.run(scene())


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_exchange_in_which_any_addon_raises_is_refused_and_on_record(
    tenant: Tenant, logged: io.StringIO, name: str, error: type[BaseException]
) -> None:
    """mitmproxy's own login, for one: failing, it would let in whoever asks."""
    flow = flow_to("openai", chat(SECRET))

    async def scene() -> None:
        with taddons.context() as stage:
            manager = GuardedAddons(stage.master)
            manager.fail = tenant.addon.fail
            manager.chain = [failing(name, error), tenant.addon]
            await manager.trigger_event(hooks.all_hooks[name](flow))

    tenant.loop.run_until_complete(scene())
    assert flow.response is not None and flow.response.status_code == 500 and flow.metadata[OUR_ANSWER]
    assert [(one["outcome"], one["code"]) for one in tenant.records()] == [("error", "internal_error")]
    assert SECRET not in logged.getvalue() + tenant.log.read_text("utf-8") + flow.response.text


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("hook", ["http_connect", "requestheaders", "request", "response", "error"])
def test_a_hook_of_ours_that_raises_is_refused_and_on_record(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, hook: str, error: type[BaseException]
) -> None:
    inner = {"http_connect": "on_connect", "requestheaders": "on_headers", "request": "on_body"}
    inner |= {"response": "on_whole_answer", "error": "on_error"}

    async def broken(*_: Any) -> None:
        raise error(SECRET)

    assert inspect.iscoroutinefunction(getattr(tenant.addon, inner[hook]))
    monkeypatch.setattr(tenant.addon, inner[hook], broken)
    flow = flow_to("openai", chat(SECRET))
    tenant.loop.run_until_complete(getattr(tenant.addon, hook)(flow))
    assert flow.response is not None and flow.response.status_code == 500
    assert [one["code"] for one in tenant.records()] == ["internal_error"]


# -- layers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("state", ["state_wait_for_request_headers", "state_consume_request_body", "check_body_size"])
def test_a_layer_that_raises_ends_the_connection_and_nothing_goes_out(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, error: type[BaseException]
) -> None:
    came: list[bytes] = []

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(65536))
        writer.close()

    def broken(*_: Any) -> Any:
        raise error(SECRET)
        yield

    async def scene() -> None:
        async with upstream(listens) as there:
            resolve = {("api.openai.com", 80): ("127.0.0.1", there)}
            async with running(tenant, tmp_path, resolve=resolve) as port, client(port) as (reader, writer):
                monkeypatch.setattr(SluiceStream, state, broken)
                writer.write(prompt("api.openai.com", chat(SECRET)))
                assert await reader.read() == b"", "the connection ends, in no time"

    tenant.loop.run_until_complete(scene())
    assert came == []


def test_an_abandoned_connection_hears_nothing_more() -> None:
    handler = SluiceConnection.__new__(SluiceConnection)
    ended: list[str] = []
    io_of = SimpleNamespace(
        writer=SimpleNamespace(close=lambda: ended.append("closed")), handler=SimpleNamespace(cancel=ended.append)
    )
    handler.layer, handler.transports = Deaf(context()), {tflow.tclient_conn(): io_of}  # type: ignore[dict-item]
    handler.abandon()
    assert ended == ["closed", "abandoned"] and isinstance(handler.layer, Deaf)
