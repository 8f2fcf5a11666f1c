"""An index that is not whole, not ours or not private is never read as one that finds nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.company.index_file import MAGIC, Writer, open_index
from detectors.interface import DetectorError
from tests.thorough import drawn

KEY, SALT = b"k" * 32, b"s" * 16


def written(folder: Path) -> Path:
    path = folder / "x.idx"
    with Writer(path, KEY, SALT) as writer:
        writer.write("numbers", np.arange(1000, dtype=np.uint64), np.arange(5, dtype=np.uint64))
        writer.write("nothing", np.zeros(0, np.uint32))
        writer.write("octets", np.arange(7, dtype=np.uint8))
        writer.finish({"name": "x", "form": "exact"})
    return path


def test_what_was_written_is_read(tmp_path: Path):
    index = open_index(written(tmp_path), KEY)
    assert (index.name, index.form, index.salt) == ("x", "exact", SALT)
    assert index.arrays["numbers"].tolist() == [*range(1000), *range(5)]
    assert index.arrays["nothing"].tolist() == []
    assert index.arrays["octets"].tolist() == [*range(7)]
    assert (tmp_path / "x.idx").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["x.idx"], "nothing is left beside it"


def test_what_was_not_finished_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(RuntimeError), Writer(tmp_path / "x.idx", KEY, SALT) as writer:
        writer.write("numbers", np.arange(3, dtype=np.uint64))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("index"))


@given(st.data())
@settings(max_examples=drawn(60))
def test_no_changed_or_missing_byte_goes_unnoticed(whole: Path, data):
    octets = bytearray(whole.read_bytes())
    used = [
        *range(16),
        *range(4096, 4096 + 8040),
        *range(8192 + 4096, 8192 + 4103),
        *range(len(octets) - 300, len(octets)),
    ]
    place = data.draw(st.sampled_from([each for each in used if each < len(octets)]))
    octets[place] ^= data.draw(st.integers(1, 255))
    spoilt = whole.with_name("spoilt.idx")
    spoilt.write_bytes(octets)
    spoilt.chmod(0o600)
    with pytest.raises(DetectorError, match=r"spoilt\.idx: .*build it anew"):
        open_index(spoilt, KEY)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 4096, -1, -100])
def test_a_file_that_is_cut_off_is_refused(whole: Path, length: int):
    spoilt = whole.with_name("cut.idx")
    spoilt.write_bytes(whole.read_bytes()[:length])
    spoilt.chmod(0o600)
    with pytest.raises(DetectorError, match="build it anew"):
        open_index(spoilt, KEY)


def test_another_key_is_refused_and_named(whole: Path):
    with pytest.raises(DetectorError, match=r"another key than keys/index\.key"):
        open_index(whole, b"x" * 32)


def test_a_missing_file_is_refused_and_says_what_to_do(tmp_path: Path):
    with pytest.raises(DetectorError, match=r"there is no such index; build it anew with `sluice index build`"):
        open_index(tmp_path / "none.idx", KEY)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path):
    written(tmp_path).chmod(0o644)
    with pytest.raises(DetectorError, match="chmod 600"):
        open_index(tmp_path / "x.idx", KEY)


def test_a_newer_version_is_named(whole: Path):
    newer = whole.with_name("newer.idx")
    newer.write_bytes(MAGIC[:-1] + b"\x09" + whole.read_bytes()[len(MAGIC) :])
    newer.chmod(0o600)
    with pytest.raises(DetectorError, match="of version 9, and this Sluice reads 1"):
        open_index(newer, KEY)
