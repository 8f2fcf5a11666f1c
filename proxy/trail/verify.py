"""Checks an audit log, alone and against signed checkpoints: was it edited, cut, forked, replayed, or written anew?

Lines go in as files give them; what was found comes out, with the first number that does not hold. With `chain`,
`checkpoint` and `ed25519` this is a program that needs only Python's standard library and the public key, so that an
auditor can read and run it without Sluice. What it must never do: call a log proven whole where nothing kept outside
says so, for a cut tail and a log written anew leave no trace in the file itself.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from proxy.trail.chain import BadLine, Head, Tree, included, owns_up, read_line
from proxy.trail.checkpoint import Checkpoint, Key, moment, read_checkpoint, read_keys, trusted

SLACK: Final = timedelta(minutes=1)
"""So far times of lines may go back that are written side by side."""
AT_ONCE: Final = frozenset({"answer", "start", "stop"})
"""Events whose time is that of the writing."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a log."""

    head: Head
    """Last line that holds."""
    bad_line: int = 0
    """Number in the file (of checkpoints, where `of` says so), from 1, of what does not hold; 0 when all does."""
    problem: str = ""
    """Key of `PROBLEMS`, or empty."""
    repaired: int = 0
    """Torn ends of a crash that a `recovered` record owns up to."""
    witnessed: bool = False
    """Whether an expected head was given and found, so that everything up to it is proven to be there."""
    first: int = 0
    """The first record (`seq`) that may be wrong; 0 when none is, or where a checkpoint itself is."""
    signed: int = 0
    """The record up to which signed checkpoints prove the log."""
    clock: int = 0
    """The first record before which the clock went back."""
    of: str = "log"
    """The file that `bad_line` counts in."""
    others: tuple[Checkpoint, ...] = ()
    """The last checkpoints of other logs of the same house: where nobody has begun a new one, this one hides them."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found amiss."""
        return not self.problem

    def told(self, language: str) -> str:
        """Return the result in plain words, in `zh` or `en`."""
        chinese = language == "zh"
        return "".join(part[chinese] for part in self._parts()) + (
            f"\n{'链头' if chinese else 'head'}: {self.head.seq}:{self.head.hash}"
        )

    def _parts(self) -> Iterator[tuple[str, str]]:
        if self.problem:
            en, zh = PROBLEMS[self.problem]
            where = ("line", "第 {} 行") if self.of == "log" else ("checkpoint in line", "检查点文件第 {} 行")
            yield f"{where[0]} {self.bad_line}: {en}", f"{where[1].format(self.bad_line)}：{zh}"
            if self.first:
                yield f"\nfirst bad record (seq): {self.first}", f"\n首条可疑记录（seq）：{self.first}"
        else:
            yield "All lines are whole and linked. ", "各行完整且前后相接。"
            if self.repaired:
                en = f"{self.repaired} torn write(s) are owned up to by a recovery record. "
                yield en, f"其中 {self.repaired} 处写入中断已由恢复记录说明。"
            if self.witnessed:
                en = "The head kept elsewhere was found: nothing up to it is missing. "
                yield en, "与另存的链头相符，到该处为止没有缺失。"
            if self.signed:
                en = f"Signed checkpoints prove every record up to {self.signed}; nothing proves the end after that."
                yield en, f"已签名的检查点证明第 {self.signed} 条及以前的记录无误；其后的末尾无从证明。"
            if not (self.witnessed or self.signed):
                yield ALONE
        for one in self.others:
            en = f"The checkpoints also tell of another log, {one.log[:12]}…, of {one.size} record(s), the last"
            zh = f"检查点还记载了另一份日志 {one.log[:12]}…，共 {one.size} 条，末次签名于 {one.time.isoformat()}。"
            yield (
                f"\n{en} signed at {one.time.isoformat()}. Ask for it: whoever deletes a log begins a new one.",
                f"\n{zh}请索取该日志：删除日志的人会另起一份。",
            )
        if self.clock:
            yield f"\nThe clock went back before record {self.clock}.", f"\n第 {self.clock} 条记录之前时钟被回拨。"


ALONE: Final = (
    "Internally consistent; nothing proves that the end was not cut, nor that all of it was not written anew: compare "
    "it with the checkpoints that a witness outside keeps (--checkpoints), or keep the head below elsewhere (--head).",
    "日志自身前后一致；但没有任何外部证据能证明末尾未被截去、整份日志未被重写："
    "请用外部见证方保存的检查点核对（--checkpoints），或把下面的链头另存他处（--head）。",
)
"""What stands for proof where there is none, in English and Chinese."""

PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "unreadable": (
        "it is not a record; it was edited, or a write was cut short",
        "不是完整的记录：被改动过，或写入中断",
    ),
    "spelling": ("its bytes are not as Sluice writes them; it was edited", "写法与系统写出的不同：被改动过"),
    "edited": ("its content does not match its hash; it was edited", "内容与其哈希不符：被改动过"),
    "moved": (
        "its number does not follow the line before; lines were removed, inserted or moved",
        "序号与上一行不连续：有行被删除、插入或移动",
    ),
    "unlinked": (
        "it does not hold the hash of the line before; lines were removed, inserted or replaced",
        "没有承接上一行的哈希：有行被删除、插入或替换",
    ),
    "unfinished": (
        "the last line has no end; the write was cut short, or the file was cut",
        "最后一行没有结尾：写入中断或文件被截断",
    ),
    "cut": (
        "the log ends before the head kept elsewhere; its end was cut off",
        "日志在另存的链头之前就结束了：末尾被截去",
    ),
    "forked": (
        "the line is not the one that was told outside; the log was rewritten, or a backup was put in its place",
        "该行与外部留存的不符：日志被重写，或被旧备份替换",
    ),
    "rewritten": (
        "up to here the log is not the one whose checkpoint was signed; it was rewritten, or a backup was put back",
        "至此的日志与已签名的检查点不符：日志被重写，或被旧备份替换",
    ),
    "forged": ("no given key has signed it; it was forged, or changed", "没有任何已知密钥的签名：系伪造或被改动"),
    "fork": ("it contradicts another checkpoint; the log was forked", "与另一检查点矛盾：日志出现分叉"),
    "revoked": ("its key had been revoked, or left for another, by then", "签名密钥当时已被吊销或更换"),
    "backwards": ("its time or size is before that of the one before it", "其时间或长度早于前一检查点"),
    "none": ("there is no checkpoint in the file", "文件中没有任何检查点"),
    "strange": ("no checkpoint is of this log; the log was written anew", "没有属于此日志的检查点：日志被整份重写"),
}
"""In English and Chinese."""


def verify(
    lines: Iterable[bytes],
    expected_head: Head | None = None,
    after: Head | None = None,
    checkpoints: Sequence[Checkpoint] = (),
) -> Checked:
    """Check `lines` (each with its newline, as a file opened in binary gives them) from the first on.

    `expected_head` is a head kept elsewhere: it must be among the lines. `after` is the head of the segment before,
    when the log does not begin with its first line. `checkpoints` are those that `trusted` returned.
    """
    walk = Walk(after or Head(), expected_head, checkpoints)
    for line in lines:
        if problem := walk.take(line):
            return walk.amiss(problem)
    return walk.end()


class Walk:
    """Goes along a log, line by line."""

    def __init__(self, start: Head, expected: Head | None, checkpoints: Sequence[Checkpoint]) -> None:
        """Stand before the first line; see `verify`."""
        self.start = self.head = start
        self.expected, self.checkpoints = expected, checkpoints
        self.number = self.repaired = self.signed = self.torn_at = 0
        self._torn, self._tree, self._clock = b"", Tree(), Clock()
        self._due: list[Checkpoint] = []
        self._log = ""
        """Which log it is."""

    def take(self, line: bytes) -> str:
        """Take the next line; returns what is wrong, or nothing."""
        self.number += 1
        try:
            record = read_line(line.removesuffix(b"\n"))
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
        return self._compare(line) if self.checkpoints else ""

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
            self.number += 1
            return self.amiss("cut")
        return _witness(self.start, self.found, self.expected)

    @property
    def found(self) -> Checked:
        """What was found so far."""
        others = {one.log: one for one in self.checkpoints if self._log and one.log != self._log}
        return Checked(
            self.head, repaired=self.repaired, signed=self.signed, clock=self._clock.back, others=(*others.values(),)
        )


class Clock:
    """Watches the times of the lines."""

    def __init__(self) -> None:
        """Begin before all time."""
        self.back = 0
        self._latest: datetime | None = None

    def look(self, record: Mapping[str, Any]) -> None:
        """Take the time of the next record."""
        try:
            at = moment(record["time"])
        except (KeyError, TypeError, ValueError):
            return
        if self._latest is not None and self._latest - at > SLACK:
            self.back = self.back or record["seq"]
        if self._latest is None or at > self._latest:
            self._latest = at


def compare(log: Iterable[bytes], witness: Iterable[bytes], keys: Sequence[Key], head: Head | None = None) -> Checked:
    """Check a log against the lines that a witness outside kept."""
    checkpoints, fault = trusted(witness, keys)
    if fault is not None:
        return Checked(Head(), fault.line, fault.problem, first=fault.first, of="checkpoints")
    if not checkpoints:
        return Checked(Head(), 1, "none", of="checkpoints")
    return verify(log, head, checkpoints=checkpoints)


def proves(proof: bytes, keys: Sequence[Key]) -> dict[str, Any]:
    """Return the record in a proof as `sluice audit prove` writes it; raises `BadLine` where it proves nothing."""
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
    return record


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
    given = parser.parse_args(arguments)
    if (given.log is None) == (given.proof is None) or (given.key is None and (given.checkpoints or given.proof)):
        parser.error("give a log or a proof, and with checkpoints or a proof the key")
    try:
        keys = read_keys(given.key.read_text("utf-8")) if given.key else ()
        if given.proof:
            say(json.dumps(proves(given.proof.read_bytes(), keys), ensure_ascii=False))
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
    say(checked.told(given.language))
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
