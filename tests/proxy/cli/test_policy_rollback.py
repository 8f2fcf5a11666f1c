"""Going back means one version and no other, and holds on to the file as it is now."""

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proxy.cli.exits import Exit
from proxy.cli.policy_rollback import choose, describe, on_disk, remembered, roll_back
from proxy.errors import SettingsError
from proxy.keys import private_directory
from proxy.pin import read_pin
from proxy.publish.health import Health, write_health
from proxy.publish.release import Standing
from proxy.settings.interface import Settings
from proxy.sources import content
from proxy.store.open import open_store
from proxy.store.owner import owned
from proxy.workflow.permission import PolicyVersion
from tests.proxy.cli.office import furnish, run
from tests.proxy.house import NOON, POLICY

VERSIONS = tuple(
    PolicyVersion(f"{number}@{digest}", digest * 6, "", NOON - timedelta(days=9 - number), by)
    for number, digest, by in ((3, "9f86d081884c", "file"), (2, "9f86aaaaaaaa", "张敏"), (1, "0b0b0b0b0b0b", "file"))
)

MEANT = {
    "the one before": (None, "2@9f86aaaaaaaa"),
    "a label": ("1@0b0b0b0b0b0b", "1@0b0b0b0b0b0b"),
    "first digits": ("9f86d0", "3@9f86d081884c"),
    "capitals": ("0B0B", "1@0b0b0b0b0b0b"),
}


@pytest.mark.parametrize("name", MEANT)
def test_a_version_is_meant_by_its_label_or_its_digest(name: str) -> None:
    wanted, id = MEANT[name]
    assert choose(VERSIONS, wanted, ("3@9f86d081884c",)).id == id


@pytest.mark.parametrize(
    ("wanted", "told"), [("9f86", "more than one"), ("ffff", "names no version"), ("0b", "names no version")]
)
def test_what_means_no_single_version_is_refused_with_those_there_are(wanted: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        choose(VERSIONS, wanted, ("3@9f86d081884c",))
    assert "2@9f86aaaaaaaa" in str(caught.value)


def test_without_an_earlier_version_there_is_nothing_to_go_back_to() -> None:
    with pytest.raises(SettingsError, match="no earlier version"):
        choose(VERSIONS[:1], None, ("3@9f86d081884c",))


def test_going_back_leaves_a_pin_with_the_name_of_whoever_did(tmp_path: Path) -> None:
    settings = Settings(policy=POLICY, state=tmp_path / "state")
    store = open_store(settings.store, private_directory(settings.state))
    for version in reversed(VERSIONS):
        store.keep_policy(version)
    store.close()
    assert [one.id for one in remembered(settings)] == [one.id for one in VERSIONS]
    went = roll_back(settings, "2@9f86aaaaaaaa", "chenhua")
    pin = read_pin(settings.state)
    assert pin is not None and (pin.id, pin.file, pin.by) == (went.id, content(POLICY), "chenhua")
    assert "张敏" in describe(went)


def test_going_back_again_goes_further_until_there_is_no_earlier_version(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.read_text("utf-8"), "utf-8")
    settings = Settings(policy=path, state=tmp_path / "state")
    store = open_store(settings.store, private_directory(settings.state))
    now = on_disk(settings)
    for id in ("1@a", "2@b", now):
        store.keep_policy(replace(VERSIONS[0], id=id, digest=id[2:] * 12))
    assert roll_back(settings, None, "chenhua").id == "2@b"
    store.keep_policy(replace(VERSIONS[0], id="2@b"))  # as the running proxy does when it takes the pin up
    assert roll_back(settings, None, "chenhua").id == "1@a"
    with pytest.raises(SettingsError, match="no earlier"):
        roll_back(settings, None, "chenhua")
    assert [roll_back(settings, now, "chenhua").id, roll_back(settings, None, "chenhua").id] == [
        now,
        "2@b",
    ]  # a version that is named counts anew
    path.write_text("polcy: x", "utf-8")
    assert roll_back(settings, None, "chenhua").id == "2@b"  # a broken file: what was in force last
    store.close()


def test_where_the_file_cannot_be_read_one_goes_back_to_what_was_last_in_force(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("polcy: x", "utf-8")
    settings = Settings(policy=path, state=tmp_path / "state")
    store = open_store(settings.store, private_directory(settings.state))
    for version in reversed(VERSIONS):
        store.keep_policy(version)
    store.close()
    assert roll_back(settings, None, "chenhua").id == VERSIONS[0].id


@pytest.mark.parametrize(("in_force", "code"), [("2@9f86aaaaaaaa", Exit.OK), ("3@9f86d081884c", Exit.FOUND)])
def test_it_is_told_whether_the_proxy_here_has_taken_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_force: str, code: Exit
) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    store = open_store("sqlite:///sluice.db", private_directory(Path("state")))
    for version in reversed(VERSIONS):
        store.keep_policy(version)
    store.close()
    write_health(Path("state"), Health(in_force, NOON, "chenhua", ("policy.yaml:3:1",)))
    with owned(Path("state")):
        done = run("policy", "rollback", "2@9f86aaaaaaaa", "--by", "chenhua", "--wait", "0")
    assert done.exit_code == code
    assert ("NOT taken up yet" in done.stdout, "policy.yaml:3:1" in done.stdout) == (code != Exit.OK,) * 2
    pin = read_pin(Path("state"))
    assert pin is not None and pin.by == "chenhua"


def test_where_nodes_follow_the_store_each_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    Path("sluice.yaml").write_text(Path("sluice.yaml").read_text("utf-8") + "\npolicy_from: store\n", "utf-8")
    assert run("policy", "publish", "--wait", "0").exit_code == Exit.OK
    with closing(open_store("sqlite:///sluice.db", Path("state"))) as store:
        release = store.get_release()
        assert release is not None
        store.keep_policy(release.version)
        later = replace(release.version, id="2@aaaaaaaaaaaa", digest="a" * 64)
        store.put_release(replace(release, number=2, version=later), 1)
        for node, number in (("quick", 3), ("slow", 2)):
            store.stand(Standing(node, datetime.now(UTC), number, f"{number}@x", (), number, "0.2.0"))
    done = run("policy", "rollback", "--by", "张敏", "--wait", "0")
    assert done.exit_code == Exit.FOUND and "release 3" in done.stdout and "张敏" in done.stdout, done.output
    assert re.search(r"ok +node quick +enforces 3@x \(Sluice 0\.2\.0\)", done.stdout)
    assert re.search(r"FAIL +node slow +has not taken it up; enforces 2@x", done.stdout)
