"""A new version is in force as a whole or not at all, and whoever looks can see which, since when, and why."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import orjson
import pytest

from detectors.find import Finder
from detectors.interface import DetectorError
from policies.model import Policy
from proxy.assemble import portal_of
from proxy.company import company_detectors, index_path
from proxy.errors import StoreError
from proxy.passage import House
from proxy.pin import Pin, read_pin, set_pin
from proxy.pipeline import Street
from proxy.reload import CLOSED, Reloader
from proxy.settings.interface import Settings
from proxy.sources import content
from proxy.workflow.notify import Notify
from tests.detectors.company.samples import exact
from tests.proxy.house import NOON, POLICY, Tenant, open_house, street

TEXT = POLICY.read_text("utf-8")
NEWER = TEXT.replace("version: 7", "version: 8")
BROKEN = TEXT.replace("verdict: forbidden", "verdict: forbiden")
INDEXED = """
policy: test
version: 1
otherwise: allow
data_classes: {客户: {index: customers, placeholder: CUSTOMER}}
rules: [{id: use, verdict: allowed, redact: 客户}]
"""
STAFF = INDEXED.replace("version: 1", "version: 9").replace(
    "index: customers, placeholder: CUSTOMER", "entities: STAFF_ID"
)
FAILING = "tests: [{name: x, service: openai-api, says: hi, expect: refused}]"


@dataclass
class Scene:
    """A house whose policy stands in a folder of its own."""

    tenant: Tenant
    path: Path
    reloader: Reloader
    written: int = 0

    @property
    def house(self) -> House:
        return self.tenant.house

    @property
    def label(self) -> str:
        return self.house.street.policy.label.partition("@")[0]

    def write(self, text: str) -> None:
        """Change the file, and its time, however fast that goes."""
        self.path.write_text(text, "utf-8")
        self.written += 1
        os.utime(self.path, (self.written, self.written))

    def settle(self) -> None:
        """Let the reloader look until nothing more happens."""
        for _ in range(4):
            self.reloader.poll()

    def events(self) -> list[str]:
        return [line["event"] for line in self.tenant.records()]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A house on version 7."""
    state = tmp_path / "state"
    state.mkdir()
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT, "utf-8")
    tenant = open_house(tmp_path, policy=CLOSED)
    made = Scene(tenant, path, Reloader(tenant.house, path, lambda policy: street(policy=policy), state))
    made.reloader.start()
    yield made
    tenant.close()


def test_the_first_version_is_in_force_at_once_remembered_and_recorded(scene: Scene) -> None:
    assert (scene.label, scene.reloader.health.sound, scene.events()) == ("7", True, ["policy_loaded"])
    [version] = scene.house.ledger.store.policies()
    assert (version.id, version.by) == (scene.house.street.policy.label, "file")


def test_a_change_is_in_force_once_its_file_has_come_to_rest(scene: Scene) -> None:
    scene.write(NEWER)
    scene.reloader.poll()
    assert scene.label == "7"
    scene.reloader.poll()
    assert scene.label == "8"
    line = scene.tenant.records()[-1]
    assert (line["event"], line["policy"], line["before"][:2]) == (
        "policy_loaded",
        scene.house.street.policy.label,
        "7@",
    )


def test_a_signal_does_not_wait(scene: Scene) -> None:
    scene.write(NEWER)
    scene.reloader.poll(at_once=True)
    assert scene.label == "8"


def test_a_file_that_is_still_being_written_is_waited_for(scene: Scene) -> None:
    for length in range(1, 5):
        scene.write(TEXT[: -100 * length])
        scene.reloader.poll()
    assert scene.label == "7" and scene.events() == ["policy_loaded"]


def test_nothing_is_said_of_a_file_that_says_the_same(scene: Scene) -> None:
    scene.write(TEXT)
    scene.settle()
    assert scene.events() == ["policy_loaded"]


