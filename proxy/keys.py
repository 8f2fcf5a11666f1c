"""The secrets a proxy makes for itself: its certificate authority and its master key. This room does I/O.

Enters: the state directory. Leaves: key bytes, and the path of the certificate that clients must trust. Private files
are readable by their owner only; a key that others can read stops the start.
"""

import os
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import certifi

from detectors.key_file import UnfitKey, make_key, read_key
from proxy.errors import SettingsError, unwritable

BASENAME: Final = "mitmproxy"
"""The names that mitmproxy's certificate store looks for."""

FOLDERS: Final = frozenset({"keys", "ca", "ca-next", "ca-old"})
"""Of the state directory, with files that commands make."""
BUNDLE: Final = "sluice-bundle.pem"
"""The public authorities and ours in one file, for programs whose setting takes the place of their own list."""


def private_directory(path: Path) -> Path:
    """Make a directory for its owner only."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{path}: the directory cannot be made: {error.strerror}", f"{path}：无法建立目录：{error.strerror}"
        ) from None
    return path


def hand_over(state: Path) -> None:
    """Give what root has made in the state directory of another account to that account, which must read it.

    Commands are run as root beside a proxy that is not: a key, an earlier version or an emergency stop that it could
    not read would not hold. That account may put links there, and change them meanwhile: each is held while it is
    looked at, and what stands elsewhere, too, is not given. Who may not give files away leaves them, as `sluice doctor`
    says then.
    """
    if os.geteuid() != 0:
        return
    with suppress(OSError), _opened(state, os.O_DIRECTORY) as top:
        there = os.fstat(top)
        if there.st_uid == 0:
            return
        _give(top, there)
        for name in FOLDERS:
            with suppress(OSError), _opened(name, os.O_DIRECTORY | os.O_NOFOLLOW, top) as folder:
                if os.fstat(folder).st_uid == there.st_uid:
                    _give(folder, there)


def _give(folder: int, there: os.stat_result) -> None:
    """Give root's files and folders in an open folder to whose the state directory is.

    They are held by their place alone: to open and close a file would let go what SQLite has locked in it.
    """
    for name in os.listdir(folder):
        with suppress(OSError), _opened(name, os.O_PATH | os.O_NOFOLLOW, folder) as made:
            about = os.fstat(made)
            alone = stat.S_ISDIR(about.st_mode) or (stat.S_ISREG(about.st_mode) and about.st_nlink == 1)
            if about.st_uid == 0 and alone:
                os.chown(f"/proc/self/fd/{made}", there.st_uid, there.st_gid)


@contextmanager
def _opened(path: Path | str, flags: int, folder: int | None = None) -> Iterator[int]:
    held = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags, dir_fd=folder)
    try:
        yield held
    finally:
        os.close(held)


def master_key(state: Path) -> bytes:
    """Return the key from which all others derive; made at the first start, 32 random bytes."""
    path = private_directory(state / "keys") / "master.key"
    try:
        if not path.exists():
            make_key(path)
            hand_over(state)
        return read_key(path)
    except (UnfitKey, FileNotFoundError) as error:
        raise unfit(error) from None


def unfit(error: Exception) -> SettingsError:
    """Return what there is to say of a key that cannot be used, or of an error that this led to, in both languages."""
    return SettingsError(str(error), getattr(error, "zh", "") or getattr(error.__cause__, "zh", ""))


def certificate_authority(state: Path, node: str) -> Path:
    """Make the certificate authority at the first start; return the certificate that clients must trust."""
    from mitmproxy.certs import CertStore  # half of what the lightest command would import

    directory = private_directory(state / "ca")
    public = state / "sluice-ca.pem"
    try:
        if not (directory / f"{BASENAME}-ca.pem").exists():
            CertStore.create_store(directory, BASENAME, 2048, organization="Sluice", cn=f"Sluice CA {node}".strip())
            make_durable(directory)
        must_be_whole(directory / f"{BASENAME}-ca.pem")
        for private in (directory / f"{BASENAME}-ca.pem", directory / f"{BASENAME}-ca.p12"):
            must_be_private(private)
        ours = (directory / f"{BASENAME}-ca-cert.pem").read_bytes()
        put_whole(public, ours, 0o644)
        put_whole(state / BUNDLE, Path(certifi.where()).read_bytes() + b"\n" + ours, 0o644)
    except OSError as error:
        raise SettingsError(
            f"{directory}: the certificate cannot be read or made: {error.strerror}",
            f"{directory}：无法读取或生成证书：{error.strerror}",
        ) from None
    return public


def put_whole(path: Path, data: bytes, mode: int) -> None:
    """Write a file of which no other process ever reads the half; raises `OSError`."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(data)
    partial.chmod(mode)
    partial.replace(path)


def make_durable(directory: Path) -> None:
    """Bring a folder's files and names to the disk: a power cut must not leave empty ones. Raises `OSError`."""
    for path in (*directory.iterdir(), directory, directory.parent):
        there = os.open(path, os.O_RDONLY)
        try:
            os.fsync(there)
        finally:
            os.close(there)


def must_be_whole(path: Path) -> None:
    """Refuse an authority that a crash or a slip has damaged; raises `SettingsError`, or `OSError`."""
    data = path.read_bytes()
    if b"PRIVATE KEY-----" not in data or b"-----END CERTIFICATE-----" not in data:
        raise SettingsError(
            f"{path}: this is no certificate authority, or it was damaged; put it back from the backup, or move"
            f" {path.parent} away, start anew, and roll the new certificate out",
            f"{path}：不是证书颁发机构，或已损坏；请从备份恢复，或移走 {path.parent} 后重新启动，并分发新证书",
        )


def must_be_private(path: Path) -> None:
    """Refuse a key that others can read; raises `SettingsError`, or `OSError` where it cannot be looked at."""
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsError(
            f"{path}: others can read this key; run: chmod 600 {path}",
            f"{path}：其他账户可以读取此密钥；请运行：chmod 600 {path}",
        )


def must_be_certificates(path: Path) -> None:
    """Refuse what TLS could not read; raises `SettingsError`."""
    try:
        if b"BEGIN CERTIFICATE" not in path.read_bytes():
            raise SettingsError(f"{path}: holds no certificate in PEM form", f"{path}：其中没有 PEM 格式的证书")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # that of TLS, too
        why = "what stands there is no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(f"{path}: the certificates cannot be read: {why}", f"{path}：无法读取证书：{why}") from None


def trusted_upstreams(state: Path, extra: Path | None) -> str | None:
    """Return a file of all certificates trusted towards upstreams; `None` for the public ones alone."""
    if extra is None:
        return None
    try:
        bundle = Path(certifi.where()).read_bytes() + b"\n" + extra.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{extra}: the certificates cannot be read: {error.strerror}", f"{extra}：无法读取证书：{error.strerror}"
        ) from None
    must_be_certificates(extra)
    path = private_directory(state) / "upstream-ca.pem"
    try:
        put_whole(path, bundle, 0o600)
    except OSError as error:
        raise unwritable(path, error.strerror) from None
    return str(path)
