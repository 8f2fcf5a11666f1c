"""Copies of what people sent that only the auditor can open: one encrypted file for each exchange. Does I/O.

Enters: what an exchange was, as it came. Leaves: a file, durable, and the digest by which its record knows it. They are
encrypted to the auditor's public keys in the age format (https://age-encryption.org/v1), so that the proxy itself, and
whoever takes its disk, can open none of them. Credentials never enter a copy.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
import pyrage

from policies.decision import Mode, RecordDetail, Text
from policies.model import Policy
from policies.problem import PolicyError, Report
from proxy.errors import StoreError
from proxy.keys import private_directory

FOLDER: Final = "sealed"
ENDING: Final = ".age"
MOST_ALIKE: Final = 100
"""Exchanges that may share one number; six digits of chance are not unique for ever."""

NO_KEY: Final = Text(
    "The policy keeps copies for the auditor (‹record: sealed›), but the settings name no auditor_keys.",
    "政策要求为审计员留存密封副本（‹record: sealed›），但设置中没有 auditor_keys。",
)
MAKE_KEY: Final = Text(
    "Make a key with `sluice audit keygen`, and write its public part into auditor_keys.",
    "请用 `sluice audit keygen` 生成密钥，并把公钥写入 auditor_keys。",
)


@dataclass(frozen=True, slots=True)
class Copy:
    """What somebody sent."""

    reference: str
    at: datetime
    """Aware."""
    user: str
    service: str
    host: str
    method: str
    path: str = field(repr=False)
    """Path and query; values of fields that hold credentials are left out."""
    content_type: str
    content_encoding: str
    body: bytes | None = field(repr=False)
    """As it came; None where it was refused before it was read."""

    def pack(self) -> bytes:
        """Return it as one line of JSON about it, and the body as it came."""
        told = {name: getattr(self, name).encode(errors="backslashreplace").decode() for name in HEAD}
        head = {**told, "at": self.at.isoformat(), "body": None if self.body is None else len(self.body)}
        return orjson.dumps(head) + b"\n" + (self.body or b"")

    @classmethod
    def unpack(cls, data: bytes) -> "Copy":
        """Return what `pack` made; raises `ValueError`."""
        line, _, body = data.partition(b"\n")
        try:
            head: dict[str, Any] = orjson.loads(line)
            if head["body"] not in (None, len(body)):
                raise ValueError("the copy is not whole")
            told = {name: str(head[name]) for name in HEAD}
            return cls(at=datetime.fromisoformat(head["at"]), body=None if head["body"] is None else body, **told)
        except (KeyError, TypeError) as error:
            raise ValueError("this is no copy of an exchange") from error


HEAD: Final = ("reference", "user", "service", "host", "method", "path", "content_type", "content_encoding")


class Safe:
    """The folder of copies, to which anybody can add and which only the auditor can read."""

    def __init__(self, state: Path, keys: Sequence[str], kept_for: timedelta) -> None:
        """Take the state directory, the auditors' public keys (any of them opens), and how long copies stay.

        Raises `ValueError` for what is no public key.
        """
        self._folder = state / FOLDER
        self._recipients = [recipient(key) for key in keys]
        self._kept_for = kept_for

    def keep(self, copy: Copy) -> str:
        """Keep a copy; it is on the disk when this returns its SHA-256, in hexadecimal. Raises `StoreError`."""
        if not self._recipients:
            raise StoreError("a copy for the auditor cannot be kept: auditor_keys is not set")
        try:
            sealed = pyrage.encrypt(copy.pack(), self._recipients)
            folder = private_directory(private_directory(self._folder) / f"{copy.at:%Y-%m}")
            with os.fdopen(_new_file(folder, copy.reference), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            place = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(place)
            finally:
                os.close(place)
        except Exception as error:  # whatever it was, nothing goes out without its copy, and a refusal is recorded
            raise StoreError("a copy for the auditor cannot be kept") from error
        return sha256(sealed).hexdigest()

    def find(self, reference: str) -> tuple[Path, ...]:
        """Return the files of an exchange; more than one where its number came twice."""
        return tuple(sorted(path for path in self._folder.glob(f"*/*{ENDING}") if _number(path) == reference))

    def forget(self, now: datetime) -> int:
        """Delete the copies that are too old; returns how many."""
        before, gone = (now - self._kept_for).timestamp(), 0
        for path in self._folder.glob(f"*/*{ENDING}"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                gone += 1
        return gone


def recipient(key: str) -> Any:
    """Return the age recipient that `key` (as `age1…`) names; raises `ValueError`."""
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise ValueError("this is no public key of age") from error


def make_identity(path: Path) -> str:
    """Write a new private key to `path`, which must not be there, mode 0600; returns its public part. Raises `OSError`.

    The file is what `age-keygen` writes, and `age --decrypt --identity` takes it.
    """
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


def open_copy(sealed: bytes, identity: str) -> Copy:
    """Return the copy in a file, opened with the text of a key file; raises `ValueError`."""
    lines = [line.strip() for line in identity.splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines]
        if not keys:
            raise ValueError("the key file holds no key")
        return Copy.unpack(pyrage.decrypt(sealed, keys))
    except pyrage.IdentityError as error:
        raise ValueError("the key file holds no key") from error
    except pyrage.DecryptError as error:
        raise ValueError("this key does not open the copy, or the copy was changed") from error


def must_be_sealable(policy: Policy, keys: Sequence[str]) -> None:
    """Raise `PolicyError` for a policy that keeps copies where nobody could ever open them."""
    if not keys:
        for mark in _demands(policy):
            text = dict(policy.more).get(mark.file, policy.source)
            raise PolicyError([Report(mark.file or policy.file, text).problem(mark, NO_KEY, MAKE_KEY)])


def _demands(policy: Policy) -> Iterator[Any]:
    """Give the places at which the policy asks for copies."""
    if policy.record is RecordDetail.SEALED:
        yield policy.record_at
    yield from (
        rule.mark for rule in policy.rules if rule.record is RecordDetail.SEALED and rule.mode is not Mode.OBSERVE
    )


def _new_file(folder: Path, reference: str) -> int:
    """Return a descriptor of a new file for an exchange."""
    for number in range(1, MOST_ALIKE):
        name = f"{reference}{ENDING}" if number == 1 else f"{reference}.{number}{ENDING}"
        try:
            return os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
    raise OSError("too many exchanges with one number")


def _number(path: Path) -> str:
    return path.name.partition(".")[0]