def test_whoever_looks_after_the_policy_is_notified_of_what_becomes_of_it(scene: Scene) -> None:
    settings = Settings(notify=Notify(webhook="https://hooks.corp.example/x"))
    scene.house.portal = portal_of(settings, scene.house)
    for text in (BROKEN, NEWER):
        scene.write(text)
        scene.settle()
    due = scene.house.ledger.store.due_messages(NOON, 10)
    assert [(one.channel, one.event.name) for _, one in due] == [
        ("webhook", "policy_rejected"),
        ("webhook", "policy_loaded"),
    ]
    assert all("华星科技" not in orjson.dumps(one.event.fields()).decode() for _, one in due)


def test_an_overdue_review_is_told_of_once_a_day(scene: Scene) -> None:
    scene.write(NEWER.replace("version: 8", "version: 8\nreview: {every: 30 days, last: 2026-11-01}"))
    scene.settle()
    assert scene.events() == ["policy_loaded", "policy_loaded", "policy_review_overdue"]
    line = scene.tenant.records()[-1]
    assert (line["policy"][:2], line["due"]) == ("8@", "2026-12-01")
    scene.settle()
    scene.house.clock = lambda: NOON + timedelta(days=1)
    scene.settle()
    assert scene.events()[3:] == ["policy_review_overdue"]


WRONG = {
    "a mistake": (lambda scene: scene.write(BROKEN), r"policy\.yaml:\d+:\d+"),
    "gone": (lambda scene: scene.path.unlink(), r"policy\.yaml:1:1"),
    "tests that fail": (lambda scene: fail(scene, FAILING), r"policy_test\.yaml:1:9"),
    "tests that cannot be read": (lambda scene: fail(scene, "tests: [{nme: x}]"), r"policy_test\.yaml:1:\d+"),
}


def fail(scene: Scene, tests: str) -> None:
    scene.path.with_name("policy_test.yaml").write_text(tests, "utf-8")
    scene.write(NEWER)


@pytest.mark.parametrize("name", WRONG)
def test_a_version_that_is_wrong_changes_nothing_and_is_told_of_by_its_places(scene: Scene, name: str) -> None:
    change, place = WRONG[name]
    kept = scene.house.street
    change(scene)
    scene.settle()
    assert scene.house.street is kept and not scene.reloader.health.sound
    assert scene.events() == ["policy_loaded", "policy_rejected"]
    line = scene.tenant.records()[-1]
    assert line["policy"] == kept.policy.label and all(isinstance(one, str) for one in line["places"])
    assert re.search(place, line["places"][0])
    told = orjson.loads((scene.reloader.state / "health.json").read_bytes())
    assert (told["sound"], told["policy"], told["rejected"]) == (False, kept.policy.label, line["places"])


def test_no_word_of_a_wrong_policy_reaches_log_or_record(scene: Scene, logged) -> None:
    scene.write(BROKEN.replace("华星科技", "华星科技: [x"))
    scene.settle()
    assert "华星" not in logged.getvalue() + str(scene.tenant.records()) and "policy.yaml" in logged.getvalue()


def test_what_was_wrong_is_forgotten_once_it_is_mended(scene: Scene) -> None:
    scene.write(BROKEN)
    scene.settle()
    scene.write(NEWER)
    scene.settle()
    assert (scene.label, scene.reloader.health.sound, scene.reloader.error) == ("8", True, None)


def test_a_change_of_a_list_of_terms_is_a_change_of_the_policy(scene: Scene) -> None:
    terms = scene.path.with_name("customers.txt")
    terms.write_text("华星科技\n", "utf-8")
    scene.write(TEXT.replace("terms: [华星科技, Project Falcon]", "terms_file: customers.txt"))
    scene.settle()
    assert scene.house.street.policy.dictionaries[0].terms == ("华星科技",)
    terms.write_text("东方精工集团\n", "utf-8")
    scene.settle()
    assert scene.house.street.policy.dictionaries[0].terms == ("东方精工集团",)


