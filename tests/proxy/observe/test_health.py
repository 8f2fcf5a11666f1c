"""Ready means that a text was scanned and a record written, recently; whatever is wrong is named at once."""

from dataclasses import replace

import pytest

from detectors.interface import Finding, Scan
from proxy.errors import StoreError, TooLarge
from proxy.handle import refuse
from proxy.observe.health import QUIET, RECENT, SPECIMENS, STALE, STUCK, Prober, Pulse
from proxy.reload import CLOSED
from tests.proxy.house import Tenant
from tests.proxy.test_handle import started


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Searches:
    """A searcher that finds all specimens, or answers as it is told."""

    entities = frozenset(SPECIMENS)

    def __init__(self, scan: Scan | None = None) -> None:
        self.scan = scan

    def find(self, _text: str, entities: frozenset[str]) -> Scan:
        return self.scan or Scan(tuple(Finding(0, 1, one, 1.0, "test") for one in entities))


def prober_of(tenant: Tenant) -> tuple[Prober, Clock]:
    clock = Clock()
    tenant.house.street = replace(tenant.house.street, finder=Searches())
    return Prober(tenant.house, clock), clock


def probes(tenant: Tenant) -> int:
    return sum(line["event"] == "probe" for line in tenant.records())


def test_nothing_is_ready_before_the_first_look(tenant: Tenant) -> None:
    prober, _ = prober_of(tenant)
    assert prober.state().why == ("record", "scan")


def test_a_look_scans_and_records_and_is_forgotten_after_a_while(tenant: Tenant) -> None:
    prober, clock = prober_of(tenant)
    prober.look()
    assert prober.state().ready and probes(tenant) == 1
    clock.now += RECENT + 1
    assert prober.state().why == ("scan",)
    clock.now += STALE
    assert prober.state().why == ("record", "scan")


def test_no_record_is_written_where_exchanges_leave_them(tenant: Tenant) -> None:
    prober, clock = prober_of(tenant)
    prober.heard()
    prober.look()
    clock.now += QUIET - 1
    prober.look()
    assert prober.state().ready and probes(tenant) == 0
    clock.now += 1
    prober.look()
    assert probes(tenant) == 1


@pytest.mark.parametrize("scan", [Scan(), Scan(unknown=frozenset({"CREDIT_CARD"}))])
def test_a_scan_that_finds_nothing_or_cannot_tell_is_none(tenant: Tenant, scan: Scan) -> None:
    prober, _ = prober_of(tenant)
    prober.look()
    tenant.house.street = replace(tenant.house.street, finder=Searches(scan))
    prober.look()
    assert prober.state().why == ("scan",)


def test_a_log_that_cannot_be_written_is_told_at_once_and_tried_again(tenant: Tenant, monkeypatch) -> None:
    prober, clock = prober_of(tenant)
    prober.look()
    clock.now += QUIET

    def full(_fields) -> None:
        raise StoreError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(tenant.house.ledger.audit, "write", full, raising=True)
        prober.look()
        assert prober.state().why == ("record",)
        prober.look()
        assert prober.state().why == ("record",)
    prober.look()
    assert prober.state().ready


def test_a_store_that_cannot_be_asked_is_told(tenant: Tenant, monkeypatch) -> None:
    prober, _ = prober_of(tenant)

    def away(_id) -> None:
        raise StoreError("Redis is away")

    with monkeypatch.context() as broken:
        broken.setattr(tenant.house.ledger.store, "get_grant", away, raising=True)
        prober.look()
        assert prober.state().why == ("store",)
    prober.look()
    assert prober.state().ready


def test_an_exchange_whose_record_cannot_be_kept_shows_at_once_and_the_next_record_ends_it(
    tenant: Tenant, monkeypatch
) -> None:
    prober, _ = prober_of(tenant)
    prober.look()

    def full(_fields) -> None:
        raise StoreError("no room")

    passage = started(tenant.house)
    with monkeypatch.context() as broken:
        broken.setattr(tenant.house.ledger.audit, "write", full, raising=True)
        refuse(tenant.house, passage, TooLarge("the body is over the limit"))
        assert prober.state().why == ("record",), "no probe was due"
    prober.look()
    assert prober.state().ready and probes(tenant) == 2
    prober.missed()
    tenant.house.observer.recorded = prober.heard
    refuse(tenant.house, started(tenant.house), TooLarge("the body is over the limit"))
    assert prober.state().ready and probes(tenant) == 2, "the record of an exchange proves as much"


def test_without_a_policy_or_at_the_end_it_is_not_ready(tenant: Tenant) -> None:
    prober, _ = prober_of(tenant)
    prober.look()
    kept = tenant.house.street
    tenant.house.street = replace(kept, policy=CLOSED)
    assert prober.state().why == ("policy",)
    tenant.house.street = kept
    prober.drain()
    assert prober.state().why == ("stopping",)


def test_where_nothing_may_go_out_it_is_not_ready(tenant: Tenant) -> None:
    def unproven() -> None:
        raise StoreError("a witness is away")

    prober, _ = prober_of(tenant)
    prober.look()
    tenant.house.ledger = replace(tenant.house.ledger, must_hold=unproven)
    tenant.house.observer.store_failed("find")
    assert prober.state().ready, "no record was tried"
    tenant.house.observer.store_failed("record")
    assert prober.state().why == ("trail",), "an exchange tells it before the next look does"
    prober.look()
    assert prober.state().why == ("trail",)


def test_a_loop_that_does_not_turn_does_not_live() -> None:
    clock = Clock()
    pulse = Pulse(clock)
    assert pulse.lives
    clock.now += STUCK
    assert not pulse.lives
