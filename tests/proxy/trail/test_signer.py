"""The signing key is its owner's alone, and a change of it leaves the old one's public part behind."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from proxy.errors import SettingsError
from proxy.trail import signer
from proxy.trail.checkpoint import Key, moment
from proxy.trail.signer import HANDING, as_pem, change_key, public_keys, sign
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
    for step in ("make_key", "as_pem"):
        with monkeypatch.context() as broken:
            broken.setattr(signer, step, None)
            with pytest.raises(TypeError):
                change_key(tmp_path, AT)
        assert [key.id for key in public_keys(tmp_path)] == [before.id], step
    old, new = change_key(tmp_path, AT)
    assert old.id == before.id and [key.id for key in public_keys(tmp_path)] == [old.id, new.id]


def test_who_hears_of_a_new_key_can_stop_it_and_no_key_is_left_behind(tmp_path: Path) -> None:
    [before] = public_keys(tmp_path)
    heard: list[tuple[str, str]] = []

    def stop(old: Key, new: Key) -> None:
        heard.append((old.id, new.id))
        raise SettingsError("no", "否")

    held = sorted((tmp_path / "keys").iterdir())
    with pytest.raises(SettingsError, match="no"):
        change_key(tmp_path, AT, stop)
    assert [key.id for key in public_keys(tmp_path)] == [before.id] and sorted((tmp_path / "keys").iterdir()) == held
    _, new = change_key(tmp_path, AT, lambda old, new: heard.append((old.id, new.id)))
    assert heard[1] == (before.id, new.id) and heard[0][1] != new.id


def test_what_a_running_proxy_signed_with_the_old_key_before_the_new_one_was_in_place_still_counts(
    tmp_path: Path,
) -> None:
    public_keys(tmp_path)
    signed: list[datetime] = []
    old, _ = change_key(tmp_path, None, lambda _old, _new: signed.append(datetime.now(UTC)))
    assert signed[0] < moment(old.revoked) <= datetime.now(UTC) + HANDING
