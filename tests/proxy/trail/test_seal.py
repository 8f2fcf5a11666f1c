"""A copy is whole, on the disk before it is counted on, and opens for the auditor alone."""

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Mode, RecordDetail
from policies.problem import PolicyError
from proxy.errors import StoreError
from proxy.trail.seal import Copy, Safe, make_identity, must_be_sealable, open_copy, recipient
from tests.policies.samples import HEAD, parsed

SECRET = "客户身份证 11010519491231002X"
NOW = datetime(2026, 12, 2, 4, tzinfo=UTC)
COPY = Copy(
    "SLC-20261202-7K2F9Q",
    NOW,
    "王芳",
    "kimi",
    "kimi.com",
    "POST",
    f"/chat?q={SECRET}",
    "text/plain",
    "",
    b"\x00\xff\n{",
)
YEAR = timedelta(days=365)


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, str]:
    """Return a public key, and the text of the file that holds its private one."""
    path = tmp_path / "auditor.key"
    return make_identity(path), path.read_text("ascii")


def test_what_is_kept_opens_with_the_auditors_key_and_with_no_other(tmp_path: Path, key: tuple[str, str]) -> None:
    public, private = key
    Safe(tmp_path, [public], YEAR).keep(COPY)
    [file] = Safe(tmp_path, (), YEAR).find(COPY.reference)
    sealed = file.read_bytes()
    assert open_copy(sealed, private) == COPY
    assert SECRET.encode() not in sealed and "王芳".encode() not in sealed
    other = make_identity(tmp_path / "other.key")
    with pytest.raises(ValueError, match="does not open"):
        open_copy(sealed, (tmp_path / "other.key").read_text())
    assert other != public


def test_either_of_two_auditors_opens_it(tmp_path: Path, key: tuple[str, str]) -> None:
    second = make_identity(tmp_path / "second.key")
    Safe(tmp_path, [key[0], second], YEAR).keep(COPY)
    [file] = Safe(tmp_path, (), YEAR).find(COPY.reference)
    assert open_copy(file.read_bytes(), (tmp_path / "second.key").read_text()) == COPY


@given(st.binary(max_size=300), st.integers(0, 299))
def test_what_was_changed_is_never_taken_for_what_was_sent(body: bytes, at: int) -> None:
    identity = pyrage.x25519.Identity.generate()
    copy = replace(COPY, body=body)
    sealed = bytearray(pyrage.encrypt(copy.pack(), [identity.to_public()]))
    assert open_copy(bytes(sealed), str(identity)) == copy
    sealed[-1 - at % len(sealed)] ^= 1
    with pytest.raises(ValueError):
        open_copy(bytes(sealed), str(identity))


@given(st.binary(max_size=200))
def test_anything_else_is_no_copy(data: bytes) -> None:
    with pytest.raises(ValueError):
        Copy.unpack(data)


def test_a_request_that_was_refused_unread_has_a_copy_without_a_body() -> None:
    assert Copy.unpack(replace(COPY, body=None).pack()).body is None


def test_a_number_that_comes_twice_overwrites_nothing(tmp_path: Path, key: tuple[str, str]) -> None:
    safe = Safe(tmp_path, [key[0]], YEAR)
    digests = [safe.keep(replace(COPY, body=body)) for body in (b"one", b"two")]
    found = [open_copy(file.read_bytes(), key[1]).body for file in safe.find(COPY.reference)]
    assert sorted(found) == [b"one", b"two"] and len(set(digests)) == 2


def test_nobody_else_can_list_or_read_the_files(tmp_path: Path, key: tuple[str, str]) -> None:
    Safe(tmp_path, [key[0]], YEAR).keep(COPY)
    [file] = Safe(tmp_path, (), YEAR).find(COPY.reference)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert stat.S_IMODE((tmp_path / "auditor.key").stat().st_mode) == 0o600


def test_a_copy_that_cannot_be_kept_is_an_error_that_quotes_nothing(tmp_path: Path, key: tuple[str, str]) -> None:
    (tmp_path / "sealed").write_text("in the way")
    for keys in ([], [key[0]]):
        with pytest.raises(StoreError) as caught:
            Safe(tmp_path, keys, YEAR).keep(COPY)
        assert SECRET not in str(caught.value) and "copy for the auditor" in str(caught.value)
    assert SECRET not in repr(COPY)


def test_old_copies_are_forgotten(tmp_path: Path, key: tuple[str, str]) -> None:
    safe = Safe(tmp_path, [key[0]], timedelta(days=180))
    safe.keep(COPY)
    safe.keep(replace(COPY, reference="SLC-20261202-000000"))
    [old] = safe.find(COPY.reference)
    os.utime(old, (NOW.timestamp(), NOW.timestamp()))
    now = NOW + timedelta(days=180, seconds=1)
    os.utime(safe.find("SLC-20261202-000000")[0], (now.timestamp(), now.timestamp()))
    assert (safe.forget(NOW + timedelta(days=180)), safe.forget(now), safe.forget(now)) == (0, 1, 0)
    assert safe.find(COPY.reference) == ()


@pytest.mark.parametrize("word", ["", "age1", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA"])
def test_what_is_no_public_key_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        recipient(word)


@pytest.mark.parametrize("text", ["", "# public key: age1\n", "AGE-SECRET-KEY-1NONSENSE\n"])
def test_a_file_without_a_private_key_opens_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="holds no key"):
        open_copy(b"", text)


ASKED = {
    "the policy itself": ("record: sealed\nrules: []\n", "policy.yaml:5:9"),
    "a rule": ("rules: [{id: a, verdict: allowed, record: sealed}]\n", "policy.yaml:5:14"),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_policy_that_keeps_copies_needs_somebody_who_can_open_them(name: str, key: tuple[str, str]) -> None:
    text, place = ASKED[name]
    policy = parsed(HEAD + text)
    must_be_sealable(policy, [key[0]])
    with pytest.raises(PolicyError, match="auditor_keys") as caught:
        must_be_sealable(policy, [])
    assert place in caught.value.render("en") and "密封副本" in caught.value.render("zh")


def test_a_rule_that_is_only_observed_keeps_none() -> None:
    policy = parsed(HEAD + "rules: [{id: a, verdict: allowed, record: sealed, mode: observe}]\n")
    assert (policy.rules[0].record, policy.rules[0].mode) == (RecordDetail.SEALED, Mode.OBSERVE)
    must_be_sealable(policy, [])
