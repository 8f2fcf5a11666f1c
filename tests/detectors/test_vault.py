"""A sealed value opens for its user, under its placeholder, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.vault import Sealer, VaultError

MASTER = bytes(range(32))
TOKEN = "[PERSON_7K2F0A1B]"


@pytest.fixture(scope="module")
def sealer():
    return Sealer(MASTER)


@given(st.text(), st.text(), st.text())
def test_what_is_sealed_opens_again(user, token, original):
    sealer = Sealer(MASTER)
    assert sealer.open(user, token, sealer.seal(user, token, original)) == original


CHANGED = {
    "another user": ("bob", TOKEN, lambda sealed: sealed),
    "another placeholder": ("王芳", "[PERSON_00000000]", lambda sealed: sealed),
    "a moved border between user and placeholder": ("王芳[", TOKEN[1:], lambda sealed: sealed),
    "a changed byte": ("王芳", TOKEN, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1])),
    "a changed nonce": ("王芳", TOKEN, lambda sealed: sealed[:1] + bytes(12) + sealed[13:]),
    "a cut end": ("王芳", TOKEN, lambda sealed: sealed[:-1]),
    "another version": ("王芳", TOKEN, lambda sealed: b"\x02" + sealed[1:]),
    "nothing": ("王芳", TOKEN, lambda _: b""),
    "too little": ("王芳", TOKEN, lambda sealed: sealed[:20]),
}


@pytest.mark.parametrize(("user", "token", "change"), CHANGED.values(), ids=CHANGED)
def test_it_does_not_open_for_anything_else(sealer, user, token, change):
    sealed = sealer.seal("王芳", TOKEN, "13800138000")
    with pytest.raises(VaultError) as raised:
        sealer.open(user, token, change(sealed))
    assert "138" not in str(raised.value)


def test_it_does_not_open_under_another_master_key(sealer):
    with pytest.raises(VaultError, match="does not belong"):
        Sealer(bytes(32)).open("王芳", TOKEN, sealer.seal("王芳", TOKEN, "x"))


def test_the_original_cannot_be_read_in_what_is_stored(sealer):
    assert b"13800138000" not in sealer.seal("王芳", TOKEN, "13800138000")


def test_the_same_value_is_never_sealed_the_same_way_twice(sealer):
    assert sealer.seal("a", TOKEN, "x") != sealer.seal("a", TOKEN, "x")


def test_the_nonce_comes_from_the_caller():
    fixed = Sealer(MASTER, nonce=lambda size: b"\x07" * size)
    assert fixed.seal("a", TOKEN, "x")[1:13] == b"\x07" * 12


def test_keys_of_users_differ_stay_the_same_and_do_not_tell_the_sealing_key(sealer):
    assert sealer.user_key("alice") == Sealer(MASTER).user_key("alice")
    assert len({sealer.user_key(user) for user in ("alice", "bob", "", "王芳")}) == 4
    assert len(sealer.user_key("alice")) == 32


def test_a_short_master_key_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short")
