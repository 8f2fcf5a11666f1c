"""A worker takes the version that the supervisor has put in force, out of the store, and keeps its own until it can."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from policies.model import Policy
from proxy.passage import House
from proxy.pipeline import Street
from proxy.reload import Rejected
from proxy.sources import pack, take_up
from proxy.workers import follow
from proxy.workers.follow import Follower
from proxy.workflow.permission import PolicyVersion
from tests.proxy.house import Tenant

TEXT = "{{policy: Followed, version: {}, otherwise: forbid, rules: [{{id: all, verdict: allowed}}]}}\n"


def keep(house: House, folder: Path, number: int) -> str:
    """Put a version into the store, as the supervisor does before it tells of it."""
    path = folder / f"policy-{number}.yaml"
    path.write_text(TEXT.format(number), "utf-8")
    policy, sources = take_up(path, house.street.catalogue.names)
    version = PolicyVersion(policy.label, policy.digest, pack(sources), house.clock(), "file")
    house.ledger.store.keep_policy(version)
    return policy.label


def maker(house: House) -> Callable[[Policy], Street]:
    return lambda policy: replace(house.street, policy=policy)


def test_a_version_is_taken_and_told(tenant: Tenant, tmp_path: Path) -> None:
    house, told = tenant.house, list[str]()
    label = keep(house, tmp_path, 5)
    follower = Follower(house, maker(house), (), told.append)
    follower.take({"version": label, "turn": 1})
    assert house.street.policy.label == label and told == [label]


def test_where_there_is_none_nothing_changes(tenant: Tenant) -> None:
    house = tenant.house
    before = house.street
    follower = Follower(house, maker(house), ())
    follower.take({"version": "", "turn": 0})
    assert house.street is before
    with pytest.raises(Rejected, match="not remembered"):
        follower.take({"version": "9@nothing", "turn": 1})
    assert house.street is before


def test_one_that_cannot_be_built_is_tried_again_and_the_one_before_stays(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "AGAIN", 0.02)
    house = tenant.house
    label, before, tries, done = keep(house, tmp_path, 6), house.street, [0], threading.Event()

    def make(policy: Policy) -> Street:
        tries[0] += 1
        if tries[0] < 3:
            assert house.street is before
            raise RuntimeError("a detector is away")
        return maker(house)(policy)

    follower = Follower(house, make, (), lambda _: done.set())
    follower.start()
    follower.want({"version": label, "turn": 1})
    assert done.wait(60)
    follower.stop()
    assert house.street.policy.label == label and tries[0] == 3
