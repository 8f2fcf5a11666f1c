"""Who has a ticket of the company's realm is let in by it, without a question; who has none is nobody."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.e2e.street import Street, completion, open_street
from tests.e2e.test_identity import POLICY
from tests.proxy.identity.kdc import PERSON, REALM, Kdc, open_kdc, program

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("gssapi", "krb5")),
    reason="NOT TESTED: the libraries of Python for Kerberos are not built here: make kerberos",
)


@pytest.fixture(scope="module")
def kdc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kdc]:
    with open_kdc(tmp_path_factory.mktemp("kdc")) as running:
        yield running


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, kdc: Kdc) -> Iterator[Street]:
    identity = {
        "kerberos": {"host": "localhost", "keytab": str(kdc.keytab)},
        "groups": {"legal": [PERSON]},
    }
    known = {"KRB5_CONFIG": kdc.environment["KRB5_CONFIG"]}
    settings = {"identity": identity, "internal_model": None}
    with open_street(tmp_path_factory.mktemp("kerberos"), POLICY, known, **settings) as opened:
        yield opened


def ask(street: Street, kdc: Kdc, *words: str) -> subprocess.CompletedProcess[str]:
    proxy = street.proxy.url.replace("127.0.0.1", "localhost")
    common = ("-sS", "--max-time", "60", "--cacert", str(street.proxy.ca), "-w", "\n%{http_connect} %{http_code}")
    body = ("-H", "content-type: application/json", "-d", json.dumps(completion("hi")))
    return subprocess.run(
        [program("curl"), *common, "--proxy", proxy, *words, *body, "https://api.openai.com/v1/chat/completions"],
        env={"PATH": "/usr/bin:/bin", **kdc.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_ticket_of_the_realm_names_its_owner_and_without_one_nobody_gets_in(street: Street, kdc: Kdc) -> None:
    if (
        "GSS-API"
        not in subprocess.run([program("curl"), "--version"], capture_output=True, text=True, check=True).stdout
    ):
        pytest.skip("NOT TESTED: this curl knows no Kerberos")
    (kdc.folder / "tickets").unlink(missing_ok=True)
    street.reset()
    before = len(street.request_records())
    negotiate = ("--proxy-negotiate", "--proxy-user", ":")
    for words in ((), negotiate):  # without a ticket
        refused = ask(street, kdc, *words)
        assert refused.returncode and refused.stdout.split()[-2:] == ["407", "000"], refused.stdout + refused.stderr
    assert len(street.request_records()) == before and street.external.requests == []

    kdc.take_ticket()
    done = ask(street, kdc, *negotiate)
    assert done.returncode == 0 and done.stdout.split()[-2:] == ["200", "200"], done.stdout + done.stderr
    record = street.last_record()
    assert (record["user"], record["groups"], record["outcome"]) == (PERSON, ["legal"], "forwarded")
    (sent,) = street.external.requests
    assert "proxy-authorization" not in {name.lower() for name, _ in sent.headers}
    assert REALM not in json.dumps(record)


TOKEN = """
import gssapi, sys
name = gssapi.Name("HTTP@" + sys.argv[1], gssapi.NameType.hostbased_service)
sys.stdout.buffer.write(gssapi.SecurityContext(name=name, usage="initiate").step())
"""


def status(street: Street, token: bytes) -> int:
    """Return how the proxy answers a CONNECT with a token."""
    host, port = street.proxy.url.removeprefix("http://").split(":")
    login = f"Proxy-Authorization: Negotiate {b64encode(token).decode()}\r\n"
    with socket.create_connection((host, int(port)), 60) as plain:
        plain.sendall(f"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n{login}\r\n".encode())
        return int(plain.recv(65536).split()[1])


def test_a_ticket_counts_once_for_this_service_and_unchanged(street: Street, kdc: Kdc) -> None:
    kdc.take_ticket()
    kdc.run("kadmin.local", "-q", "addprinc -randkey HTTP/elsewhere")

    def token(host: str) -> bytes:
        words = [sys.executable, "-c", TOKEN, host]
        return subprocess.run(words, env={**os.environ, **kdc.environment}, capture_output=True, check=True).stdout

    good = token("localhost")
    changed = bytearray(good)
    changed[-9] ^= 1
    assert status(street, bytes(changed)) == 407
    assert status(street, token("elsewhere")) == 407
    assert status(street, good) == 200
    assert status(street, good) == 407, "who has overheard it is not let in by it"
