"""Makes the audit lines: one when a request is decided, one when its answer has ended. Pure.

What an exchange was goes in as values; fields for the log come out, and `Chain` turns them into lines of which each
holds the hash of the one before. Raw content never enters: every string is capped, and control and bidi characters
are escaped, so that no value can forge a line or fool the eye of a reader.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import orjson

from policies.decision import Decision, Facts, Findings, RecordDetail
from proxy.exchange import Forward, Inspection, Outcome, Redirect, Reply

type Value = str | int | bool | Sequence[str] | Mapping[str, int] | None
"""What a field may hold; no floats, whose spelling differs between JSON writers."""

EVENT: Final = "event"
TIME: Final = "time"
SEQ: Final = "seq"
PREV: Final = "prev"
HASH: Final = "hash"
ID: Final = "id"
NODE: Final = "node"
USER: Final = "user"
ADDRESS: Final = "address"
SERVICE: Final = "service"
HOST: Final = "host"
ACTIVITY: Final = "activity"
METHOD: Final = "method"
ADAPTER: Final = "adapter"
VERDICT: Final = "verdict"
ROUTE: Final = "route"
OUTCOME: Final = "outcome"
CODE: Final = "code"
RULES: Final = "rules"
DECIDING: Final = "deciding"
GRANT: Final = "grant"
POLICY: Final = "policy"
INSPECTION: Final = "inspection"
ENTITIES: Final = "entities"
REDACTED: Final = "redacted"
FINGERPRINTS: Final = "fingerprints"
UNKNOWN: Final = "unknown"
BYTES_IN: Final = "bytes_in"
BYTES_OUT: Final = "bytes_out"
STATUS: Final = "status"
TIMINGS: Final = "timings"
RESTORED: Final = "restored"
LABELLED: Final = "labelled"
DETAIL: Final = "detail"
GROUPS: Final = "groups"
CATEGORY: Final = "category"
COUNTRY: Final = "country"
TAGS: Final = "tags"
ACCOUNT: Final = "account"
PURPOSE: Final = "purpose"
GRANTS: Final = "grants"
ACKNOWLEDGED: Final = "acknowledged"
USED: Final = "used"
LOOKED: Final = "looked"
VALUES: Final = "values"
CHARACTERS: Final = "characters"
GATE: Final = "gate"
NOTICES: Final = "notices"
QUOTAS: Final = "quotas"
OBSERVED: Final = "observed"
WOULD: Final = "would"
SEALED: Final = "sealed"
CONVERSATION: Final = "conversation"
TURN: Final = "turn"
CANARY: Final = "canary"
LEFT: Final = "left"

MINIMAL: Final = frozenset(
    {
        *(EVENT, TIME, ID, NODE, USER, SERVICE, ACTIVITY, OUTCOME, CODE, VERDICT, ROUTE, RULES, DECIDING, GRANT),
        *(POLICY, INSPECTION, DETAIL),
    }
)
"""Fields of a record where policy wants minimal ones: who, when, what and the verdict."""

GENESIS: Final = "0" * 64
"""The `prev` of the first line."""
MAX_TEXT: Final = 200
"""Code points of one string."""
MAX_ITEMS: Final = 100
"""Items of one list or mapping."""
MAX_INT: Final = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly (RFC 8785 section 3.2.2.3)."""

type Ending = Literal["forwarded", "redirected", "refused", "error", "not_inspected"]


