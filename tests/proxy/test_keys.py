"""A proxy's own secrets are made once, kept private, and never half there."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509

from proxy.errors import SettingsError
from proxy.keys import certificate_authority, hand_over, master_key, private_directory, trusted_upstreams


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    key = master_key(tmp_path)
    assert len(key) == 32 and key == master_key(tmp_path) != master_key(tmp_path / "other")
    path = tmp_path / "keys" / "master.key"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert [path] == list(path.parent.iterdir()), "nothing is left lying beside it"


def test_of_many_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as crowd:
        assert len(set(crowd.map(master_key, [tmp_path] * 16))) == 1


def test_what_a_crash_left_behind_does_not_stop_the_next_start(tmp_path: Path) -> None:
    private_directory(tmp_path / "keys")
    (tmp_path / "keys" / f"master.{os.getpid()}").write_bytes(b"half")
    assert len(master_key(tmp_path)) == 32


@pytest.mark.parametrize(
    ("content", "mode", "told"), [(b"k" * 32, 0o640, "chmod 600"), (b"short", 0o600, "has 32 bytes")]
)
def test_a_key_that_others_read_or_that_is_damaged_stops_the_start(
    tmp_path: Path, content: bytes, mode: int, told: str
) -> None:
    master_key(tmp_path)
    path = tmp_path / "keys" / "master.key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=told):
        master_key(tmp_path)


def test_a_state_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    for act in (lambda: master_key(tmp_path / "file"), lambda: certificate_authority(tmp_path / "file", "n")):
        with pytest.raises(SettingsError, match="cannot be made"):
            act()


def test_the_authority_is_made_once_and_only_its_certificate_is_for_others(tmp_path: Path) -> None:
    public = certificate_authority(tmp_path, "北京-1")
    first = public.read_bytes()
    assert certificate_authority(tmp_path, "another name").read_bytes() == first
    assert b"PRIVATE" not in first and stat.S_IMODE(public.stat().st_mode) == 0o644
    assert "Sluice CA 北京-1" in x509.load_pem_x509_certificate(first).subject.rfc4514_string()
    for path in (tmp_path / "ca").iterdir():
        if b"PRIVATE" in path.read_bytes():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_an_authority_of_which_half_is_gone_is_told(tmp_path: Path) -> None:
    certificate_authority(tmp_path, "n")
    (tmp_path / "ca" / "mitmproxy-ca-cert.pem").unlink()
    with pytest.raises(SettingsError, match="certificate cannot be read or made"):
        certificate_authority(tmp_path, "n")


def test_the_companys_certificates_are_trusted_beside_the_public_ones(tmp_path: Path) -> None:
    assert trusted_upstreams(tmp_path, None) is None
    extra = certificate_authority(tmp_path, "n")
    bundle = trusted_upstreams(tmp_path, extra)
    assert bundle is not None
    assert extra.read_bytes() in Path(bundle).read_bytes() and Path(bundle).read_bytes().count(b"BEGIN CERT") > 20


@pytest.mark.parametrize("content", [None, b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_certificates_that_cannot_be_used_stop_the_start(tmp_path: Path, content: bytes | None) -> None:
    extra = tmp_path / "extra.pem"
    if content is not None:
        extra.write_bytes(content)
    with pytest.raises(SettingsError, match=r"extra\.pem"):
        trusted_upstreams(tmp_path, extra)


@pytest.mark.parametrize("name", ["mitmproxy-ca.pem", "mitmproxy-ca.p12"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_an_authority_whose_key_others_can_read_stops_the_start(tmp_path: Path, name: str, mode: int) -> None:
    certificate_authority(tmp_path, "n")
    (tmp_path / "ca" / name).chmod(mode)
    with pytest.raises(SettingsError, match=f"{name}: others can read this key; run: chmod 600"):
        certificate_authority(tmp_path, "n")


@pytest.mark.parametrize("held", [b"", b"-----BEGIN CERTIFICATE-----"])
def test_an_authority_that_a_power_cut_has_emptied_is_told(tmp_path: Path, held: bytes) -> None:
    certificate_authority(tmp_path, "n1")
    (tmp_path / "ca" / "mitmproxy-ca.pem").write_bytes(held)
    with pytest.raises(SettingsError, match="damaged; put it back from the backup"):
        certificate_authority(tmp_path, "n1")


def test_a_new_authority_is_on_the_disk_before_anybody_is_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = set()
    monkeypatch.setattr(os, "fsync", lambda file: synced.add(Path(f"/proc/self/fd/{file}").readlink()))
    certificate_authority(tmp_path, "n1")
    assert synced >= {tmp_path, tmp_path / "ca", *(tmp_path / "ca").iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files away")
def test_root_gives_an_account_what_it_made_there_and_nothing_that_stands_elsewhere(tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "etc"
    elsewhere.mkdir()
    (elsewhere / "shadow").write_text("root's")
    (state / "keys").mkdir(parents=True)
    for made in (state / "pin.json", state / "keys" / "vault-1.key"):
        made.write_text("made by a command")
    (state / "ca-next").symlink_to(elsewhere)
    (state / "link").symlink_to(elsewhere / "shadow")
    os.link(elsewhere / "shadow", state / "keys" / "shadow")
    os.mkfifo(state / "fifo")
    os.chown(state, 4711, 4712)
    hand_over(state)
    given = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.lstat().st_uid == 4711}
    assert given == {"state", "state/pin.json", "state/keys", "state/keys/vault-1.key"}
