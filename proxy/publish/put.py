"""Publishes: a policy that passes its own tests, or an earlier version, becomes the release that all nodes follow.

Enters: the policy's path or a remembered version, and the store. Leaves: a release under the house's tag, or an error
that says why not; and how the nodes took it up. What this node's own detectors and settings do not take is never
published. This room does I/O.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from policies.decision import Text
from policies.problem import PolicyError, Problem
from proxy.assemble import builder_of, catalogue_of, here
from proxy.errors import SettingsError
from proxy.keys import master_key
from proxy.publish.follow import TELLS_EVERY, read_copy
from proxy.publish.release import Board, Release, Standing
from proxy.settings.interface import Settings
from proxy.sources import pack, take_up, unpack
from proxy.trial import failures
from proxy.workflow.permission import PolicyVersion
from proxy.workflow.signing import Signer

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a policy with all that belongs to it: each node fetches it whole."""
THERE: Final = timedelta(seconds=3 * TELLS_EVERY)
"""A node that was silent for longer is not waited for."""
FAILS: Final = Text("this test fails", "该测试未通过")
LOOK: Final = Text("for more, run: sluice policy test", "详情请运行：sluice policy test")


class FailingTests(PolicyError):
    """Tests of the policy fail here."""


def tested(settings: Settings, path: Path, by: str, now: datetime) -> PolicyVersion:
    """Return the policy at `path` as a version; raises `PolicyError`, or `FailingTests`."""
    detecting, texts = here(settings), dict[str, str]()
    policy, sources = take_up(path, catalogue_of(settings).names, detecting.own_entities)
    wrong = failures(builder_of(settings, detecting)(policy), sources, path, texts)
    if wrong:
        raise FailingTests([_problem(place) for place in wrong])
    source = pack(replace(sources, texts=texts))
    if len(source.encode()) > LARGEST:
        raise SettingsError(
            f"{path}: with its lists and tests it has more than {LARGEST >> 20} MiB; use an index",
            f"{path}：连同名单与测试超过 {LARGEST >> 20} MiB；请改用索引",
        )
    return PolicyVersion(policy.label, policy.digest, source, now, by)


def must_still_do(settings: Settings, version: PolicyVersion) -> None:
    """Raise `PolicyError` or `DetectorError` where an earlier version can no longer be put in force here."""
    detecting = here(settings)
    try:
        sources = unpack(version.source)
    except ValueError:
        raise SettingsError(f"{version.id}: not readable", f"{version.id}：无法读取") from None
    builder_of(settings, detecting)(sources.parse(catalogue_of(settings).names, detecting.own_entities))


def publish(settings: Settings, board: Board, version: PolicyVersion, passed: tuple[str, ...] = ()) -> Release:
    """Make a version the release that all nodes follow; raises `SettingsError` where somebody else was faster."""
    signer, was = Signer(master_key(settings.state)), board.release_number()
    own = read_copy(settings.state, signer)
    release = Release(1 + max(was, own.number if own else 0), version, passed)
    release = replace(release, tag=signer.release(release.told()))
    if not board.put_release(release, was):
        raise SettingsError(
            "somebody else has published at the same time: see sluice policy nodes, then do it again",
            "有人同时发布了政策：请查看 sluice policy nodes，然后再次执行",
        )
    return release


def taken_up(
    board: Board, number: int, seconds: float, clock: Callable[[], datetime]
) -> tuple[Mapping[str, Standing], bool]:
    """Wait until all nodes that are there have taken a release up; returns how they stand, and whether all enforce it.

    One that rejects it is not waited for.
    """
    end = time.monotonic() + seconds
    while True:
        there = {name: one for name, one in board.standings().items() if one.at > clock() - THERE}
        if all(one.number == number or (one.seen >= number and one.rejected) for one in there.values()) and there:
            break
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    return there, bool(there) and all(one.number == number and not one.rejected for one in there.values())


def _problem(place: str) -> Problem:
    file, line, column = place.rsplit(":", 2)
    return Problem(file, int(line), int(column), FAILS, LOOK)
