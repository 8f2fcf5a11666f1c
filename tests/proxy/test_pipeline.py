"""The street: what is decided, taken out and sent for a request, with no I/O at all."""

import gzip
from dataclasses import replace

import brotli
import orjson
import pytest

import proxy.take_out
from detectors.find import Finder
from policies.decision import Decision, Facts, Needs, Route, Verdict
from policies.load import parse_policy
from proxy.caller import Caller
from proxy.errors import NoInternalModel, OpaquePart, SluiceError, TooLarge, Unreadable, Untranslatable, WireError
from proxy.exchange import Forward, Redirect, Reply, Request
from proxy.facts import facts_of
from proxy.pipeline import Arrival, Departure, Street, arrive, come_back, leave, reconsider
from proxy.wire.body import Limits
from tests.proxy.house import CUSTOMER, NOON, SECRET, SmallDetector, chat, street

KEY = b"k" * 32
JSON = (("content-type", "application/json"),)
ALICE = Caller("alice", frozenset(), "10.0.0.1", "header")


def arrival(
    here: Street, host: str = "api.openai.com", path: str = "/v1/chat/completions", method: str = "POST", headers=JSON
) -> Arrival:
    service = here.catalogue.lookup(host, path)
    assert service is not None
    request = Request(method, "https", host, 443, path, headers)
    return arrive(here, request, service, ALICE, facts_of(request, service, ALICE, NOON, {}))


def same(facts: Facts) -> Facts:
    """Nothing is kept of anybody."""
    return facts


def depart(body: bytes, here: Street | None = None, **given) -> Departure:
    here = here or street()
    return leave(here, reconsider(here, arrival(here, **given), body, same, NOON), body, KEY)


def test_a_forbidden_service_is_refused_from_its_headers_alone() -> None:
    here = street()
    came = arrival(here, host="api.deepseek.com")
    assert came.refused and came.decision.deciding == "no-deepseek"
    departure = leave(here, came, b"\xff not even read", KEY)
    assert (departure.outcome, departure.inspection) == (None, "not_needed")


def test_an_authorized_service_without_a_grant_says_how_to_ask() -> None:
    came = arrival(street(), host="api.mistral.ai")
    assert came.refused and came.decision.verdict is Verdict.AUTHORIZED
    assert "张敏" in came.decision.instead.zh


def test_confidential_text_is_taken_out_of_body_and_query_alike() -> None:
    departure = depart(chat(f"电话 {SECRET}"), path=f"/v1/chat/completions?note={SECRET}&x=%7e")
    assert isinstance(departure.outcome, Forward)
    assert SECRET not in departure.outcome.path + (departure.outcome.body or b"").decode()
    assert departure.outcome.path.endswith("&x=%7e")
    assert list(departure.originals.values()) == [SECRET]
    assert (departure.inspection, departure.found) == ("full", {"PHONE_NUMBER": 2})


def test_a_key_of_the_body_is_text_too() -> None:
    body = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}], SECRET: 1})
    outcome = depart(body).outcome
    assert isinstance(outcome, Forward) and SECRET.encode() not in (outcome.body or b"")


@pytest.mark.parametrize(("coding", "kept"), [("", True), ("br", False)])
def test_text_that_is_not_confidential_goes_as_it_came_unless_its_coding_can_hide_something(
    coding: str, kept: bool
) -> None:
    plain = chat("hello 你好")
    body = brotli.compress(plain) if coding else plain
    outcome = depart(body, headers=(*JSON, ("content-encoding", coding)) if coding else JSON).outcome
    assert isinstance(outcome, Forward)
    assert outcome.body == (None if kept else plain)


def test_a_customers_prompt_goes_to_the_companys_model_unredacted() -> None:
    departure = depart(chat(f"{CUSTOMER} {SECRET}", model="gpt-4o"))
    assert isinstance(departure.outcome, Redirect)
    sent = orjson.loads(departure.outcome.body)
    assert (sent["model"], departure.model) == ("qwen", "gpt-4o")
    assert "authorization" not in dict(departure.outcome.headers)


def test_a_question_that_sluice_can_answer_is_not_carried_inside() -> None:
    departure = depart(chat(CUSTOMER), host="api.anthropic.com", path="/v1/messages/count_tokens")
    assert isinstance(departure.outcome, Reply) and departure.outcome.answer.status == 200


def test_where_no_text_can_change_the_verdict_the_body_goes_as_it_came() -> None:
    """Nothing is looked for and nothing is taken out, so that formats nobody reads can be allowed as a whole."""
    text = "policy: p\nversion: 1\notherwise: allow\nrules: []\n"
    here = replace(street(), policy=parse_policy(text, "p", lambda _name: ""))
    departure = depart(b"\xff\x00 protobuf", here, headers=(("content-type", "application/grpc"),))
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is None
    assert (departure.inspection, departure.decision.deciding) == ("not_needed", "otherwise")


