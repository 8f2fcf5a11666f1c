"""What is counted, and that no label holds a name, an address or a text, nor has values without an end."""

from datetime import UTC, datetime

from prometheus_client import generate_latest

from proxy.adapters.known import KNOWN
from proxy.audit import Answered, Record
from proxy.observe.marks import STAGES, Mark
from proxy.observe.meters import OTHER, Bounded, Meters

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "王芳-13800138000"


def record(**given) -> Record:
    usual = {"id": "SLC-20261120-7K2F9Q", "at": NOON, "outcome": "forwarded", "service": "openai-api"}
    return Record(**usual | given)


def value(meters: Meters, name: str, **labels: str) -> float | None:
    return meters.registry.get_sample_value(name, labels)


def test_a_record_is_counted_by_service_outcome_and_what_was_found() -> None:
    meters = Meters()
    meters.recorded(record(entities={"PERSON": 3}, redacted={"PERSON": 2}, bytes_in=10, bytes_out=12))
    meters.recorded(record(outcome="refused", code="body_too_large", unknown=frozenset({"PERSON"})))
    assert value(meters, "sluice_exchanges_total", service="openai-api", outcome="forwarded") == 1
    assert value(meters, "sluice_exchanges_total", service="openai-api", outcome="refused") == 1
    assert value(meters, "sluice_refusals_total", code="body_too_large") == 1
    assert value(meters, "sluice_findings_total", entity="PERSON") == 3
    assert value(meters, "sluice_redactions_total", entity="PERSON") == 2
    assert value(meters, "sluice_unknown_total", entity="PERSON") == 1
    assert (value(meters, "sluice_request_bytes_total"), value(meters, "sluice_sent_bytes_total")) == (10, 12)


def test_requests_are_counted_by_how_well_they_were_known_but_not_self_tests() -> None:
    meters = Meters()
    for adapter in ("chatgpt-web", "chatgpt-web-beside", "fallback", "fallback", ""):
        meters.recorded(record(service="openai-chatgpt", adapter=adapter))
    meters.recorded(record(service="openai-chatgpt", adapter="chatgpt-web", canary="c1"))
    told = {by: value(meters, "sluice_read_total", service="openai-chatgpt", by=by) for by in KNOWN}
    assert told == {"format": 1, "beside": 1, "fallback": 2}


def test_answers_steps_and_failures_are_counted() -> None:
    meters = Meters()
    meters.answered(Answered("SLC", NOON, 200, restored=4))
    meters.answered(Answered("SLC", NOON, 0, code="client_left"))
    meters.marked(Mark("read", 0, 30_000_000))
    meters.store_failed("record")
    assert (
        value(meters, "sluice_answers_total", status="2xx") == value(meters, "sluice_answers_total", status="none") == 1
    )
    assert value(meters, "sluice_answer_faults_total", code="client_left") == 1
    assert value(meters, "sluice_restored_total") == 4
    assert value(meters, "sluice_stage_seconds_sum", stage="read") == 0.03
    assert value(meters, "sluice_store_errors_total", stage="record") == 1


def test_every_step_is_there_from_the_start() -> None:
    meters = Meters()
    assert all(value(meters, "sluice_stage_seconds_count", stage=stage) == 0 for stage in STAGES)


def test_no_person_address_or_host_is_in_any_metric() -> None:
    meters = Meters()
    meters.recorded(record(user=SECRET, address="10.1.2.3", host=f"{SECRET}.example", id=SECRET, sealed=SECRET))
    text = generate_latest(meters.registry).decode()
    assert SECRET not in text and "10.1.2.3" not in text and "SLC-" not in text


def test_a_label_has_no_more_values_than_it_may() -> None:
    bounded = Bounded(2)
    assert [bounded(word) for word in ("a", "b", "c", "a", "d")] == ["a", "b", OTHER, "a", OTHER]
    meters = Meters()
    for number in range(2000):
        meters.recorded(record(service=f"s{number}", entities={f"E{number}": 1}))
    text = generate_latest(meters.registry).decode()
    assert text.count("sluice_exchanges_total{") <= 1001 and text.count("sluice_findings_total{") <= 301
    assert value(meters, "sluice_exchanges_total", service=OTHER, outcome="forwarded") == 1000
