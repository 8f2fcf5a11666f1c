"""Where connections really go, and how long one to the company's model may take."""

import asyncio

import pytest
from mitmproxy.connection import Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import tflow

from proxy.internal import Checks, InternalModels
from proxy.upstreams import Upstreams
from tests.proxy.house import SERVER


def connecting(host: str, port: int) -> ServerConnectionHookData:
    return ServerConnectionHookData(server=Server(address=(host, port)), client=tflow.tclient_conn())


def test_another_address_is_connected_and_the_asked_one_put_back() -> None:
    addon = Upstreams({("api.openai.com", 443): ("127.0.0.1", 9)})
    data = connecting("API.openai.com", 443)
    addon.server_connect(data)
    assert data.server.address == ("127.0.0.1", 9)
    addon.server_connected(data)
    assert data.server.address == ("API.openai.com", 443) and addon.asked == {}
    addon.server_connect(data)
    addon.server_connect_error(data)
    assert addon.asked == {}


async def attempt(addon: Upstreams, host: str, end: str) -> None:
    """Play a connection that takes for ever, or one that `end`s at once and then lives on."""
    data = connecting(host, 8000)
    addon.server_connect(data)
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
    addon = Upstreams({}, models)

    async def play() -> bool:
        task = asyncio.create_task(attempt(addon, host, end))
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(play()) is given_up
