"""A key is made once, for its owner only, and is never read by halves."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from detectors.key_file import LENGTH, UnfitKey, make_key, read_key


def made(path: Path) -> bytes:
    make_key(path)
    return read_key(path)


def test_a_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "a.key"
    assert len(made(path)) == LENGTH and made(path) == read_key(path) != made(tmp_path / "keys" / "b.key")
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_of_many_that_make_it_at_once_all_read_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as crowd:
        assert len(set(crowd.map(made, [tmp_path / "a.key"] * 16))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"], "nothing is left lying beside it"


def test_a_key_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_key(tmp_path / "a.key")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "mode", "told"), [(b"k" * LENGTH, 0o640, "chmod 600"), (b"short", 0o600, "has 32 bytes")]
)
def test_a_key_that_others_read_or_that_is_damaged_is_none(
    tmp_path: Path, content: bytes, mode: int, told: str
) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(UnfitKey, match=told) as raised:
        read_key(path)
    assert raised.value.zh.startswith(f"{path}：") and raised.value.zh != str(raised.value)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(UnfitKey, match="cannot be read or made"):
        make_key(tmp_path / "file" / "a.key")