NOWHERE = {
    "no model is set": ({"internal": None}, {}, NoInternalModel, "name none"),
    "an unknown protocol": ({}, {"path": "/v1/embeddings"}, Untranslatable, "cannot be carried"),
    "no prompt": ({}, {"method": "PUT", "path": "/v1/files/x"}, Untranslatable, "cannot be carried"),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_what_belongs_inside_and_cannot_go_there_is_refused_and_never_sent_outside(name: str) -> None:
    parts, given, error, told = NOWHERE[name]
    with pytest.raises(error, match=told):
        depart(chat(CUSTOMER), street(**parts), **given)


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
BROKEN = {
    "no JSON": (b"{", JSON, WireError),
    "broken gzip": (b"\x1f\x8b", (*JSON, ("content-encoding", "gzip")), WireError),
    "a coding nobody knows": (b"x", (*JSON, ("content-encoding", "rot13")), Unreadable),
    "another protocol": (b"", (*JSON, ("upgrade", "h2c")), Unreadable),
    "a picture": (
        orjson.dumps({"messages": [{"role": "user", "content": [PICTURE]}]}),
        JSON,
        OpaquePart,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_refused(name: str) -> None:
    body, headers, error = BROKEN[name]
    with pytest.raises(error):
        depart(body, headers=headers)


SOCKET = (("upgrade", "websocket"), ("sec-websocket-version", "13"))


@pytest.mark.parametrize("method", ["GET", "MESSAGE"])
def test_a_websocket_opens_and_its_messages_are_bodies(method: str) -> None:
    opened = depart(b"", method=method, headers=SOCKET)
    assert isinstance(opened.outcome, Forward) and opened.outcome.body is None and opened.inspection == "full"
    said = depart(f'{{"op":"say","text":"{SECRET}"}}'.encode(), method=method, headers=SOCKET)
    assert isinstance(said.outcome, Forward) and SECRET.encode() not in (said.outcome.body or b"")


def test_nothing_that_is_said_on_a_websocket_can_be_carried_inside() -> None:
    with pytest.raises(Untranslatable, match="cannot be carried"):
        depart(CUSTOMER.encode(), method="MESSAGE", headers=SOCKET)


def test_a_body_that_decodes_to_too_much_is_refused() -> None:
    with pytest.raises(TooLarge):
        depart(chat("x" * 100), street(limits=Limits(max_body=10)))


@pytest.mark.parametrize("name", ["a coding nobody knows", "another protocol"])
def test_what_cannot_be_read_passes_only_where_policy_says_so_and_is_never_called_clean(name: str) -> None:
    body, headers, _ = BROKEN[name]
    departure = depart(body, host="api.groq.com", path="/openai/v1/chat/completions", headers=headers)
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is None
    assert departure.inspection == "none"


@pytest.mark.parametrize("name", ["a coding nobody knows", "another protocol"])
def test_the_head_of_what_cannot_be_read_is_still_redacted(name: str) -> None:
    body, headers, _ = BROKEN[name]
    path = f"/openai/v1/chat/completions?note={SECRET}"
    departure = depart(body, host="api.groq.com", path=path, headers=(*headers, ("x-title", f"call {SECRET}")))
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is None
    assert departure.inspection == "none"
    assert SECRET not in departure.outcome.path and "PHONE_NUMBER" in departure.outcome.path
    assert SECRET not in str(departure.outcome.replaced) and "x-title" in dict(departure.outcome.replaced)
    assert list(departure.originals.values()) == [SECRET]


def test_the_head_of_what_cannot_be_read_is_still_judged() -> None:
    body, headers, _ = BROKEN["a coding nobody knows"]
    path = f"/openai/v1/chat/completions?note={CUSTOMER}"
    with pytest.raises(Untranslatable, match="cannot be read"):
        depart(body, host="api.groq.com", path=path, headers=headers)


def test_a_header_field_is_text_too_unless_it_never_leaves() -> None:
    headers = (*JSON, ("x-note", SECRET), ("x-user", SECRET), ("user-agent", "sdk"))
    outcome = depart(chat("hi"), headers=headers).outcome
    assert isinstance(outcome, Forward) and "x-user" in outcome.without
    assert [name for name, _ in outcome.replaced] == ["x-note", "accept-encoding"]
    assert SECRET not in str(outcome.replaced)


def forbidding(does: str) -> Street:
    rule = f"{{id: no, when: {{activity: [{does}]}}, verdict: forbidden}}"
    text = f"policy: p\nversion: 1\notherwise: allow\nrules:\n  - {rule}\n"
    return replace(street(), policy=parse_policy(text, "p", lambda _name: ""))


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "OPTIONS"])
def test_a_body_that_no_header_announced_is_decided_as_a_prompt(method: str) -> None:
    here = forbidding("prompt")
    came = arrival(here, path="/v1/models", method=method, headers=())
    assert came.facts.activity == "other" and not came.refused
    assert reconsider(here, came, b"", same, NOON) is came
    again = reconsider(here, came, chat(SECRET), same, NOON)
    assert again.facts.activity == "prompt" and again.refused
    assert leave(here, again, chat(SECRET), KEY).outcome is None


def test_a_file_that_no_header_announced_is_decided_as_an_upload() -> None:
    here = forbidding("upload")
    headers = (("content-type", "image/png"),)
    assert reconsider(here, arrival(here, path="/x", method="DELETE", headers=headers), b"\x89PNG", same, NOON).refused


def test_a_detector_that_fails_counts_as_if_it_had_found(monkeypatch) -> None:
    monkeypatch.setattr(SmallDetector, "find", lambda *_: 1 / 0)
    departure = depart(chat("hello"))
    assert (departure.outcome, departure.decision.route) == (None, Route.NOWHERE)
    assert "PHONE_NUMBER" in departure.unknown


def test_a_detector_that_is_missing_counts_as_if_it_had_found() -> None:
    assert depart(chat("hello"), street(finder=Finder(()))).outcome is None


def test_an_error_after_the_verdict_is_no_unknown_error(monkeypatch) -> None:
    monkeypatch.setattr(proxy.take_out, "redact", lambda *_: 1 / 0)
    with pytest.raises(SluiceError) as caught:
        depart(chat(SECRET))
    assert (caught.value.status, caught.value.code) == (500, "internal_error")


# -- the way back ------------------------------------------------------------------------------------------------------


def back(departure: Departure, content_type: str = "application/json", **given):
    return come_back(arrival(street(), **given), departure, (("content-type", content_type),), lambda _: None, "a1", 1)


@pytest.mark.parametrize(
    ("content_type", "streamed"),
    [("application/json", False), ("text/event-stream", True), ("image/png", None)],
)
def test_an_answer_goes_back_as_its_media_type_says(content_type: str, streamed: bool | None) -> None:
    way = back(depart(chat("hi")), content_type)
    assert (way and way.streamed) is streamed


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("host", "path"), [("api.openai.com", "/v1/chat/completions"), ("api.anthropic.com", "/v1/messages")]
)
def test_a_model_that_ignores_what_was_asked_is_translated_to_it(stream: bool, host: str, path: str) -> None:
    departure = depart(chat(CUSTOMER, stream=stream), host=host, path=path)
    way = back(departure, "text/html", host=host, path=path)
    assert way is not None and way.streamed is stream and way.translator is not None
    assert way.content_type.startswith("text/event-stream" if stream else "application/json")


