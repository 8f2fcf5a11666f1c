"""`sluice audit key`, `new-key`, `prove`, `verifier` and `witness`: what auditors need, and what is done about a key.

Enters: settings, a number. Leaves: public keys, a proof, a program; and events of the log, for who reads it and who
changes its key is a part of what happened.
"""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import proxy.trail
from proxy.cli.grants import open_portal, operator
from proxy.errors import SettingsError, SluiceError, StoreError, of_the_system, unwritable
from proxy.settings.interface import Settings
from proxy.store.interface import Changes
from proxy.trail import chain, checked, checkpoint, ed25519, verify
from proxy.trail.checkpoint import Checkpoint, trusted
from proxy.trail.notary import checkpoints_of
from proxy.trail.prove import proof, records
from proxy.trail.signer import as_pem, change_key, public_keys

PROGRAM: Final = (proxy, proxy.trail, verify, checked, checkpoint, chain, ed25519)
"""All that a check needs."""
START: Final = """\
import sys
import traceback

try:
    from proxy.trail.verify import main

    code = main()
except Exception:  # Python itself would end with 1, which says that something does not hold
    traceback.print_exc()
    print("The program itself has failed: nothing is said about the log.", file=sys.stderr)
    code = 2
sys.exit(code)
"""


def log_of(settings: Settings) -> Path:
    """Return the house's own log; raises `SettingsError` where it is on standard output."""
    if settings.audit == "-":
        raise SettingsError(
            "the audit log goes to standard output, where nothing can sign it; set `audit` to a file",
            "审计日志写往标准输出，无法签名；请把 `audit` 设为文件",
        )
    return settings.state / settings.audit


def own(settings: Callable[[], Settings], file: Path) -> Settings | None:
    """Return the settings where `file` is the log of this house; a copy of it elsewhere is nobody's business here."""
    try:
        known = settings()
        there = known.audit != "-" and file.exists() and file.samefile(known.state / known.audit)
        return known if there else None
    except (SettingsError, OSError):
        return None


def note(settings: Settings, word: str, by: str, **notes: Any) -> None:
    """Keep an event of the trail; whoever holds the log takes it in."""
    with noting(settings, word, by) as keep:
        keep(**notes)


@contextmanager
def noting(settings: Settings, word: str, by: str) -> Iterator[Callable[..., None]]:
    """Give what keeps an event with some notes; it is called when all is checked, right before what it tells of.

    Where the store cannot be opened, or does not keep the event, it raises, and nothing is done: nobody would hear of
    it. What fails before leaves no event. What fails behind it is told as that: `SettingsError`, for the log has it.
    """
    with open_portal(settings, keeping=True) as portal:
        kept = False

        def keep(**notes: Any) -> None:
            nonlocal kept
            event = portal.event(word, datetime.now(UTC), operator(by), **notes)
            messages = portal.messages(event) if word in ALARMS else ()
            if not portal.store.keep(Changes(events=[event], messages=messages)):
                raise StoreError("the store did not keep the event for the audit log", "存储未能保存审计日志的事件")
            kept = True

        try:
            yield keep
        except (OSError, SluiceError) as error:
            if not kept:
                raise
            en, zh = _why(error)
            raise SettingsError(
                f"the audit log has it as done ({word}), but it failed: {en}; look at what is there, and do it again",
                f"审计日志已记为完成（{word}），但操作失败：{zh}；请查看现状后重试",
            ) from None


def _why(error: OSError | SluiceError) -> tuple[str, str]:
    if isinstance(error, SluiceError):
        return str(error), error.told.zh or str(error)
    said = error.strerror or type(error).__name__
    return said, of_the_system(said)


ALARMS: Final = frozenset(
    {
        *("audit_key_changed", "vault_forgotten", "vault_key_added", "vault_key_ended"),
        *("ca_made", "ca_taken", "ca_swapped", "ca_retired"),
    }
)
"""Events of the command line that somebody is told of."""


def public(settings: Settings) -> str:
    """Return the public keys as PEM."""
    return as_pem(public_keys(settings.state))


def renew(settings: Settings, since: str, by: str) -> Mapping[str, str]:
    """Make a new signing key; the old one counts for nothing from `since` on, or from now."""
    try:
        ends = checkpoint.moment(since) if since else None
    except ValueError:
        raise SettingsError(
            "--since is a time with its zone, such as 2026-11-20T09:30:00+08:00",
            "--since 须为带时区的时间，例如 2026-11-20T09:30:00+08:00",
        ) from None
    until = {"until": ends.isoformat(timespec="seconds")} if ends else {}
    with noting(settings, "audit_key_changed", by) as keep:
        old, new = change_key(settings.state, ends, lambda old, new: keep(before=old.id, key=new.id, **until))
    return {"before": old.id, "key": new.id, "until": old.revoked}


def prove(settings: Settings, number: int, by: str) -> bytes:
    """Return the proof of one record, under the first checkpoint that covers it; raises `SettingsError`."""
    log = log_of(settings)
    try:
        lines = checkpoints_of(log).read_bytes().split(b"\n")
        points, fault = trusted(lines, public_keys(settings.state))
        if fault is not None:
            raise SettingsError(
                f"{checkpoints_of(log)}:{fault.line}: {checked.PROBLEMS[fault.problem][0]}",
                f"{checkpoints_of(log)}:{fault.line}：{checked.PROBLEMS[fault.problem][1]}",
            )
        point = _over(number, points)
        with log.open("rb") as file:
            leaves = records(file, point.size)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{log}: nothing can be proven: {error}", f"{log}：无法出具证明：{error}") from None
    line = next(line for line in lines if f'"root":"{point.root}"'.encode() in line)
    note(settings, "audit_proven", by, seq=number)
    return proof(number, leaves, line)


def _over(number: int, points: tuple[Checkpoint, ...]) -> Checkpoint:
    for point in points:
        if 1 <= number <= point.size:
            return point
    raise ValueError(f"no checkpoint is signed over record {number} yet")


def program() -> bytes:
    """Return the verifier as one file that Python runs (a zip archive, PEP 441): its sources, and nothing else."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, text: str) -> None:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)  # the same bytes each time

        put("__main__.py", START)
        for module in PROGRAM:
            file = Path(str(module.__file__))
            folder = module.__name__ if file.name == "__init__.py" else module.__name__.rpartition(".")[0]
            put(f"{folder.replace('.', '/')}/{file.name}", file.read_text("utf-8"))
    return b"#!/usr/bin/env python3\n" + packed.getvalue()


def write_program(file: Path) -> None:
    """Write the verifier; raises `SettingsError`."""
    try:
        file.write_bytes(program())
        file.chmod(0o755)
    except OSError as error:
        raise unwritable(file, error.strerror) from None
