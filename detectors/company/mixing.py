"""Keyed hashes of very many pieces of a text at once, and a filter of bits that says which can be registered at all.

Enters: code points as an array, and where pieces begin and end. Leaves: a hash for each piece, or whether the filter
knows it. Pure. The fast hash only saves work: it is made with secret numbers, and what is
kept and compared is a keyed digest, by BLAKE2b or AES. Nothing here may say of a registered piece that it is not there.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

type Words = NDArray[np.uint64]
type Codes = NDArray[np.uint32]
type Places = NDArray[np.int64]

DIGEST: Final = 8
"""Bytes of a digest: of a hundred million values, two share one with a chance of one in four thousand."""
BITS_EACH: Final = 12
"""Bits of the filter for each registered value, at least: two in a hundred of all other pieces pass it."""
LEAST_BITS: Final = 10


class Mixer:
    """A keyed rolling hash: all pieces of a text cost one pass over it."""

    def __init__(self, key: bytes) -> None:
        """Take a key of 16 bytes or more."""
        numbers = hashlib.blake2b(b"mixer", key=key, digest_size=40).digest()
        base, self._first, self._second, self._last, self._probe = np.frombuffer(numbers, dtype="<u8").astype(
            np.uint64
        ) | np.uint64(1)
        self._base = base
        self._inverse = np.uint64(pow(int(base), -1, 1 << 64))
        self._powers = self._grown(np.ones(1, np.uint64), self._base, 1024)
        self._backs = self._grown(np.ones(1, np.uint64), self._inverse, 1024)

    def sums(self, packed: Codes) -> Words:
        """Return the running sums from which `pieces` are made."""
        length = len(packed)
        if length >= len(self._powers):
            self._powers = self._grown(self._powers, self._base, 2 * length)
            self._backs = self._grown(self._backs, self._inverse, 2 * length)
        mixed = packed.astype(np.uint64) * self._first
        mixed ^= mixed >> np.uint64(32)
        mixed *= self._second
        mixed *= self._powers[:length]
        sums = np.zeros(length + 1, np.uint64)
        np.cumsum(mixed, out=sums[1:])
        return sums

    def pieces(self, sums: Words, begins: Places, ends: Places) -> Words:
        """Return the hash of each piece from `begins` up to `ends` of what `sums` was made of."""
        mixed: Words = (sums[ends] - sums[begins]) * self._backs[begins]
        mixed ^= mixed >> np.uint64(29)
        mixed *= self._last
        mixed ^= mixed >> np.uint64(32)
        return mixed

    def places(self, mixed: Words, bits: int) -> tuple[Words, Words]:
        """Return the two places of each hash in a filter of 2 to the power of `bits` bits."""
        shift = np.uint64(64 - bits)
        again = mixed * self._probe
        again ^= again >> np.uint64(31)
        return (mixed * self._last) >> shift, (again * self._second) >> shift

    @staticmethod
    def _grown(powers: Words, base: Any, length: int) -> Words:
        factors = np.full(length, base, np.uint64)
        factors[0] = powers[0]
        return np.multiply.accumulate(factors)


def filter_bits(values: int) -> int:
    """Return how many bits, as a power of two, a filter of so many values has."""
    return max(LEAST_BITS, (max(1, values) * BITS_EACH - 1).bit_length())


def fill(mixer: Mixer, mixed: Iterable[Words], bits: int) -> NDArray[np.uint8]:
    """Return a filter that knows all of `mixed`."""
    flags = np.zeros(1 << bits, np.bool_)
    for each in mixed:
        for places in mixer.places(each, bits):
            flags[places] = True
    return np.packbits(flags, bitorder="little")


def known(mixer: Mixer, filtered: NDArray[np.uint8], mixed: Words) -> NDArray[np.bool_]:
    """Tell of each hash whether the filter may know it; what was filled in is always known."""
    bits = (8 * len(filtered)).bit_length() - 1
    first, second = mixer.places(mixed, bits)
    there = _look(filtered, first)
    left = np.flatnonzero(there)
    there[left] = _look(filtered, second[left])
    return there


def _look(filtered: NDArray[np.uint8], places: Words) -> NDArray[np.bool_]:
    found = filtered[(places >> np.uint64(3)).astype(np.intp)] >> (places & np.uint64(7)).astype(np.uint8)
    return (found & 1).astype(np.bool_)


def digests(key: bytes, packed: Codes, begins: Places, ends: Places) -> Words:
    """Return the keyed digest of each piece."""
    keyed = hashlib.blake2b(key=key, digest_size=DIGEST)
    octets = memoryview(np.ascontiguousarray(packed, dtype="<u4")).cast("B")
    made = []
    for begin, end in zip((4 * begins).tolist(), (4 * ends).tolist(), strict=True):
        one = keyed.copy()
        one.update(octets[begin:end])
        made.append(one.digest())
    return np.frombuffer(b"".join(made), dtype="<u8").astype(np.uint64)


def digests_of_hashes(key: bytes, mixed: Words) -> Words:
    """Return the keyed digest of each hash: half of a block of AES-256, which makes a million of them in a moment."""
    blocks = np.zeros((len(mixed), 2), "<u8")
    blocks[:, 0] = mixed
    cipher = Cipher(AES(key), ECB()).encryptor()  # every block stands for itself: equal hashes must have equal digests
    made = np.frombuffer(cipher.update(blocks.tobytes()) + cipher.finalize(), "<u8")
    return made[::2].astype(np.uint64)
