"""`sluice policy rollback`: go back to an earlier version of the policy, until its file changes again.

Enters: which version, or none for the one before. Leaves: a pin in the state directory, which a running proxy takes up
within seconds and records in the audit log with the name of whoever went back; where nodes follow the store, a release,
which all of them take up.
"""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

from policies.problem import PolicyError
from proxy.assemble import SHIPPED_POLICY, catalogue_of, policy_of
from proxy.cli.common import account, store_of
from proxy.errors import SettingsError, unwritable
from proxy.pin import Pin, read_pin, set_pin
from proxy.publish.closed import is_closed
from proxy.publish.put import must_still_do, publish
from proxy.settings.interface import Settings
from proxy.sources import content
from proxy.workflow.permission import PolicyVersion

SHORTEST = 4
"""Digits of a digest that are enough to mean a version."""


def remembered(settings: Settings) -> tuple[PolicyVersion, ...]:
    """Return the versions that were in force, the latest first."""
    store = store_of(settings, looking=True)
    try:
        return store.policies()
    finally:
        store.close()


def roll_back(settings: Settings, wanted: str | None) -> PolicyVersion:
    """Go back to the version `wanted` (its label, or the first digits of its digest), or to the one before.

    That is the one before what stands on disk; the one last in force, where what stands there never was; and a second
    time, the one before that. Raises `SettingsError`.
    """
    if settings.policy_from == "store" and (version := publish_earlier(settings, wanted)) is not None:
        return version
    there = content(settings.policy or SHIPPED_POLICY)
    pin = read_pin(settings.state)
    if pin is not None and wanted is None and pin.speaks(there):
        passed = (*pin.passed, pin.id)
    else:
        passed = tuple(filter(None, (on_disk(settings),)))
    version = choose(remembered(settings), wanted, passed)
    pinned(settings, Pin(version.id, there, account(), tuple(one for one in passed if one != version.id)))
    return version


def pinned(settings: Settings, pin: Pin) -> None:
    """Keep a pin; raises `SettingsError`."""
    try:
        set_pin(settings.state, pin)
    except OSError as error:
        raise unwritable(settings.state, error.strerror) from None


def publish_earlier(settings: Settings, wanted: str | None) -> PolicyVersion | None:
    """Make an earlier version the release that all nodes follow; None where none was ever published."""
    with closing(store_of(settings)) as store:
        latest = store.get_release()
        if latest is None:
            return None
        passed = (*(latest.passed if wanted is None else ()), latest.version.id)
        version = choose(store.policies(), wanted, passed)
        must_still_do(settings, version)
        back = replace(version, at=datetime.now(UTC), by=account())
        publish(settings, store, back, tuple(one for one in passed if one != version.id))
        return version


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
