"""A log's lines: their one spelling, the hash that each holds of the one before, and the tree over them all. Pure.

Bytes go in, records come out, or `BadLine` with the reason. Only the standard library is used, here and in `ed25519`,
`checkpoint`, `checked` and `verify`: an auditor can read and run these five files without Sluice.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

GENESIS: Final = "0" * 64
"""The `prev` of the first line."""


class BadLine(Exception):
    """A line is not what it should be; `problem` is a key of `PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        """Keep the problem's key."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a log: keep it elsewhere, and a cut tail can be proven."""

    seq: int = 0
    hash: str = GENESIS


class Tree:
    """The Merkle tree over the lines (RFC 6962, section 2.1), of which only the right edge is kept."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Add a line, without its newline."""
        node, left = hashlib.sha256(b"\0" + line).digest(), self.size
        while left & 1:
            node = hashlib.sha256(b"\1" + self._peaks.pop() + node).digest()
            left >>= 1
        self._peaks.append(node)
        self.size += 1

    @property
    def root(self) -> str:
        """The hash over all leaves."""
        if not self._peaks:
            return hashlib.sha256().hexdigest()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = hashlib.sha256(b"\1" + peak + node).digest()
        return node.hex()


def included(line: bytes, number: int, size: int, path: Sequence[str], root: str) -> bool:
    """Whether `line` is the one with this number among `size` whose tree has this root (RFC 9162, section 2.1.3.2)."""
    if not 1 <= number <= size:
        return False
    node, place, last = hashlib.sha256(b"\0" + line).digest(), number - 1, size - 1
    for step in path:
        if last == 0:
            return False
        beside = bytes.fromhex(step)
        if place & 1 or place == last:
            node = hashlib.sha256(b"\1" + beside + node).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + beside).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and node.hex() == root


def read_line(line: bytes) -> dict[str, Any]:
    """Return the sealed record in `line` (without newline); raises `BadLine`.

    The bytes must be exactly the canonical ones (RFC 8785 for strings, integers, booleans and null), and their hash
    must be the one they name.
    """
    record = parse(line)
    if canonical(record) != line:
        raise BadLine("spelling")
    if hashlib.sha256(_without_hash(line, record.get("hash"))).hexdigest() != record.get("hash"):
        raise BadLine("edited")
    if type(record.get("seq")) is not int or not isinstance(record.get("prev"), str):
        raise BadLine("edited")
    return record


WHOLE: Final = frozenset({"torn_bytes", "seconds"})
"""Keys of records that account for something: a torn line, a clock that was set."""


class Lines:
    """Reads the lines of one log: most have the keys of one before, and then need not be parsed to be known.

    An expression made of a line that was read as `read_line` does matches no line but those in the canonical spelling,
    with the same keys and plain values; any other is read by `read_line`.
    """

    def __init__(self) -> None:
        """Know no line yet."""
        self._shapes: list[re.Pattern[str]] = []

    def read(self, line: bytes) -> dict[str, Any]:
        """Return of a record what links it: `seq`, `prev`, `hash`, `event`, `time`; raises what `read_line` does.

        One that accounts for something else in the log comes whole.
        """
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise BadLine("unreadable") from None
        for place, shape in enumerate(self._shapes):
            if found := shape.fullmatch(text):
                if place:
                    self._shapes.insert(0, self._shapes.pop(place))
                break
        else:
            record = read_line(line)
            self._learn(record)
            return record
        record = found.groupdict()
        start, end = found.span("sealed")
        del record["sealed"]
        if hashlib.sha256((text[:start] + text[end:]).encode()).hexdigest() != record["hash"]:
            raise BadLine("edited")
        record["seq"] = int(record["seq"])
        return record

    def _learn(self, record: Mapping[str, Any]) -> None:
        whole = LINKS.keys() <= record.keys() and all(type(record[key]) is str for key in ("event", "time", "prev"))
        if whole and len(self._shapes) < SHAPES and WHOLE.isdisjoint(record) and all(map(WORD.fullmatch, record)):
            rows = ",".join(f'"{key}":{LINKS.get(key, PLAIN)}' for key in record)
            hashed = f'"hash":{LINKS["hash"]},'
            self._shapes.append(re.compile(f"\\{{{rows.replace(hashed, f'(?P<sealed>{hashed})')}\\}}"))


TEXT: Final = r'"[^"\\\x00-\x1f]*+"'
NUMBER: Final = r"(?:0|-?[1-9][0-9]{0,17})"
PLAIN: Final = (
    rf"(?:{TEXT}|{NUMBER}|true|false|null|\[(?:{TEXT}(?:,{TEXT})*+)?\]|\{{(?:{TEXT}:(?:{TEXT}|{NUMBER}))?\}})"
)
"""A value whose canonical spelling shows at a glance: no escapes, and at most one key of its own."""
LINKS: Final[Mapping[str, str]] = {
    "event": r'"(?P<event>[^"\\\x00-\x1f]*+)"',
    "hash": r'"(?P<hash>[0-9a-f]{64})"',
    "prev": r'"(?P<prev>[^"\\\x00-\x1f]*+)"',
    "seq": r"(?P<seq>[1-9][0-9]{0,17})",
    "time": r'"(?P<time>[^"\\\x00-\x1f]*+)"',
}
SHAPES: Final = 16
WORD: Final = re.compile(r"[a-z_]+")


def _without_hash(line: bytes, named: object) -> bytes:
    """Return a canonical line as it was before its hash was put in; spelling it anew would take twice as long."""
    before, found, after = line.partition(b'"hash":"' + str(named).encode("utf-8", "surrogatepass") + b'"')
    if not found:
        raise BadLine("edited")
    return before + after[1:] if after.startswith(b",") else before.removesuffix(b",") + after


def canonical(value: object) -> bytes:
    """Return the one spelling of a JSON value without floats."""
    return SPELL(value).encode("utf-8", "surrogatepass")


def owns_up(record: Mapping[str, Any], torn: bytes) -> bool:
    """Whether `record` is the recovery of exactly the `torn` bytes, of which the newline that closed them is none."""
    torn = torn.removesuffix(b"\n")
    return (
        record.get("event") == "recovered"
        and record.get("torn_bytes") == len(torn)
        and record.get("torn_hash") == hashlib.sha256(torn).hexdigest()
    )


def parse(line: bytes) -> dict[str, Any]:
    """Return the JSON object in `line`; a key that stands twice shows in its spelling."""
    try:
        value = READ(line.decode())
    except (ValueError, RecursionError):
        raise BadLine("unreadable") from None
    if not isinstance(value, dict):
        raise BadLine("unreadable")
    return value


def _refuse(_: str) -> None:
    raise BadLine("spelling")


SPELL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
READ: Final = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode
"""Made once: to make them takes as long as to use them."""
