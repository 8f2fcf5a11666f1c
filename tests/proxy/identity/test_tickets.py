"""Tickets: a real exchange of two sides, its name, and libraries that are not there.

Kerberos itself needs a KDC and the system's libraries; the exchange is driven with pyspnego's own NTLM, which the
settings can never turn on, so that the acceptor's steps are those of a real library.
"""

import importlib.util
from pathlib import Path

import pytest
import spnego

from proxy.errors import SettingsError
from proxy.identity.interface import Tickets
from proxy.identity.tickets import Exchange, acceptor_of, person_of


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ntlm"
    file.write_text("CORP:wangfang:secret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))


def exchange(only: str = "ntlm") -> Exchange:
    return Exchange(spnego.server("proxy.corp.example", "HTTP", protocol="ntlm"), only)


@pytest.mark.usefixtures("users")
def test_an_exchange_of_several_steps_ends_with_a_name() -> None:
    client = spnego.client("CORP\\wangfang", "secret", "proxy.corp.example", "HTTP", protocol="ntlm")
    server = exchange()
    name, answer = server.step(client.step() or b"")
    assert name == "" and answer
    name, _ = server.step(client.step(answer) or b"")
    assert name.endswith("wangfang")


@pytest.mark.usefixtures("users")
def test_what_ends_in_another_protocol_than_kerberos_gives_nobody() -> None:
    client = spnego.client("CORP\\wangfang", "secret", "proxy.corp.example", "HTTP", protocol="ntlm")
    server = exchange("kerberos")
    _, answer = server.step(client.step() or b"")
    with pytest.raises(ValueError, match="does not hold"):
        server.step(client.step(answer) or b"")


@pytest.mark.usefixtures("users")
def test_a_wrong_password_and_nonsense_give_nobody() -> None:
    client = spnego.client("CORP\\wangfang", "wrong", "proxy.corp.example", "HTTP", protocol="ntlm")
    server = exchange()
    _, answer = server.step(client.step() or b"")
    with pytest.raises(ValueError, match="does not hold"):
        server.step(client.step(answer) or b"")
    with pytest.raises(ValueError, match="does not hold"):
        exchange().step(b"nonsense")


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("wangfang@CORP.EXAMPLE", "wangfang"),
        ("王芳@CORP.EXAMPLE", "王芳"),
        ("wangfang", "wangfang"),
        ("HTTP/proxy.corp.example@CORP.EXAMPLE", ""),
        ("", ""),
        ("wang\nfang@CORP", ""),
    ],
)
def test_the_name_of_a_person_is_the_principal_without_its_realm(principal: str, name: str) -> None:
    assert person_of(principal) == name


@pytest.mark.parametrize("missing", ["gssapi", "krb5"])
def test_without_the_systems_libraries_the_settings_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(SettingsError, match=r"sluice\[kerberos\]"):
        acceptor_of(Tickets(host="proxy.corp.example", keytab=Path("gone")))
