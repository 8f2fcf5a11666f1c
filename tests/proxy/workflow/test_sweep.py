"""Time closes, announces and reports each thing once, and no event is lost on its way into the audit log."""

from dataclasses import replace
from datetime import datetime

import orjson
import pytest

from proxy.errors import StoreError
from proxy.store.interface import Changes
from proxy.trail.sinks import AuditFile
from proxy.trail.verify import verify
from proxy.workflow.permission import Event, State
from proxy.workflow.portal import Portal
from proxy.workflow.sweep import BATCH, Sweeper, drain
from tests.proxy.portals import ALICE, BOB, DAY, HOUR, LI, NOW, ZHANG, events, make_portal, steps, wish


@pytest.fixture
def portal():
    made = make_portal(channels=("webhook",))
    yield made
    made.store.close()


def lines(path) -> list[dict]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def tell(portal: Portal, count: int, at: datetime = NOW) -> None:
    portal.store.keep(Changes(events=[Event(f"step-{n}", at, {"grant": f"G-{n}"}) for n in range(count)]))


def test_events_enter_the_chain_in_order_and_once(portal: Portal, tmp_path) -> None:
    audit = AuditFile(tmp_path / "audit.jsonl")
    tell(portal, BATCH * 2 + 3)
    assert drain(portal.store, audit, "北京-1") == BATCH * 2 + 3
    assert drain(portal.store, audit, "北京-1") == 0
    written = lines(audit.path)
    assert [line["event"] for line in written] == [f"step-{n}" for n in range(BATCH * 2 + 3)]
    assert (written[0]["node"], written[0]["grant"], written[0]["time"]) == (
        "北京-1",
        "G-0",
        "2026-11-20T09:30:00.000+00:00",
    )
    audit.close()
    with audit.path.open("rb") as log:
        assert verify(log).ok


class FullDisk:
    """A log that takes a few lines and then no more."""

    head = None

    def __init__(self, room: int) -> None:
        self.room = room
        self.lines: list[dict] = []

    def write(self, fields) -> None:
        if len(self.lines) >= self.room:
            raise StoreError("the audit log is full")
        self.lines.append(dict(fields))

    def close(self) -> None:
        pass


def test_an_event_that_the_log_did_not_take_waits_and_a_repeated_one_shows_its_number(portal: Portal) -> None:
    tell(portal, 3)
    full = FullDisk(2)
    with pytest.raises(StoreError):
        drain(portal.store, full, "n")
    assert len(events(portal)) == 3
    roomy = FullDisk(99)
    assert drain(portal.store, roomy, "n") == 3
    assert [line["step"] for line in full.lines] == [line["step"] for line in roomy.lines][:2]


def test_a_request_that_nobody_answers_is_closed_and_told_of_once(portal: Portal) -> None:
    asked, _ = portal.ask(ALICE, wish(), NOW)
    sweeper = Sweeper(portal)
    sweeper.sweep(NOW + DAY - HOUR)
    assert portal.store.get_request(asked.id).state is State.OPEN
    for _ in range(2):
        sweeper.sweep(NOW + DAY)
    assert portal.store.get_request(asked.id).state is State.EXPIRED
    assert steps(portal) == ["grant_asked", "grant_request_expired"]


def test_the_end_of_a_grant_is_announced_once_also_after_a_restart(portal: Portal) -> None:
    asked, _ = portal.ask(ALICE, wish(), NOW)
    id = portal.approve(BOB, asked.id, NOW).grant
    before, soon = NOW + 6 * DAY, NOW + 7 * DAY - 16 * HOUR
    for at in (before, soon, soon + HOUR):
        Sweeper(portal).sweep(at)
    ends = [event for event in events(portal) if event.name == "grant_ends_soon"]
    assert [(event.at, event.notes["grant"], event.notes["holder"]) for event in ends] == [(soon, id, "alice")]
    record = portal.store.get_grant(id)
    assert record.warned and portal.signer.holds(record)


def test_a_forged_grant_is_reported_each_day_until_it_is_gone(portal: Portal) -> None:
    asked, _ = portal.ask(ALICE, wish(), NOW)
    id = portal.approve(BOB, asked.id, NOW).grant
    was = portal.store.get_grant(id)
    forged = replace(was, grant=replace(was.grant, until=NOW + 99 * DAY))
    portal.store.keep(Changes(grant=forged, grant_was=was))
    sweeper = Sweeper(portal)
    for at in (NOW, NOW + HOUR, NOW + DAY):
        sweeper.sweep(at)
    reports = [event for event in events(portal) if event.name == "grant_unsound"]
    assert [(event.at, event.notes["grant"]) for event in reports] == [(NOW, id), (NOW + DAY, id)]
    replace(portal, desk="command_line").revoke(LI, id, NOW)
    sweeper.sweep(NOW + 2 * DAY)
    assert steps(portal).count("grant_unsound") == 2


def test_an_emergency_is_recalled_until_somebody_has_reviewed_it(portal: Portal) -> None:
    from proxy.workflow.permission import Finding

    record = portal.break_glass(ZHANG, wish(duration=HOUR), NOW)
    sweeper = Sweeper(portal)
    for at in (NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 26 * HOUR):
        sweeper.sweep(at)
    assert steps(portal).count("grant_unreviewed") == 2
    portal.review(LI, record.grant.id, Finding.JUSTIFIED, NOW + 27 * HOUR)
    sweeper.sweep(NOW + 9 * DAY)
    assert steps(portal).count("grant_unreviewed") == 2
