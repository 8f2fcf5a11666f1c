"""Who people are, end to end: a real directory, a file, a balancer that speaks for them; and passwords go nowhere."""

import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from tests.e2e.street import CHAT, OUTSIDE_HOST, Street, completion, open_street
from tests.proxy.cli.invoke import sluice
from tests.proxy.identity.slapd import GROUPS, PASSWORD, PEOPLE, ROOT, ROOT_PASSWORD, Slapd, open_slapd
from tests.proxy.identity.test_front import tls, v2

POLICY = """\
policy: Groups / 组
version: 1
otherwise: forbid
groups: {legal: []}
rules:
  - id: legal-only
    name: {en: Legal may, zh: 法务可用}
    verdict: allowed
    when: {service: openai-api, group: legal}
"""
HTPASSWD_PASSWORD = "file-password"


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with open_slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, slapd: Slapd) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("identity")
    (folder / "users").write_text(f"bob:{bcrypt.hashpw(HTPASSWD_PASSWORD.encode(), bcrypt.gensalt(4)).decode()}\n")
    directory = {
        "url": slapd.tls_url,
        "base": PEOPLE,
        "bind": ROOT,
        "password_env": "LDAP_PASSWORD",
        "group_base": GROUPS,
        "ca": str(slapd.ca),
    }
    secrets = {"LDAP_PASSWORD": ROOT_PASSWORD}
    settings = {"identity": {"directory": directory}, "proxy_login": str(folder / "users"), "internal_model": None}
    with open_street(folder, POLICY, secrets, **settings) as opened:
        yield opened


def ask(street: Street, name: str, password: str) -> str:
    """Return the status line of a CONNECT, then of a request in the tunnel."""
    token = b64encode(f"{name}:{password}".encode()).decode()
    host, port = street.proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 60) as plain:
        login = f"Proxy-Authorization: Basic {token}\r\n" if name else ""
        plain.sendall(f"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n{login}\r\n".encode())
        first = plain.recv(65536).split(b"\r\n")[0].decode()
        if " 200 " not in first:
            return first
        return through(street, plain)


def through(street: Street, plain: socket.socket) -> str:
    """Return the status line of a request in a tunnel, which names another person."""
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    with trust.wrap_socket(plain, server_hostname="api.openai.com") as inner:
        body = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}'
        head = (
            "POST /v1/chat/completions HTTP/1.1",
            "Host: api.openai.com",
            "Content-Type: application/json",
            "Authorization: Bearer k",
            "Proxy-Authorization: Basic aW5uZXI6aW5uZXI=",
            f"Content-Length: {len(body)}",
        )
        inner.sendall("\r\n".join((*head, "", "")).encode() + body)
        return inner.recv(65536).split(b"\r\n")[0].decode()


def test_people_of_the_directory_have_its_groups(street: Street) -> None:
    assert " 200" in ask(street, "wangfang", PASSWORD)
    record = street.last_record()
    assert record["user"] == "wangfang" and set(record["groups"]) == {"legal", "研发部"}
    assert " 200" in ask(street, "lilei", PASSWORD) and street.last_record()["user"] == "LiLei"


def test_somebody_of_the_file_logs_in_and_is_in_no_group(street: Street) -> None:
    assert " 403" in ask(street, "bob", HTPASSWD_PASSWORD)
    assert street.last_record()["user"] == "bob" and street.last_record()["groups"] == []


@pytest.mark.parametrize(("name", "password"), [("wangfang", "wrong"), ("*", PASSWORD), ("", ""), ("wangfang", "")])
def test_whoever_has_no_password_gets_no_tunnel(street: Street, name: str, password: str) -> None:
    before = len(street.records())
    assert " 407 " in ask(street, name, password)
    assert len([line for line in street.records()[before:] if line["event"] == "request"]) == 0


def test_no_password_has_gone_anywhere(street: Street) -> None:
    ask(street, "wangfang", PASSWORD)
    files = [path.read_bytes() for path in street.proxy.audit.parent.rglob("*") if path.is_file()]
    everywhere = street.external.everything() + street.proxy.log.read_bytes() + b"".join(files)
    token = b64encode(f"wangfang:{PASSWORD}".encode())
    for secret in (PASSWORD.encode(), ROOT_PASSWORD.encode(), HTPASSWD_PASSWORD.encode(), token, b"aW5uZXI6aW5uZXI="):
        assert secret not in everywhere
    assert b"proxy-authorization" not in street.external.everything().lower()


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    settings = {
        "front": {"from": "127.0.0.0/8", "certificates": "yes"},
        "identity": {"networks": [{"cidr": "10.9.0.0/16", "groups": ["legal"]}], "groups": {"legal": ["wangfang"]}},
        "internal_model": None,
    }
    with open_street(tmp_path_factory.mktemp("fronted"), POLICY, {}, **settings) as opened:
        yield opened


