"""Whoever closes stops everything until somebody opens; what was in force before comes back, and nothing else does."""

from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import Result

from proxy.cli import policy_close
from proxy.cli.exits import Exit
from proxy.pin import Pin, read_pin, set_pin
from proxy.publish.closed import closed_policy, is_closed
from proxy.publish.health import Health, write_health
from proxy.store.interface import Store
from proxy.store.open import open_store
from proxy.store.owner import owned
from tests.proxy.cli.office import POLICY, furnish, run
from tests.proxy.house import NOON

STATE = Path("state")


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)


def policy(*words: str, language: str = "en_GB.UTF-8") -> Result:
    return run("policy", *words, language=language)


def opened() -> Store:
    return open_store("sqlite:///sluice.db", STATE)


def follow_the_store() -> None:
    Path("sluice.yaml").write_text(Path("sluice.yaml").read_text("utf-8") + "\npolicy_from: store\n", "utf-8")


def test_a_pin_closes_and_opening_takes_it_away() -> None:
    done = policy("close", "--by", "张敏")
    assert done.exit_code == Exit.OK and "no proxy runs here" in done.stdout
    pin = read_pin(STATE)
    assert pin is not None and (pin.closed, pin.by) == (True, "张敏") and is_closed(pin.id)
    assert policy("close").exit_code == Exit.OK and read_pin(STATE) == pin, "closing again changes nothing"
    with closing(opened()) as store:
        assert store.get_policy(pin.id) is not None, "or there would be nothing to put in force"
    done = policy("open", language="zh_CN.UTF-8")
    assert done.exit_code == Exit.OK and read_pin(STATE) is None and "没有正在运行的代理" in done.stdout
    assert "it was not closed" in policy("open").stdout


def test_who_closed_first_stays_in_the_list() -> None:
    for name in ("张敏", "chenhua"):
        policy("close", "--by", name)
    listed = policy("rollback", "--list").stdout
    assert "张敏" in listed and "chenhua" not in listed


@pytest.mark.parametrize(("language", "said"), [("en_GB.UTF-8", "NOT closed: the store"), ("zh_CN.UTF-8", "尚未关闭")])
def test_where_the_store_is_away_it_is_said_what_holds_and_what_to_do(language: str, said: str) -> None:
    text = Path("sluice.yaml").read_text("utf-8")
    Path("sluice.yaml").write_text(f"{text}\nstore: redis://127.0.0.1:1/0\n", "utf-8")
    done = policy("close", "--by", "张敏", language=language)
    assert done.exit_code == Exit.FOUND and said in done.stdout and "systemctl stop sluice" in done.stdout
    assert read_pin(STATE) is None


def test_what_somebody_had_gone_back_to_is_what_opening_brings_back() -> None:
    STATE.mkdir()
    before = Pin("1@0b0b0b0b0b0b", "digest", "chenhua", ("2@x",))
    set_pin(STATE, before)
    policy("close", "--by", "张敏")
    assert (pin := read_pin(STATE)) is not None and pin.closed and pin.before == before
    policy("open")
    assert read_pin(STATE) == before


def test_it_is_told_whether_the_running_proxy_has_taken_it_up() -> None:
    STATE.mkdir()
    write_health(STATE, Health("1@aa", NOON))
    with owned(STATE):
        done = policy("close", "--wait", "0")
        assert done.exit_code == Exit.FOUND and "NOT taken up yet: 1@aa is in force" in done.stdout
        write_health(STATE, Health(closed_policy().label, NOON, "张敏"))
        done = policy("close", "--wait", "0")
        assert done.exit_code == Exit.OK and "every AI service is refused, by 张敏" in done.stdout
        done = policy("open", "--wait", "0")
        assert done.exit_code == Exit.FOUND and f"NOT taken up yet: {closed_policy().label}" in done.stdout


def test_going_back_never_goes_back_to_the_stop() -> None:
    policy("close")
    policy("open")
    done = policy("rollback")
    assert done.exit_code == Exit.UNUSABLE and "no earlier version" in done.stderr


def test_where_nodes_follow_the_store_it_is_a_release_that_nobody_publishes_over() -> None:
    follow_the_store()
    assert policy("publish", "--by", "张敏", "--wait", "0").exit_code == Exit.OK
    with closing(opened()) as store:
        first = store.get_release()
        assert first is not None
        store.keep_policy(first.version)  # as a node does that puts it in force
    done = policy("close", "--by", "陈华", "--wait", "0")
    assert done.exit_code == Exit.OK and "release 2" in done.stdout and "CLOSED for an incident" in done.stdout
    assert "release 2" in policy("close", "--wait", "0").stdout, "once is enough"
    Path("policy.yaml").write_text(POLICY.replace("version: 1", "version: 2"), "utf-8")
    done = policy("publish", "--wait", "0")
    assert done.exit_code == Exit.UNUSABLE and "closed for an incident by 陈华" in done.stderr
    done = policy("open", "--by", "张敏", "--wait", "0")
    assert done.exit_code == Exit.OK and "release 3" in done.stdout and f"{first.version.id}, by 张敏" in done.stdout
    assert "it was not closed" in policy("open").stdout


def test_what_was_closed_before_anything_was_published_is_opened_by_publishing() -> None:
    follow_the_store()
    policy("close", "--wait", "0")
    done = policy("open", "--wait", "0")
    assert done.exit_code == Exit.UNUSABLE and "--reopen" in done.stderr
    done = policy("publish", "--reopen", "--wait", "0")
    assert done.exit_code == Exit.OK and "release 2: 1@" in done.stdout


def test_with_files_on_many_nodes_it_is_said_that_this_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_close, "is_redis", lambda _: True)
    assert "run this on every node" in policy("close").stdout
    assert policy("close", "--by", "a\nb").exit_code == Exit.UNUSABLE
