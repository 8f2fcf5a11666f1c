"""The key of indexes is made once, for its owner only, and nothing is read with a doubtful one."""

from pathlib import Path

import pytest

from detectors.company.keys import derive, index_key, seal, unseal
from detectors.interface import DetectorError


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path):
    key = index_key(tmp_path, make=True)
    assert len(key) == 32
    assert index_key(tmp_path, make=True) == index_key(tmp_path) == key
    assert (tmp_path / "keys" / "index.key").stat().st_mode & 0o077 == 0
    assert [each.name for each in (tmp_path / "keys").iterdir()] == ["index.key"]


def test_no_key_is_made_by_who_only_reads(tmp_path: Path):
    with pytest.raises(DetectorError, match="build every index anew"):
        index_key(tmp_path)
    assert not (tmp_path / "keys").exists()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    index_key(tmp_path, make=True)
    (tmp_path / "keys" / "index.key").chmod(0o640)
    with pytest.raises(DetectorError, match="chmod 600"):
        index_key(tmp_path)


def test_a_damaged_key_is_refused(tmp_path: Path):
    index_key(tmp_path, make=True)
    (tmp_path / "keys" / "index.key").write_bytes(b"short")
    with pytest.raises(DetectorError, match="32 bytes"):
        index_key(tmp_path)


def test_every_index_and_purpose_has_a_key_of_its_own():
    made = {
        derive(key, salt, what) for key in (b"a" * 32, b"b" * 32) for salt in (b"1" * 16, b"2" * 16) for what in "xy"
    }
    assert len(made) == 8


def test_what_is_sealed_opens_with_its_key_only():
    sealed = seal(b"a" * 32, "合同.docx".encode())
    assert unseal(b"a" * 32, sealed).decode() == "合同.docx"
    assert "合同".encode() not in sealed
    for key, data in ((b"b" * 32, sealed), (b"a" * 32, sealed[:-1]), (b"a" * 32, b"")):
        with pytest.raises(ValueError, match="altered"):
            unseal(key, data)
