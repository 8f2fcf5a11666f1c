"""`sluice audit`: check a log, and read it.

Enters: an audit log. Leaves: whether it holds, or its lines in a form for people. Nothing here writes to a log.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from proxy.audit import TIME, clean
from proxy.errors import SettingsError, unreadable
from proxy.trail.checked import Checked
from proxy.trail.checkpoint import Key
from proxy.trail.verify import compare, read_head, verify
from proxy.workflow.grants import SPAN, UNITS

SHOWN = ("time", "id", "event", "user", "address", "service", "activity", "outcome", "code", "deciding", "inspection")

NAMED: Final[Mapping[str | tuple[str, ...], tuple[str, ...]]] = {
    "policy_": ("policy", "by", "starts", "due"),
    ("grant_", "break_glass"): ("holder", "request", "grant"),
    ("worker", "detection_process"): ("worker", "process", "state", "pid", "why"),
    "answer": ("status", "restored"),
}
"""By how an event begins: fields that a row shows with their names."""
IN_CHINESE: Final[Mapping[str, str]] = {
    "policy": "政策",
    "in force": "生效的政策",
    "by": "经手人",
    "starts": "开始",
    "due": "期限",
    "holder": "持有人",
    "request": "申请",
    "grant": "授权",
    "worker": "工作进程",
    "process": "进程",
    "state": "状态",
    "pid": "进程号",
    "why": "原因",
    "status": "状态码",
    "restored": "已还原",
}
"""The names of those fields."""


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


def entries(
    file: Path, wanted: dict[str, str], between: tuple[datetime | None, datetime | None] = (None, None)
) -> Iterator[dict[str, Any]]:
    """Yield the log's lines that have the wanted values, of the wanted time.

    Raises `SettingsError` for a line that is no record. One whose time cannot be read is of any time.
    """
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
                if all(str(entry.get(key, "")) == value for key, value in wanted.items()) and of_time(entry, between):
                    yield entry
    except OSError as error:
        raise unreadable(file, error.strerror) from None


def of_time(entry: dict[str, Any], between: tuple[datetime | None, datetime | None]) -> bool:
    """Whether a record is not from before the first of two instants, nor from after the second."""
    first, last = between
    try:
        at = datetime.fromisoformat(str(entry.get(TIME)))
        return not ((first and at < first) or (last and at > last))
    except (ValueError, TypeError):
        return True


def start_of(since: str, now: datetime, option: str = "--since") -> datetime:
    """Return the instant that `since` means; raises `SettingsError`."""
    if span := SPAN.fullmatch(since.strip().lower()):
        return now - int(span[1]) * UNITS[span[2]]
    try:
        start = datetime.fromisoformat(since)
    except ValueError:
        raise SettingsError(
            f"{since}: write {option} as 30d, 12h, 2w, 2026-11-01 or 2026-11-01T09:30",
            f"{since}：{option} 的写法为 30d、12h、2w、2026-11-01 或 2026-11-01T09:30",
        ) from None
    return start if start.tzinfo else start.replace(tzinfo=now.tzinfo)


def row(entry: dict[str, Any], language: str) -> str:
    """Return one line for people; codes, by which the log is searched, are the same in both languages."""
    event = str(entry.get("event", ""))
    cells = [str(entry[key]) for key in SHOWN if entry.get(key)]
    for key in next((keys for begins, keys in NAMED.items() if event.startswith(begins)), ()):
        if entry.get(key) not in (None, ""):
            name = "in force" if (event, key) == ("policy_rejected", "policy") else key
            cells.append(f"{IN_CHINESE[name] if language == 'zh' else name} {entry[key]}")
    places, found = entry.get("places"), entry.get("entities")
    cells += map(str, places) if isinstance(places, list) else []
    cells += [f"{name}×{count}" for name, count in found.items()] if isinstance(found, dict) else []
    return "  ".join(map(clean, cells))  # a log that somebody has edited may hold anything, also what a terminal obeys
