"""The line about a request is put together from what was enforced, and holds nothing that was said."""

from dataclasses import replace

from policies.decision import Decision, RecordDetail, Treatment
from proxy.exchange import Request
from proxy.handle import begin, depart, enter, inspect
from proxy.record import left_out, record, taken_out
from tests.proxy.house import NOON, SECRET, Tenant, chat

JSON = (("content-type", "application/json"),)


def gone(tenant: Tenant, text: str):
    service = tenant.house.street.catalogue.lookup("api.openai.com", "/v1/chat/completions")
    assert service is not None
    request = Request("POST", "https", "api.openai.com", 443, "/v1/chat/completions", JSON)
    passage = begin(tenant.house, request, service, "", "10.0.0.1")
    assert enter(tenant.house, passage) is None
    depart(tenant.house, passage, inspect(tenant.house, passage, chat(text)), 9)
    assert passage.departure is not None
    return passage


def test_what_policy_was_told_stands_in_the_line_and_the_text_does_not(tenant: Tenant) -> None:
    passage = gone(tenant, f"电话 {SECRET} 或 {SECRET}")
    line = record(passage, passage.departure.decision, "forwarded", NOON, departure=passage.departure).fields("n")
    assert (line["values"], line["entities"]) == ({"PHONE_NUMBER": 1}, {"PHONE_NUMBER": 2})
    assert line["characters"] > 20 and "PHONE_NUMBER" in line["looked"]
    assert SECRET not in str(line)


def test_what_can_be_put_back_and_what_cannot_are_counted_together(tenant: Tenant) -> None:
    departure = replace(gone(tenant, SECRET).departure, treated={"PHONE_NUMBER": 2, "PERSON": 1})
    assert taken_out(departure) == {"PHONE_NUMBER": 3, "PERSON": 1}
    assert taken_out(None) == {}


def test_a_refusal_by_the_headers_needed_no_inspection(tenant: Tenant) -> None:
    passage = gone(tenant, "hi")
    passage.departure = None
    line = record(passage, Decision(treat={"PERSON": Treatment.MASK}), "refused", NOON).fields("n")
    assert (line["inspection"], line["bytes_out"]) == ("not_needed", 0) and "values" not in line


def test_a_self_test_that_went_unread_left_with_all_that_was_planted(tenant: Tenant) -> None:
    passage = replace(gone(tenant, "hi"), canary="ab" * 12)
    assert left_out(passage, "not_inspected", None, 2) == ("API_KEY", "CN_ID_CARD")
    assert left_out(passage, "refused", None, 2) == ()
    assert left_out(replace(passage, canary=""), "not_inspected", None, 2) == ()
    unchanged = replace(passage.departure.outcome, body=None)
    assert left_out(passage, "forwarded", unchanged, 2) == ("API_KEY", "CN_ID_CARD")
    assert left_out(passage, "forwarded", unchanged, 0) == (), "there was no body, and nothing in the address"
    assert left_out(passage, "forwarded", replace(unchanged, body=b"{}"), 2) == ()


def test_a_self_test_is_recorded_in_full_whatever_the_policy_wants_kept(tenant: Tenant) -> None:
    passage = replace(gone(tenant, SECRET), canary="ab" * 12)
    minimal = replace(passage.departure.decision, record=RecordDetail.MINIMAL)
    line = record(passage, minimal, "forwarded", NOON, departure=passage.departure).fields("n")
    assert (line["canary"], list(line["left"]), line["entities"]) == ("ab" * 12, [], {"PHONE_NUMBER": 1})
    plain = record(replace(passage, canary=""), minimal, "forwarded", NOON, departure=passage.departure).fields("n")
    assert "entities" not in plain and "canary" not in plain
