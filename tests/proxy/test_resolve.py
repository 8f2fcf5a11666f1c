"""A server is reached at the address that the settings give, and found again by the one that was asked for."""

from mitmproxy.connection import ConnectionState, Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test.tflow import tclient_conn

from proxy.resolve import Resolver

ASKED, OTHER = ("api.openai.com", 443), ("127.0.0.1", 9443)


def connection(address: tuple[str, int]) -> ServerConnectionHookData:
    return ServerConnectionHookData(server=Server(address=address), client=tclient_conn())


def test_the_other_address_is_connected_to_and_the_asked_one_is_put_back() -> None:
    resolver, data = Resolver({ASKED: OTHER}), connection(("API.openai.com", 443))
    resolver.server_connect(data)
    assert data.server.address == OTHER
    data.server.state = ConnectionState.OPEN
    resolver.server_connected(data)
    assert data.server.address == ("API.openai.com", 443) and not resolver.asked


def test_a_connection_that_fails_is_forgotten() -> None:
    resolver, data = Resolver({ASKED: OTHER}), connection(ASKED)
    resolver.server_connect(data)
    resolver.server_connect_error(data)
    assert not resolver.asked


def test_any_other_address_stays() -> None:
    resolver, data = Resolver({ASKED: OTHER}), connection(("api.openai.com", 8443))
    resolver.server_connect(data)
    assert data.server.address == ("api.openai.com", 8443) and not resolver.asked
