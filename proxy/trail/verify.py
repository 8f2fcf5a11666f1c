"""Checks an audit log, alone and against signed checkpoints: was it edited, cut, forked, replayed, or written anew?

Lines go in as files give them; what was found comes out, with the first number that does not hold. With `chain`,
`checked`, `checkpoint` and `ed25519` this is a program that needs only Python's standard library and the public key, so
that an auditor can read and run it without Sluice. What it must never do: call a log proven whole where nothing kept
outside says so, for a cut tail and a log written anew leave no trace in the file itself.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from proxy.trail.chain import BadLine, Head, Lines, Tree, included, owns_up, read_line
from proxy.trail.checked import PROBLEMS, Checked, told_proof
from proxy.trail.checkpoint import Checkpoint, Fault, Key, moment, read_checkpoint, read_keys, trusted

SLACK: Final = timedelta(minutes=1)
"""So far times of lines may go back that are written side by side."""
SETTLES: Final = timedelta(minutes=10)
"""Within which a log says that its clock was set, and what began before that may still be written."""
MOST_DROPS: Final = 1000
"""Times gone back that nothing accounts for yet, of which the first is told in the end."""
STEPPED: Final = "clock_stepped"
"""The event by which a log says that the wall clock was set, and by how many seconds."""
AT_ONCE: Final = frozenset({"answer", "start", "stop", STEPPED})
"""Events whose time is that of the writing."""


def verify(
    lines: Iterable[bytes],
    expected_head: Head | None = None,
    after: Head | None = None,
    checkpoints: Sequence[Checkpoint] = (),
    rivals: Sequence[tuple[int, Checkpoint]] = (),
) -> Checked:
    """Check `lines` (each with its newline, as a file opened in binary gives them) from the first on.

    `expected_head` is a head kept elsewhere: it must be among the lines. `after` is the head of the segment before,
    when the log does not begin with its first line. `checkpoints` are those that `trusted` returned. `rivals`
    contradict each other, and are given with their lines: those that the log agrees with are told.
    """
    walk = Walk(after or Head(), expected_head, checkpoints, rivals)
    for line in lines:
        if problem := walk.take(line):
            return walk.amiss(problem)
    return walk.end()


class Walk:
    """Goes along a log, line by line."""

    def __init__(
        self,
        start: Head,
        expected: Head | None,
        checkpoints: Sequence[Checkpoint],
        rivals: Sequence[tuple[int, Checkpoint]] = (),
    ) -> None:
        """Stand before the first line; see `verify`."""
        self.start = self.head = start
        self.expected, self.checkpoints = expected, checkpoints
        self.number = self.repaired = self.signed = self.torn_at = 0
        self._torn, self._tree, self._clock, self._lines = b"", Tree(), Clock(), Lines()
        self._due: list[Checkpoint] = []
        self._rivals, self._agrees = rivals, list[int]()
        self._log = ""
        """Which log it is."""

    def take(self, line: bytes) -> str:
        """Take the next line; returns what is wrong, or nothing."""
        self.number += 1
        try:
            record = self._lines.read(line.removesuffix(b"\n"))
        except BadLine as bad:
            if bad.problem != "unreadable":
                return "unreadable" if self.torn_at else bad.problem
            self._torn, self.torn_at = self._torn + line, self.torn_at or self.number
            return ""
        if self.torn_at:
            if not owns_up(record, self._torn):
                return "unreadable"
            self._torn, self.torn_at, self.repaired = b"", 0, self.repaired + 1
        if problem := _problem(record, line, self.head, self.expected):
            return problem
        self.head = Head(record["seq"], record["hash"])
        if record.get("event") in AT_ONCE:
            self._clock.look(record)
        return self._compare(line) if self.checkpoints or self._rivals else ""

    def _compare(self, line: bytes) -> str:
        """Compare the log up to here with what was signed about it."""
        self._tree.add(line.removesuffix(b"\n"))
        if self.head.seq == 1:
            self._log = self.head.hash
            own = (one for one in self.checkpoints if one.log == self.head.hash)
            self._due = sorted(own, key=lambda one: -one.size)
        while self._due and self._due[-1].size == self.head.seq:
            point = self._due.pop()
            if (point.hash, point.root) != (self.head.hash, self._tree.root):
                return "rewritten"
            self.signed = point.size
        for number, one in self._rivals:
            if (one.size, one.hash, one.log) == (
                self.head.seq,
                self.head.hash,
                self._log,
            ) and one.root == self._tree.root:
                self._agrees.append(number)
        return ""

    def amiss(self, problem: str) -> Checked:
        """Return what was found, with the first record that may be wrong: the one after the last that is proven."""
        first = self.signed if problem in ("rewritten", "strange") else self.head.seq
        return replace(self.found, bad_line=self.torn_at or self.number, problem=problem, first=first + 1)

    def end(self) -> Checked:
        """Return what was found once all lines were taken."""
        if self.torn_at:
            return self.amiss("unreadable")
        if self.checkpoints and not self.signed and self.number and not self._due:
            self.number = 1
            return self.amiss("strange")
        if self._due or (self.checkpoints and not self.number):
            missing = max(one.size for one in self._due or self.checkpoints)
            self.number += 1
            return replace(self.amiss("cut"), missing=missing)
        return _witness(self.start, self.found, self.expected)

    @property
    def found(self) -> Checked:
        """What was found so far."""
        others = {one.log: one for one in self.checkpoints if self._log and one.log != self._log}
        return Checked(
            self.head,
            repaired=self.repaired,
            signed=self.signed,
            clock=self._clock.back,
            stepped=self._clock.stepped,
            others=(*others.values(),),
            lines=self.number,
            agrees=tuple(self._agrees),
        )


class Clock:
    """Watches the times of the lines: one that goes back is amiss unless the log itself says that the clock was set."""

    def __init__(self) -> None:
        """Begin before all time."""
        self.stepped = 0
        """The first record before which it went back, as the log says."""
        self._latest: datetime | None = None
        self._drops: list[tuple[int, datetime, timedelta]] = []
        """Those that nothing has accounted for yet: the record, its time, by how much."""
        self._told: tuple[datetime, timedelta] | None = None
        """When the clock was last told to have been set back, and how much that accounts for."""

    def look(self, record: Mapping[str, Any]) -> None:
        """Take the time of the next record."""
        try:
            at, event = moment(record["time"]), record["event"]
            less = SLACK + timedelta(seconds=-int(record["seconds"])) if event == STEPPED else None
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        if less is not None:
            self._hear(at, less)
            return
        if self._latest is not None and self._latest - at > SLACK:
            self._drop(record["seq"], at, self._latest - at)
        elif self._latest is not None and at < self._latest:
            return
        self._latest = at

    def _hear(self, at: datetime, less: timedelta) -> None:
        """Account for what went back lately by no more than that."""
        if less > SLACK:
            self._told = at, less
            drops, self._drops = self._drops, []
            for drop in drops:
                self._drop(*drop)

    def _drop(self, seq: int, at: datetime, by: timedelta) -> None:
        """Take up that the time went back."""
        if self._told is not None and by <= self._told[1] and abs(at - self._told[0]) <= SETTLES:
            self.stepped = min(self.stepped or seq, seq)
        elif len(self._drops) < MOST_DROPS:
            self._drops.append((seq, at, by))

    @property
    def back(self) -> int:
        """The first record before which it went back, and nothing says why; 0 where there is none."""
        return self._drops[0][0] if self._drops else 0


def compare(log: Iterable[bytes], witness: Iterable[bytes], keys: Sequence[Key], head: Head | None = None) -> Checked:
    """Check a log against the lines that a witness outside kept: of these, against all that hold."""
    checkpoints, fault = trusted(witness, keys)
    if fault is None and not checkpoints:
        return replace(verify(log, head), bad_line=1, problem="none", of="checkpoints", fault=Fault(1, "none"))
    checked = verify(log, head, checkpoints=checkpoints, rivals=fault.both if fault else ())
    if fault is None:
        return checked
    if not checked.ok:
        return replace(checked, fault=fault)
    return replace(
        checked, bad_line=fault.line, problem=fault.problem, first=fault.first, of="checkpoints", fault=fault
    )


def proves(proof: bytes, keys: Sequence[Key]) -> tuple[dict[str, Any], Checkpoint]:
    """Return record and checkpoint of a proof as `sluice audit prove` writes it; raises `BadLine` for any other."""
    try:
        told = json.loads(proof)
        line, path = str(told["record"]).encode(), [str(step) for step in told["path"]]
        record = read_line(line)
        by_id = {key.id: key for key in keys}
        point = read_checkpoint(str(told["checkpoint"]).encode(), by_id)
        revoked = by_id[point.key].revoked
        if revoked and point.time >= moment(revoked):
            raise BadLine("revoked")
        if not included(line, record["seq"], point.size, path, point.root):
            raise BadLine("forked")
    except (ValueError, KeyError, TypeError):
        raise BadLine("unreadable") from None
    return record, point


def _problem(record: Mapping[str, Any], line: bytes, head: Head, expected: Head | None) -> str:
    """Return the problem of `record` standing after `head`, or an empty string."""
    if record["seq"] != head.seq + 1:
        return "moved"
    if record["prev"] != head.hash:
        return "unlinked"
    if not line.endswith(b"\n"):
        return "unfinished"
    if expected and record["seq"] == expected.seq and record["hash"] != expected.hash:
        return "forked"
    return ""


def _witness(start: Head, checked: Checked, expected: Head | None) -> Checked:
    """Say whether the log, sound in itself from `start` on, reaches the head kept elsewhere."""
    head = checked.head
    if expected is None:
        return checked
    if expected.seq > head.seq:
        return replace(checked, bad_line=head.seq - start.seq + 1, problem="cut", first=head.seq + 1)
    if expected.seq <= start.seq and expected != start:
        return replace(checked, head=start, bad_line=1, problem="forked", first=start.seq + 1)
    return replace(checked, witnessed=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a program; returns 0 where all holds, 1 where something does not, 2 where it could not be looked at."""
    parser = argparse.ArgumentParser(prog="verify", description="Check an audit log of Sluice.")
    parser.add_argument("log", type=Path, nargs="?", help="the audit log")
    parser.add_argument("--key", type=Path, help="public keys, as `sluice audit key` prints them")
    parser.add_argument("--checkpoints", type=Path, help="the checkpoints that a witness outside kept")
    parser.add_argument("--head", help="a head seq:hash that was kept elsewhere")
    parser.add_argument("--proof", type=Path, help="check a single record, out of a file of `sluice audit prove`")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--json", action="store_true", help="say it for machines")
    given = parser.parse_args(arguments)
    if (given.log is None) == (given.proof is None) or (given.key is None and (given.checkpoints or given.proof)):
        parser.error("give a log or a proof, and with checkpoints or a proof the key")
    try:
        keys = read_keys(given.key.read_text("utf-8")) if given.key else ()
        if given.proof:
            record, point = proves(given.proof.read_bytes(), keys)
            say(json.dumps(record, ensure_ascii=False) if given.json else told_proof(record, point, given.language))
            return 0
        head = read_head(given.head) if given.head else None
        with given.log.open("rb") as log:
            if given.checkpoints:
                checked = compare(log, given.checkpoints.read_bytes().split(b"\n"), keys, head)
            else:
                checked = verify(log, head)
    except BadLine as bad:
        say(PROBLEMS[bad.problem][given.language == "zh"])
        return 1
    except (OSError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    say(json.dumps(checked.fields()) if given.json else checked.told(given.language))
    return 0 if checked.ok and not checked.clock else 1


def say(text: str) -> None:
    """Print, whatever the terminal's encoding: a log may hold any name."""
    sys.stdout.buffer.write(text.encode() + b"\n")


def read_head(text: str) -> Head:
    """Return a head as `told` prints it; raises `ValueError`."""
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise ValueError("an expected head is written seq:hash, as it is printed at the end of a check")
    return Head(int(seq), digest)


if __name__ == "__main__":
    sys.exit(main())
