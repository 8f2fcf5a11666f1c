"""`sluice audit keygen` and `sluice audit open`: the auditor's key, and the copies that only it opens.

Enters: a key file, the number of an exchange. Leaves: what somebody sent, for a terminal or as bytes, and an event for
the log that says who opened it. The private key is read and never kept; its use is recorded before anything is shown.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proxy.cli.grants import open_portal, operator
from proxy.errors import SettingsError, SluiceError
from proxy.settings.interface import Settings
from proxy.store.interface import Changes
from proxy.trail.seal import Copy, Safe, make_identity, open_copy
from proxy.wire.body import charset_of, codings_of, decode


def keygen(file: Path) -> str:
    """Make the auditor's key; returns the public part for the settings. Raises `SettingsError`."""
    try:
        return make_identity(file)
    except OSError as error:
        raise SettingsError(
            f"{file}: the key cannot be written: {error.strerror}", f"{file}：无法写入密钥：{error.strerror}"
        ) from None


def open_copies(settings: Settings, reference: str, identity: Path, by: str) -> tuple[Copy, ...]:
    """Return all copies with this number, once it is recorded who opens them; raises `SettingsError`."""
    try:
        key = identity.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{identity}: the key file cannot be read", f"{identity}：无法读取密钥文件") from None
    files = Safe(settings.state, (), timedelta(0)).find(reference)
    if not files:
        raise SettingsError(
            f"no copy is kept of {reference}; look for it with: sluice audit show --id {reference}",
            f"没有 {reference} 的副本；请查找：sluice audit show --id {reference}",
        )
    try:
        copies = tuple(open_copy(file.read_bytes(), key) for file in files)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{files[0]}: cannot be opened: {error}", f"{files[0]}：无法打开：{error}") from None
    with open_portal(settings, keeping=True) as portal:
        event = portal.event("copy_opened", datetime.now(UTC), operator(by), reference=reference)
        portal.store.keep(Changes(events=[event]))
    return copies


def lines(copy: Copy, settings: Settings) -> Iterator[str]:
    """Give a copy for people: what it is, and its text."""
    yield f"{copy.reference}  {copy.at.isoformat(timespec='seconds')}  {copy.user or '–'}  {copy.service}"
    yield f"{copy.method} {safe(copy.host + copy.path)}"
    yield ""
    if copy.body is None:
        yield "(refused before its body was read)"
        return
    try:
        headers = (("content-encoding", copy.content_encoding), ("content-type", copy.content_type))
        plain = decode(copy.body, codings_of(headers), settings.limits)
        yield safe(plain.decode(charset_of(copy.content_type)))
    except (SluiceError, UnicodeDecodeError, LookupError):
        yield f"({len(copy.body)} bytes that are no text; --raw writes them)"


def safe(text: str) -> str:
    """Return a text that a terminal shows and does not obey."""
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\u{ord(char):04x}" for char in text)
