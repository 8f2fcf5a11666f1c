"""What is encoded is read as it was meant, and nothing that is no encoding makes it raise."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import decoded
from detectors.decoded import (
    base58_checked,
    basic_credentials,
    encoded_secret,
    readable,
    real_json_web_token,
    seed_phrase,
)

ONE = "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf"
"""The private key of the number one, as the pages about the format show it."""


@given(st.binary(min_size=1))
def test_base64_of_either_alphabet_padded_or_not_is_read(data):
    for spelt in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        assert decoded.decoded(spelt.decode()) == data
        assert decoded.decoded(spelt.decode().rstrip("=")) == data


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_text_in_base64_is_readable(text):
    assert readable(base64.b64encode(text.encode()).decode()) == text


CREDENTIALS = {
    "a name and a password": (b"admin:Zx9-secret", "Zx9-secret"),
    "a colon in the password": (b"admin:a:b", "a:b"),
    "no name": (b":geheim1", "geheim1"),
    "no password": (b"admin:", None),
    "no colon": (b"admin", None),
    "another encoding": (b"me:caf\xe9", "caf\ufffd"),
}


@pytest.mark.parametrize(("data", "want"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_the_password_of_basic_credentials_is_told(data, want):
    assert basic_credentials(base64.b64encode(data).decode()) == want


def test_bytes_in_a_manifest_stand_for_themselves():
    assert encoded_secret("/u3+7fAB") == "/u3+7fAB"
    assert encoded_secret("not base64!") is None


@given(st.integers(0, len(ONE) - 1), st.sampled_from(decoded.BASE58))
def test_one_wrong_character_of_a_wallet_key_is_seen(place, character):
    changed = ONE[:place] + character + ONE[place + 1 :]
    assert base58_checked(changed) == (changed == ONE)


PHRASES = {
    "abandon river orbit candy pistol velvet glory hazard tunnel mimic ranch sugar": True,
    "abandon, river, orbit, candy, pistol, velvet, glory, hazard, tunnel, mimic, ranch, sugar": True,
    "abandon river orbit candy pistol velvet glory hazard tunnel mimic ranch": False,
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about": False,
    "the river and orbit candy pistol velvet glory hazard tunnel mimic ranch": False,
}


@pytest.mark.parametrize(("words", "want"), PHRASES.items())
def test_a_seed_phrase_is_told_from_a_sentence(words, want):
    assert seed_phrase(words) is want


CHECKS = [readable, basic_credentials, encoded_secret, real_json_web_token, base58_checked, seed_phrase]


@pytest.mark.parametrize("check", CHECKS)
@given(value=st.text())
def test_nothing_makes_it_raise(check, value):
    check(value)
