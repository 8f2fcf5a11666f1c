"""`sluice keys` and `sluice vault`: versions of the key that wraps, and what is destroyed for whom.

Enters: settings, names. Leaves: changed keys and an emptier store, which a running proxy sees at its next look, and an
event of the log for each. No value is ever shown here, and none is held longer than it takes to seal it anew.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Final

from detectors.vault import Sealer, VaultError
from policies.model import fold
from proxy.cli.common import must_have_begun, store_of
from proxy.cli.trail import note, noting
from proxy.errors import SettingsError
from proxy.keyring import DERIVED, Keyring
from proxy.keys import master_key, unfit
from proxy.settings.interface import Settings
from proxy.store.interface import Forgotten, VaultSize
from proxy.vault import Rewrapped, Vault


@contextmanager
def open_vault(settings: Settings, *, looking: bool = False) -> Iterator[Vault]:
    """Open the vault beside a running proxy, or without one; raises `SettingsError` where there never was one."""
    must_have_begun(settings)
    with closing(store_of(settings, looking=looking)) as store:
        yield Vault(store, Sealer(master_key(settings.state)), Keyring(settings.state / "keys"))


def listed(settings: Settings) -> tuple[tuple[int, ...], int, VaultSize]:
    """Return the versions that are there, the least that opens, and what is kept under which."""
    with open_vault(settings, looking=True) as vault:
        return vault.keyring.versions(), vault.keyring.least(), vault.store.vault_size()


def rotate(settings: Settings, by: str) -> int:
    """Make a newer version; new data keys are wrapped under it from now on."""
    with open_vault(settings) as vault, noting(settings, "vault_key_added", by) as keep:
        return vault.keyring.add(lambda version: keep(version=version))


def rewrap(settings: Settings, by: str) -> Rewrapped:
    """Bring everything under the newest version."""
    with open_vault(settings) as vault, noting(settings, "vault_rewrapped", by) as keep:
        try:
            due = vault.behind()
            keep(version=due.version, kept={"keys": due.keys, "values": due.values, "lost": due.lost})
            return vault.rewrap(datetime.now(UTC))
        except VaultError as error:
            raise unfit(error) from None


def end_below(settings: Settings, version: int, by: str, *, even_so: bool) -> tuple[int, ...]:
    """Let nothing below a version open any more; raises `SettingsError` where something still needs that.

    `even_so` ends it all the same: what is sealed under it is lost.
    """
    with open_vault(settings) as vault, noting(settings, "vault_key_ended", by) as keep:
        vault.keyring.must_be_there(version)
        size = vault.store.vault_size()
        needed = sum(count for at, count in size.keys.items() if at < version) + size.old
        if needed and not even_so:
            raise SettingsError(
                f"{needed} keys or values still need a version below {version}: run `sluice keys rewrap` first,"
                " or give --even-so, and they are lost",
                f"仍有 {needed} 个密钥或原值需要版本 {version} 之前的密钥：请先运行 `sluice keys rewrap`；"
                "若加 --even-so，它们将丢失",
            )
        keep(version=version, kept={"lost": needed})
        return vault.keyring.end_below(version)


def forget(settings: Settings, kind: str, name: str, by: str) -> Forgotten:
    """Destroy what is kept of a person (`user`), an address, or a conversation (its digest, as the log has it).

    An event before says of whom, and one behind how much there was, for the store counts while it destroys.
    """
    now = datetime.now(UTC)
    holder = name if kind != "conversation" else f"conversation {name}"
    with open_vault(settings) as vault, noting(settings, "vault_forgotten", by) as keep:
        keep(holder=holder)
        if kind == "conversation":
            gone = vault.store.forget_talk(name, now)
        else:
            wanted = fold(f"{kind}:{name}")
            owners = [owner for owner in vault.store.owners() if fold(owner) == wanted]
            parts = [vault.store.forget_owner(owner, now, vault.traces(owner)) for owner in owners]
            gone = Forgotten(*(sum(column) for column in zip(*map(_counts, parts), strict=True))) if parts else NOTHING
    kept = dict(zip(("keys", "values", "turns", "traces"), _counts(gone), strict=True))
    note(settings, "vault_counted", by, holder=holder, kept=kept)
    return gone


NOTHING = Forgotten(0, 0, 0)


def _counts(gone: Forgotten) -> tuple[int, int, int, int]:
    return gone.keys, gone.values, gone.turns, gone.traces


WORDS: Final = {"ended": "已终止", "missing": "缺失", "newest": "最新", "opens": "可用"}


def rows(versions: tuple[int, ...], least: int, size: VaultSize, language: str) -> Iterator[str]:
    """Give the versions for people."""
    held = {**dict.fromkeys(versions, 0), **size.keys, **({DERIVED: size.old} if size.old else {})}
    for version, count in sorted(held.items()):
        there = version in versions or version == DERIVED
        word = "ended" if version < least else "missing" if not there else "newest" if version == max(held) else "opens"
        yield f"{version}  {WORDS[word] if language == 'zh' else word}  {count}"
