"""What the house tells of its exchanges is counted where it happens, refusals and misses too."""

from proxy.errors import TooLarge
from proxy.handle import depart, enter, finish, greet, inspect, refuse
from tests.proxy.house import Tenant, chat
from tests.proxy.test_handle import JSON, started


def value(tenant: Tenant, name: str, **labels: str) -> float | None:
    return tenant.house.observer.meters.registry.get_sample_value(name, labels)


def test_an_exchange_is_counted_from_its_headers_to_its_answer(tenant: Tenant) -> None:
    house, heard = tenant.house, []
    house.observer.recorded = lambda: heard.append(1)
    passage = started(house)
    assert enter(house, passage) is None
    body = chat("hello")
    depart(house, passage, inspect(house, passage, body), len(body))
    finish(house, passage, 200, 10, 10)
    for stage in ("headers", "read", "depart", "answer"):
        assert value(tenant, "sluice_stage_seconds_count", stage=stage) == 1, stage
    assert value(tenant, "sluice_stage_seconds_count", stage="record") == 2
    assert value(tenant, "sluice_exchanges_total", service="openai-api", outcome="forwarded") == 1
    assert value(tenant, "sluice_answers_total", status="2xx") == 1 and heard == [1]


def test_a_refusal_is_counted_by_its_code(tenant: Tenant) -> None:
    refusal = refuse(tenant.house, started(tenant.house), TooLarge("much"))
    assert value(tenant, "sluice_refusals_total", code=refusal.code) == 1


def test_a_placeholder_that_nothing_is_known_of_is_counted(tenant: Tenant) -> None:
    house = tenant.house
    passage = started(house)
    enter(house, passage)
    body = chat("hello")
    depart(house, passage, inspect(house, passage, body), len(body))
    returning = greet(house, passage, JSON)
    assert returning is not None and returning.lookup("[PERSON_ZZZZZZ]") is None
    assert value(tenant, "sluice_restore_misses_total") == 1
