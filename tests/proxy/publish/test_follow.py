"""A node enforces the latest release of its own house, keeps the last good one, and can be told nothing by others."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from detectors.interface import DetectorError
from policies.model import Policy
from proxy.assemble import portal_of
from proxy.errors import StoreError
from proxy.passage import House
from proxy.pipeline import Street
from proxy.publish.follow import COPY, Followed, read_copy
from proxy.publish.release import Release
from proxy.reload import CLOSED, Reloader
from proxy.settings.interface import Settings
from proxy.sources import pack, take_up
from proxy.workflow.notify import Notify
from proxy.workflow.permission import PolicyVersion
from proxy.workflow.signing import Signer
from tests.proxy.house import NOON, POLICY, Tenant, open_house, street

TEXT = POLICY.read_text("utf-8")
BROKEN = TEXT.replace("verdict: forbidden", "verdict: forbiden")


def numbered(number: int) -> str:
    return TEXT.replace("version: 7", f"version: {number}")


@dataclass
class Node:
    """A house that follows its store."""

    tenant: Tenant
    folder: Path
    reloader: Reloader

    @property
    def house(self) -> House:
        return self.tenant.house

    @property
    def label(self) -> str:
        return self.house.street.policy.label.partition("@")[0]

    def release(self, number: int, text: str, *, passed: tuple[str, ...] = (), tests: str = "") -> Release:
        """Return a release, signed; a broken text has the label of nothing."""
        at = self.folder / "new"
        at.mkdir(exist_ok=True)
        (at / "policy.yaml").write_text(TEXT if text is BROKEN else text, "utf-8")
        (at / "policy_test.yaml").unlink(missing_ok=True)
        if tests:
            (at / "policy_test.yaml").write_text(tests, "utf-8")
        policy, sources = take_up(at / "policy.yaml", self.house.street.catalogue.names)
        if text is BROKEN:
            sources = replace(sources, files=dict.fromkeys(sources.files, BROKEN))
        version = PolicyVersion(policy.label, policy.digest, pack(sources), NOON, "张敏")
        made = Release(number, version, passed)
        return replace(made, tag=self.house.ledger.signer.release(made.told()))

    def publish(self, number: int, text: str, *, passed: tuple[str, ...] = (), tests: str = "") -> None:
        store = self.house.ledger.store
        made = self.release(number, text, passed=passed, tests=tests)
        assert store.put_release(made, store.release_number())
        self.reloader.poll()

    def events(self) -> list[str]:
        return [line["event"] for line in self.tenant.records()]

    def restart(self) -> None:
        """Begin again, as a process that knows only what is on its disk and in its store."""
        self.house.street = street(policy=CLOSED)
        self.reloader = reloader_of(self.house, self.folder, self.reloader.make)
        self.reloader.start()


def reloader_of(house: House, folder: Path, make=lambda policy: street(policy=policy)) -> Reloader:
    ledger, state = house.ledger, folder / "state"
    followed = Followed(ledger.store, ledger.signer, state, "node-1")
    return Reloader(house, folder / "policy.yaml", make, state, (), followed)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """One whose own file is of version 7, with nothing published."""
    (tmp_path / "state").mkdir()
    (tmp_path / "policy.yaml").write_text(TEXT, "utf-8")
    tenant = open_house(tmp_path, policy=CLOSED)
    made = Node(tenant, tmp_path, reloader_of(tenant.house, tmp_path))
    made.reloader.start()
    yield made
    tenant.close()


def test_until_something_is_published_the_file_speaks_and_then_no_more(node: Node) -> None:
    assert (node.label, node.reloader.health.release) == ("7", 0)
    node.publish(1, numbered(8))
    assert (node.label, node.reloader.health.release, node.reloader.health.by) == ("8", 1, "张敏")
    line = node.tenant.records()[-1]
    assert (line["event"], line["policy"][:2], line["before"][:2], line["by"]) == ("policy_loaded", "8@", "7@", "张敏")
    (node.folder / "policy.yaml").write_text(numbered(9), "utf-8")
    for _ in range(4):
        node.reloader.poll(at_once=True)
    assert node.label == "8" and node.events() == ["policy_loaded", "policy_loaded"]
    node.restart()
    assert (node.label, node.reloader.health.release) == ("8", 1)


def test_a_node_says_how_it_stands(node: Node) -> None:
    node.publish(1, numbered(8))
    node.publish(2, BROKEN)
    said = node.house.ledger.store.standings()["node-1"]
    assert (said.number, said.policy[:2], said.seen) == (1, "8@", 2) and "policy.yaml:" in said.rejected[0]


FAILING = "tests: [{name: x, service: openai-api, says: hi, expect: refused}]"
REJECTED = {"a mistake": (BROKEN, ""), "a test that fails": (numbered(9), FAILING)}


@pytest.mark.parametrize("name", REJECTED)
def test_one_that_is_rejected_changes_nothing_also_after_a_restart(node: Node, name: str) -> None:
    text, tests = REJECTED[name]
    node.publish(1, numbered(8))
    node.publish(2, text, tests=tests)
    for _ in range(3):
        node.reloader.poll()
    assert (node.label, node.reloader.health.release, node.reloader.health.sound) == ("8", 1, False)
    assert node.events()[2:] == ["policy_rejected"]  # said once
    node.restart()
    assert (node.label, node.reloader.health.release, node.reloader.health.sound) == ("8", 1, False)
    node.publish(3, numbered(10))
    assert (node.label, node.reloader.health.release, node.reloader.health.sound) == ("10", 3, True)


def test_a_detector_that_was_away_is_tried_again(node: Node) -> None:
    make = node.reloader.make

    def away(_policy: Policy) -> Street:
        raise DetectorError("model latin: model.onnx was changed")

    node.reloader.make = away
    node.publish(1, numbered(8))
    assert (node.label, node.reloader.health.sound) == ("7", False)
    node.reloader.make = make
    node.reloader.poll()
    assert node.label == "7"  # not at each look
    node.reloader.poll(at_once=True)
    assert (node.label, node.reloader.health.sound) == ("8", True)


def test_with_nothing_good_before_it_a_release_that_is_rejected_closes(node: Node) -> None:
    store = node.house.ledger.store
    assert store.put_release(node.release(1, BROKEN), 0)
    node.restart()
    assert node.house.street.policy is CLOSED and not node.reloader.health.sound


def test_going_back_is_recorded_as_such_and_needs_no_tests(node: Node) -> None:
    node.publish(1, numbered(8))
    node.publish(2, numbered(6), passed=("8@x",), tests=FAILING)
    assert (node.label, node.events()[-1]) == ("6", "policy_rolled_back")


def test_of_several_nodes_one_notifies(node: Node) -> None:
    node.house.portal = portal_of(Settings(notify=Notify(webhook="https://hooks.corp.example/x")), node.house)
    other = reloader_of(node.house, node.folder)
    other.followed = Followed(node.house.ledger.store, node.house.ledger.signer, node.folder / "other", "node-2")
    (node.folder / "other").mkdir()
    node.publish(1, numbered(8))
    node.house.street = street(policy=CLOSED)
    other.poll()
    assert node.events() == ["policy_loaded"] * 3
    due = node.house.ledger.store.due_messages(NOON, 10)
    assert [message.event.name for _, message in due] == ["policy_loaded"]


def test_one_with_a_day_waits_for_it(node: Node) -> None:
    node.publish(1, numbered(8) + "time_zone: Asia/Shanghai\neffective: 2026-12-05\n")
    assert (node.label, node.reloader.health.coming[:2], node.events()[-1]) == ("7", "8@", "policy_scheduled")
    node.reloader.poll()
    node.house.clock = lambda: NOON + timedelta(days=4)
    node.reloader.poll()
    assert (node.label, node.reloader.health.coming, node.events()[-1]) == ("8", "", "policy_loaded")


# -- what others do to the store ---------------------------------------------------------------------------------------


def forge(node: Node, number: int) -> Release:
    made = replace(node.release(number, numbered(number)), tag="")
    return replace(made, tag=Signer(b"o" * 32).release(made.told()))


FORGED = {
    "another house's": lambda node: forge(node, 9),
    "an older one": lambda node: node.release(1, numbered(8)),
    "one whose text was changed": lambda node: replace(node.release(9, numbered(9)), tag=node.release(8, TEXT).tag),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_this_house_did_not_publish_last_is_told_and_replaced(node: Node, name: str) -> None:
    store = node.house.ledger.store
    node.publish(1, numbered(8))
    node.publish(2, numbered(9))
    ours = store.get_release()
    kept = node.house.street
    assert store.put_release(FORGED[name](node), 2)
    node.reloader.poll()
    assert node.house.street is kept and store.get_release() == ours
    assert node.events()[-1] == "policy_rejected" and not node.reloader.health.sound
    assert "release" in node.reloader.health.rejected[0]
    for _ in range(2):
        node.reloader.poll()
    assert node.reloader.health.sound and node.label == "9"
    assert node.events().count("policy_rejected") == 1


def test_one_that_was_deleted_is_put_back_also_by_a_node_that_starts(node: Node) -> None:
    node.publish(1, numbered(8))
    ours = node.house.ledger.store.get_release()
    with node.house.ledger.store.writing() as base:  # type: ignore[attr-defined]
        base.execute("DELETE FROM releases")
    node.restart()
    assert node.label == "8" and node.house.ledger.store.get_release() == ours


def test_a_new_node_does_not_take_its_own_file_while_a_forged_one_is_there(node: Node) -> None:
    node.house.ledger.store.put_release(forge(node, 3), 0)
    node.restart()
    assert node.house.street.policy is CLOSED and "not published by this house" in node.reloader.health.rejected[0]


def test_a_store_that_is_away_changes_nothing_and_a_node_that_has_never_heard_it_stays_closed(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.publish(1, numbered(8))
    store = node.house.ledger.store

    def away() -> int:
        raise StoreError("the store is away")

    with monkeypatch.context() as patch:
        patch.setattr(store, "release_number", away)
        node.reloader.poll()
        assert node.label == "8" and node.reloader.health.sound
        node.restart()  # out of its copy
        assert node.label == "8" and node.reloader.health.sound
        (node.folder / "state" / COPY).unlink()
        node.restart()
        assert node.house.street.policy is CLOSED and not node.reloader.health.sound
    node.reloader.poll()
    assert node.label == "8" and node.reloader.health.sound


def test_a_copy_that_somebody_changed_is_none(node: Node) -> None:
    node.publish(1, numbered(8))
    signer, file = node.house.ledger.signer, node.folder / "state" / COPY
    assert read_copy(node.folder / "state", signer) is not None and file.stat().st_mode & 0o077 == 0
    file.write_text(file.read_text("utf-8").replace("version: 8", "version: 5"), "utf-8")
    assert read_copy(node.folder / "state", signer) is None
    file.write_text("[]", "utf-8")
    assert read_copy(node.folder / "state", signer) is None
