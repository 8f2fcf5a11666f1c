"""`sluice policy rollback`: go back to an earlier version of the policy, until its file changes again.

Enters: which version, or none for the one before. Leaves: a pin in the state directory, which a running proxy takes up
within seconds and records in the audit log with the name of whoever went back; where nodes follow the store, a release,
which all of them take up. And lines that say who has taken it up so far.
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from policies.decision import Text
from policies.problem import PolicyError
from proxy.assemble import SHIPPED_POLICY, catalogue_of, policy_of
from proxy.cli.check import Check
from proxy.cli.common import in_use_by_us, store_of
from proxy.cli.policy_nodes import named, now, told_of
from proxy.errors import SettingsError, unwritable
from proxy.pin import Pin, read_pin, set_pin
from proxy.publish.closed import is_closed
from proxy.publish.health import Health, read_health
from proxy.publish.put import must_still_do, publish
from proxy.publish.release import Release
from proxy.settings.interface import Settings
from proxy.sources import content
from proxy.store.interface import Store
from proxy.workflow.permission import PolicyVersion

SHORTEST = 4
"""Digits of a digest that are enough to mean a version."""
LOOKS_EVERY: Final = 0.1
SILENT: Final = Health("?", datetime(1970, 1, 1, tzinfo=UTC), "?")
"""Stands for the answer of a proxy that has not answered yet."""


def remembered(settings: Settings) -> tuple[PolicyVersion, ...]:
    """Return the versions that were in force, the latest first."""
    store = store_of(settings, looking=True)
    try:
        return store.policies()
    finally:
        store.close()


def go_back(
    settings: Settings, wanted: str | None, by: str | None, seconds: float
) -> tuple[PolicyVersion, list[Check], bool]:
    """Go back as `roll_back` does, on all nodes where they follow the store, and wait for who runs.

    Returns the version, a line about each that should enforce it, and whether all do. Raises `SettingsError`.
    """
    name = named(by)
    if settings.policy_from == "store":
        with closing(store_of(settings, keeping=True)) as store:
            if (release := publish_earlier(settings, store, wanted, name)) is not None:
                told, done = told_of(store, release, seconds)
                return release.version, told, done
    version = roll_back(settings, wanted, name)
    found = in_force_here(settings, version, seconds)
    return version, [found] if found else [], found is None or found.ok


def in_force_here(settings: Settings, version: PolicyVersion, seconds: float) -> Check | None:
    """Wait until the proxy that runs here enforces a version, and say so; None where none runs."""
    if not in_use_by_us(settings):
        return None
    health, done = heard_here(settings, seconds, lambda label: label == version.id)
    if not done:
        return not_yet("in force", health)
    return Check("in force", "ok", Text(f"{health.policy}, by {health.by}", f"{health.policy}，操作人 {health.by}"))


def heard_here(settings: Settings, seconds: float, is_so: Callable[[str], bool]) -> tuple[Health, bool]:
    """Wait until the proxy that runs here enforces what is wanted; returns what it says, and whether it does."""
    until = time.monotonic() + seconds
    while True:
        health = read_health(settings.state)
        if health is not None and is_so(health.policy):
            return health, True
        if time.monotonic() > until:
            return health or SILENT, False
        time.sleep(LOOKS_EVERY)


def not_yet(name: str, health: Health) -> Check:
    """Return the line about a proxy that has not taken up what it should."""
    why = ", ".join(health.rejected)
    en = f"NOT taken up yet: {health.policy} is in force{f' ({why})' if why else ''}; see health.json and the log"
    zh = f"尚未执行：目前执行 {health.policy}{f'（{why}）' if why else ''}；请查看 health.json 与日志"
    return Check(name, "FAIL", Text(en, zh))


def roll_back(settings: Settings, wanted: str | None, by: str) -> PolicyVersion:
    """Go back on this node to the version `wanted` (its label, or the first digits of its digest), or the one before.

    That is the one before what stands on disk; the one last in force, where what stands there never was; and a second
    time, the one before that. Raises `SettingsError`.
    """
    there = content(settings.policy or SHIPPED_POLICY)
    pin = read_pin(settings.state)
    if pin is not None and wanted is None and pin.speaks(there):
        passed = (*pin.passed, pin.id)
    else:
        passed = tuple(filter(None, (on_disk(settings),)))
    version = choose(remembered(settings), wanted, passed)
    pinned(settings, Pin(version.id, there, by, tuple(one for one in passed if one != version.id)))
    return version


def pinned(settings: Settings, pin: Pin) -> None:
    """Keep a pin; raises `SettingsError`."""
    try:
        set_pin(settings.state, pin)
    except OSError as error:
        raise unwritable(settings.state, error.strerror) from None


def publish_earlier(settings: Settings, store: Store, wanted: str | None, by: str) -> Release | None:
    """Make an earlier version the release that all nodes follow; None where none was ever published."""
    latest = store.get_release()
    if latest is None:
        return None
    passed = (*(latest.passed if wanted is None else ()), latest.version.id)
    version = choose(store.policies(), wanted, passed)
    must_still_do(settings, version)
    back = replace(version, at=now(), by=by)
    return publish(settings, store, back, tuple(one for one in passed if one != version.id))


def on_disk(settings: Settings) -> str:
    """Return the label of the policy that stands on disk, or nothing where it cannot be read."""
    try:
        return policy_of(settings, catalogue_of(settings)).label
    except PolicyError:
        return ""


def choose(versions: Sequence[PolicyVersion], wanted: str | None, passed: Collection[str]) -> PolicyVersion:
    """Return the version meant; raises `SettingsError` where there is none, or more than one.

    `versions` are those that were in force, the latest first; `passed` are the labels that going further back leaves.
    """
    if wanted is None:
        earlier = [one for one in versions if one.id not in passed and not is_closed(one.id)]
        if not earlier:
            raise SettingsError("no earlier version of the policy is remembered", "没有记住更早的政策版本")
        return earlier[0]
    meant = [one for one in versions if wanted == one.id]
    if not meant and len(wanted) >= SHORTEST:
        meant = [one for one in versions if one.digest.startswith(wanted.lower())]
    if len(meant) != 1:
        known = ", ".join(one.id for one in versions[:10]) or "none"
        raise SettingsError(
            f"{wanted} names {'no' if not meant else 'more than one'} version; remembered are {known}",
            f"{wanted} {'不对应任何版本' if not meant else '对应不止一个版本'}；已记住的版本：{known}",
        )
    return meant[0]


def describe(version: PolicyVersion) -> str:
    """Return one line about a version."""
    return f"{version.id:24} {version.at.isoformat(timespec='seconds')}  {version.by}"
