"""The order is a promise: vault and record first, then the outcome; every refusal has words and a record."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_network

import orjson
import pytest

from detectors.interface import Scan
from policies.decision import Grant, RecordDetail
from proxy.caller import HeaderSource, IdentitySources
from proxy.errors import InternalModelError, StoreError, WireError
from proxy.exchange import Forward, Redirect, Refuse, Reply, Request
from proxy.handle import (
    begin,
    depart,
    enter,
    explain_failure,
    finish,
    greet,
    inspect,
    recover,
    refuse,
    unreachable,
)
from proxy.passage import House, Passage
from proxy.trail.seal import Copy, Safe, open_copy
from tests.proxy.house import AUDITOR, CUSTOMER, NOON, SECRET, Tenant, chat, give

JSON = (("content-type", "application/json"),)


def started(house: House, host: str = "api.openai.com", path: str = "/v1/chat/completions", headers=JSON) -> Passage:
    service = house.street.catalogue.lookup(host, path)
    assert service is not None
    return begin(house, Request("POST", "https", host, 443, path, headers), service, "", "10.0.0.1")


def gone(house: House, body: bytes, **given) -> tuple[Passage, object]:
    passage = started(house, **given)
    assert enter(house, passage) is None
    return passage, depart(house, passage, inspect(house, passage, body), len(body))


def test_a_passage_has_a_number_before_anyone_is_asked(tenant: Tenant) -> None:
    passage = started(tenant.house)
    assert passage.reference.startswith("SLC-20261202-") and passage.caller.address == "10.0.0.1"
    assert passage.reference != started(tenant.house).reference


def sealing(house: House) -> None:
    """Let the policy keep a copy of everything."""
    house.street = replace(house.street, policy=replace(house.street.policy, record=RecordDetail.SEALED))


def copies(house: House, passage: Passage) -> list[Copy]:
    return [open_copy(file.read_bytes(), str(AUDITOR)) for file in house.ledger.safe.find(passage.reference)]


def test_where_policy_keeps_a_copy_only_the_auditor_reads_it_and_the_record_knows_it(tenant: Tenant) -> None:
    sealing(tenant.house)
    body = chat(f"电话 {SECRET}")
    passage, outcome = gone(tenant.house, body, headers=(*JSON, ("authorization", "Bearer sk-secret")))
    assert isinstance(outcome, Forward)
    [copy] = copies(tenant.house, passage)
    assert (copy.body, copy.service, copy.path) == (body, "openai-api", "/v1/chat/completions")
    [file] = tenant.house.ledger.safe.find(passage.reference)
    assert tenant.records()[-1]["sealed"] == sha256(file.read_bytes()).hexdigest()
    assert SECRET.encode() not in file.read_bytes() + tenant.log.read_bytes()
    assert "sk-secret" not in repr(copy.pack())


def test_a_copy_holds_no_key_and_what_is_no_text_has_one_too(tenant: Tenant) -> None:
    sealing(tenant.house)
    path = "/v1/chat/completions?KEY=AIza-secret&q=\udcff&x=key"
    passage = started(tenant.house, path=path, headers=(("content-type", "application/json; x=\udcff"),))
    assert enter(tenant.house, passage) is None
    with pytest.raises(WireError) as caught:
        inspect(tenant.house, passage, chat("hi"))
    recover(tenant.house, passage, caught.value, 1)
    [copy] = copies(tenant.house, passage)
    assert copy.path == "/v1/chat/completions?KEY=…&q=\\udcff&x=key"
    assert tenant.records()[-1]["sealed"]


def test_a_refusal_has_a_copy_too_without_a_body_where_none_was_read(tenant: Tenant) -> None:
    sealing(tenant.house)
    passage = started(tenant.house, "api.deepseek.com")
    assert enter(tenant.house, passage) is not None
    assert [copy.body for copy in copies(tenant.house, passage)] == [None]


def test_without_its_copy_nothing_goes_out_but_a_refusal_is_still_recorded(tenant: Tenant, tmp_path) -> None:
    sealing(tenant.house)
    tenant.house.ledger = replace(tenant.house.ledger, safe=Safe(tmp_path, (), timedelta(1)))
    passage = started(tenant.house)
    assert enter(tenant.house, passage) is None
    body = chat("hello")
    with pytest.raises(StoreError, match="copy for the auditor"):
        depart(tenant.house, passage, inspect(tenant.house, passage, body), len(body))
    assert not passage.recorded
    refusal = recover(tenant.house, passage, StoreError("no copy"), len(body))
    assert isinstance(refusal, Refuse) and tenant.records()[-1]["outcome"] == "refused"


def test_the_person_is_known_from_the_header_of_a_trusted_front(tenant: Tenant) -> None:
    sources = IdentitySources(header=HeaderSource("x-user", (ip_network("10.0.0.0/8"),)))
    passage = started(replace(tenant.house, sources=sources), headers=(*JSON, ("x-user", "张三")))
    enter(replace(tenant.house, sources=sources), passage)
    assert passage.caller.user == "张三"


def test_what_a_body_makes_of_a_request_is_what_the_record_and_the_error_go_by(tenant: Tenant) -> None:
    """Nothing in the head of an HTTP/2 request says that a body follows."""
    service = tenant.house.street.catalogue.lookup("api.openai.com", "/v1/models")
    assert service is not None
    passage = begin(tenant.house, Request("GET", "https", "api.openai.com", 443, "/v1/models", ()), service, "", "::1")
    assert enter(tenant.house, passage) is None and passage.arrival is not None
    assert passage.arrival.facts.activity == "other"
    depart(tenant.house, passage, inspect(tenant.house, passage, chat(SECRET)), 9)
    assert passage.arrival.facts.activity == "prompt"
    [line] = tenant.records()
    assert (line["activity"], line["redacted"]) == ("prompt", {"PHONE_NUMBER": 1})


def test_originals_and_record_are_durable_before_the_outcome_is_returned(tenant: Tenant) -> None:
    passage, outcome = gone(tenant.house, chat(SECRET))
    assert isinstance(outcome, Forward) and passage.recorded
    assert passage.departure is not None
    [token] = passage.departure.originals
    assert tenant.house.ledger.original(passage.caller, token, NOON) == SECRET
    [record] = tenant.records()
    assert (record["outcome"], record["bytes_in"], record["redacted"]) == (
        *("forwarded", len(chat(SECRET))),
        {"PHONE_NUMBER": 1},
    )
    assert record["bytes_out"] == len(outcome.body or b"") > 0
    assert record["fingerprints"] and SECRET not in str(record)


@pytest.mark.parametrize("room", ["keep", "write"])
def test_without_vault_or_record_there_is_no_outcome(tenant: Tenant, monkeypatch, room: str) -> None:
    def broken(*_: object) -> None:
        raise StoreError("full")

    monkeypatch.setattr(type(tenant.house.ledger), room, broken)
    with pytest.raises(StoreError):
        gone(tenant.house, chat(SECRET))


@pytest.mark.parametrize(
    ("given", "body", "kind", "word"),
    [
        ({}, chat(CUSTOMER), Redirect, "redirected"),
        ({"host": "api.anthropic.com", "path": "/v1/messages/count_tokens"}, chat(CUSTOMER), Reply, "redirected"),
        ({}, chat("hi"), Forward, "forwarded"),
        (
            {"host": "api.groq.com", "path": "/x", "headers": (("content-type", "application/octet-stream"),)},
            b"\0\1\2",
            Forward,
            "not_inspected",
        ),
    ],
    ids=["inside", "answered here", "outside", "unread"],
)
def test_the_record_says_what_became_of_it(tenant: Tenant, given, body: bytes, kind: type, word: str) -> None:
    _, outcome = gone(tenant.house, body, **given)
    assert isinstance(outcome, kind)
    assert tenant.records()[-1]["outcome"] == word


def test_a_grant_opens_what_needs_one_and_stands_in_the_record(tenant: Tenant) -> None:
    sources = IdentitySources(header=HeaderSource("x-user", (ip_network("10.0.0.0/8"),)))
    house = replace(tenant.house, sources=sources)
    given = {"host": "api.mistral.ai", "headers": (*JSON, ("x-user", "alice"))}
    refused = enter(house, started(house, **given))
    assert refused is not None and refused.code == "authorization_required"
    end = NOON + timedelta(hours=1)
    give(house.ledger, Grant("G-1", "alice", "", "mistral-api", "*", "张敏", "月报", end))
    _, outcome = gone(house, chat("hi"), **given)
    assert isinstance(outcome, Forward) and tenant.records()[-1]["grant"] == "G-1"


def test_a_refusal_that_cannot_be_recorded_is_still_a_refusal(tenant: Tenant) -> None:
    tenant.house.ledger.audit.close()
    refusal = refuse(tenant.house, started(tenant.house), WireError("x"))
    assert (refusal.code, refusal.answer.status) == ("malformed_body", 400)


def lenient(passage: Passage) -> Passage:
    assert passage.arrival is not None
    passage.arrival = replace(passage.arrival, answer=replace(passage.arrival.decision, errors_pass=True))
    return passage


def test_an_error_passes_only_where_policy_says_so_and_the_record_says_so_too(tenant: Tenant) -> None:
    passage = started(tenant.house)
    enter(tenant.house, passage)
    assert isinstance(recover(tenant.house, passage, RuntimeError(SECRET), 5), Refuse)
    passed = started(tenant.house)
    enter(tenant.house, passed)
    outcome = recover(tenant.house, lenient(passed), RuntimeError(SECRET), 5)
    assert isinstance(outcome, Forward) and outcome.body is None
    refused, passed_line = tenant.records()
    assert (refused["outcome"], passed_line["outcome"], passed_line["inspection"]) == ("error", "not_inspected", "none")


@pytest.mark.parametrize("error", [WireError("x"), StoreError("x")])
def test_what_is_no_fault_of_sluice_never_passes(tenant: Tenant, error: Exception) -> None:
    passage = started(tenant.house)
    enter(tenant.house, passage)
    assert isinstance(recover(tenant.house, lenient(passage), error, 5), Refuse)


def test_an_error_after_the_record_concerns_the_answer_and_writes_no_second_request(tenant: Tenant) -> None:
    passage, _ = gone(tenant.house, chat(CUSTOMER))
    outcome = recover(tenant.house, lenient(passage), InternalModelError("x"), 5)
    assert isinstance(outcome, Refuse) and outcome.answer.status == 503
    request, answer = tenant.records()
    assert (answer["event"], answer["code"], answer["status"]) == ("answer", "internal_model_unavailable", 503)
    assert request["id"] == answer["id"]
    assert request["id"].encode() in outcome.answer.body


def test_the_line_about_an_answer_is_written_once(tenant: Tenant) -> None:
    passage, _ = gone(tenant.house, chat("hi"))
    for _ in range(2):
        finish(tenant.house, passage, 200, 10, 12)
    [_, line] = tenant.records()
    assert (line["status"], line["bytes_in"], line["bytes_out"]) == (200, 10, 12)


def test_an_answer_restores_what_its_own_request_took_out_and_what_the_vault_holds(tenant: Tenant) -> None:
    passage, _ = gone(tenant.house, chat(SECRET))
    assert passage.departure is not None
    [token] = passage.departure.originals
    later, _ = gone(tenant.house, chat("hi"))
    for one in (passage, later):
        returning = greet(tenant.house, one, JSON)
        assert returning is not None and returning.lookup(token) == SECRET
        assert returning.lookup("[PHONE_NUMBER_00000000]") is None


def test_the_companys_model_is_never_named_in_its_failures(tenant: Tenant) -> None:
    passage, _ = gone(tenant.house, chat(CUSTOMER))
    answer = explain_failure(passage, 500, b'{"error":{"message":"llm.internal:8000 is down"}}')
    assert b"llm.internal" not in answer.body and answer.status == 503
    assert orjson.loads(unreachable(tenant.house, passage).body)["error"]["code"] == "internal_model_unavailable"


def test_only_a_redirected_exchange_has_an_internal_answer(tenant: Tenant) -> None:
    passage, _ = gone(tenant.house, chat("hi"))
    with pytest.raises(RuntimeError, match="redirected"):
        explain_failure(passage, 500, b"")
    assert unreachable(tenant.house, passage).status == 502


def test_a_body_before_its_headers_is_a_bug(tenant: Tenant) -> None:
    with pytest.raises(RuntimeError, match="before the headers"):
        inspect(tenant.house, started(tenant.house), b"")


class Away:
    """What looks is down: nobody answers."""

    entities = frozenset({"PHONE_NUMBER", "CUSTOMER"})

    def find_spread(self, texts, _groups, entities) -> list[Scan]:
        """Return that nobody has looked."""
        return [Scan((), frozenset(entities), away=True)] * len(texts)


def test_while_what_looks_is_down_a_request_may_be_asked_again_in_every_native_form(tenant: Tenant) -> None:
    tenant.house.street = replace(tenant.house.street, finder=Away())
    for host, path in (("api.openai.com", "/v1/chat/completions"), ("api.anthropic.com", "/v1/messages")):
        _, outcome = gone(tenant.house, chat("hello"), host=host, path=path)
        assert isinstance(outcome, Refuse) and outcome.code == "detection_unavailable"
        fields = dict(outcome.answer.headers)
        assert (outcome.answer.status, fields["retry-after"]) == (503, "5")
        assert orjson.loads(outcome.answer.body)["error"]
    lines = tenant.records()
    assert [(one["outcome"], one["code"]) for one in lines] == [("refused", "detection_unavailable")] * 2


def test_what_policy_refuses_in_any_case_is_not_to_be_asked_again(tenant: Tenant) -> None:
    tenant.house.street = replace(tenant.house.street, finder=Away())
    passage = started(tenant.house, host="api.deepseek.com")
    outcome = enter(tenant.house, passage)
    assert isinstance(outcome, Refuse) and outcome.answer.status == 403