def test_without_a_durable_record_nothing_is_swapped_and_tried_again(scene: Scene, logged, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(scene.house.ledger.audit), "write", Mock(side_effect=StoreError("full")))
        scene.write(NEWER)
        scene.settle()
        assert scene.label == "7" and not scene.reloader.health.sound
    assert all(f"{told}: full" in logged.getvalue() for told in ("not be put in force", "a record could not be kept"))
    scene.settle()
    assert scene.label == "8" and scene.reloader.health.sound


def test_a_detector_that_does_not_load_keeps_the_last_good_version(scene: Scene) -> None:
    def broken(_: Policy) -> Street:
        raise RuntimeError("华星科技")

    scene.reloader.make = broken
    scene.write(NEWER)
    scene.settle()
    assert scene.label == "7" and "RuntimeError" in scene.reloader.health.rejected[0]


# -- going back --------------------------------------------------------------------------------------------------------


def go_back(scene: Scene, id: str) -> None:
    set_pin(scene.reloader.state, Pin(id, content(scene.path), "张敏"))
    scene.settle()


def test_going_back_holds_until_the_file_changes(scene: Scene) -> None:
    first = scene.house.street.policy.label
    scene.write(NEWER)
    scene.settle()
    go_back(scene, first)
    assert (scene.label, scene.reloader.health.by) == ("7", "张敏")
    line = scene.tenant.records()[-1]
    assert (line["event"], line["policy"], line["by"]) == ("policy_rolled_back", first, "张敏")

    again = Reloader(scene.house, scene.path, scene.reloader.make, scene.reloader.state)
    again.start()
    assert scene.label == "7"

    scene.write(TEXT.replace("version: 7", "version: 9"))
    scene.settle()
    assert scene.label == "9" and read_pin(scene.reloader.state) is None


def test_going_back_from_a_broken_file_makes_it_sound_again(scene: Scene) -> None:
    first = scene.house.street.policy.label
    scene.write(NEWER)
    scene.settle()
    scene.write(BROKEN)
    scene.settle()
    go_back(scene, first)
    assert (scene.label, scene.reloader.health.sound) == ("7", True)


def test_going_back_to_what_nobody_remembers_changes_nothing(scene: Scene) -> None:
    go_back(scene, "5@000000000000")
    assert scene.label == "7" and scene.reloader.health.rejected == ("5@000000000000: not remembered",)


def test_while_there_is_no_policy_every_use_is_forbidden_with_that_reason() -> None:
    [rule] = CLOSED.rules
    assert rule.reason.zh and rule.reason.en and rule.instead.zh and rule.instead.en
    assert (CLOSED.otherwise, rule.verdict) == ("forbidden", "forbidden")


# -- a version whose day has not come ----------------------------------------------------------------------------------

SOON = NEWER.replace("version: 8", "version: 8\ntime_zone: Asia/Shanghai\neffective: 2026-12-03")
"""In force from the midnight after `NOON`, in the policy's zone."""
MIDNIGHT = datetime(2026, 12, 2, 16, tzinfo=UTC)


def test_a_version_waits_for_its_day_and_is_then_in_force_by_itself(scene: Scene) -> None:
    scene.write(SOON)
    scene.settle()
    health = scene.reloader.health
    assert (scene.label, health.sound, health.coming[:2], health.starts) == ("7", True, "8@", MIDNIGHT)
    scene.settle()
    assert scene.events() == ["policy_loaded", "policy_scheduled"]  # told once
    scene.house.clock = lambda: MIDNIGHT - timedelta(seconds=1)
    scene.settle()
    assert scene.label == "7"
    scene.house.clock = lambda: MIDNIGHT
    scene.settle()
    assert (scene.label, scene.reloader.health.coming, scene.events()[-1]) == ("8", "", "policy_loaded")


def test_a_version_whose_day_has_not_come_is_tried_at_once(scene: Scene) -> None:
    scene.path.with_name("policy_test.yaml").write_text(FAILING, "utf-8")
    scene.write(SOON)
    scene.settle()
    assert (scene.label, scene.reloader.health.sound, scene.reloader.health.coming) == ("7", False, "")