def ask_by_front(street: Street, head: bytes) -> str:
    host, port = street.proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 60) as plain:
        plain.sendall(head + b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n")
        try:
            first = plain.recv(65536).split(b"\r\n")[0].decode()
        except ConnectionResetError:
            return ""
        return through(street, plain) if " 200 " in first else first


HEADS = {
    "version 1": (b"PROXY TCP4 10.9.0.7 10.0.0.1 5000 8080\r\n", "10.9.0.7", ""),
    "version 2": (v2("10.9.0.8"), "10.9.0.8", ""),
    "a certificate": (v2("10.1.0.8", extras=tls(b"wangfang")), "10.1.0.8", "wangfang"),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_callers_address_and_certificate_survive_a_balancer(fronted: Street, name: str) -> None:
    head, address, user = HEADS[name]
    assert " 200" in ask_by_front(fronted, head)
    record = fronted.last_record()
    assert (record["address"], record["user"], "legal" in record["groups"]) == (address, user, True)


def test_a_certificate_that_does_not_hold_names_nobody(fronted: Street) -> None:
    assert " 403" in ask_by_front(fronted, v2("10.1.0.8", extras=tls(b"wangfang", verify=18)))
    assert fronted.last_record()["user"] == ""


def test_self_tests_reach_a_proxy_that_takes_their_machine_for_a_balancer(fronted: Street) -> None:
    where = fronted.proxy.url.removeprefix("http://")
    every = ("canary", "--json", "--config", str(fronted.proxy.config), "--proxy", where)
    [result] = json.loads(sluice(*every, "openai-api", **fronted.proxy.secrets).stdout)
    assert (result["result"], result["code"]) == ("forbidden", "blocked_by_policy"), "it names nobody"
    assert fronted.last_record()["address"] == "127.0.0.1"


def test_a_connection_of_a_balancer_without_a_head_is_closed(fronted: Street) -> None:
    assert ask_by_front(fronted, b"") == ""


RELAYED = {"header": {"user": "x-person", "groups": "x-groups", "from": "127.0.0.0/8"}}
HELLO = completion("hello")


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A front that only relays tunnels: its address is on every connection. A balancer may come from elsewhere."""
    settings = {"front": {"from": "10.0.0.0/8"}, "identity": RELAYED, "inspect": [OUTSIDE_HOST], "internal_model": None}
    with open_street(tmp_path_factory.mktemp("relayed"), POLICY, {}, **settings) as opened:
        yield opened
        assert b"x-person" not in opened.external.everything().lower()
        assert b"x-groups" not in opened.external.everything().lower()


def test_nobody_but_a_balancer_says_who_he_is(relayed: Street) -> None:
    answer = ask_by_front(relayed, b"PROXY TCP4 10.9.0.7 10.0.0.1 5000 8080\r\n")
    assert " 200" not in answer
    assert relayed.post(CHAT, json=HELLO).status_code == 403
    assert relayed.last_record()["address"] == "127.0.0.1"


LEGAL = {"X-Person": "wangfang", "X-Groups": "legal"}
CLAIMS: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "on the CONNECT": (LEGAL, {}, "wangfang"),
    "inside alone": ({}, LEGAL, ""),
    "the groups inside": ({"X-Person": "bob"}, LEGAL, "bob"),
    "another inside": (LEGAL, {"X-Person": "boss"}, "wangfang"),
}


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("name", CLAIMS)
def test_inside_a_tunnel_nobody_says_who_he_is(relayed: Street, name: str, http2: bool) -> None:
    front, inside, user = CLAIMS[name]
    with relayed.client(front=front, http2=http2) as client:
        for _ in range(2):  # the second comes by the same tunnel
            answer = client.post(CHAT, json=HELLO, headers=inside)
            record = relayed.last_record()
            assert (answer.status_code, record["user"]) == (200 if user == "wangfang" else 403, user)
            assert record["groups"] == (["legal"] if user == "wangfang" else [])


def test_a_field_of_a_person_goes_to_no_other_host_either(relayed: Street) -> None:
    relayed.reset()
    with relayed.client(front=LEGAL) as client:
        assert client.get(f"https://{OUTSIDE_HOST}/", headers=LEGAL).status_code == 200
    (seen,) = relayed.external.requests
    assert "x-person" not in {name.lower() for name, _ in seen.headers} and b"wangfang" not in seen.body


def test_a_front_that_decrypts_may_write_inside(tmp_path: Path) -> None:
    identity = {"header": {**RELAYED["header"], "inside_tunnels": "yes"}}
    with open_street(tmp_path, POLICY, {}, identity=identity, internal_model=None) as street:
        assert street.post(CHAT, json=HELLO, headers=LEGAL).status_code == 200
        assert street.last_record()["user"] == "wangfang"
        assert b"x-person" not in street.external.everything().lower()
