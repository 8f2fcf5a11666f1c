"""Signatures hold exactly where the RFC and a well-kept library say so."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.trail.ed25519 import ORDER, PRIME, holds
from tests.thorough import drawn

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
"""RFC 8032, section 7.1."""


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold_and_nothing_beside_them(public: str, message: str, signature: str) -> None:
    key, text, sign = (bytes.fromhex(each) for each in (public, message, signature))
    assert holds(key, text, sign)
    assert not holds(key, text + b"x", sign)
    for place in range(64):
        assert not holds(key, text, sign[:place] + bytes([sign[place] ^ 1]) + sign[place + 1 :])


@settings(max_examples=drawn(60), deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(), st.integers(0, 95), st.integers(0, 255))
def test_it_says_what_the_library_says(seed: bytes, message: bytes, place: int, flip: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    both = bytearray(public + private.sign(message))
    both[place] ^= flip
    key, signature = bytes(both[:32]), bytes(both[32:])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        theirs = True
    except (InvalidSignature, ValueError):
        theirs = False
    assert holds(key, message, signature) == theirs
    assert theirs == (flip == 0)


def test_what_is_not_written_as_the_rfc_writes_it_does_not_hold() -> None:
    key, message, signature = (bytes.fromhex(each) for each in VECTORS[1])
    larger = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    assert not holds(key, message, signature[:32] + larger)
    assert not holds(key, message, signature[:-1]) and not holds(key[:-1], message, signature)
    assert not holds((PRIME + 1).to_bytes(32, "little"), message, signature)
    assert not holds((2).to_bytes(32, "little"), message, signature)  # no point has this y
