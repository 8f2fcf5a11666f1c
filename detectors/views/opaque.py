"""What stands in a text and cannot be read: encrypted, an archive, noise that somebody asks to be decoded.

Enters: decoded bytes, or a text. Leaves: whether it is closed, and where. Only policy may let it pass. Digests, keys
and certificates are noise, too, but hide nothing: they are told by their sizes and their heads.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.context import words

HEADS: Final = (
    *(b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd", b"\x1f\x8b"),
    *(b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Salted__", b"age-encryption.org/"),
)
"""Archives, documents, and what is encrypted: as files they are read, or refused."""

SHORTEST: Final = 24
"""Bytes of such a thing; fewer are a coincidence."""

ARMOURED: Final = re.compile(
    r"-----BEGIN (PGP MESSAGE|AGE ENCRYPTED FILE|PKCS7|CMS)-----[^-]{20,}(?:-----END \1-----)?"
    r"|\$ANSIBLE_VAULT;[0-9.]+;[A-Z0-9]+(?:;[^\n]*)?\s+[0-9a-f\s]{60,}"
)
"""What programs write of what they have encrypted."""

ASKS: Final = words(
    (
        *("decode", "decrypt", "decipher", "decompress", "unzip", "unpack"),
        *("解码", "解密", "解压", "译码", "破译", "解開", "解碼"),
    ),
    within=60,
)
"""What somebody asks of a model who sends it what nobody on the way can read."""

DIGESTS: Final = frozenset({16, 20, 28, 32, 48, 64})
LEAST_NOISE: Final = 40
HARMLESS: Final = (b"\x30\x82", b"\x30\x81", b"\x30\x59", b"\x00\x00\x00")
"""Certificates and public keys, as DER and as SSH write them."""


def is_closed(data: bytes) -> bool:
    """Tell whether bytes begin as something that holds what cannot be seen from here."""
    return len(data) >= SHORTEST and data.startswith(HEADS)


def is_noise(data: bytes) -> bool:
    """Tell whether bytes have no order that could be seen, and are no digest."""
    if len(data) < LEAST_NOISE or len(data) in DIGESTS or data.startswith(HARMLESS):
        return False
    return len(set(data)) * 2 > min(len(data), 200)


def is_random(code: str) -> bool:
    """Tell whether a code is drawn of its whole alphabet, as names in programs are not."""
    digits = sum(map(str.isdigit, code))
    return digits * 16 > len(code) and (sum(map(str.isupper, code)) * 8 > len(code) or digits * 3 > len(code))


def is_asked(text: str, start: int, end: int) -> bool:
    """Tell whether somebody near asks for what stands there to be decoded."""
    return bool(ASKS.near(text, start, end))


def armoured(text: str) -> Iterator[tuple[int, int]]:
    """Yield where something encrypted stands in its armour."""
    yield from (match.span() for match in ARMOURED.finditer(text))
