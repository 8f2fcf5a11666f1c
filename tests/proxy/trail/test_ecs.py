"""Audit records as ECS documents: fields of the schema with its types, and nothing lost.

No package of the registry carries the schema: the types are those of the ECS field reference, version 8.17.
"""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.audit import Answered, Record, notice
from proxy.errors import SluiceError
from proxy.trail.ecs import OUTAGES, PLACES, ecs

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCHEMA: dict[str, type | tuple[type, ...]] = {
    "@timestamp": str,
    "ecs.version": str,
    "destination.domain": str,
    "event.action": str,
    "event.category": list,
    "event.dataset": str,
    "event.hash": str,
    "event.kind": str,
    "event.module": str,
    "event.original": str,
    "event.outcome": str,
    "event.reason": str,
    "event.sequence": int,
    "event.severity": int,
    "event.type": list,
    "http.request.bytes": int,
    "http.request.method": str,
    "http.response.status_code": int,
    "observer.name": str,
    "observer.product": str,
    "observer.type": str,
    "observer.vendor": str,
    "rule.id": str,
    "rule.version": str,
    "service.target.name": str,
    "source.ip": str,
    "transaction.id": str,
    "user.name": str,
    "user.roles": list,
}
CATEGORIES = {"network", "web", "configuration"}
TYPES = {"connection", "allowed", "denied", "change", "error", "end", "info"}


def flat(document: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in document.items():
        path = f"{before}{key}"
        if isinstance(value, dict) and not path.startswith("sluice"):
            found |= flat(value, f"{path}.")
        else:
            found[path] = value
    return found


def request(**given: Any) -> dict[str, Any]:
    usual = {"id": "SLC-20261120-7K2F9Q", "at": NOON, "outcome": "forwarded", "user": "王芳", "address": "10.0.0.7"}
    made = Record(**usual | {"service": "openai-api", "host": "api.openai.com", "method": "POST"} | given)
    return made.fields("proxy-1") | {"seq": 7, "prev": "0" * 64, "hash": "a" * 64}


RECORDS = {
    "forwarded": (request(bytes_in=10, entities={"PERSON": 1}), "success", ["connection", "allowed"]),
    "refused": (request(outcome="refused", code="blocked_by_policy"), "failure", ["connection", "denied"]),
    "an outage": (request(outcome="refused", code="overloaded"), "failure", ["connection", "denied", "error"]),
    "redirected": (request(outcome="redirected"), "success", ["connection", "allowed", "change"]),
    "answer": (Answered("SLC-1", NOON, 200, 5, 6).fields("proxy-1"), None, ["connection", "end"]),
    "event": (notice("policy_loaded", NOON, "proxy-1", {"version": "3"}), None, ["info"]),
}


@pytest.mark.parametrize("name", RECORDS)
def test_each_field_is_one_of_the_schema_and_has_its_type(name: str) -> None:
    record, outcome, types = RECORDS[name]
    told = flat(ecs(record, "the line"))
    for path, value in told.items():
        assert path == "sluice" or isinstance(value, SCHEMA[path]), path
    assert told.get("event.outcome") == outcome and told["event.type"] == types
    assert set(told["event.category"]) <= CATEGORIES and set(told["event.type"]) <= TYPES
    assert told["event.original"] == "the line" and datetime.fromisoformat(told["@timestamp"]) == NOON


def test_a_person_is_named_where_a_siem_looks_for_them() -> None:
    told = flat(ecs(request() | {"groups": ["legal"]}))
    assert (told["user.name"], told["source.ip"], told["user.roles"]) == ("王芳", "10.0.0.7", ["legal"])
    assert told["transaction.id"] == "SLC-20261120-7K2F9Q" and told["event.sequence"] == 7


def test_whatever_is_down_missing_or_busy_is_an_outage_and_no_verdict() -> None:
    def below(error: type[SluiceError]) -> set[type[SluiceError]]:
        return {error}.union(*(below(one) for one in error.__subclasses__()))

    assert {one.code for one in below(SluiceError) if one.status == 503} == OUTAGES


def test_an_alarm_is_an_alert() -> None:
    assert ecs(notice("canary_failed", NOON, "a", {}))["event"]["kind"] == "alert"


values = st.one_of(st.text(max_size=5), st.integers(-5, 5), st.booleans(), st.lists(st.text(max_size=3)), st.none())


@given(st.dictionaries(st.sampled_from([*PLACES, "rules", "entities", "event", "outcome", "x"]), values))
def test_nothing_of_a_record_is_lost(record: dict[str, Any]) -> None:
    told = flat(ecs(record))
    for key, value in record.items():
        if key not in PLACES:
            assert told["sluice"][key] == value
        elif value not in ("", None):
            assert told[PLACES[key]] == value
    assert orjson.dumps(told)
