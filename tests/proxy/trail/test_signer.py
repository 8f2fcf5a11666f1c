"""The signing key is its owner's alone, and a change of it leaves the old one's public part behind."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from proxy.errors import SettingsError
from proxy.trail import signer
from proxy.trail.signer import as_pem, change_key, public_keys, sign
from tests.proxy.trail.signed import AT


def test_the_private_key_is_for_its_owner_only_and_one_that_others_read_signs_nothing(tmp_path: Path) -> None:
    sign(tmp_path, {"size": 1})
    path = tmp_path / "keys" / "audit.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="others can read this key"):
        sign(tmp_path, {"size": 1})


def test_what_is_printed_for_auditors_holds_no_private_part_and_other_programs_read_it(tmp_path: Path) -> None:
    [key] = public_keys(tmp_path)
    assert (tmp_path / "keys" / "audit.key").read_bytes() not in as_pem((key,)).encode()
    pem = as_pem((key,)).partition("\n")[2]
    assert load_pem_public_key(pem.encode()).public_bytes_raw() == key.public  # type: ignore[union-attr]


def test_a_change_that_crashes_half_way_may_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [before] = public_keys(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(signer, "make_key", None)
        with pytest.raises(TypeError):
            change_key(tmp_path, AT)
    old, new = change_key(tmp_path, AT)
    assert old.id == before.id and [key.id for key in public_keys(tmp_path)] == [old.id, new.id]
