"""Which policy a command uses when none is named: the one in force, which need not be the node's own file.

Enters: the settings. Leaves: the path at which that policy can be read, and a line that says which it is where it is
not the file. A release or an earlier version is laid out in a folder of its own that is gone when the command ends;
of a command that was killed, when the next one lays one out.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from policies.decision import Text
from proxy.assemble import SHIPPED_POLICY
from proxy.cli.common import store_of
from proxy.errors import SettingsError, StoreError
from proxy.keys import master_key
from proxy.pin import read_pin
from proxy.publish.closed import is_closed
from proxy.publish.follow import read_copy
from proxy.publish.release import Release
from proxy.settings.interface import Settings
from proxy.sources import Sources, content, unpack
from proxy.store.address import store_file
from proxy.workflow.permission import PolicyVersion
from proxy.workflow.signing import Signer

FOLDER: Final = "sluice-policy-"
CLOSED: Final = Text("CLOSED for an incident", "因突发事件暂停")


@dataclass(frozen=True, slots=True)
class InForce:
    """Where a policy can be read, and what it is."""

    path: Path
    told: Text = field(default_factory=Text)
    """Empty where it is the file of the settings, as everybody expects."""


def on_disk_or_published(settings: Settings) -> InForce:
    """Return what is published where this node follows the store, else its file: what whoever mends it looks at."""
    path = settings.policy or SHIPPED_POLICY
    if settings.policy_from != "store":
        return InForce(path)
    release = latest(settings)
    if release is None:
        return InForce(
            path, Text(f"nothing is published yet: this is the file {path}", f"尚未发布政策：以下为文件 {path}")
        )
    version, at = release.version, release.version.at.isoformat(timespec="seconds")
    en = f"release {release.number}, published by {version.by}, {at}: {version.id}"
    zh = f"发布 {release.number}，发布人 {version.by}，{at}：{version.id}"
    return laid_out(version, en, zh)


def in_force(settings: Settings) -> InForce:
    """Return the policy in force here: what is published, the version that somebody went back to, or the file."""
    pin = read_pin(settings.state) if settings.policy_from != "store" else None
    path = settings.policy or SHIPPED_POLICY
    if pin is None or not pin.speaks(content(path)):
        return on_disk_or_published(settings)
    with closing(store_of(settings, looking=True)) as store:
        version = store.get_policy(pin.id)
    if version is None:
        return InForce(path)  # so says the proxy, too: not remembered
    en, zh = f"{pin.id}, to which {pin.by} went back, not {path}", f"{pin.by} 恢复到的 {pin.id}，而非 {path}"
    return laid_out(version, en, zh)


def latest(settings: Settings) -> Release | None:
    """Return the release of the highest number that the store or this node's copy has; raises `StoreError`."""
    if not (settings.state / "keys" / "master.key").exists():
        return None
    signer = Signer(master_key(settings.state))
    found = read_copy(settings.state, signer)
    file = store_file(settings.store, settings.state)
    if file is not None and not file.exists():
        return found
    try:
        with closing(store_of(settings, looking=True)) as store:
            kept = store.get_release()
    except StoreError:
        if found is None:
            raise
        return found
    if kept is None or not signer.holds_release(kept.told(), kept.tag):
        return found
    return kept if found is None or kept.number > found.number else found


def laid_out(version: PolicyVersion, en: str, zh: str) -> InForce:
    """Return a version that was kept, as files; raises `SettingsError`."""
    try:
        sources = unpack(version.source)
    except ValueError:
        raise SettingsError(f"{version.id}: not readable", f"{version.id}：无法读取") from None
    clear_left()
    base = own_folder()
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    for path, text in placed(sources, base):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    [first, *_] = sources.files
    if is_closed(version.id):
        en, zh = f"{CLOSED.en}: {en}", f"{CLOSED.zh}：{zh}"
    return InForce(base if sources.folder else base / Path(first).name, Text(en, zh))


def own_folder() -> Path:
    """Make a folder and hold its lock until this process ends, in whatever way it does."""
    while True:
        base = Path(tempfile.mkdtemp(prefix=FOLDER))
        with suppress(FileNotFoundError):  # before it was locked, another command took it for one that was left
            held = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(held, fcntl.LOCK_EX)
            if base.exists():
                return base
            os.close(held)


def clear_left() -> None:
    """Remove the folders of this account's commands that were killed: those whose lock nobody holds any more."""
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        try:
            found = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if os.fstat(found).st_uid == os.geteuid():
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue  # somebody reads in it
        finally:
            os.close(found)


def placed(sources: Sources, base: Path) -> Iterator[tuple[Path, str]]:
    """Give each text with its place below `base`; what would lie elsewhere is left out, and missed by who reads it."""
    own: Mapping[str, str] = {
        Path(name).name: text for each in (sources.files, sources.tests) for name, text in each.items()
    }
    for name, text in {**sources.texts, **sources.beside, **own}.items():
        path = (base / name).resolve()
        if path.is_relative_to(base.resolve()):
            yield path, text
