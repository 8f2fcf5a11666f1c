"""A person's originals open for that person alone, and nothing kept is readable without the key."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.decision import Grant
from proxy.answers.thoughts import Seen
from proxy.audit import Answered
from proxy.caller import Caller
from proxy.errors import StoreError
from proxy.ledger import owner
from proxy.store.sqlite import SqliteStore
from tests.proxy.house import NOON, SECRET, Tenant, give
from tests.proxy.vaults import Held

ALICE = Caller("alice", frozenset({"研发"}), "10.0.0.1", "header")
BOB = Caller("bob", frozenset(), "10.0.0.1", "header")
NOBODY = Caller("", frozenset(), "10.0.0.1", "unknown")
TOKEN = "[PHONE_NUMBER_7K2F9QAA]"


@pytest.mark.parametrize(("caller", "mine"), [(ALICE, True), (BOB, False), (NOBODY, False)], ids=str)
def test_an_original_opens_for_its_owner_alone(tenant: Tenant, caller: Caller, mine: bool) -> None:
    ledger = tenant.house.ledger
    ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    assert ledger.original(caller, TOKEN, NOON) == (SECRET if mine else None)


def test_people_nobody_knows_are_told_apart_by_their_address() -> None:
    assert len({owner(ALICE), owner(BOB), owner(NOBODY), owner(replace(NOBODY, address="10.0.0.2"))}) == 4
    assert owner(replace(ALICE, user="", address="alice")) != owner(ALICE)


def test_an_original_is_forgotten_when_its_time_is_over(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    late = NOON + ledger.kept_for
    assert ledger.original(ALICE, TOKEN, late - timedelta(seconds=1)) == SECRET
    assert ledger.original(ALICE, TOKEN, late + timedelta(seconds=1)) is None


def test_what_services_have_signed_makes_way_for_a_persons_originals(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    ledger = replace(ledger, vault=replace(ledger.vault, most_of_one=40))
    ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    for number in range(100):
        later = NOON + timedelta(minutes=number)
        ledger.keep_heard(ALICE, "anthropic work", [f"{number}"], later)
    assert ledger.original(ALICE, TOKEN, later) == SECRET
    assert replace(ledger, seen=Seen()).has_heard(ALICE, "anthropic work", later, ["99"]) == {"99"}
    over = later + ledger.kept_for / 2 + timedelta(seconds=1)
    assert not replace(ledger, seen=Seen()).has_heard(ALICE, "anthropic work", over, ["99"])


def test_what_is_kept_is_sealed(tenant: Tenant) -> None:
    tenant.house.ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    written = b"".join(path.read_bytes() for path in tenant.log.parent.glob("sluice.db*"))
    assert SECRET.encode() not in written


def test_an_entry_sealed_with_another_key_is_never_guessed_at(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    assert replace(ledger, vault=replace(ledger.vault, keyring=Held(v1=b"x" * 32))).original(ALICE, TOKEN, NOON) is None


def test_a_placeholder_never_stands_for_two_values(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    ledger.keep(ALICE, {TOKEN: SECRET}, NOON)
    with pytest.raises(StoreError) as caught:
        ledger.keep(ALICE, {TOKEN: "13800000000"}, NOON)
    assert "13800000000" not in str(caught.value)
    assert ledger.original(ALICE, TOKEN, NOON) == SECRET


def test_nothing_taken_out_needs_no_store(tenant: Tenant, monkeypatch) -> None:
    monkeypatch.setattr(SqliteStore, "put_originals", None)
    tenant.house.ledger.keep(ALICE, {}, NOON)


def test_grants_are_found_by_person_and_by_every_group(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    for id_, person, group in (
        ("G-1", "alice", ""),
        ("G-2", "", "研发"),
        ("G-3", "", "listed"),
        ("G-4", "bob", ""),
    ):
        give(ledger, Grant(id_, person, group, "*", "*", "张敏", "月报", NOON))
    assert [one.id for one in ledger.grants(ALICE, frozenset({"listed"}))] == ["G-1", "G-2", "G-3"]
    assert ledger.grants(NOBODY, frozenset()) == ()


def test_keys_are_of_one_person(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    assert len({ledger.key(one, NOON) for one in (ALICE, BOB, NOBODY, ALICE)}) == 3


def test_fingerprints_link_equal_placeholders_and_tell_nothing(tenant: Tenant) -> None:
    ledger = tenant.house.ledger
    [one], [same] = ledger.fingerprints({TOKEN: SECRET}), ledger.fingerprints({TOKEN: SECRET})
    assert one == same and SECRET not in one and len(one) == 16


def test_a_record_is_a_line_of_this_node(tenant: Tenant) -> None:
    tenant.house.ledger.write(Answered("SLC-1", NOON, 200))
    [line] = tenant.records()
    assert (line["id"], line["node"], line["event"]) == ("SLC-1", "test", "answer")
