"""An address of a store is read in every form, and a mistake in it is told without what was written."""

import re

import pytest

from proxy.errors import SettingsError
from proxy.store.address import Access, Servers, is_redis, read_servers, store_file


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("redis://db", Servers("single", (("db", 6379),))),
        ("redis://db:7000/3", Servers("single", (("db", 7000),), database=3)),
        ("rediss://sluice@db.example:6380/", Servers("single", (("db.example", 6380),), tls=True, user="sluice")),
        ("redis://[::1]:7000", Servers("single", (("::1", 7000),))),
        ("redis://a%40b@db", Servers("single", (("db", 6379),), user="a@b")),
        (
            "redis+sentinel://s@a,b:7000/mymaster/2",
            Servers("sentinel", (("a", 26379), ("b", 7000)), user="s", database=2, master="mymaster"),
        ),
        ("rediss+sentinel://a/m", Servers("sentinel", (("a", 26379),), tls=True, master="m")),
        ("redis+cluster://a:1,b,[::1]:2", Servers("cluster", (("a", 1), ("b", 6379), ("::1", 2)))),
    ],
)
def test_every_form_names_its_servers(tmp_path, url, servers):
    assert is_redis(url) and read_servers(url) == servers
    assert store_file(url, tmp_path) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://u:SECRET@db", "a password does not belong"),
        ("redis://:SECRET@db/0", "a password does not belong"),
        ("redis://", "names no server"),
        ("redis://:6379", "names no server"),
        ("redis://db:", "names no server"),
        ("redis://db:SECRET", "names no server"),
        ("redis://db:70000", "names no server"),
        ("redis://a,b", "several servers"),
        ("redis://db/SECRET", "the number of a database"),
        ("redis://db/0/1", "not whole"),
        ("redis://db/0?ssl_cert_reqs=SECRET", "nothing after its path"),
        ("redis+sentinel://a:26379", "not whole"),
        ("redis+sentinel://a/m/SECRET", "the number of a database"),
        ("redis+cluster://a/1", "not whole"),
        ("redis+magic://a", "not an address that Sluice knows"),
        ("rediss", "not an address that Sluice knows"),
    ],
)
def test_a_mistake_is_told_without_what_was_written(tmp_path, url, reason):
    with pytest.raises(SettingsError, match=re.escape(reason)) as caught:
        store_file(url, tmp_path)
    assert "SECRET" not in str(caught.value)


def test_passwords_are_not_shown():
    assert "SECRET" not in repr(Access("SECRET", "SECRET"))
