"""Checks an audit log: was a line edited, removed, inserted or moved?

Lines go in as the file gives them; what was found comes out, with the log's head for a witness to keep. Only the
standard library is used, so that an auditor can read and run this file without Sluice. What it must never do: call a
log proven whole, for a cut tail and a log written anew leave no trace in the file itself.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

GENESIS: Final = "0" * 64


class BadLine(Exception):
    """A line is not a sealed record; `problem` is a key of `PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        """Keep the problem's key."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a log: keep it elsewhere, and a cut tail can be proven."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a log."""

    head: Head
    """Last line that holds."""
    bad_line: int = 0
    """Number in the file, from 1, of the first line that does not hold; 0 when all do."""
    problem: str = ""
    """Key of `PROBLEMS`, or empty."""
    repaired: int = 0
    """Torn ends of a crash that a `recovered` record owns up to."""
    witnessed: bool = False
    """Whether an expected head was given and found, so that everything up to it is proven to be there."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found amiss."""
        return not self.problem

    def told(self, language: str) -> str:
        """Return the result in plain words, in `zh` or `en`."""
        chinese = language == "zh"
        if self.problem:
            why = PROBLEMS[self.problem][chinese]
            return (f"第 {self.bad_line} 行：{why}" if chinese else f"line {self.bad_line}: {why}") + self._told_head(
                chinese
            )
        if self.witnessed:
            end = (
                "与另存的链头相符，到该处为止没有缺失。"
                if chinese
                else "The head kept elsewhere was found: nothing up to it is missing."
            )
        else:
            end = (
                "但仅凭文件本身，无法发现末尾被截去，也无法发现整份日志被重写：请把下面的链头另存他处，"
                "下次用 --head 核对。"
                if chinese
                else "The file alone cannot show that its end was cut off, nor that all of it was written anew: keep "
                "the head below somewhere else and give it to --head next time."
            )
        mended = ""
        if self.repaired:
            mended = (
                f"其中 {self.repaired} 处写入中断已由恢复记录说明。"
                if chinese
                else f"{self.repaired} torn write(s) are owned up to by a recovery record. "
            )
        whole = "各行完整且前后相接。" if chinese else "All lines are whole and linked. "
        return whole + mended + end + self._told_head(chinese)

    def _told_head(self, chinese: bool) -> str:
        name = "链头" if chinese else "head"
        return f"\n{name}: {self.head.seq}:{self.head.hash}"


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
        "the line is not the one that the head kept elsewhere names; the log was rewritten",
        "该行与另存的链头不符：日志被重写过",
    ),
}
"""In English and Chinese."""


def read_line(line: bytes) -> dict[str, Any]:
    """Return the sealed record in `line` (without newline); raises `BadLine`.

    The bytes must be exactly the canonical ones (RFC 8785 for strings, integers, booleans and null), and their hash
    must be the one they name.
    """
    record = _parse(line)
    if canonical(record) != line:
        raise BadLine("spelling")
    named = record.pop("hash", None)
    if hashlib.sha256(canonical(record)).hexdigest() != named:
        raise BadLine("edited")
    if type(record.get("seq")) is not int or not isinstance(record.get("prev"), str):
        raise BadLine("edited")
    return {**record, "hash": named}


def canonical(value: object) -> bytes:
    """Return the one spelling of a JSON value without floats."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


def verify(lines: Iterable[bytes], expected_head: Head | None = None, after: Head | None = None) -> Checked:
    """Check `lines` (each with its newline, as a file opened in binary gives them) from the first on.

    `expected_head` is a head kept elsewhere: it must be among the lines. `after` is the head of the segment before,
    when the log does not begin with its first line.
    """
    start = head = after or Head()
    torn, torn_at, repaired = b"", 0, 0
    for number, line in enumerate(lines, start=1):
        try:
            record = read_line(line.removesuffix(b"\n"))
        except BadLine as bad:
            if bad.problem != "unreadable":
                return Checked(head, torn_at or number, "unreadable" if torn_at else bad.problem, repaired)
            torn, torn_at = torn + line, torn_at or number
            continue
        if torn_at:
            if not owns_up(record, torn):
                break
            torn, torn_at, repaired = b"", 0, repaired + 1
        if problem := _problem(record, line, head, expected_head):
            return Checked(head, number, problem, repaired)
        head = Head(record["seq"], record["hash"])
    if torn_at:
        return Checked(head, torn_at, "unreadable", repaired)
    return _witness(start, Checked(head, repaired=repaired), expected_head)


def owns_up(record: Mapping[str, Any], torn: bytes) -> bool:
    """Whether `record` is the recovery of exactly the `torn` bytes, of which the newline that closed them is none."""
    torn = torn.removesuffix(b"\n")
    return (
        record.get("event") == "recovered"
        and record.get("torn_bytes") == len(torn)
        and record.get("torn_hash") == hashlib.sha256(torn).hexdigest()
    )


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
    head, repaired = checked.head, checked.repaired
    if expected is None:
        return checked
    if expected.seq > head.seq:
        return Checked(head, head.seq - start.seq + 1, "cut", repaired)
    if expected.seq <= start.seq and expected != start:
        return Checked(start, 1, "forked", repaired)
    return Checked(head, repaired=repaired, witnessed=True)


def _parse(line: bytes) -> dict[str, Any]:
    """Return the JSON object in `line`; a key that stands twice shows in its spelling."""
    try:
        value = json.loads(line.decode(), parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadLine("unreadable") from None
    if not isinstance(value, dict):
        raise BadLine("unreadable")
    return value


def _refuse(_: str) -> None:
    raise BadLine("spelling")
