"""What the doctor says of logins and of the admin listener; each is really asked."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

from proxy.cli.logins import look_at_admin, look_at_logins
from proxy.identity.interface import DirectorySource, Front, Tickets
from proxy.settings.interface import Settings
from tests.proxy.identity.slapd import PEOPLE, ROOT, ROOT_PASSWORD, free_port, open_slapd
from tests.proxy.identity.test_passwords import line


def told(settings: Settings) -> list[tuple[str, str, str]]:
    return [(one.name, one.level, one.told.en) for one in (*look_at_logins(settings), *look_at_admin(settings))]


def test_a_file_of_passwords_is_read_and_weak_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_text(line("a", "b") + line("c", "d", sha=True))
    first, second = told(Settings(proxy_login=path, state=tmp_path))[:2]
    assert first == ("proxy_login", "ok", "2 people can log in") and second[1] == "warn" and "SHA-1" in second[2]
    gone = Settings(proxy_login=tmp_path / "gone", state=tmp_path)
    assert [one[0] for one in told(gone)] == ["admin"]  # the rehearsal of a start tells of it


def test_a_directory_is_asked(tmp_path: Path) -> None:
    with open_slapd(tmp_path) as slapd:
        source = DirectorySource(slapd.tls_url, PEOPLE, ROOT, ROOT_PASSWORD, ca=slapd.ca)
        settings = Settings(directory=source, state=tmp_path)
        assert told(settings)[0] == ("directory", "ok", f"{slapd.tls_url} answers")
        wrong = told(replace(settings, directory=replace(source, password="wrong-word")))[0]
        assert wrong[1] == "FAIL" and "own login" in wrong[2] and "wrong-word" not in wrong[2]
        plain = replace(source, url=slapd.url, plain=True)
        assert [one[1] for one in told(replace(settings, directory=plain))[:2]] == ["ok", "warn"]


def test_kerberos_that_cannot_work_and_a_front_that_is_everybody_are_told(tmp_path: Path) -> None:
    settings = Settings(tickets=Tickets(host="a.example", keytab=tmp_path / "gone"), state=tmp_path)
    assert told(settings)[0][:2] == ("kerberos", "FAIL")
    settings = Settings(front=Front((ip_network("10.0.0.0/8"),)), state=tmp_path)
    assert told(settings)[0][:2] == ("front", "warn")


def test_an_admin_listener_that_others_reach_is_told(tmp_path: Path) -> None:
    assert told(Settings(state=tmp_path))[-1][:2] == ("admin", "ok")
    reached = told(Settings(state=tmp_path, admin=("0.0.0.0", free_port())))
    assert [one[:2] for one in reached] == [("admin", "warn"), ("admin", "ok")]
    assert told(Settings(state=tmp_path, admin=("127.0.0.1", free_port())))[-1][:2] == ("admin", "ok")
