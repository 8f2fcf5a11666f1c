"""Where connections really go, and how long one to the company's model may take."""

import asyncio
from ipaddress import ip_address

import pytest
from mitmproxy.connection import Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import tflow

from proxy.gate import JUDGED, Gate
from proxy.internal.models import Checks, InternalModels
from proxy.internal.upstreams import DENIED, Upstreams
from proxy.reach import Ip
from proxy.shell.stream import GOING_INSIDE
from tests.proxy.house import SERVER


def connecting(host: str, port: int) -> ServerConnectionHookData:
    return ServerConnectionHookData(server=Server(address=(host, port)), client=tflow.tclient_conn())


def gate(address: str, internal: InternalModels | None = None) -> Gate:
    made = Gate(internal=internal)

    async def resolved(_host: str, _port: int) -> list[Ip]:
        return [ip_address(address)] if address else []

    made.look_up = resolved
    return made


def test_another_address_is_connected_and_the_asked_one_put_back() -> None:
    addon = Upstreams({("api.openai.com", 443): ("127.0.0.1", 9)})
    data = connecting("API.openai.com", 443)
    asyncio.run(addon.server_connect(data))
    assert data.server.address == ("127.0.0.1", 9)
    addon.server_connected(data)
    assert data.server.address == ("API.openai.com", 443) and addon.asked == {}
    asyncio.run(addon.server_connect(data))
    addon.server_connect_error(data)
    assert addon.asked == {}


@pytest.mark.parametrize(
    ("host", "address", "told"),
    [
        *[("api.example", "8.8.8.8", ""), ("api.example", "127.0.0.1", DENIED), ("api.example", "", "no address")],
        *[("127.1", "", DENIED), ("0x08080808", "", "")],
    ],
)
def test_only_a_judged_address_is_connected(host: str, address: str, told: str) -> None:
    addon, data = Upstreams({}, None, gate(address)), connecting(host, 443)

    async def play() -> object:
        await addon.server_connect(data)
        return JUDGED.get()

    judged = asyncio.run(play())
    assert told in (data.server.error or "") and bool(data.server.error) is bool(told)
    assert (judged == ((host, 443), (ip_address("8.8.8.8"),))) is not bool(told)
    expected = ("8.8.8.8", 443) if host == "0x08080808" else (host, 443)
    assert data.server.address == expected, "a spelling is not left to whoever reads it next"


def test_the_way_on_that_the_settings_name_is_not_judged() -> None:
    addon, data = (
        Upstreams({}, None, gate("127.0.0.1"), "upstream:http://localhost:3128"),
        connecting("localhost", 3128),
    )
    asyncio.run(addon.server_connect(data))
    assert data.server.error is None


@pytest.mark.parametrize("ours", [True, False])
def test_the_companys_model_may_stand_anywhere_but_for_us_alone(ours: bool) -> None:
    models = InternalModels({"m": (SERVER,)}, "m")
    addon, data = Upstreams({}, models, gate("127.0.0.1", models)), connecting(SERVER.host, SERVER.port)
    going = data.client.id, (SERVER.host, SERVER.port)
    if ours:
        GOING_INSIDE[going] += 1
    try:
        asyncio.run(addon.server_connect(data))
    finally:
        GOING_INSIDE.clear()
    assert (data.server.error is None) is ours


async def attempt(addon: Upstreams, host: str, end: str) -> None:
    """Play a connection that takes for ever, or one that `end`s at once and then lives on."""
    data = connecting(host, 8000)
    await addon.server_connect(data)
    if end:
        getattr(addon, end)(data)
    await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    ("host", "end", "given_up"),
    [
        ("llm.internal", "", True),
        ("LLM.internal", "", True),
        ("llm.internal", "server_connected", False),
        ("llm.internal", "server_connect_error", False),
        ("api.openai.com", "", False),
    ],
)
def test_only_a_connection_inside_is_given_up_and_only_while_it_is_being_made(host, end, given_up) -> None:
    models = InternalModels({"m": (SERVER,)}, "m", checks=Checks(timeout=0.01))
    addon = Upstreams({}, models, gate("8.8.8.8"))

    async def play() -> bool:
        task = asyncio.create_task(attempt(addon, host, end))
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(play()) is given_up
