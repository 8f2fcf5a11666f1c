"""The street: what is decided, taken out and sent for a request, with no I/O at all."""

from dataclasses import replace

import brotli
import orjson
import pytest

import proxy.pipeline
from detectors.find import Finder
from detectors.interface import Scan
from policies.decision import Decision, Needs, Route, Verdict
from policies.load import parse_policy
from proxy.body import Limits
from proxy.caller import Caller
from proxy.errors import NoInternalModel, OpaquePart, SluiceError, TooLarge, Unreadable, Untranslatable, WireError
from proxy.exchange import Forward, Redirect, Reply, Request
from proxy.pipeline import Arrival, Departure, Street, arrive, come_back, leave, reconsider, take_out
from tests.proxy.house import CUSTOMER, INTERNAL_KEY, NOON, SECRET, SmallDetector, chat, street

KEY = b"k" * 32
JSON = (("content-type", "application/json"),)
ALICE = Caller("alice", frozenset(), "10.0.0.1", "header")


def arrival(
    here: Street, host: str = "api.openai.com", path: str = "/v1/chat/completions", method: str = "POST", headers=JSON
) -> Arrival:
    service = here.catalogue.lookup(host, path)
    assert service is not None
    return arrive(here, Request(method, "https", host, 443, path, headers), service, ALICE, (), NOON)


def depart(body: bytes, here: Street | None = None, **given) -> Departure:
    here = here or street()
    return leave(here, reconsider(here, arrival(here, **given), body), body, KEY)


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


def test_one_placeholder_never_stands_for_two_values_of_an_exchange(monkeypatch) -> None:
    """Were two values to collide, the second would take another name."""
    seen = []

    def spy(text, findings, key, taken):
        seen.append(dict(taken))
        return redact(text, findings, key, taken)

    redact = proxy.pipeline.redact
    monkeypatch.setattr(proxy.pipeline, "redact", spy)
    scans = [SmallDetector().find(text, frozenset({"PHONE_NUMBER"})) for text in (SECRET, "13800000000")]
    take_out([SECRET, "13800000000"], [Scan(one) for one in scans], frozenset({"PHONE_NUMBER"}), KEY)
    assert [list(taken.values()) for taken in seen] == [[], [SECRET]]


def test_a_customers_prompt_goes_to_the_companys_model_unredacted_and_with_its_key() -> None:
    departure = depart(chat(f"{CUSTOMER} {SECRET}", model="gpt-4o"))
    assert isinstance(departure.outcome, Redirect)
    sent = orjson.loads(departure.outcome.body)
    assert (sent["model"], departure.model) == ("qwen", "gpt-4o")
    assert dict(departure.outcome.headers)["authorization"] == f"Bearer {INTERNAL_KEY}"


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
    "a WebSocket": (b"", (*JSON, ("upgrade", "websocket")), Unreadable),
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


def test_a_body_that_decodes_to_too_much_is_refused() -> None:
    with pytest.raises(TooLarge):
        depart(chat("x" * 100), street(limits=Limits(max_body=10)))


@pytest.mark.parametrize("name", ["a coding nobody knows", "a WebSocket"])
def test_what_cannot_be_read_passes_only_where_policy_says_so_and_is_never_called_clean(name: str) -> None:
    body, headers, _ = BROKEN[name]
    departure = depart(body, host="api.groq.com", path="/openai/v1/chat/completions", headers=headers)
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is None
    assert departure.inspection == "none"


@pytest.mark.parametrize("name", ["a coding nobody knows", "a WebSocket"])
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
    assert reconsider(here, came, b"") is came
    again = reconsider(here, came, chat(SECRET))
    assert again.facts.activity == "prompt" and again.refused
    assert leave(here, again, chat(SECRET), KEY).outcome is None


def test_a_file_that_no_header_announced_is_decided_as_an_upload() -> None:
    here = forbidding("upload")
    headers = (("content-type", "image/png"),)
    assert reconsider(here, arrival(here, path="/x", method="DELETE", headers=headers), b"\x89PNG").refused


def test_a_detector_that_fails_counts_as_if_it_had_found(monkeypatch) -> None:
    monkeypatch.setattr(SmallDetector, "find", lambda *_: 1 / 0)
    departure = depart(chat("hello"))
    assert (departure.outcome, departure.decision.route) == (None, Route.NOWHERE)
    assert "PHONE_NUMBER" in departure.unknown


def test_a_detector_that_is_missing_counts_as_if_it_had_found() -> None:
    assert depart(chat("hello"), street(finder=Finder(()))).outcome is None


def test_an_error_after_the_verdict_is_no_unknown_error(monkeypatch) -> None:
    monkeypatch.setattr(proxy.pipeline, "redact", lambda *_: 1 / 0)
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