@dataclass(frozen=True, slots=True)
class Record:
    """What a request was and what became of it, written before its bytes go out."""

    id: str
    """Reference number, as `SLC-20261120-7K2F9Q`; its answer's line has the same."""
    at: datetime
    """Aware."""
    outcome: Ending
    user: str = ""
    address: str = ""
    service: str = ""
    host: str = ""
    activity: str = ""
    method: str = ""
    adapter: str = ""
    decision: Decision | None = None
    """None when policy was never reached."""
    code: str = ""
    """Stable word for the reason of a refusal or an error."""
    inspection: Inspection = "none"
    entities: Mapping[str, int] = field(default_factory=dict)
    """Findings by entity."""
    redacted: Mapping[str, int] = field(default_factory=dict)
    """Values taken out, by entity."""
    fingerprints: Sequence[str] = ()
    """Keyed digests of the values found: see `fingerprint`."""
    unknown: frozenset[str] = frozenset()
    """Entities whose detector gave no answer."""
    facts: Facts | None = None
    """What policy was told before the text was read; None when it was never asked."""
    findings: Findings | None = None
    """What it was told of the text; None where no text was read."""
    looked: frozenset[str] = frozenset()
    """Entities that were looked for."""
    sealed: str = ""
    """SHA-256 of the auditor's encrypted copy; empty where none was kept."""
    conversation: str = ""
    """Keyed digest of the conversation that the company's model holds for a page; empty for all others."""
    turn: int = 0
    """Which turn of it the request is; 0 where it only asks about it."""
    canary: str = ""
    """Mark of the self-test that it is; empty for what people send."""
    left: Sequence[str] = ()
    """Entities of the self-test's planted values that go out."""
    bytes_in: int = 0
    """Bytes of the request as the client sent it."""
    bytes_out: int = 0
    """Bytes of the request as it goes out; 0 when refused."""
    timings: Mapping[str, int] = field(default_factory=dict)
    """Whole milliseconds by step."""

    def fields(self, node: str) -> dict[str, Value]:
        """Return the line's fields, cleaned, for the node called `node`."""
        decision = self.decision
        told: dict[str, Value] = {
            EVENT: "request",
            TIME: self.at.isoformat(timespec="milliseconds"),
            ID: self.id,
            NODE: node,
            USER: self.user,
            ADDRESS: self.address,
            SERVICE: self.service,
            HOST: self.host,
            ACTIVITY: self.activity,
            METHOD: self.method,
            ADAPTER: self.adapter,
            OUTCOME: self.outcome,
            CODE: self.code,
            VERDICT: decision.verdict.value if decision else "",
            ROUTE: decision.route.value if decision else "",
            RULES: [rule.id for rule in decision.rules] if decision else [],
            DECIDING: decision.deciding if decision else "",
            GRANT: decision.grant if decision else "",
            POLICY: decision.policy if decision else "",
            INSPECTION: self.inspection,
            ENTITIES: self.entities,
            REDACTED: self.redacted,
            FINGERPRINTS: self.fingerprints,
            UNKNOWN: sorted(self.unknown),
            BYTES_IN: self.bytes_in,
            BYTES_OUT: self.bytes_out,
            TIMINGS: self.timings,
            SEALED: self.sealed,
            CONVERSATION: self.conversation,
            TURN: self.turn,
            **self.inputs(),
            **self.effects(),
            **({CANARY: self.canary, LEFT: self.left} if self.canary else {}),
        }
        if decision is not None and decision.record is RecordDetail.MINIMAL and not self.canary:
            told = {key: value for key, value in told.items() if key in MINIMAL}
        return clean_fields(told, self.at)

    def inputs(self) -> dict[str, Value]:
        """Return all that a policy needs to decide again, and none of the text."""
        facts, findings = self.facts, self.findings
        told: dict[str, Value] = {}
        if facts is not None:
            told = {
                GROUPS: sorted(facts.groups),
                CATEGORY: facts.category,
                COUNTRY: facts.country,
                TAGS: sorted(facts.tags),
                ACCOUNT: facts.account,
                PURPOSE: facts.purpose,
                GRANTS: sorted(grant.id for grant in facts.grants),
                ACKNOWLEDGED: sorted(facts.acknowledged),
                USED: facts.used,
            }
        if findings is not None:
            told |= {LOOKED: sorted(self.looked), VALUES: findings.counts, CHARACTERS: findings.characters}
        return told

    def effects(self) -> dict[str, Value]:
        """Return what the decision demands besides verdict and route."""
        decision = self.decision
        if decision is None:
            return {DETAIL: RecordDetail.FULL.value}
        return {
            DETAIL: decision.record.value,
            GATE: decision.gate.value,
            NOTICES: [notice.id for notice in decision.notices],
            QUOTAS: [use.counter for use in decision.quotas],
            OBSERVED: [rule.id for rule in decision.observed],
            WOULD: decision.would.value if decision.would else "",
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """How the answer of a recorded request ended."""

    id: str
    at: datetime
    status: int
    """HTTP status the client got; 0 when there was none."""
    bytes_in: int = 0
    """Bytes of the answer as it came."""
    bytes_out: int = 0
    """Bytes of the answer as the client got it."""
    restored: int = 0
    """Placeholders that became originals again."""
    labelled: bool = False
    """Whether policy's words were added to it."""
    code: str = ""
    """Stable word for what went wrong: `cut_short`, `client_left` … Empty when nothing did."""
    timings: Mapping[str, int] = field(default_factory=dict)

    def fields(self, node: str) -> dict[str, Value]:
        """Return the line's fields, cleaned, for the node called `node`."""
        told: dict[str, Value] = {
            EVENT: "answer",
            TIME: self.at.isoformat(timespec="milliseconds"),
            ID: self.id,
            NODE: node,
            STATUS: self.status,
            BYTES_IN: self.bytes_in,
            BYTES_OUT: self.bytes_out,
            RESTORED: self.restored,
            LABELLED: self.labelled,
            CODE: self.code,
            TIMINGS: self.timings,
        }
        return clean_fields(told, self.at)


def notice(event: str, at: datetime, node: str, notes: Mapping[str, Value]) -> dict[str, Value]:
    """Return the fields of a line about Sluice itself: `start`, `stop`, `policy`, `grant`, `recovered` …"""
    return clean_fields({**notes, EVENT: event, TIME: at.isoformat(timespec="milliseconds"), NODE: node}, at)


def ending(outcome: Outcome, inspection: Inspection) -> Ending:
    """Return the word for an outcome; what was forwarded unread is `not_inspected`, never `forwarded`."""
    match outcome:
        case Forward():
            return "not_inspected" if inspection == "none" else "forwarded"
        case Redirect() | Reply():
            return "redirected"
        case _:
            return "refused"


def reference(at: datetime, entropy: bytes) -> str:
    """Return a reference number for an exchange, as `SLC-20261120-7K2F9Q`, from at least 4 random bytes."""
    return f"SLC-{at:%Y%m%d}-{spell(entropy)}"


def spell(entropy: bytes) -> str:
    """Return 30 random bits as six of Crockford's digits, which nobody mishears over the telephone."""
    if len(entropy) < 4:
        raise ValueError("four random bytes are needed")
    number = int.from_bytes(entropy[:4], "big")
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> shift & 31] for shift in range(25, -1, -5))