def test_a_version_that_is_taken_back_before_its_day_never_comes(scene: Scene) -> None:
    scene.write(SOON)
    scene.settle()
    scene.write(TEXT)
    scene.settle()
    scene.house.clock = lambda: MIDNIGHT
    scene.settle()
    assert (scene.label, scene.reloader.health.coming) == ("7", "")


def test_after_a_restart_the_version_before_holds_until_the_day_comes(scene: Scene) -> None:
    scene.write(SOON)
    scene.settle()
    scene.house.street = street(policy=CLOSED)
    again = Reloader(scene.house, scene.path, lambda policy: street(policy=policy), scene.reloader.state)
    again.start()
    assert (scene.label, again.health.sound, again.health.coming[:2]) == ("7", True, "8@")


def test_without_a_version_before_it_everything_is_refused_until_its_day(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(SOON, "utf-8")
    tenant = open_house(tmp_path, policy=CLOSED)
    reloader = Reloader(tenant.house, path, lambda policy: street(policy=policy), tmp_path)
    reloader.start()
    assert tenant.house.street.policy is CLOSED
    assert reloader.health.rejected == (f"{path}: in force from 2026-12-03T00:00+08:00, and none before it",)
    tenant.house.clock = lambda: MIDNIGHT
    reloader.poll()
    reloader.poll()
    assert tenant.house.street.policy.version == 8 and reloader.health.sound
    tenant.close()


def test_an_index_that_was_built_anew_is_taken_up_without_a_word(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    exact(state)
    path = tmp_path / "policy.yaml"
    path.write_text(INDEXED, "utf-8")
    tenant = open_house(tmp_path, policy=CLOSED)

    def make(policy: Policy) -> Street:
        return street(policy=policy, finder=Finder(company_detectors(policy.dictionaries, state)))

    reloader = Reloader(tenant.house, path, make, state)
    reloader.start()
    text, wanted = "新客户诸葛孔明，电话13812349999。", frozenset({"CUSTOMER"})
    assert not tenant.house.street.finder.find(text, wanted).findings
    exact(state, [("诸葛孔明", "", "", "13812349999", "", "")])
    for _ in range(4):
        reloader.poll()
    assert tenant.house.street.finder.find(text, wanted).findings
    assert [line["event"] for line in tenant.records()] == ["policy_loaded"]
    index_path(state, "customers").write_bytes(b"damaged")
    for _ in range(4):
        reloader.poll()
    assert not reloader.health.sound and tenant.house.street.finder.find(text, wanted).findings
    tenant.close()


@pytest.mark.parametrize(
    ("own", "label", "event"), [({"STAFF_ID"}, "9", "policy_loaded"), (set(), "7", "policy_rejected")]
)
def test_a_new_version_may_name_what_the_settings_rules_find_and_nothing_else(
    scene: Scene, own: set[str], label: str, event: str
) -> None:
    scene.reloader.own_entities = own
    scene.write(STAFF)
    scene.settle()
    assert (scene.label, scene.events()[-1]) == (label, event)


def unloadable(_policy: Policy) -> Street:
    """Fail as where a model has been changed on disk."""
    raise DetectorError("model latin: model.onnx was changed")


def test_a_start_without_what_must_look_stops_and_says_which(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT, "utf-8")
    tenant = open_house(tmp_path, policy=CLOSED)
    with pytest.raises(DetectorError, match=r"model\.onnx was changed"):
        Reloader(tenant.house, path, unloadable, tmp_path).start()
    assert tenant.house.street.policy is CLOSED
    tenant.close()


def test_while_it_runs_a_version_whose_detectors_do_not_load_changes_nothing(scene: Scene) -> None:
    scene.reloader.make = unloadable
    scene.write(NEWER)
    scene.settle()
    assert (scene.label, scene.events()[-1]) == ("7", "policy_rejected")
