"""An officer publishes one policy for all nodes, sees who enforces it, and goes back; a script gets its exit code."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from policies.load import load_policy
from proxy.assemble import catalogue_of, policy_of
from proxy.cli.exits import Exit
from proxy.cli.policy_nodes import look_at_nodes
from proxy.keys import master_key
from proxy.publish.follow import COPY, write_copy
from proxy.publish.release import Standing
from proxy.settings.read import load_settings
from proxy.store.interface import Store
from proxy.store.open import open_store
from tests.proxy.cli.office import POLICY, furnish, run

CONFIG = Path("sluice.yaml")


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    CONFIG.write_text(CONFIG.read_text("utf-8") + "\npolicy_from: store\n", "utf-8")


def policy(*words: str, language: str = "en_GB.UTF-8") -> Result:
    return run("policy", *words, language=language)


def opened() -> Store:
    return open_store("sqlite:///sluice.db", Path("state"))


def stand(number: int, *rejected: str, node: str = "proxy-1", ago: int = 0, seen: int = 9) -> None:
    store = opened()
    store.stand(Standing(node, datetime.now(UTC) - timedelta(seconds=ago), number, f"{number}@aa", rejected, seen))
    store.close()


def test_it_is_published_whoever_runs_and_shown() -> None:
    done = policy("publish", "--by", "张敏", "--wait", "0")
    assert done.exit_code == Exit.OK and "release 1" in done.stdout and "by 张敏" in done.stdout
    assert "no node runs yet" in done.stdout
    store = opened()
    release = store.get_release()
    assert release is not None and release.version.by == "张敏"
    store.keep_policy(release.version)  # as a node does that puts it in force
    store.close()
    stand(1)
    shown = policy("nodes", language="zh_CN.UTF-8")
    assert shown.exit_code == Exit.OK and "发布 1" in shown.stdout and "正在执行 1@aa" in shown.stdout
    Path("policy.yaml").write_text(POLICY.replace("version: 1", "version: 2"), "utf-8")
    again = policy("publish", "--wait", "0")
    assert again.exit_code == Exit.FOUND and "has not taken it up" in again.stdout
    # who asks for the policy in use gets what this node follows, not its file
    settings = load_settings(CONFIG, {})
    write_copy(settings.state, release, COPY)
    assert policy_of(settings, catalogue_of(settings)).label == release.version.id
    assert load_policy(Path("policy.yaml")).label != release.version.id
    back = policy("rollback", "1@" + release.version.id.partition("@")[2], "--wait", "0")
    assert back.exit_code == Exit.FOUND and "node proxy-1" in back.stdout, "it has not been taken up"
    store = opened()
    latest = store.get_release()
    store.close()
    assert latest is not None and (latest.number, latest.version.id) == (3, release.version.id) and latest.passed
    assert "went back" in policy("nodes").stdout


STANDS = {
    "enforces it": (lambda: stand(1), Exit.OK, "enforces 1@aa"),
    "rejects it": (lambda: stand(0, "policy.yaml:3:1"), Exit.FOUND, "keeps 0@aa: policy.yaml:3:1"),
    "takes its file": (lambda: stand(0, seen=0), Exit.FOUND, "write policy_from: store"),
    "is gone": (lambda: stand(0, ago=3600), Exit.OK, "last heard of"),
}


@pytest.mark.parametrize("name", STANDS)
def test_each_node_is_shown_as_it_stands(name: str) -> None:
    say, code, told = STANDS[name]
    assert policy("publish", "--wait", "0").exit_code == Exit.OK
    say()
    done = policy("nodes")
    assert (done.exit_code, told in done.stdout) == (code, True), done.output
    settings = load_settings(CONFIG, {})
    master_key(settings.state)
    assert any(told in one.told.en for one in look_at_nodes(settings))


def test_with_nothing_published_nodes_that_differ_are_found() -> None:
    assert policy("nodes").exit_code == Exit.OK
    stand(0, node="a", seen=0)
    store = opened()
    store.stand(Standing("b", datetime.now(UTC), 0, "5@bb"))
    store.close()
    done = policy("nodes", "--json")
    assert done.exit_code == Exit.FOUND and "they differ" in done.stdout


REFUSED = {
    "a test that fails": ("wrong.yaml", (), Exit.FAILED, "this test fails"),
    "a mistake": ("broken.yaml", (), Exit.UNUSABLE, "broken.yaml:"),
    "no name": ("policy.yaml", ("--by", " "), Exit.UNUSABLE, "--by"),
    "a name that fools the eye": ("policy.yaml", ("--by", "张\n敏"), Exit.UNUSABLE, "--by"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_leaves_the_one_before(name: str) -> None:
    Path("broken.yaml").write_text(POLICY.replace("otherwise: forbid", "otherwise: maybe"), "utf-8")
    Path("wrong.yaml").write_text(POLICY, "utf-8")
    Path("wrong_test.yaml").write_text("tests: [{name: x, service: kimi, says: hi, expect: forbidden}]\n", "utf-8")
    file, words, code, told = REFUSED[name]
    done = policy("publish", file, *words)
    assert (done.exit_code, told in done.output) == (code, True), done.output
    store = opened()
    assert store.get_release() is None
    store.close()


def test_who_takes_files_is_told_what_to_write() -> None:
    CONFIG.write_text(CONFIG.read_text("utf-8").replace("policy_from: store", "policy_from: file"), "utf-8")
    done = policy("publish")
    assert done.exit_code == Exit.UNUSABLE and "policy_from: store" in done.output
    assert list(look_at_nodes(load_settings(CONFIG, {}))) == []
