"""Calls that all of a workspace goes by: a service's where their body says so, and nobody's business otherwise."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from mitmproxy.http import HTTPFlow

from policies.load import parse_policy
from proxy.adapters.interface import Talk
from proxy.services.catalogue import load_catalogue
from proxy.services.scope import holds
from proxy.shell.stream import TOO_LARGE
from proxy.trail.seal import Copy
from tests.proxy.house import AUDITOR, NOON, Tenant, flow_to, open_house

PHONE, ID = "13912345678", "3f0c2b5e-77aa-4b1d-9a52-0d6e5b1c9f01"
SAVES, LOADS = "app.notion.com/api/v3/saveTransactionsFanout", "www.notion.so/api/v3/syncRecordValuesMain"
POLICY = """
policy: 工作区 / Workspace
version: 1
owner: 合规部
otherwise: forbid
data_classes:
  personal: {entities: [PHONE_NUMBER]}
rules:
  - {id: use, verdict: allowed, redact: [personal]}
"""
CATALOGUE = load_catalogue()


def operation(table: str, value: Any) -> dict[str, Any]:
    return {"pointer": {"table": table, "id": ID, "spaceId": ID}, "path": [], "command": "set", "args": value}


PAGE = operation("block", {"type": "text", "properties": {"title": [[f"Call {PHONE}"]]}})
TURN = operation("thread_message", {"step": {"id": ID, "type": "user", "value": [[f"Call {PHONE}"]]}})


def saving(*operations: Any) -> bytes:
    return json.dumps({"requestId": ID, "transactions": [{"id": ID, "operations": operations}]}).encode()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    policy = parse_policy(POLICY, "policy.yaml", lambda _: "", CATALOGUE.services.keys())
    opened = open_house(tmp_path_factory.mktemp("by-body"), policy=policy)
    yield opened
    opened.close()


def sent(house: Tenant, place: str, body: bytes, **headers: str) -> HTTPFlow:
    return house.ask(flow_to(place, body, **headers))


def test_what_the_workspace_saves_of_itself_goes_as_it_came_and_is_not_recorded(house: Tenant) -> None:
    before = len(house.records())
    flow = sent(house, SAVES, saving(PAGE))
    assert (flow.response, flow.request.content) == (None, saving(PAGE))
    assert len(house.records()) == before and house.addon.counters["outside_scope"]
    assert house.answer(flow, 200, "application/json", b"{}") == b"{}"


def test_a_turn_that_is_saved_before_it_is_asked_is_redacted_and_recorded(house: Tenant) -> None:
    flow = sent(house, SAVES, saving(TURN))
    assert flow.response is None and PHONE.encode() not in (flow.request.content or b"")
    assert (house.records()[-1]["service"], house.records()[-1]["adapter"]) == ("notion-ai", "notion-web-beside")


def test_a_page_of_the_workspace_that_is_saved_along_with_a_turn_keeps_its_words(house: Tenant) -> None:
    told = json.loads(sent(house, SAVES, saving(PAGE, TURN)).request.content or b"")
    page, turn = told["transactions"][0]["operations"]
    assert page == PAGE
    assert PHONE not in turn["args"]["step"]["value"][0][0] and "[PHONE_NUMBER_" in turn["args"]["step"]["value"][0][0]


SPELT = {
    "escaped": (saving(TURN).replace(b"thread_message", rb"\u0074hread\u005Fmessage"), {}),
    "compressed": (gzip.compress(saving(TURN)), {"content_encoding": "gzip"}),
    "in UTF-16": (saving(TURN).decode().encode("utf-16"), {"content_type": "application/json; charset=utf-16"}),
    "in UTF-16 that nobody named": (saving(TURN).decode().encode("utf-16-le"), {}),
}


@pytest.mark.parametrize("spelt", SPELT)
def test_no_spelling_of_the_word_slips_past(house: Tenant, spelt: str) -> None:
    body, headers = SPELT[spelt]
    before = len(house.records())
    flow = sent(house, SAVES, body, **headers)
    assert (flow.response, len(house.records())) == (None, before + 1), "it was read"
    assert PHONE.encode() not in (flow.request.content or b"").replace(b"\0", b"")
    assert house.records()[-1]["redacted"] == {"PHONE_NUMBER": 1}


def test_a_body_that_nobody_can_decode_is_refused_and_not_passed_by(house: Tenant) -> None:
    for body, headers in (
        (b"\x00\x01", {"content_encoding": "gzip"}),
        (saving(TURN).decode().encode("utf-32"), {"content_type": "application/json; charset=utf-32"}),
        (b"+AHsAIgB0AHsAIg-", {"content_type": "application/json; charset=utf-7"}),
    ):
        flow = sent(house, SAVES, body, **headers)
        assert flow.response is not None and flow.response.status_code >= 400


def test_records_of_the_workspace_are_not_shown_otherwise_than_they_are_kept(house: Tenant) -> None:
    token = json.loads(sent(house, SAVES, saving(TURN)).request.content or b"")
    (text,) = token["transactions"][0]["operations"][0]["args"]["step"]["value"][0]
    asks = {"requests": [{"pointer": {"table": "thread_message", "id": ID}, "version": -1}]}
    flow = sent(house, LOADS, json.dumps(asks).encode())
    assert flow.response is None
    kept = {
        "thread_message": {ID: {"value": {"value": {"parent_table": "thread", "step": {"value": [[text]]}}}}},
        "block": {ID: {"value": {"value": {"parent_table": "block", "properties": {"title": [[text]]}}}}},
    }
    got = json.loads(house.answer(flow, 200, "application/json", json.dumps({"recordMap": kept}).encode()))["recordMap"]
    assert got["thread_message"][ID]["value"]["value"]["step"]["value"] == [[f"Call {PHONE}"]]
    assert got["block"] == kept["block"], "the page saves a block again as it is shown"


def test_the_word_is_found_however_json_writes_it() -> None:
    assert holds(b'{"table":"thread_message"}', "thread_message")
    assert holds(rb'{"table":"\u0074hread_messag\u0065"}', "thread_message")
    assert not holds(rb'{"table":"block","text":"\u4e2d thread message"}', "thread_message")


HUGE = {"content_length": str(40 << 20)}
LARGE = [saving(PAGE), saving(TURN)]
"""What a save over the limit may hold: nobody can tell before it has gone."""
FORBIDS = POLICY.replace("rules:", "rules:\n  - {id: no, verdict: forbidden, when: {service: notion-ai}}")
INSIDE = POLICY.replace("redact: [personal]", "route: internal")


def opened(folder: Path, text: str) -> Tenant:
    return open_house(folder, policy=parse_policy(text, "policy.yaml", lambda _: "", CATALOGUE.services.keys()))


@pytest.mark.parametrize("body", LARGE)
@pytest.mark.parametrize(
    ("text", "code"),
    [(POLICY, "body_too_large"), (FORBIDS, "blocked_by_policy"), (INSIDE, "body_too_large")],
    ids=["policy says nothing", "forbidden", "kept inside"],
)
def test_what_is_too_large_to_tell_whose_it_is_is_refused_where_policy_lets_nothing_pass_unread(
    tmp_path: Path, text: str, code: str, body: bytes
) -> None:
    house = opened(tmp_path, text)
    flow = sent(house, SAVES, body, **HUGE)
    assert flow.response is not None and flow.response.status_code >= 400
    assert house.records()[-1]["code"] == code
    assert json.loads(flow.response.content or b"")["isNotionError"]
    house.close()


@pytest.mark.parametrize("body", LARGE)
@pytest.mark.parametrize(
    ("redact", "ending"),
    [(", redact: [personal], unreadable: pass", "not_inspected"), ("", "forwarded")],
    ids=["what cannot be read passes", "nothing is looked for"],
)
def test_it_goes_on_unread_and_recorded_where_policy_says_so(
    tmp_path: Path, redact: str, ending: str, body: bytes
) -> None:
    house = opened(tmp_path, POLICY.replace(", redact: [personal]", redact))
    flow = sent(house, SAVES, body, **HUGE)
    assert (flow.response, flow.request.stream, flow.request.content) == (None, True, body)
    record = house.records()[-1]
    assert (record["outcome"], record["bytes_in"], record["service"]) == (ending, 40 << 20, "notion-ai")
    assert len([line for line in house.records() if line["event"] == "request"]) == 1, "it is decided once"
    assert house.answer(flow, 200, "application/json", b"{}") == b"{}"
    house.close()


SEALED = POLICY.replace("redact: [personal]", "redact: [personal], unreadable: pass, record: sealed")


def test_it_never_goes_on_unread_where_a_copy_of_it_must_be_kept(tmp_path: Path) -> None:
    house = opened(tmp_path, SEALED)
    flow = sent(house, SAVES, saving(TURN), **HUGE)
    assert flow.response is not None and (flow.response.status_code, flow.request.stream) == (413, False)
    assert house.records()[-1]["code"] == "body_too_large"
    (file,) = tmp_path.rglob("*.age")
    copy = Copy.unpack(pyrage.decrypt(file.read_bytes(), [AUDITOR]))
    assert copy.body is None, "not a copy of an empty body"
    house.close()


UNREAD: dict[str, dict[str, str]] = {"over the limit": HUGE, "in an unknown coding": {"content_encoding": "x-none"}}


@pytest.mark.parametrize("headers", UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_may_be_about_a_conversation_inside_and_goes_nowhere(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    house = opened(tmp_path, POLICY.replace("redact: [personal]", "redact: [personal], unreadable: pass"))
    assert sent(house, SAVES, saving(TURN), **headers).response is None, "there is none"
    question = [{"role": "user", "content": "falcon"}]
    who, talk = "address:127.0.0.1", Talk(ID, new=True)
    house.house.ledger.talks.ask("user:bob", "notion-ai", Talk("other"), question, NOON)
    assert sent(house, SAVES, saving(TURN), **headers).response is None, "nor of theirs"
    house.house.ledger.talks.ask(who, "notion-ai", talk, question, NOON)
    for _ in range(2):
        flow = sent(house, SAVES, saving(TURN), **headers)
        assert flow.response is not None and flow.response.status_code >= 400
        assert house.records()[-1]["outcome"] == "refused"
        house.house.ledger.talks.end("notion-ai", talk, NOON)  # that there was one stays known
    house.close()


def test_a_value_in_the_address_of_one_is_taken_out_all_the_same(tmp_path: Path) -> None:
    house = opened(tmp_path, POLICY.replace(", redact: [personal]", ", redact: [personal], unreadable: pass"))
    flow = sent(house, f"{SAVES}?note={PHONE}", saving(PAGE), **HUGE)
    assert flow.response is None and PHONE not in flow.request.path and "PHONE_NUMBER_" in flow.request.path
    house.close()


def test_one_that_did_not_say_how_large_it_is_is_refused(house: Tenant) -> None:
    flow = flow_to(SAVES, b"")
    house.loop.run_until_complete(house.addon.requestheaders(flow))
    flow.metadata[TOO_LARGE] = True
    house.loop.run_until_complete(house.addon.request(flow))
    assert flow.response is not None and house.records()[-1]["code"] == "body_too_large"
