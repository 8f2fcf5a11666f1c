"""Hosts outside the catalogue are tunnelled as they are: not decrypted, not recorded. Nothing else gets a tunnel."""

import contextlib
import socket
import ssl

import httpx
import pytest

from proxy.demo.authority import NAME
from tests.e2e.street import OUTSIDE_HOST, Street, load_planted
from tests.e2e.tunnel import open_raw_tunnel, open_tunnel, read_until

SECRET = "outside the catalogue nobody reads this"
CARD = load_planted()[0]


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_the_client_sees_the_services_own_certificate_and_the_audit_stays_empty(street: Street, http2: bool) -> None:
    lines = len(street.records())
    own = ssl.create_default_context(cafile=str(street.authority.pem))
    with httpx.Client(proxy=street.proxy.url, verify=own, http2=http2, trust_env=False) as client:
        answer = client.post(f"https://{OUTSIDE_HOST}/anything", content=SECRET)
    assert answer.json()["heard"] == SECRET
    assert lines == len(street.records())
    assert OUTSIDE_HOST.encode() not in street.proxy.audit.read_bytes()
    assert SECRET.encode() not in street.proxy.log.read_bytes()


def test_a_host_of_the_catalogue_shows_sluices_certificate(street: Street, trust: ssl.SSLContext) -> None:
    with open_tunnel(street, "api.openai.com", trust) as tunnel:
        issuer = {key: value for rdn in tunnel.getpeercert()["issuer"] for key, value in rdn}
    assert issuer["commonName"] != NAME


def test_a_raw_tunnel_to_a_host_of_the_catalogue_carries_nothing(street: Street) -> None:
    with open_raw_tunnel(street, "api.openai.com") as tunnel:
        tunnel.sendall(b"\x00\x01 raw bytes " + CARD.value.encode() + b"\r\n\r\n")
        tunnel.settimeout(60)
        with contextlib.suppress(TimeoutError, ConnectionError):
            read_until(tunnel, b"no such mark")
    assert b"raw bytes" not in street.external.everything()


def test_a_request_that_names_two_hosts_is_refused(street: Street, trust: ssl.SSLContext) -> None:
    head = f"POST /x HTTP/1.1\r\nHost: {OUTSIDE_HOST}\r\ncontent-length: 2\r\n\r\n{{}}"
    with open_tunnel(street, "api.openai.com", trust) as tunnel:
        tunnel.sendall(head.encode())
        answer = read_until(tunnel, b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 4")
    assert street.external.requests == []


def test_plain_http_to_a_host_of_the_catalogue_is_read_as_well(street: Street) -> None:
    address = street.proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=100) as raw:
        raw.sendall(b"GET http://chat.deepseek.com/ HTTP/1.1\r\nHost: chat.deepseek.com\r\nAccept: text/html\r\n\r\n")
        answer = read_until(raw, b"</html>")
    assert answer.startswith(b"HTTP/1.1 403 ")
