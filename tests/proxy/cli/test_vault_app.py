"""`sluice keys` and `sluice vault`: keys turn over, people are forgotten, and no value is shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proxy.cli.vault import open_vault
from proxy.keys import master_key
from proxy.settings.read import load_settings
from proxy.store.workflow import WorkflowTables
from proxy.trail.chain import read_line
from tests.proxy.cli.invoke import sluice
from tests.proxy.cli.unkept import overtaken, refused

VALUE = "13800138000"
NOW = datetime.now(UTC)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with settings and a vault of two people."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sluice.yaml").write_text("state: state\nnode: n1\n", "utf-8")
    master_key(tmp_path / "state")
    with open_vault(load_settings(tmp_path / "sluice.yaml", {})) as vault:
        for owner in ("user:Alice", "user:bob", "address:10.0.0.1"):
            vault.keep(owner, {"[PHONE_NUMBER_7K2F9QAA]": VALUE}, NOW + timedelta(days=1), NOW)
    yield tmp_path
    written = (tmp_path / "state" / "audit.jsonl").read_text("utf-8")
    assert VALUE not in written


def events(house: Path) -> list[tuple[str, str]]:
    lines = (house / "state" / "audit.jsonl").read_bytes().splitlines()
    return [(line["event"], line["user"]) for line in map(read_line, lines)]


def found(house: Path, owner: str) -> str | None:
    with open_vault(load_settings(house / "sluice.yaml", {})) as vault:
        return vault.original(owner, "[PHONE_NUMBER_7K2F9QAA]", NOW)


def test_keys_turn_over_in_order_and_what_still_needs_an_old_one_is_not_ended(house: Path) -> None:
    assert sluice("keys", "list").stdout.split() == ["1", "newest", "3"]
    assert sluice("keys", "rotate", "--by", "chenhua").exit_code == 0
    assert sluice("keys", "list").stdout.splitlines() == ["1  opens  3", "2  newest  0"]
    done = sluice("keys", "end", "--below", "2")
    assert done.exit_code == 3 and "3 keys or values still need" in done.stderr
    rewrapped = sluice("keys", "rewrap", "--by", "chenhua")
    assert rewrapped.exit_code == 0 and "sluice keys end --below 2" in rewrapped.stdout, "what comes next is said"
    assert sluice("keys", "end", "--below", "2", "--by", "chenhua").stdout == "destroyed: 1\n"
    assert found(house, "user:bob") == VALUE and not (house / "state" / "keys" / "vault-1.key").exists()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (house / "state" / "keys").iterdir())
    told = ["vault_key_added", "vault_rewrapped", "vault_key_ended"]
    assert events(house) == [(word, "chenhua") for word in told]


@pytest.mark.parametrize(
    "words", [("keys", "rotate"), ("keys", "rewrap"), ("keys", "list"), ("vault", "status")], ids=" ".join
)
def test_where_no_proxy_ever_ran_no_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Any) -> None:
    monkeypatch.chdir(tmp_path)
    done = sluice(*words)
    assert done.exit_code == 3 and "no proxy was ever started with this state" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_house_that_has_kept_nothing_gets_its_first_version_and_hears_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    master_key(tmp_path / "state")
    assert "version 1 is the first: there was none to be replaced" in sluice("keys", "rotate").stdout
    assert "最新版本为 2" in sluice("keys", "rotate", LC_ALL="zh_CN.UTF-8").stdout
    assert sluice("keys", "list", LC_ALL="zh_CN.UTF-8").stdout.splitlines() == ["1  可用  0", "2  最新  0"]


def test_who_is_forgotten_by_name_in_any_case_is_gone_and_the_others_are_not(house: Path) -> None:
    done = sluice("vault", "forget", "--user", "alice", "--by", "chenhua")
    assert (done.exit_code, done.stdout) == (0, "destroyed: 1 keys, 1 values, 0 turns\n")
    assert found(house, "user:Alice") is None and found(house, "user:bob") == VALUE
    assert sluice("vault", "forget", "--user", "alice").exit_code == 1
    assert sluice("vault", "forget", "--address", "10.0.0.1").exit_code == 0
    assert sluice("vault", "forget", "--conversation", "d" * 16).exit_code == 1
    assert sluice("vault", "status").stdout.startswith("1 values of 1 people, 1 of one at most; 1 data keys")
    assert [word for word, _ in events(house)] == ["vault_forgotten", "vault_counted"] * 4
    written = map(read_line, (house / "state" / "audit.jsonl").read_bytes().splitlines())
    told = [(line["holder"], line.get("kept", {}).get("values")) for line in written]
    assert told[:4] == [("alice", None), ("alice", 1), ("alice", None), ("alice", 0)]
    assert told[-1] == (f"conversation {'d' * 16}", 0)


STEPS = (
    ("keys", "rotate"),
    ("keys", "rewrap"),
    ("keys", "end", "--below", "2", "--even-so"),
    ("vault", "forget", "--user", "alice"),
    ("vault", "forget", "--conversation", "d" * 16),
    ("audit", "new-key"),
    ("audit", "new-key", "--since", "2026-11-20T09:30:00+08:00"),
)


def held(house: Path) -> tuple[object, ...]:
    keys = {path.name: path.read_bytes() for path in (house / "state" / "keys").iterdir()}
    with open_vault(load_settings(house / "sluice.yaml", {})) as vault:
        return keys, vault.store.vault_size(), sorted(vault.store.all_keys())


@pytest.mark.parametrize("lost", [refused, overtaken])
@pytest.mark.parametrize("words", STEPS, ids=" ".join)
def test_a_step_that_cannot_be_put_on_record_is_not_done(
    house: Path, words: tuple[str, ...], lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sluice("audit", "key").exit_code == 0 and sluice("keys", "rotate").exit_code == 0
    before, written = held(house), events(house)
    with monkeypatch.context() as broken:
        broken.setattr(WorkflowTables, "keep", lost)
        done = sluice(*words)
    assert done.exit_code == 3 and ("disk full" in done.stderr or "did not keep the event" in done.stderr)
    assert held(house) == before and events(house) == written
    assert sluice(*words).exit_code in (0, 1) and len(events(house)) > len(written)


FAILING = {
    ("keys", "rotate"): ("proxy.keyring.make_key", "vault_key_added"),
    ("keys", "end", "--below", "1"): ("proxy.keyring.hand_over", "vault_key_ended"),
    ("vault", "forget", "--user", "alice"): ("proxy.vault.fingerprint", "vault_forgotten"),
    ("audit", "new-key"): ("proxy.trail.signer.hand_over", "audit_key_changed"),
}


@pytest.mark.parametrize(("words", "broken"), FAILING.items(), ids=[" ".join(words) for words in FAILING])
def test_a_step_that_fails_once_it_is_on_record_says_so(
    house: Path, words: tuple[str, ...], broken: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sluice("audit", "key").exit_code == 0
    place, word = broken

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for language, told in (("C.UTF-8", f"has it as done ({word}), but it failed"), ("zh_CN.UTF-8", "但操作失败")):
        with monkeypatch.context() as there:
            there.setattr(place, fails)
            done = sluice(*words, LC_ALL=language)
        assert done.exit_code == 3 and told in done.stderr, done.stderr
    sluice("keys", "rotate")
    assert (word, events(house)[0][1]) in events(house)


@pytest.mark.parametrize("arguments", [(), ("--user", "a", "--address", "b")])
@pytest.mark.usefixtures("house")
def test_it_is_said_whom_to_forget_and_only_one(arguments: tuple[str, ...]) -> None:
    assert sluice("vault", "forget", *arguments).exit_code == 3
    sluice("keys", "rotate")


def test_even_so_what_is_under_an_old_key_is_lost(house: Path) -> None:
    sluice("keys", "rotate")
    assert sluice("keys", "end", "--below", "2", "--even-so").exit_code == 0
    assert (house / "state" / "keys" / "vault-least").read_text("ascii") == "2\n"
    assert sluice("keys", "list").stdout.splitlines() == ["1  ended  3", "2  newest  0"]
    assert sluice("keys", "rewrap").exit_code == 1