def fingerprint(key: bytes, value: str) -> str:
    """Return a short keyed digest, which links equal values over records but cannot be guessed back without the key."""
    return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:16]


def clean(text: str) -> str:
    """Return `text` capped at `MAX_TEXT`, with characters that are not seen, or not stored, escaped."""
    if len(text) <= MAX_TEXT and text.isprintable():  # Python calls no character of these categories printable
        return text
    shown = "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char
        for char in text[: MAX_TEXT + 1]
    )
    return shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…"


def clean_fields(fields: Mapping[str, Value], at: datetime) -> dict[str, Value]:
    """Return all fields cleaned; raises `TypeError` or `ValueError` for what no line may hold, which is a bug."""
    if at.utcoffset() is None:
        raise ValueError("a record needs an aware time")
    return {key: _clean_value(value) for key, value in fields.items()}


def _clean_value(value: object) -> Value:
    if type(value) is str:  # most of them
        return clean(value)
    match value:
        case None | bool():
            return value
        case int():
            if abs(value) > MAX_INT:
                raise ValueError("an integer of a record is out of range")
            return value
        case str():
            return clean(value)
        case Mapping():
            pairs = sorted(value.items())[:MAX_ITEMS]
            return {_clean_key(key): _clean_count(count) for key, count in pairs}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            more = [f"… +{len(value) - MAX_ITEMS}"] if len(value) > MAX_ITEMS else []
            return [clean(_text(item)) for item in value[:MAX_ITEMS]] + more
        case _:
            raise TypeError(f"a record cannot hold {type(value).__name__}")


def _clean_count(value: object) -> int:
    if type(value) is not int or abs(value) > MAX_INT:
        raise TypeError("a mapping of a record counts with integers")
    return value


def _clean_key(key: object) -> str:
    # Astral characters are escaped: with none of them, code point order is the UTF-16 order of RFC 8785 section 3.2.3.
    if type(key) is str and key.isascii():
        return clean(key)
    return "".join(char if char < "\U00010000" else f"\\u{ord(char):04x}" for char in clean(_text(key)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a list of a record holds strings, not {type(value).__name__}")
    return value


@dataclass(frozen=True, slots=True)
class Chain:
    """The end of a log: what the next line must hold on to."""

    seq: int = 0
    """Number of the last line; the first is 1."""
    prev: str = GENESIS
    """Hash of the last line."""

    def seal(self, fields: Mapping[str, Value]) -> tuple[bytes, "Chain"]:
        """Return the next line, without its newline, and the chain after it.

        The hash is SHA-256 over the canonical bytes (RFC 8785, for strings, integers, booleans and null) of the line
        without `hash`.
        """
        line: dict[str, object] = {**fields, SEQ: self.seq + 1, PREV: self.prev}
        line.pop(HASH, None)
        digest = hashlib.sha256(orjson.dumps(line, option=orjson.OPT_SORT_KEYS)).hexdigest()
        sealed = orjson.dumps({**line, HASH: digest}, option=orjson.OPT_SORT_KEYS)
        return sealed, Chain(self.seq + 1, digest)
