"""Signs grants, and the tokens with which a refused person asks for one. Pure: the master key comes in as bytes.

A grant leaves with an Ed25519 signature (RFC 8032) over its canonical fields, a token with an HMAC-SHA-256 tag
(RFC 2104) over its own text, and so do the mark of a self-test and a release of the policy. What has a proof that does
not hold must never be acted upon, and a token holds no word of the refused text: names, ids and a time only.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from policies.decision import Text
from proxy.errors import Declined
from proxy.workflow.permission import GrantRecord, instant, text

GRANT_FORM: Final = b"sluice grant 1\0"
"""Goes in front of a grant's fields, so that no signature over one thing can stand for another."""
TOKEN_FORM: Final = b"sluice ask 1\0"
CANARY_FORM: Final = b"sluice canary 1\0"
RELEASE_FORM: Final = b"sluice release 1\0"
CANARY_MARK: Final = re.compile(r"[0-9a-f]{24}", re.ASCII)
MOST_TOKEN: Final = 4096
"""Characters of a token."""
BAD_TOKEN: Final = Text(
    en="This link is not whole or was not made by this Sluice; send the request again and take the new link.",
    zh="此链接不完整，或并非由本 Sluice 生成；请重新发起请求，使用新的链接。",
)
OLD_TOKEN: Final = Text(
    en="This link is too old; send the request again and take the new link.",
    zh="此链接已过期；请重新发起请求，使用新的链接。",
)


@dataclass(frozen=True, slots=True)
class AskToken:
    """What a refusal says about itself, so that the person can ask for exactly what was refused."""

    reference: str
    """Number of the refused exchange."""
    user: str
    """Only this person can use it."""
    service: str
    rule: str
    activity: str
    classes: frozenset[str]
    """Names of the data classes that the policy saw in it."""
    expires: datetime


class Signer:
    """Derives its four keys from the master key (HKDF, RFC 5869)."""

    def __init__(self, master_key: bytes) -> None:
        """Take a master key of 32 bytes or more; raises `ValueError` for a shorter one."""
        if len(master_key) < 32:
            raise ValueError("the master key must have 32 bytes at least")
        self._grants = Ed25519PrivateKey.from_private_bytes(_derive(master_key, b"sluice grants"))
        self._tokens = _derive(master_key, b"sluice ask tokens")
        self._canaries = _derive(master_key, b"sluice canaries")
        self._releases = _derive(master_key, b"sluice releases")

    def sign(self, record: GrantRecord) -> GrantRecord:
        """Return the grant with its signature."""
        return replace(record, signature=self._grants.sign(_canonical(record)))

    def holds(self, record: GrantRecord) -> bool:
        """Whether the grant is one that this house gave, unchanged since."""
        try:
            self._grants.public_key().verify(record.signature, _canonical(record))
        except InvalidSignature:
            return False
        return True

    def token(self, ask: AskToken) -> str:
        """Return the token as URL-safe text."""
        fields = {
            "i": ask.reference,
            "u": ask.user,
            "s": ask.service,
            "r": ask.rule,
            "a": ask.activity,
            "c": sorted(ask.classes),
            "e": ask.expires.astimezone(UTC).isoformat(timespec="seconds"),
        }
        body = _to_text(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))
        return f"{body}.{_to_text(self._tag(body))}"

    def read_token(self, token: str, now: datetime) -> AskToken:
        """Return what a token says; raises `Declined` where it was not made here, or is over at `now`."""
        body, dot, tag = token.partition(".")
        whole = bool(dot) and len(token) <= MOST_TOKEN and token.isascii()
        # Compared as text: base64 has several spellings for some tags, and only ours counts.
        if not whole or not hmac.compare_digest(tag, _to_text(self._tag(body))):
            raise Declined(400, "bad_token", BAD_TOKEN)
        fields = orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        expires = instant(fields["e"])
        if expires <= now:
            raise Declined(410, "token_expired", OLD_TOKEN)
        reference, user, service, rule, activity = (text(fields[key]) for key in "iusra")
        return AskToken(reference, user, service, rule, activity, frozenset(map(text, fields["c"])), expires)

    def canary(self, mark: str) -> str:
        """Return the value of the header that marks an exchange as our own self-test."""
        return f"{mark}.{_to_text(hmac.digest(self._canaries, CANARY_FORM + mark.encode(), 'sha256'))}"

    def read_canary(self, value: str) -> str:
        """Return the mark in such a header; nothing where it was not made here."""
        mark = value.partition(".")[0]
        whole = CANARY_MARK.fullmatch(mark) and value.isascii()
        return mark if whole and hmac.compare_digest(value, self.canary(mark)) else ""

    def release(self, told: bytes) -> str:
        """Return the tag of a release of the policy, of which `told` is all that it says."""
        return hmac.digest(self._releases, RELEASE_FORM + told, "sha256").hex()

    def holds_release(self, told: bytes, tag: str) -> bool:
        """Whether a release was published by this house, unchanged since."""
        return tag.isascii() and hmac.compare_digest(tag, self.release(told))

    def _tag(self, body: str) -> bytes:
        return hmac.digest(self._tokens, TOKEN_FORM + body.encode(), "sha256")


def ask_link(base_url: str, token: str) -> str:
    """Return the address at which the person asks, to be put into the refusal."""
    return f"{base_url.rstrip('/')}/ask?{urlencode({'token': token})}"


def _canonical(record: GrantRecord) -> bytes:
    return GRANT_FORM + orjson.dumps(record.issued(), option=orjson.OPT_SORT_KEYS)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key)


def _to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
