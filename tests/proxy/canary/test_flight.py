"""A canary flies as any client's request does, and what it finds in the way proves nothing.

What a running proxy does with it is in `tests/e2e/test_canary.py`.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from threading import Thread

import pytest

from proxy.audit import Chain, notice
from proxy.canary.flight import Sky, fly, lines_since, sky_of
from proxy.canary.judge import Canaries, Result
from proxy.canary.plan import Shot
from proxy.errors import SettingsError
from proxy.identity.interface import Front
from proxy.keys import certificate_authority
from proxy.settings.interface import Settings

SHOT = Shot("openai-api", "ab" * 12, "api.openai.com", "/v1/chat/completions", (), b"{}")
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    certificate_authority(folder, "test")
    (folder / "audit.jsonl").touch()
    return folder


@contextmanager
def proxy_that_says(words: bytes) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """A server that answers each connection's first bytes with `words` and hangs up; gives what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(4096))
                    connection.sendall(words)

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[:2], heard
        server.shutdown(socket.SHUT_RDWR)


ANSWERS = {
    "it wants a login": (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy_login"),
    "it cannot connect": (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "tunnel"),
    "it hangs up": (b"HTTP/1.1 200 OK\r\n\r\n", "tunnel"),
}


@pytest.mark.parametrize(("words", "code"), ANSWERS.values(), ids=ANSWERS)
def test_a_way_that_does_not_open_is_not_reached(state: Path, words: bytes, code: str) -> None:
    with proxy_that_says(words) as (address, heard):
        (result,) = fly([SHOT], Sky(address, state / "sluice-ca.pem", state / "audit.jsonl", "desk:pässword"))
    assert (result.fate, result.code, result.proven) == ("not_reached", code, False)
    assert heard[0].startswith(b"CONNECT api.openai.com:443 ")
    assert b"proxy-authorization: Basic ZGVzazpww6Rzc3dvcmQ=" in heard[0]


def test_a_canary_at_the_address_of_a_balancer_says_who_connects_as_a_balancer_must(state: Path) -> None:
    with proxy_that_says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as (address, heard):
        settings = Settings(state=state, listen=address)
        for network in ("127.0.0.0/8", "10.0.0.6/32"):
            list(fly([SHOT], sky_of(replace(settings, front=Front((ip_network(network),))))))
    told = rb"PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 [0-9]+ %d\r\n(CONNECT |$)" % address[1]
    assert re.match(told, heard[0]) and heard[1].startswith(b"CONNECT ")


def test_a_port_where_nobody_listens_is_not_reached(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()[:2]
    (result,) = fly([SHOT], Sky(address, state / "sluice-ca.pem", state / "audit.jsonl"))
    assert (result.fate, result.code) == ("not_reached", "proxy")


def test_what_could_not_be_planned_comes_back_in_its_place(state: Path) -> None:
    told = Result("pi-ai", "no_adapter", "no_adapter")
    assert list(fly([told], Sky(("127.0.0.1", 1), state / "sluice-ca.pem", state / "audit.jsonl"))) == [told]


def test_a_line_that_was_edited_or_is_not_whole_says_nothing(tmp_path: Path) -> None:
    log, chain = tmp_path / "audit.jsonl", Chain()
    sealed = []
    for number in range(3):
        line, chain = chain.seal(notice("request", NOW, "node", {"step": number}))
        sealed.append(line)
    log.write_bytes(sealed[0] + b"\n" + sealed[1].replace(b'"step":1', b'"step":7') + b"\n" + sealed[2] + b'\n{"event')
    assert [line["step"] for line in lines_since(log, 0)] == [0, 2]
    assert [line["step"] for line in lines_since(log, len(sealed[0]) + 1)] == [2]


SKIES = {
    "everywhere": (("0.0.0.0", 8080), ("127.0.0.1", 8080)),
    "everywhere, IPv6": (("::", 8080), ("::1", 8080)),
    "one address": (("10.0.0.5", 3128), ("10.0.0.5", 3128)),
}


@pytest.mark.parametrize(("listen", "proxy"), SKIES.values(), ids=SKIES)
def test_the_proxy_is_where_the_settings_say(listen: tuple[str, int], proxy: tuple[str, int]) -> None:
    assert sky_of(Settings(listen=listen)).proxy == proxy


def test_where_it_is_said_to_listen_beats_the_settings() -> None:
    sky = sky_of(Settings(canary=Canaries(login="a:b")), ("::1", 9))
    assert (sky.proxy, sky.told, sky.login) == (("::1", 9), "[::1]:9", "a:b")
    assert "a:b" not in repr(sky)


NOWHERE = {
    "no clients": (replace(Settings(), mode="transparent"), "takes no clients"),
    "no file": (replace(Settings(), audit="-"), "standard output"),
    "any port": (replace(Settings(), listen=("127.0.0.1", 0)), "--proxy"),
}


@pytest.mark.parametrize(("settings", "why"), NOWHERE.values(), ids=NOWHERE)
def test_settings_under_which_nothing_can_be_proven_are_an_error(settings: Settings, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        sky_of(settings)


def test_without_certificate_or_log_nothing_is_sent(tmp_path: Path, state: Path) -> None:
    with pytest.raises(SettingsError, match="no certificate to trust"):
        list(fly([SHOT], Sky(("127.0.0.1", 1), tmp_path / "ca.pem", state / "audit.jsonl")))
    with pytest.raises(SettingsError, match="the audit log cannot be read"):
        list(fly([SHOT], Sky(("127.0.0.1", 1), state / "sluice-ca.pem", tmp_path / "audit.jsonl")))
