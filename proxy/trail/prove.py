"""A proof of one record without the others: the way from its line to a signed root (RFC 9162, section 2.1.3.1). Pure.

Enters: the lines of a log, the number of a record, a checkpoint over them. Leaves: a file that `verify --proof` checks
with the public key alone. It holds the one record, and of all others nothing but hashes.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence

from proxy.trail.chain import BadLine, read_line


def records(lines: Iterable[bytes], size: int) -> list[bytes]:
    """Return the first `size` records of a log, without what a crash has torn; raises `ValueError` for fewer."""
    found: list[bytes] = []
    for line in lines:
        if len(found) == size:
            break
        try:
            if read_line(line.removesuffix(b"\n"))["seq"] == len(found) + 1:
                found.append(line.removesuffix(b"\n"))
        except BadLine as bad:
            if bad.problem != "unreadable":
                raise ValueError(f"the record after {len(found)} was edited; verify the log") from None
    if len(found) < size:
        raise ValueError(f"the log has {len(found)} records, and the checkpoint was signed over {size}")
    return found


def path_to(number: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes beside the way from leaf `number` (from 1) to the root."""
    level, place, path = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves], number - 1, list[bytes]()
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(level[beside])
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        level, place = above + level[len(level) & ~1 :], place >> 1
    return path


def proof(number: int, leaves: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Return the proof of record `number` out of all that `checkpoint`, a whole line, was signed over."""
    told = {
        "record": leaves[number - 1].decode(),
        "path": [step.hex() for step in path_to(number, leaves)],
        "checkpoint": checkpoint.decode(),
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