def test_the_unset_decision_refuses() -> None:
    came = arrival(street())
    unset = replace(came, answer=Needs(frozenset(), Decision()))
    assert not unset.decision.permitted
    assert replace(came, answer=Decision()).refused


def allowing(rule: str) -> Street:
    text = f"policy: p\nversion: 1\ntime_zone: UTC\notherwise: allow\nrules:\n  - {rule}\n"
    return replace(street(), policy=parse_policy(text, "p", lambda _name: ""))


QUOTA = "{id: q, verdict: allowed, quota: {tokens: 9000, per: day, of: person}}"
NOT_READABLE = {"no JSON": (b"{", JSON), "another format": (b"\xff\x00", (*JSON, ("content-encoding", "rot13")))}


def test_what_is_allowed_by_its_headers_alone_is_counted_nevertheless() -> None:
    departure = depart(chat("hello 你好"), allowing(QUOTA))
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is None
    assert departure.amounts.characters >= len("hello 你好") and departure.inspection == "not_needed"


@pytest.mark.parametrize("name", NOT_READABLE)
def test_what_must_be_counted_and_cannot_be_is_refused(name: str) -> None:
    body, headers = NOT_READABLE[name]
    with pytest.raises(WireError):
        depart(body, allowing(QUOTA), headers=headers)


