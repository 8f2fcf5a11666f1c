"""Decodes what a rule took for an encoded secret, to validate it: base64, base58 with its checksum, wallet words.

Enters: the value a rule matched. Leaves: whether its content is valid, or the decoded content, for the calling check
alone. Nothing that was decoded may be kept, logged or put into a finding.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SAMPLE: Final = re.compile(r"1234567890.*John Doe|John Doe.*1234567890", re.S)
"""The person in the token that every page about JSON Web Tokens shows."""

PHRASES: Final = frozenset({12, 15, 18, 21, 24})
"""Words of a seed phrase: BIP 39 allows these lengths."""

NEVER_IN_A_PHRASE: Final = frozenset(
    {"the", "and", "are", "was", "were", "but", "for", "not", "from", "has", "had", "his", "her", "its", "our", "your"}
    | {"which", "into", "been", "their", "them", "could", "should", "those", "these", "while", "where", "because"}
)
"""Words that hold sentences together; the word list of BIP 39 has none of them."""


def decoded(value: str) -> bytes | None:
    """Return what base64 stands for, either alphabet, padded or not; None where it is none."""
    plain = value.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def coded_text(value: str) -> bool:
    """Tell whether hexadecimal digits or base32 stand for words or keys: no digest does, nor any name."""
    try:
        data = bytes.fromhex(value)
    except ValueError:
        try:
            data = base64.b32decode(value.upper() + "=" * (-len(value) % 8))
        except (binascii.Error, ValueError):
            return False
    text = data.decode("ascii", "replace")
    return text.isprintable() and "\ufffd" not in text and 2 * sum(map(str.isalnum, text)) >= len(text)


def readable(value: str) -> str | None:
    """Return the text that base64 stands for; None where that is no text without control characters."""
    data = decoded(value)
    if not data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if all(character.isprintable() or character in "\t\r\n" for character in text) else None


def basic_credentials(value: str) -> str | None:
    """Return the password of `name:password` in base64, as RFC 7617 has it; None where there is none."""
    _, colon, password = (decoded(value) or b"").partition(b":")
    return password.decode("utf-8", "replace") if colon and password else None


def encoded_secret(value: str) -> str | None:
    """Return the text that base64 of a manifest stands for, or the base64 itself where it stands for bytes."""
    if decoded(value) is None:
        return None
    return readable(value) or value


def real_json_web_token(value: str) -> bool:
    """Tell whether a JSON Web Token is any but the well-known sample."""
    parts = value.split(".")
    payload = readable(parts[1]) if len(parts) > 1 else None
    return payload is None or not SAMPLE.search(payload)


def base58_checked(value: str) -> bool:
    """Tell whether the last four bytes are the check of the others, as wallets write their private keys."""
    number = 0
    for character in value:
        digit = BASE58.find(character)
        if digit < 0:
            return False
        number = number * 58 + digit
    data = number.to_bytes((number.bit_length() + 7) // 8)
    body, check = data[:-4], data[-4:]
    return len(body) >= 33 and hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == check


def seed_phrase(value: str) -> bool:
    """Tell whether a row of words can be a wallet's seed phrase rather than a sentence."""
    words = value.replace(",", " ").split()
    return len(words) in PHRASES and len(set(words)) > len(words) * 2 // 3 and NEVER_IN_A_PHRASE.isdisjoint(words)
