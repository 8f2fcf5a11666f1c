"""Versions of the wrapping key: the newest seals, all from the least on open, and none below it ever again."""

import gc
import stat
from pathlib import Path
from time import sleep

import pytest

import proxy.keyring as keyring_module
from detectors.key_file import read_key
from detectors.vault import KeyEnded, VaultError
from proxy.errors import SettingsError
from proxy.keyring import SETTLED, Keyring


def test_the_first_version_is_made_where_it_is_needed_for_its_owner_alone(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    assert keyring.versions() == () and keyring.least() == 0
    version, key = keyring.newest()
    assert (version, len(key), keyring.versions()) == (1, 32, (1,))
    assert stat.S_IMODE((tmp_path / "keys" / "vault-1.key").stat().st_mode) == 0o600
    assert keyring.newest() == (1, key)


def test_a_newer_version_counts_at_once_for_whoever_looks_and_older_ones_open(tmp_path: Path) -> None:
    running, command = Keyring(tmp_path), Keyring(tmp_path)
    _, first = running.newest()
    assert command.add() == 2
    version, second = running.newest()
    assert version == 2 and second != first and running.key(1) == first


def test_who_hears_of_a_newer_version_can_stop_it_and_it_is_not_there(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    keyring.newest()
    heard: list[int] = []

    def stop(version: int) -> None:
        heard.append(version)
        raise SettingsError("no", "否")

    with pytest.raises(SettingsError, match="no"):
        keyring.add(stop)
    assert keyring.versions() == (1,) and keyring.add(heard.append) == 2 and heard == [2, 2]


def test_what_was_ended_opens_nothing_even_where_its_file_comes_back(tmp_path: Path) -> None:
    running = Keyring(tmp_path)
    running.newest()
    old = (tmp_path / "vault-1.key").read_bytes()
    Keyring(tmp_path).add()
    assert Keyring(tmp_path).end_below(2) == (1,)
    (tmp_path / "vault-1.key").write_bytes(old)
    (tmp_path / "vault-1.key").chmod(0o600)
    for version in (0, 1):
        with pytest.raises(KeyEnded):
            running.key(version)
    assert running.key(2)
    with pytest.raises(SettingsError, match="no version 1"):
        running.end_below(1)


@pytest.mark.parametrize("version", [0, 3])
def test_a_version_that_is_not_there_cannot_be_the_least(tmp_path: Path, version: int) -> None:
    keyring = Keyring(tmp_path)
    keyring.newest()
    with pytest.raises(SettingsError, match="no version"):
        keyring.end_below(version)
    assert keyring.least() == 0


def test_a_key_that_is_missing_or_that_others_read_is_no_key_and_is_not_made_anew(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    keyring.newest()
    keyring.add()
    (tmp_path / "vault-1.key").unlink()
    with pytest.raises(VaultError, match="put it back"):
        keyring.key(1)
    (tmp_path / "vault-2.key").chmod(0o644)
    with pytest.raises(VaultError, match="others can read"):
        keyring.newest()
    (tmp_path / "vault-least").write_text("two")
    with pytest.raises(VaultError, match="cannot be read"):
        keyring.key(2)


def test_an_unchanged_file_is_read_once_and_a_changed_one_counts_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(keyring_module, "read_key", lambda path: read.append(path.name) or read_key(path))
    running = Keyring(tmp_path)
    running.newest()
    sleep(2 * SETTLED / 1e9)
    first = running.key(1)
    read.clear()
    assert [running.key(1) for _ in range(3)] == [first] * 3 and len(read) <= 1
    path = tmp_path / "vault-1.key"
    path.chmod(0o644)
    with pytest.raises(VaultError, match="others can read"):
        running.key(1)
    path.chmod(0o600)
    path.write_bytes(bytes(32))
    assert running.key(1) == bytes(32) == running.key(1), "written again, and at once once more"
    path.write_bytes(bytes([1]) * 32)
    assert running.key(1) == bytes([1]) * 32
    path.unlink()
    with pytest.raises(VaultError, match="put it back"):
        running.key(1)


def test_nothing_of_an_ended_key_stays_in_memory(tmp_path: Path) -> None:
    running = Keyring(tmp_path)
    running.newest()
    sleep(2 * SETTLED / 1e9)
    key = running.key(1)
    assert any(key in referents for referents in map(gc.get_referents, gc.get_referents(*running._keys.values())))
    Keyring(tmp_path).add()
    Keyring(tmp_path).end_below(2)
    assert running.key(2)
    assert list(running._keys) == [2]
