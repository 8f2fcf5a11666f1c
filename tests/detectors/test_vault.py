"""A sealed value opens for its user, under its placeholder, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.vault import DataKey, Sealer, VaultError

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


KEY, WRAPPING = DataKey.fresh(), b"w" * 32


@given(st.text(), st.text(), st.text(), st.text())
def test_what_a_data_key_seals_opens_at_its_own_place_alone(owner, talk, place, original):
    sealed = KEY.seal(owner, talk, place, original)
    assert KEY.open(owner, talk, place, sealed) == original
    for other in (
        (owner + "x", talk, place),
        (owner, talk + "x", place),
        (owner, talk, place + "x"),
    ):
        with pytest.raises(VaultError):
            KEY.open(*other, sealed)
    with pytest.raises(VaultError, match="destroyed"):
        DataKey.fresh().open(owner, talk, place, sealed)


def test_every_changed_byte_of_what_is_sealed_or_wrapped_is_refused():
    sealed, wrapped = KEY.seal("a", "", "p", "13800138000"), KEY.wrap(WRAPPING, 3, "a", "")
    assert b"13800138000" not in sealed and KEY.key not in wrapped
    assert DataKey.unwrap(KEY.id, wrapped, WRAPPING, 3, "a", "") == KEY
    for place in range(len(sealed)):
        with pytest.raises(VaultError):
            KEY.open("a", "", "p", sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
    for place in range(len(wrapped)):
        with pytest.raises(VaultError):
            DataKey.unwrap(KEY.id, wrapped[:place] + bytes([wrapped[place] ^ 1]), WRAPPING, 3, "a", "")


@pytest.mark.parametrize(
    "other",
    [
        {"version": 4},
        {"owner": "b"},
        {"talk": "t"},
        {"id": b"\0" * 8},
        {"key": b"x" * 32},
    ],
    ids=str,
)
def test_a_wrapped_key_opens_for_whom_and_under_what_it_was_wrapped(other):
    wrapped = KEY.wrap(WRAPPING, 3, "a", "")
    with pytest.raises(VaultError):
        DataKey.unwrap(
            **{"id": KEY.id, "wrapped": wrapped, "key": WRAPPING, "version": 3, "owner": "a", "talk": "", **other}
        )
