"""Signed checkpoints: what a house said about its log at one moment, and whether what it said over time is one story.

Lines and public keys go in; checkpoints come out, or the first line that cannot be one. Pure, and of the standard
library only, as `chain` says. A checkpoint proves nothing about a log by itself: `verify` compares the two.
"""

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from proxy.trail.chain import BadLine, canonical, parse
from proxy.trail.ed25519 import holds

FORM: Final = b"sluice checkpoint 1\0"
"""Goes in front of the signed fields, so that no signature over one thing can stand for another."""
FIELDS: Final[Mapping[str, type]] = {
    **dict.fromkeys(("hash", "key", "log", "node", "policy", "prev", "root", "signature", "time"), str),
    **dict.fromkeys(("number", "size"), int),
}
PREFIX: Final = bytes.fromhex("302a300506032b6570032100")
"""What a public key of Ed25519 begins with in DER (RFC 8410)."""
PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]*)-----END PUBLIC KEY-----")
REVOKED: Final = re.compile(r"^Revoked: *(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of Ed25519, and since when nothing signed with it counts."""

    public: bytes
    revoked: str = ""
    """A time as ISO 8601 writes it; empty while it counts."""

    @property
    def id(self) -> str:
        """What checkpoints call it."""
        return hashlib.sha256(self.public).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the house signed."""

    size: int
    """Number of the log's last line."""
    hash: str
    """Of that line."""
    root: str
    """Of the tree over all lines up to it."""
    log: str
    """Which log it is: the hash of its first line."""
    number: int
    prev: str
    """SHA-256 of the checkpoint before; zeros for the first."""
    time: datetime
    policy: str
    node: str
    key: str
    digest: str
    """SHA-256 of its own line, without the newline."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first checkpoint that does not hold."""

    line: int
    problem: str
    first: int = 0
    """The first record that this puts in doubt; 0 where it is the checkpoint alone."""
    rival: int = 0
    """Line of the checkpoint that it contradicts; 0 where it contradicts none."""
    key: str = ""
    """Id of its key, where that is none of those given."""
    both: tuple[tuple[int, Checkpoint], ...] = ()
    """The two that contradict each other, with their lines: a log may tell which of them is its own."""


def read_keys(text: str) -> tuple[Key, ...]:
    """Return the public keys in a file as `sluice audit key` prints it: PEM, with `Revoked:` before those that are.

    Raises `ValueError` where there is none, or for one of another kind.
    """
    keys, begin = [], 0
    for found in PEM.finditer(text):
        data = b64decode("".join(found[1].split()), validate=True)
        if len(data) != len(PREFIX) + 32 or not data.startswith(PREFIX):
            raise ValueError("this is no public key of Ed25519")
        revoked = REVOKED.search(text, begin, found.start())
        if revoked:
            moment(revoked[1])
        keys.append(Key(data[len(PREFIX) :], revoked[1] if revoked else ""))
        begin = found.end()
    if not keys:
        raise ValueError("there is no public key in PEM form")
    return tuple(keys)


def moment(text: str) -> datetime:
    """Return a time with its zone; raises `ValueError`."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at


def read_checkpoint(line: bytes, keys: Mapping[str, Key], *, proven: bool = False) -> Checkpoint:
    """Return the checkpoint in `line` (without newline); raises `BadLine`.

    One that is `proven` otherwise needs no signature of its own.
    """
    fields: dict[str, Any] = parse(line)
    if fields.keys() != FIELDS.keys() or any(type(fields[name]) is not kind for name, kind in FIELDS.items()):
        raise BadLine("unreadable")
    if canonical(fields) != line:
        raise BadLine("spelling")
    signature, key = fields.pop("signature"), keys.get(fields["key"])
    try:
        if not proven and (key is None or not holds(key.public, FORM + canonical(fields), bytes.fromhex(signature))):
            raise BadLine("forged")
        fields["time"] = moment(fields["time"])
    except ValueError:
        raise BadLine("forged") from None
    return Checkpoint(**fields, digest=hashlib.sha256(line).hexdigest())


def trusted(lines: Iterable[bytes], keys: Sequence[Key]) -> tuple[tuple[Checkpoint, ...], Fault | None]:
    """Return the checkpoints in `lines` that hold, each once and in order, and the first that does not.

    All must be signed by one of `keys` before it was revoked or left for another, and none may contradict another: of
    a log with two stories only what both tell holds. Lines may come twice and in any order, and some may be missing:
    that is for a witness to say.
    """
    found, fault = _read(lines, {key.id: key for key in keys})
    order = sorted(found, key=lambda pair: (pair[0].log, pair[0].number, pair[1]))
    story, forked = Story({key.id: key for key in keys}), set[str]()
    for one, number in order:
        if one.log in forked:
            continue
        problem = story.problem(one)
        if not problem:
            story.told.append((one, number))
        elif problem == "fork":
            forked.add(one.log)
            rival, line = story.told[-1]
            story.told = [pair for pair in story.told if pair[0].log != one.log or pair[0].size < rival.size]
            fault = fault or Fault(
                number, problem, story.size_of(one.log) + 1, line, "", ((line, rival), (number, one))
            )
        else:
            fault = fault or Fault(number, problem, key="" if one.key in story.keys else one.key)
    return tuple(one for one, _ in story.told), fault


def _read(lines: Iterable[bytes], keys: Mapping[str, Key]) -> tuple[list[tuple[Checkpoint, int]], Fault | None]:
    """Return the signed checkpoints with their lines, each once, and the first that is not signed as it must be."""
    found: dict[str, tuple[Checkpoint, int]] = {}
    named: set[str] = set()
    fault: Fault | None = None
    for number, line in reversed([(number, line.rstrip(b"\r\n")) for number, line in enumerate(lines, start=1)]):
        if not line:
            continue
        digest = hashlib.sha256(line).hexdigest()
        try:  # one that a proven one names as the one before it is proven, too
            found[digest] = read_checkpoint(line, keys, proven=digest in named), number
        except BadLine as bad:
            if bad.problem == "unreadable":
                continue  # torn by a crash of whoever keeps them; one that is lost only proves less
            key = str(parse(line).get("key", "")) if bad.problem == "forged" else ""
            fault = Fault(number, bad.problem, key="" if key in keys else key)
        else:
            named.add(found[digest][0].prev)
    return list(found.values()), fault


class Story:
    """Checkpoints in order, and whether one more goes with them."""

    def __init__(self, keys: Mapping[str, Key]) -> None:
        """Take the keys by id."""
        self.keys = keys
        self.told: list[tuple[Checkpoint, int]] = []
        """Those that go together, with their lines."""
        self._left: set[tuple[str, str]] = set()

    def problem(self, one: Checkpoint) -> str:
        """Return why a checkpoint does not go with those before, or nothing."""
        last = self.told[-1][0] if self.told else None
        before = last if last is not None and last.log == one.log else None
        key = self.keys.get(one.key)
        if key is not None and key.revoked and one.time >= moment(key.revoked):
            return "revoked"  # whatever a thief signs with it makes nothing of the house's doubtful
        if before is not None:
            same_size = before.size == one.size and (before.hash, before.root) != (one.hash, one.root)
            unlinked = one.number == before.number + 1 and one.prev != before.digest
            if one.number == before.number or same_size or unlinked:
                return "fork"
            if one.size < before.size or one.time < before.time:
                return "backwards"
            if one.key != before.key:
                self._left.add((one.log, before.key))
        if key is None:
            return "forged"
        return "revoked" if (one.log, one.key) in self._left else ""

    def size_of(self, log: str) -> int:
        """Return up to which record all that goes together tells of a log."""
        return max((each.size for each, _ in self.told if each.log == log), default=0)
