"""A stand-in of each kind, listening, and a client that trusts it."""

import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from proxy.demo.authority import Authority, make_authority, server_context
from proxy.demo.standins import ExternalStandIn, InternalStandIn


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def external(authority: Authority) -> Iterator[ExternalStandIn]:
    standin = ExternalStandIn(server_context(authority, ("localhost",)))
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def internal() -> Iterator[InternalStandIn]:
    standin = InternalStandIn()
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def client(external: ExternalStandIn, authority: Authority) -> Iterator[Callable[[bool], httpx.Client]]:
    """Makes clients of the external stand-in, for HTTP/2 or HTTP/1.1."""
    trust = ssl.create_default_context(cafile=str(authority.pem))
    made: list[httpx.Client] = []

    def make(http2: bool) -> httpx.Client:
        base = f"https://localhost:{external.server.port}"
        made.append(httpx.Client(base_url=base, verify=trust, http2=http2, http1=not http2, trust_env=False))
        return made[-1]

    yield make
    for each in made:
        each.close()
