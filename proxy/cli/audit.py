"""`sluice audit`: check a log, and read it.

Enters: an audit log. Leaves: whether it holds, or its lines in a form for people. Nothing here writes to a log.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from proxy.audit import clean
from proxy.errors import SettingsError, unreadable
from proxy.trail.checked import Checked
from proxy.trail.checkpoint import Key
from proxy.trail.verify import compare, read_head, verify

SHOWN = ("time", "id", "event", "user", "address", "service", "activity", "outcome", "code", "deciding", "inspection")


def check_log(file: Path, expected: str | None, checkpoints: Path | None = None, keys: Sequence[Key] = ()) -> Checked:
    """Verify the chain; `expected` is a head `seq:hash` that was kept elsewhere, and so are `checkpoints`.

    Raises `SettingsError`.
    """
    try:
        head = None if expected is None else read_head(expected)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    where = file
    try:
        with file.open("rb") as lines:
            if checkpoints is None:
                return verify(lines, head)
            where = checkpoints
            return compare(lines, checkpoints.read_bytes().split(b"\n"), keys, head)
    except OSError as error:
        raise unreadable(where, error.strerror) from None


def entries(file: Path, wanted: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the log's lines that have the wanted values; raises `SettingsError` for a line that is no record."""
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    entry = json.loads(line)
                except (ValueError, RecursionError):
                    entry = None
                if not isinstance(entry, dict):
                    raise SettingsError(
                        f"{file}:{number}: not a record; run `sluice audit verify {file}`",
                        f"{file}:{number}：不是审计记录；请运行 `sluice audit verify {file}`",
                    )
                if all(str(entry.get(key, "")) == value for key, value in wanted.items()):
                    yield entry
    except OSError as error:
        raise unreadable(file, error.strerror) from None


def row(entry: dict[str, Any]) -> str:
    """Return one line for people."""
    # A log that somebody has edited may hold anything, also what a terminal obeys.
    cells = [clean(str(entry[key])) for key in SHOWN if entry.get(key)]
    found = entry.get("entities")
    counts = [clean(f"{name}×{count}") for name, count in found.items()] if isinstance(found, dict) else []
    if str(entry.get("event", "")).startswith("policy_"):
        word = "in force" if entry["event"] == "policy_rejected" else "policy"
        cells += [clean(f"{word} {entry['policy']}")] if entry.get("policy") else []
        cells += [clean(f"{key} {entry[key]}") for key in ("by", "starts", "due") if entry.get(key)]
        cells += map(clean, map(str, entry.get("places") or ()))
    if str(entry.get("event", "")).startswith(("grant_", "break_glass")):
        cells += [clean(f"{key} {entry[key]}") for key in ("holder", "request", "grant") if entry.get(key)]
    if entry.get("event") in ("worker", "detection_process"):
        told = (("worker", "process"), ("state",), ("pid",), ("why",))
        cells += [clean(f"{key} {entry[key]}") for keys in told for key in keys if entry.get(key) not in (None, "")]
    if entry.get("event") == "answer":
        cells += [clean(f"{key} {entry.get(key)}") for key in ("status", "restored")]
    return "  ".join(cells + counts)