@pytest.mark.parametrize("name", NOT_READABLE)
def test_a_label_stops_nothing(name: str) -> None:
    here = allowing("{id: l, verdict: allowed, label: AI}")
    body, headers = NOT_READABLE[name]
    assert depart(chat("hi"), here).prose
    assert not depart(body, here, headers=headers).prose


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/chat/completions?q=%ff"])
@pytest.mark.parametrize("name", NOT_READABLE)
def test_a_rule_that_is_only_observed_stops_nothing_that_cannot_be_read(name: str, path: str) -> None:
    here = replace(street(), policy=parse_policy(WATCHED, "p", lambda _name: ""))
    body, headers = NOT_READABLE[name]
    departure = depart(body, here, headers=headers, path=path)
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is None
    assert departure.inspection == "none"


WATCHED = """\
policy: p
version: 1
otherwise: allow
data_classes:
  phones: {entities: [PHONE_NUMBER]}
rules:
  - {id: w, verdict: forbidden, when: {data: phones}, mode: observe}
"""


def test_new_facts_are_told_what_is_kept_of_the_person() -> None:
    """Other quotas may count for a prompt than for what a request without a body does."""
    here = allowing("{id: q, verdict: allowed, when: {activity: prompt}, quota: {tokens: 9, per: day}}")
    asked = []

    def inform(facts: Facts) -> Facts:
        asked.append(facts.activity)
        return facts

    came = arrival(here, path="/v1/models", method="GET", headers=())
    again = reconsider(here, came, chat("hi"), inform, NOON)
    assert asked == ["prompt"] and again.decision.quotas and not came.decision.quotas


def test_a_download_with_a_body_is_decided_as_what_it_sends() -> None:
    here = forbidding("upload")
    came = arrival(here, path="/v1/files/7/content", method="GET", headers=())
    assert came.facts.activity == "download"
    assert reconsider(here, came, chat("hi"), same, NOON).refused


# -- what cannot be read, and rules that are only observed -------------------------------------------------------------

PHONES = "data_classes: {c: {entities: [PHONE_NUMBER]}}\n"
SEEN = "  - {id: seen, verdict: forbidden, mode: observe, when: {data: c}}\n"
COUNTED = "  - {id: ok, verdict: allowed, quota: {tokens: 100, per: day}}\n"
PICTURE = "data:image/png;base64," + "iVBORw0KGgo" * 30
PICTURED = orjson.dumps(
    {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}],
    }
)
BINARY = b"\x00\x01\x02\xff" * 50


def ruled(rules: str) -> Street:
    head = "policy: p\nversion: 1\ntime_zone: UTC\notherwise: forbid\n"
    return replace(street(), policy=parse_policy(head + PHONES + "rules:\n" + rules, "p", lambda _name: ""))


def test_a_data_rule_that_refuses_what_is_unreadable_stops_a_part_of_a_body_too() -> None:
    passing = "  - {id: ok, verdict: allowed, unreadable: pass}\n"
    strict = "  - {id: no, verdict: forbidden, when: {data: c}, unreadable: refuse}\n"
    assert isinstance(depart(PICTURED, ruled(passing)).outcome, Forward)
    for body, headers in ((PICTURED, JSON), (BINARY, (("content-type", "application/octet-stream"),))):
        with pytest.raises(Unreadable):
            depart(body, ruled(passing + strict), headers=headers)


@pytest.mark.parametrize("watched", ["", SEEN], ids=["alone", "beside an observed rule"])
@pytest.mark.parametrize("body", [PICTURED, BINARY], ids=["a part", "all of it"])
def test_what_a_quota_must_count_and_cannot_is_refused(body: bytes, watched: str) -> None:
    headers = JSON if body is PICTURED else (("content-type", "application/octet-stream"),)
    with pytest.raises(Unreadable):
        depart(body, ruled(COUNTED + watched), headers=headers)


@pytest.mark.parametrize("dest", ["script", "empty"])
@pytest.mark.parametrize("coding", ["br", "gzip", ""])
def test_a_rule_that_is_only_observed_changes_no_byte(coding: str, dest: str) -> None:
    plain = chat(f"电话 {SECRET}")
    body = {"br": brotli.compress, "gzip": gzip.compress}.get(coding, bytes)(plain)
    headers = (*JSON, ("sec-fetch-dest", dest), *([("content-encoding", coding)] if coding else []))
    allowed = "  - {id: ok, verdict: allowed}\n"
    alone, beside = (depart(body, ruled(allowed + each), headers=headers) for each in ("", SEEN))
    assert alone.outcome == beside.outcome
    assert (beside.inspection, [each.id for each in beside.decision.observed]) == ("full", ["seen"])


def test_what_nobody_looked_through_is_not_recorded_as_inspected() -> None:
    here = ruled("  - {id: ok, verdict: allowed}\n" + SEEN)
    departure = leave(here, arrival(here), chat(SECRET), KEY, look=False)
    assert departure.inspection == "none" and isinstance(departure.outcome, Forward)
