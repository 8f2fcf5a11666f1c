"""What `sluice doctor` finds in the state directory: its keys, certificate, store and audit log.

Settings enter, checks leave. What is not there yet is not made: of it only the place is looked at.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from policies.decision import Text
from proxy.cli.check import Check
from proxy.keys import BASENAME, master_key
from proxy.settings import Settings
from proxy.store.sqlite import open_store, store_file
from proxy.trail.verify import verify

SOON = timedelta(days=30)


def look_at_state(settings: Settings) -> Iterator[Check]:
    """See whether the directory can be used or made, and whether the key in it is ours alone."""
    state = settings.state
    if not state.exists():
        yield to_be_made("state", state)
        return
    well = state.is_dir() and os.access(state, os.W_OK | os.X_OK)
    if well and (state / "keys" / "master.key").exists():
        master_key(state)
    told = Text(str(state), str(state))
    no = Text(f"{state}: no directory that can be written to", f"{state}：不是可写的目录")
    yield Check("state", "ok" if well else "FAIL", told if well else no)


def look_at_certificate(settings: Settings) -> Iterator[Check]:
    """Read the authority, and the certificate that clients must trust."""
    path, authority = settings.state / "sluice-ca.pem", settings.state / "ca" / f"{BASENAME}-ca.pem"
    if authority.exists():
        data = authority.read_bytes()
        load_pem_private_key(data, None)
        x509.load_pem_x509_certificate(data)
    if not path.exists():
        yield Check("certificate", "ok", Text("made at the first `sluice run`", "首次执行 `sluice run` 时生成"))
        return
    expires = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    well = expires - datetime.now(UTC) > SOON
    ca = settings.state / "ca"
    en = "" if well else f"; move {ca} away, start anew, and roll the new certificate out"
    zh = "" if well else f"；请移走 {ca}，重新启动，并分发新证书"
    told = Text(f"{path}, until {expires:%Y-%m-%d}{en}", f"{path}，有效期至 {expires:%Y-%m-%d}{zh}")
    yield Check("certificate", "ok" if well else "FAIL", told)


def look_at_store(settings: Settings) -> Iterator[Check]:
    """Open the store and read from it, if it is there."""
    path = store_file(settings.store, settings.state)
    if path is not None and not path.exists():
        yield to_be_made("store", path)
        return
    with closing(open_store(settings.store, settings.state)) as store:
        grants = len(store.all_grants())
    yield Check("store", "ok", Text(f"{settings.store}, {grants} grants", f"{settings.store}，{grants} 条授权"))


def look_at_audit(settings: Settings) -> Iterator[Check]:
    """Verify the log's chain, if it is there."""
    path = settings.state / settings.audit
    if settings.audit == "-":
        yield Check("audit", "ok", Text("goes to standard output", "写到标准输出"))
        return
    if not path.exists():
        yield to_be_made("audit", path)
        return
    if not path.is_file() or not os.access(path, os.W_OK):
        told = Text(f"{path}: no plain file that can be written to", f"{path}：不是可写的普通文件")
        yield Check("audit", "FAIL", told)
        return
    with path.open("rb") as lines:
        checked = verify(lines)
    yield Check("audit", "ok" if checked.ok else "FAIL", Text(checked.told("en"), checked.told("zh")))


def to_be_made(name: str, path: Path) -> Check:
    """Say whether what is not there yet can be made at its place."""
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Check(
            name, "ok", Text(f"{path}: made at the first `sluice run`", f"{path}：首次执行 `sluice run` 时生成")
        )
    told = Text(
        f"{path} cannot be made: {there} is no directory that can be written to", f"无法生成 {path}：{there} 不可写"
    )
    return Check(name, "FAIL", told)


def in_use_by_us(settings: Settings) -> bool:
    """Whether a running Sluice holds this state's audit log."""
    path = settings.state / settings.audit
    if settings.audit == "-" or not path.is_file():
        return False
    with path.open("rb") as log:
        try:
            fcntl.flock(log, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
