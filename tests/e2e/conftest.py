"""The street as it stands in life: our proxy as a process, stand-ins on loopback, real clients.

After every test the bytes that reached the external stand-in are searched for every planted value; at the end of the
session so are the proxy's log and its audit file. A leak fails the test that made it.
"""

import ssl
from collections.abc import Iterator

import pytest

from tests.e2e.street import Planted, Street, load_planted, open_street
from tests.e2e.vendor_street import open_vendor_street


@pytest.fixture(scope="session")
def session_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One running street for all tests of this process."""
    with open_street(tmp_path_factory.mktemp("street")) as street:
        yield street
        street.expect_silence()


@pytest.fixture
def street(session_street: Street) -> Iterator[Street]:
    """The street with an empty record, checked for leaks when the test is over."""
    session_street.reset()
    yield session_street
    session_street.expect_no_leak()


@pytest.fixture(scope="session")
def session_vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One running street with many vendors for all tests of this process."""
    with open_vendor_street(tmp_path_factory.mktemp("vendors")) as street:
        yield street
        street.expect_silence()


@pytest.fixture
def vendor_street(session_vendors: Street) -> Iterator[Street]:
    """The street of vendors with an empty record, checked for leaks when the test is over."""
    session_vendors.reset()
    yield session_vendors
    session_vendors.expect_no_leak()


@pytest.fixture
def vendors(vendor_street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street of all vendors, in the environment of an employee, where Amazon's has a key."""
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-x")
    monkeypatch.setenv("HTTPS_PROXY", vendor_street.proxy.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(vendor_street.proxy.ca))
    monkeypatch.setenv("NO_PROXY", "")
    return vendor_street


@pytest.fixture(scope="session")
def planted() -> tuple[Planted, ...]:
    """Every planted value."""
    return load_planted()


@pytest.fixture
def trust(street: Street) -> ssl.SSLContext:
    """A TLS context that trusts Sluice's certificate authority and nothing else."""
    return ssl.create_default_context(cafile=str(street.proxy.ca))
