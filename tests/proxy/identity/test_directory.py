"""People of a real directory: passwords, groups, names that would be filters, and a directory that is away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.errors import DirectoryAway
from proxy.identity.directory import Directory
from proxy.identity.interface import DirectorySource
from tests.proxy.identity.slapd import GROUPS, PASSWORD, PEOPLE, ROOT, ROOT_PASSWORD, Slapd, free_port, open_slapd

BOTH = frozenset({"研发部", "legal"})


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with open_slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running


def source(slapd: Slapd) -> DirectorySource:
    return DirectorySource(
        slapd.tls_url, PEOPLE, ROOT, ROOT_PASSWORD, groups="", group_base=GROUPS, ca=slapd.ca, timeout=10
    )


@pytest.fixture(params=["ldaps", "starttls"])
def directory(request: pytest.FixtureRequest, slapd: Slapd) -> Directory:
    url = slapd.tls_url if request.param == "ldaps" else slapd.url
    return Directory(replace(source(slapd), url=url))


def test_a_password_that_holds_gives_the_name_as_the_directory_writes_it(directory: Directory) -> None:
    assert directory.check("wangfang", PASSWORD) == "wangfang"
    assert directory.check("LILEI", PASSWORD) == "LiLei"
    assert directory.groups_of("wangfang") == BOTH and directory.groups_of("lilei") == {"legal"}


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("wangfang", "wrong"),
        ("wangfang", ""),  # an anonymous bind, which succeeds
        ("", PASSWORD),
        ("nobody", PASSWORD),
        ("*", PASSWORD),
        ("wang*", PASSWORD),
        ("wangfang)(uid=*", PASSWORD),
        ("wang\0fang", PASSWORD),
        ("twin", PASSWORD),  # two of one name
    ],
)
def test_what_does_not_hold_gives_nobody(slapd: Slapd, name: str, password: str) -> None:
    assert Directory(source(slapd)).check(name, password) == ""


def test_a_name_that_looks_like_a_filter_is_a_name(slapd: Slapd) -> None:
    assert Directory(source(slapd)).check("star*", PASSWORD) == "star*"


def test_whom_the_directory_does_not_have_is_in_no_group(slapd: Slapd) -> None:
    assert Directory(source(slapd)).groups_of("nobody") == frozenset()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"password": "wrong"}, "own login"),
        ({"base": "ou=nowhere,dc=corp,dc=example"}, "there is no entry"),
        ({"ca": None}, "its certificate is not trusted"),
    ],
)
def test_the_way_to_it_is_proven_and_what_is_wrong_is_told(slapd: Slapd, changes: dict[str, str], told: str) -> None:
    said = Directory(replace(source(slapd), **changes)).probe()
    assert told in said and bool(said) == bool(told) and ROOT_PASSWORD not in said


def test_a_certificate_that_nobody_vouches_for_lets_nobody_in(slapd: Slapd) -> None:
    with pytest.raises(DirectoryAway):
        Directory(replace(source(slapd), ca=None)).check("wangfang", PASSWORD)


def test_while_it_is_away_what_is_known_counts_for_a_time_and_then_nobody_is_known(tmp_path: Path) -> None:
    now = [0.0]
    with open_slapd(tmp_path) as running:
        directory = Directory(source(running), lambda: now[0])
        assert directory.groups_of("wangfang") == BOTH
        running.stop()
        now[0] = directory.source.fresh + 1
        assert directory.groups_of("wangfang") == BOTH
        with pytest.raises(DirectoryAway):
            directory.groups_of("lilei")
        with pytest.raises(DirectoryAway):
            directory.check("wangfang", PASSWORD)
        now[0] = directory.source.stale + 1
        with pytest.raises(DirectoryAway):
            directory.groups_of("wangfang")


def test_no_password_is_in_what_is_printed_of_it(slapd: Slapd) -> None:
    assert ROOT_PASSWORD not in repr(source(slapd)) + repr(Directory(source(slapd)))


def test_nobody_there_is_told_without_a_password() -> None:
    gone = DirectorySource(f"ldap://127.0.0.1:{free_port()}", PEOPLE, ROOT, ROOT_PASSWORD, plain=True)
    assert ROOT_PASSWORD not in Directory(gone).probe() != ""
