"""Where names come from, as the settings say; what cannot work is an error with its place."""

import pytest

from proxy.errors import SettingsError
from proxy.identity.interface import Front
from tests.proxy.settings.test_read import HERE, read

DIRECTORY = "url: 'ldaps://dc.corp.example', base: 'ou=people,dc=corp', bind: 'cn=sluice', password_env: LDAP_PASSWORD"


def test_a_directory_is_read_and_asks_people_for_a_login() -> None:
    settings = read(f"identity: {{directory: {{{DIRECTORY}}}}}", LDAP_PASSWORD="secret")
    assert settings.directory is not None and settings.identity.proxy_login
    assert (settings.directory.password, settings.directory.user) == ("secret", "uid")
    assert "secret" not in repr(settings)


def test_a_directory_may_be_asked_for_groups_alone() -> None:
    settings = read(
        f"identity: {{directory: {{{DIRECTORY}, login: no, group_base: 'ou=g', member: memberUid}}}}", LDAP_PASSWORD="s"
    )
    assert settings.directory is not None and not settings.identity.proxy_login
    assert (settings.directory.group_base, settings.directory.member) == ("ou=g", "memberUid")


def test_tickets_and_certificates_are_sources_of_names() -> None:
    settings = read("identity: {kerberos: {host: proxy.corp.example, keytab: proxy.keytab}}")
    assert settings.tickets is not None and settings.tickets.keytab == HERE / "proxy.keytab"
    assert settings.identity.proxy_login
    settings = read("front: {from: 10.0.0.0/8, certificates: yes}")
    assert settings.front == Front(settings.front.trusted, certificates=True) and settings.front.trusted
    assert settings.identity.certificates and not settings.identity.proxy_login


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("identity: {directory: {base: a}}", "`directory` needs url"),
        ("identity: {directory: {url: 'https://dc', base: a}}", "ldaps://dc.corp.example"),
        ("identity: {directory: {url: 'ldaps://u:p@dc', base: a}}", "ldaps://dc.corp.example"),
        ("identity: {directory: {url: 'ldaps://dc', base: a, plain: perhaps}}", "must be one of"),
        ("identity: {directory: {url: 'ldaps://dc', base: a, password: b}}", "unknown key `password`"),
        ("identity: {kerberos: {host: a.example}}", "`kerberos` needs keytab"),
        ("front: {certificates: yes}", "`front` needs `from`"),
        ("mode: transparent\nproxy_login: users", "nobody can be asked for a login"),
        ("mode: transparent\nidentity: {directory: {url: 'ldaps://dc', base: a}}", "nobody can be asked"),
    ],
)
def test_what_cannot_work_is_told(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(text)
    assert told in str(error.value)
