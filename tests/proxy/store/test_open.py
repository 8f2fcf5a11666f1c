"""The address of a store: a file beside the settings or anywhere, memory, or a mistake that is explained."""

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from proxy.errors import SettingsError, StoreError
from proxy.store.address import Access
from proxy.store.interface import Sealed
from proxy.store.open import open_store
from tests.redis_servers import needs_redis

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ONE = {"[PERSON_7K2F]": Sealed(b"SECRET sealed", b"f")}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///sluice.db", "{base}/sluice.db"),
        ("sqlite:///state/sluice.db", "{base}/state/sluice.db"),
        ("sqlite:///{base}/absolute.db", "{base}/absolute.db"),
    ],
)
def test_an_address_names_a_file_beside_the_settings_or_anywhere(tmp_path, url, place):
    open_store(url.format(base=tmp_path), tmp_path).close()
    assert [str(file) for file in tmp_path.rglob("*.db")] == [place.format(base=tmp_path)]


def test_a_store_in_memory_leaves_no_file(tmp_path):
    store = open_store("sqlite://:memory:", tmp_path)
    store.put_originals("u", ONE, LATER, NOW)
    assert store.get_original("u", "[PERSON_7K2F]", NOW) == b"SECRET sealed"
    store.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://user:SECRET@db/0", "set `redis`, `password_file`"),
        ("sqlite:///", "write sqlite:///sluice.db"),
        ("sqlite://sluice.db", "write sqlite:///sluice.db"),
        ("postgres://user:SECRET@db", "write sqlite:///sluice.db"),
        ("", "write sqlite:///sluice.db"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(tmp_path, url, reason):
    with pytest.raises(SettingsError, match=re.escape(reason)) as caught:
        open_store(url, tmp_path)
    assert "SECRET" not in str(caught.value)


@needs_redis
def test_nodes_of_one_house_share_a_store_and_another_house_is_turned_away(tmp_path, redis_server):
    access = Access(prefix="open")
    one = open_store(redis_server.url, tmp_path / "one", access)
    shutil.copytree(tmp_path / "one" / "keys", tmp_path / "other" / "keys")
    other = open_store(redis_server.url, tmp_path / "other", access)
    one.put_originals("u", ONE, LATER, NOW)
    assert other.get_original("u", "[PERSON_7K2F]", NOW) == b"SECRET sealed"
    with pytest.raises(SettingsError, match=r"another house: copy `keys/master.key` and `keys/vault"):
        open_store(redis_server.url, tmp_path / "two", access)
    assert not (tmp_path / "two" / "keys" / "master.key").exists(), "or the key that is copied there would be another"
    assert (tmp_path / "one" / "keys" / "master.key").exists()
    (tmp_path / "three" / "keys").mkdir(parents=True)
    shutil.copy(tmp_path / "one" / "keys" / "master.key", tmp_path / "three" / "keys")
    with pytest.raises(SettingsError, match=r"missing here: copy vault-1\.key"):
        open_store(redis_server.url, tmp_path / "three", access)
    (tmp_path / "three" / "keys" / "vault-1.key").write_bytes(b"x" * 32)
    (tmp_path / "three" / "keys" / "vault-1.key").chmod(0o600)
    with pytest.raises(SettingsError, match=r"vault-1\.key is not the one that other nodes have"):
        open_store(redis_server.url, tmp_path / "three", access)
    assert (tmp_path / "three" / "keys" / "master.key").exists(), "a key that was there before stays"
    with pytest.raises(StoreError):
        open_store("redis://127.0.0.1:1/0", tmp_path / "four", access)
    assert list((tmp_path / "four" / "keys").iterdir()) == [], "nor one of a node that came while Redis was away"
    third = open_store(redis_server.url, tmp_path / "two", Access(prefix="open2"))
    assert third.get_original("u", "[PERSON_7K2F]", NOW) is None
    for store in (one, other, third):
        store.close()
