"""Addresses of syslog servers, and connections to them; how records travel is tested in `test_shipper`."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from proxy.demo.authority import make_authority, server_context
from proxy.errors import SettingsError
from proxy.siem.wire import Connection, Server, read_server, reason, trust
from tests.proxy.siem.listener import Listener, until

GOOD = {
    "syslog+tls://siem.example": Server("tls", "siem.example", 6514),
    "syslog+tcp://siem.example:1514/": Server("tcp", "siem.example", 1514),
    "syslog+udp://[::1]": Server("udp", "::1", 514),
}


@pytest.mark.parametrize("url", GOOD)
def test_an_address_names_a_server(url: str) -> None:
    assert read_server(url) == GOOD[url] and read_server(GOOD[url].told) == GOOD[url]


BAD = (
    *("", "siem.example", "tls://siem.example", "syslog://a", "syslog+tls://", "syslog+tls://a:0", "syslog+tls://a:x"),
    *(
        "syslog+tls://a:70000",
        "syslog+tls://me@a",
        "syslog+tls://a/x",
        "syslog+tls://a?x",
        "syslog+tls://[",
        "relp://a",
    ),
    f"syslog+tls://{'a' * 70}.example",
)


@pytest.mark.parametrize("url", BAD)
def test_any_other_address_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match=r"--to takes syslog\+tls://host:6514"):
        read_server(url)


def test_certificates_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for given in (
        (tmp_path / "gone.pem", None, None),
        (tmp_path / "no.pem", None, None),
        (None, tmp_path / "no.pem", None),
    ):
        with pytest.raises(SettingsError, match="the certificates for TLS cannot be used: "):
            trust(*given)


def client_pair(folder: Path) -> Path:
    """Return a file with a certificate of a client's own and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sluice")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(1), now + timedelta(1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "client.pem"
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM) + secret)
    return path


def test_a_server_may_ask_for_our_certificate(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    asking = server_context(authority, ("localhost",))
    pair = client_pair(tmp_path)
    asking.verify_mode = ssl.CERT_REQUIRED
    asking.load_verify_locations(pair)
    listener = Listener(asking)
    server = Server("tls", "localhost", listener.port)
    known = Connection(server, trust(authority.pem, pair, None))
    known.send([b"<110>1 a"])
    until(lambda: listener.messages == [b"<110>1 a"], "the message")
    known.close()
    stranger = Connection(server, trust(authority.pem, None, None))  # TLS 1.3 tells a client later
    with pytest.raises(OSError, match=r"ertificate|reset|closed|EOF|pipe"):
        stranger.send([b"<110>1 b"])
        until(lambda: stranger.must_stand() is not None, "the refusal")
    stranger.close()
    listener.stop()
    assert listener.messages == [b"<110>1 a"]


def test_what_a_failure_is_called() -> None:
    assert reason(ConnectionRefusedError(111, "Connection refused")) == "Connection refused"
    assert reason(TimeoutError("the server takes nothing")) == "the server takes nothing"
    assert reason(TimeoutError()) == "TimeoutError"
