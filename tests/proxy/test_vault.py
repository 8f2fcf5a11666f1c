"""What is kept opens for its owner while its keys are there; what is destroyed, ended or moved never opens again."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from detectors.vault import Sealer, VaultError
from proxy.adapters.interface import Talk
from proxy.errors import ConversationOver, StoreError
from proxy.internal.talks import Talks
from proxy.keyring import Keyring
from proxy.store import database
from proxy.store.interface import Sealed
from proxy.store.schema import APPLICATION, VERSION_1, VERSION_2, VERSION_3
from proxy.store.sqlite import SqliteStore
from proxy.vault import Vault
from tests.proxy.vaults import MASTER

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ALICE, BOB = "user:alice", "user:bob"
PHONE, MAIL = "[PHONE_NUMBER_7K2F9QAA]", "[EMAIL_ADDRESS_7K2F9QAA]"


@pytest.fixture
def vault(tmp_path: Path):
    made = open_vault(tmp_path)
    yield made
    made.store.close()


def open_vault(folder: Path) -> Vault:
    return Vault(SqliteStore(folder / "sluice.db"), Sealer(MASTER), Keyring(folder / "keys"))


def found(vault: Vault, owner: str, place: str) -> str | None:
    """Return what opens, or None."""
    try:
        return vault.original(owner, place, NOW)
    except VaultError:
        return None


def test_an_original_moved_to_another_place_of_the_store_does_not_open(vault: Vault, tmp_path: Path) -> None:
    vault.keep(ALICE, {PHONE: "13800138000", MAIL: "a@corp.example"}, LATER, NOW)
    vault.keep(BOB, {PHONE: "13900139000"}, LATER, NOW)
    moves = (
        "UPDATE originals SET data = (SELECT data FROM originals WHERE user = '{0}' AND placeholder = '{2}')"
        " WHERE user = '{1}' AND placeholder = '{2}'",
        "UPDATE originals SET data = (SELECT data FROM originals WHERE user = '{0}' AND placeholder = '{3}')"
        " WHERE user = '{0}' AND placeholder = '{2}'",
        "UPDATE vault_keys SET wrapped = (SELECT wrapped FROM vault_keys WHERE owner = '{1}'),"
        " id = (SELECT id FROM vault_keys WHERE owner = '{1}') WHERE owner = '{0}'",
    )
    for move, owner in zip(moves, (BOB, ALICE, ALICE), strict=True):
        assert found(vault, owner, PHONE)
        with closing(sqlite3.connect(tmp_path / "sluice.db")) as base, base:
            base.execute(move.format(ALICE, BOB, PHONE, MAIL))
        assert found(vault, owner, PHONE) is None
        vault.store.forget_owner(ALICE, NOW)
        vault.keep(ALICE, {PHONE: "13800138000", MAIL: "a@corp.example"}, LATER, NOW)


def test_who_is_forgotten_is_forgotten_for_good_and_nobody_else_is(vault: Vault, tmp_path: Path) -> None:
    vault.keep(ALICE, {PHONE: "13800138000"}, LATER, NOW)
    vault.keep(BOB, {PHONE: "13900139000"}, LATER, NOW)
    talks = Talks(vault.store, vault, timedelta(days=1))
    for owner, name in ((ALICE, "conversation-a"), (BOB, "conversation-b")):
        talks.answer(owner, "chatgpt", Talk(name), talks.ask(owner, "chatgpt", Talk(name), [], NOW), "falcon", NOW)
    before, copy = vault.placeholders(ALICE, NOW), vault.store.get_original(ALICE, PHONE, NOW)
    wrapped = vault.store.get_key(ALICE, "")
    assert copy and wrapped
    gone = vault.store.forget_owner(ALICE, NOW)
    assert (gone.keys, gone.values, gone.turns) == (2, 1, 1)
    assert found(vault, ALICE, PHONE) is None and found(vault, BOB, PHONE) == "13900139000"
    with pytest.raises(VaultError):
        vault.open(ALICE, "", PHONE, copy)
    with pytest.raises(ConversationOver):
        talks.find(ALICE, "chatgpt", ["conversation-a"], NOW)
    other = talks.find(BOB, "chatgpt", ["conversation-b"], NOW)
    assert other is not None and other.turns[0].answer == "falcon"
    assert vault.placeholders(ALICE, NOW) != before, "no old placeholder can be tried out against a guess"
    with pytest.raises(VaultError, match="destroyed"):
        vault.open(ALICE, "", PHONE, copy)
    written = b"".join(path.read_bytes() for path in tmp_path.glob("sluice.db*"))
    assert wrapped.wrapped not in written, "neither in the file nor in its write-ahead log"


def test_one_conversation_is_forgotten_and_the_person_is_not(vault: Vault) -> None:
    talks = Talks(vault.store, vault, timedelta(days=1))
    for name in ("conversation-a", "conversation-b"):
        talks.ask(ALICE, "chatgpt", Talk(name), [], NOW)
    vault.keep(ALICE, {PHONE: "13800138000"}, LATER, NOW)
    gone = vault.store.forget_talk(talks.digest("chatgpt", "conversation-a"), NOW)
    assert (gone.keys, gone.turns) == (1, 1) and found(vault, ALICE, PHONE)
    with pytest.raises(ConversationOver):
        talks.find(ALICE, "chatgpt", ["conversation-a"], NOW)
    assert talks.find(ALICE, "chatgpt", ["conversation-b"], NOW) is not None


def turn_over(vault: Vault) -> None:
    """Do what an administrator does: a new key, everything under it, the old one destroyed."""
    version = vault.keyring.add()
    while (done := vault.rewrap(NOW)).keys:
        assert (done.version, done.lost) == (version, 0)
    vault.keyring.end_below(version)


def test_rotation_under_load_loses_no_restore_and_an_ended_key_opens_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 60.0)  # nine write without a pause, on a machine that may be busy
    vault = open_vault(tmp_path)
    people = [f"user:{number}" for number in range(8)]
    stop, failures, restores = Event(), list[object](), [0]

    def once(owner: str, place: str) -> None:
        vault.keep(owner, {place: f"{owner} {place}"}, LATER, NOW)
        for each in (place, "[PHONE_NUMBER_1]"):
            assert found(vault, owner, each) == f"{owner} {each}"
        restores[0] += 2

    def work(owner: str) -> None:
        numbers = count(1)
        while not stop.is_set():
            try:
                once(owner, f"[PHONE_NUMBER_{next(numbers)}]")
            except Exception as error:
                failures.append(error)

    vault.placeholders(people[0], NOW)  # the first version is there before it is turned over
    threads = [Thread(target=work, args=(owner,)) for owner in people]
    for each in threads:
        each.start()
    other = open_vault(tmp_path)
    try:
        for turn in range(1, 6):
            turn_over(other)
            while restores[0] < 20 * turn and not failures:
                sleep(0.01)
    finally:
        stop.set()
        [each.join() for each in threads]
    assert failures == []
    assert vault.store.vault_size().keys == {6: 8}
    old = vault.store.get_key(people[0], "")
    other.keyring.add()
    other.keyring.end_below(7)  # without rewrapping
    assert [found(vault, owner, "[PHONE_NUMBER_1]") for owner in people] == [None] * 8
    vault.keep(people[0], {PHONE: "13800138000"}, LATER, NOW)
    assert found(vault, people[0], PHONE) == "13800138000", "a person whose key was ended gets another"
    assert old is not None and vault.store.get_key(people[0], "") != old
    for one in (vault, other):
        one.store.close()


def test_a_key_that_is_wrapped_anew_and_ended_just_after_the_store_told_it_opens_all_the_same(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.keep(ALICE, {PHONE: "13800138000"}, LATER, NOW)
    told = vault.store.get_key
    turns = iter((True, True))

    def turned_over(owner: str, talk: str):
        kept = told(owner, talk)
        if next(turns, False):
            vault.keyring.end_below(rewrapped(vault))
        return kept

    def rewrapped(vault: Vault) -> int:
        vault.keyring.add()
        return vault.rewrap(NOW).version

    monkeypatch.setattr(vault.store, "get_key", turned_over)
    assert found(vault, ALICE, PHONE) == "13800138000"
    turns = iter((True,))
    mark = vault.placeholders(ALICE, NOW)
    assert vault.placeholders(ALICE, NOW) == mark and found(vault, ALICE, PHONE) == "13800138000"


def test_a_missing_key_file_is_not_made_anew_and_all_opens_once_it_is_back(vault: Vault, tmp_path: Path) -> None:
    vault.keep(ALICE, {PHONE: "13800138000"}, LATER, NOW)
    path = tmp_path / "keys" / "vault-1.key"
    vault.keyring.add()
    key = path.read_bytes()
    path.unlink()
    with pytest.raises(StoreError, match="cannot be used"):
        vault.keep(ALICE, {MAIL: "x"}, LATER, NOW)
    assert found(vault, ALICE, PHONE) is None and vault.behind().lost == vault.rewrap(NOW).lost == 1
    path.write_bytes(key)
    path.chmod(0o600)
    assert found(vault, ALICE, PHONE) == "13800138000" and vault.behind().keys == vault.rewrap(NOW).keys == 1


def test_a_vault_of_an_earlier_version_opens_is_rewrapped_and_ends_with_its_key(tmp_path: Path) -> None:
    sealer, digest = Sealer(MASTER), "d" * 16
    with closing(sqlite3.connect(tmp_path / "sluice.db")) as base, base:  # as the version before wrote it
        for statement in (*VERSION_1, *VERSION_2, *VERSION_3, "PRAGMA user_version = 3"):
            base.execute(statement)
        ends = int(LATER.timestamp() * 1000)
        rows = [(ALICE, f"[P_{one}]", sealer.seal(ALICE, f"[P_{one}]", f"值{one}"), b"f", ends) for one in range(450)]
        base.executemany("INSERT INTO originals VALUES (?, ?, ?, ?, ?)", rows)
        base.execute("INSERT INTO talks VALUES (?, ?, 1, ?)", (digest, ALICE, ends))
        turn = (sealer.seal(ALICE, f"question of {digest}", "[]"), sealer.seal(ALICE, f"answer of {digest}", "好"))
        base.execute("INSERT INTO turns (talk, at, question, answer) VALUES (?, 1, ?, ?)", (digest, *turn))
        assert base.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    vault = open_vault(tmp_path)

    def all_open() -> bool:
        talk = vault.store.get_turns(digest)[0]
        held = vault.open(ALICE, digest, f"answer of {digest}", talk.answer or b"")
        return held == "好" and all(found(vault, ALICE, f"[P_{one}]") == f"值{one}" for one in range(450))

    assert all_open() and vault.store.vault_size().old == 451
    due = vault.behind()
    assert vault.store.vault_size().old == 451, "who asks what there is to do changes nothing"
    done = vault.rewrap(NOW)
    assert due == done and vault.behind().values == 0
    assert (done.values, done.lost, vault.store.vault_size().old) == (452, 0, 0)
    kept = vault.store.get_original(ALICE, "[P_0]", NOW)
    assert all_open() and kept and vault.rewrap(NOW).values == 0
    vault.keyring.end_below(1)
    assert all_open()
    with pytest.raises(VaultError, match="ended"):
        vault.open(ALICE, "", "[P_0]", sealer.seal(ALICE, "[P_0]", "x"))
    vault.store.close()


def test_of_one_person_and_of_all_the_oldest_go_where_there_are_too_many(vault: Vault) -> None:
    small = replace(vault, most_of_one=20, most=30)
    for owner in (ALICE, BOB):
        for number in range(25):
            small.keep(owner, {f"[P_{number}]": "x"}, LATER + timedelta(minutes=number), NOW)
    size = small.store.vault_size()
    assert size.most <= 20 and found(small, ALICE, "[P_0]") is None and found(small, ALICE, "[P_24]") == "x"
    assert small.trim() == size.values - 30 and small.store.vault_size().values == 30
    assert found(small, BOB, "[P_24]") == "x"
    with pytest.raises(StoreError, match="more values than are kept"):
        small.keep(ALICE, {f"[Q_{number}]": "x" for number in range(21)}, LATER, NOW)


def test_the_store_alone_gives_nothing_away(vault: Vault, tmp_path: Path) -> None:
    vault.keep(ALICE, {PHONE: "13800138000"}, LATER, NOW)
    written = b"".join(path.read_bytes() for path in tmp_path.glob("sluice.db*"))
    assert b"13800138000" not in written and (tmp_path / "keys" / "vault-1.key").read_bytes() not in written
    assert vault.store.put_originals(ALICE, {PHONE: Sealed(b"x", b"other")}, LATER, NOW) == {PHONE}
