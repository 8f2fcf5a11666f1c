"""The HTTP interface: a person acts only as themselves, only from our own pages, and learns only what concerns them."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.exchange import Request
from proxy.store.sqlite import SqliteStore
from proxy.workflow.api import CALLS, HOST, MOST_BODY, respond
from proxy.workflow.portal import Portal
from tests.proxy.portals import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    HOUR,
    LI,
    NOBODY,
    NOW,
    PURPOSE,
    WANG,
    ZHANG,
    events,
    make_portal,
    token,
    wish,
)
from tests.thorough import drawn

KEYS = st.sampled_from(["token", "purpose", "classes", "duration", "notice", "service", "hours", "id"])
OURS = (("x-sluice", "1"), ("content-type", "application/json; charset=utf-8"))


@pytest.fixture
def portal():
    made = make_portal()
    yield made
    made.store.close()


def request(method: str, path: str, body: bytes = b"", headers=OURS) -> Request:
    return Request(method, "http", HOST, 80, path, headers, body)


def call(portal: Portal, who, method: str, path: str, fields: Any = None, now=NOW) -> tuple[int, dict[str, Any]]:
    body = b"" if fields is None else orjson.dumps(fields)
    answer = respond(portal, who, request(method, path, body), now)
    assert dict(answer.headers)["cache-control"] == "no-store"
    return answer.status, orjson.loads(answer.body)


def ask_body(portal: Portal, **given: Any) -> dict[str, Any]:
    return {"token": token(portal, **given), "purpose": PURPOSE, "classes": [], "duration": "7d"}


def code(told: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    status, fields = told
    assert fields["error"]["en"] and fields["error"]["zh"]
    return status, fields["error"]["code"]


def test_from_the_refusal_to_the_grant(portal: Portal) -> None:
    status, told = call(portal, ZHANG, "POST", "/api/requests", ask_body(portal, user="张三", rule="客户资料外发"))
    id = told["request"]["id"]
    assert (status, told["request"]["state"], told["request"]["purpose"]) == (201, "open", PURPOSE)
    assert call(portal, ZHANG, "GET", "/api/requests")[1]["requests"] == [told["request"]]
    assert call(portal, LI, "GET", "/api/requests")[1]["requests"] == [told["request"]]
    assert call(portal, LI, "POST", f"/api/requests/{id}/approve", {})[1]["request"]["state"] == "open"
    status, told = call(portal, WANG, "POST", f"/api/requests/{id}/approve")
    assert (status, told["request"]["state"]) == (200, "approved")
    [grant] = call(portal, ZHANG, "GET", "/api/grants")[1]["grants"]
    assert (grant["id"], grant["alive"], grant["ends_soon"]) == (told["request"]["grant"], True, False)
    assert (grant["classes"], grant["approvers"]) == (["客户资料"], ["李四", "王经理"])


def test_asking_twice_shows_the_first_request(portal: Portal) -> None:
    first = call(portal, ALICE, "POST", "/api/requests", ask_body(portal))
    again = call(portal, ALICE, "POST", "/api/requests", ask_body(portal))
    assert (first[0], again) == (201, (200, first[1]))


def test_a_grant_is_renewed_and_revoked(portal: Portal) -> None:
    asked, _ = portal.ask(ALICE, wish(), NOW)
    id = portal.approve(BOB, asked.id, NOW).grant
    [soon] = call(portal, ALICE, "GET", "/api/grants", now=NOW + 7 * DAY - HOUR)[1]["grants"]
    assert soon["ends_soon"]
    renew = ("POST", f"/api/grants/{id}/renew", {"duration": "2周"})
    status, told = call(portal, ALICE, *renew, now=NOW + 6 * DAY)
    assert (status, told["request"]["renews"]) == (201, id)
    assert call(portal, ALICE, *renew, now=NOW + 6 * DAY) == (200, told)
    assert code(call(portal, CAROL, "POST", f"/api/grants/{id}/revoke")) == (404, "no_such_grant")
    status, told = call(portal, ALICE, "POST", f"/api/grants/{id}/revoke")
    assert (status, told["grant"]["alive"], told["grant"]["revoked_at"]) == (200, False, NOW.isoformat())


def test_a_request_is_denied_or_withdrawn(portal: Portal) -> None:
    asked, _ = portal.ask(ALICE, wish(), NOW)
    assert code(call(portal, BOB, "POST", f"/api/requests/{asked.id}/withdraw")) == (403, "not_yours")
    assert call(portal, BOB, "POST", f"/api/requests/{asked.id}/deny")[1]["request"]["state"] == "denied"
    assert code(call(portal, ALICE, "POST", f"/api/requests/{asked.id}/withdraw")) == (409, "request_denied")
    other, _ = portal.ask(ALICE, wish(), NOW)
    assert call(portal, ALICE, "POST", f"/api/requests/{other.id}/withdraw")[1]["request"]["state"] == "withdrawn"


def test_an_emergency_takes_what_the_link_of_a_refusal_asks_for(portal: Portal) -> None:
    body = ask_body(portal) | {"duration": "2h"}
    assert code(call(portal, BOB, "POST", "/api/emergencies", body)) == (403, "not_your_link")
    status, told = call(portal, ALICE, "POST", "/api/emergencies", body)
    assert (status, told["grant"]["alive"], told["grant"]["awaits_review"]) == (201, True, True)
    assert code(call(portal, ALICE, "POST", "/api/emergencies", body)) == (409, "review_first")


def test_a_notice_is_acknowledged_and_a_purpose_declared(portal: Portal) -> None:
    assert call(portal, ALICE, "POST", "/api/acknowledgements", {"notice": "free-tier"})[0] == 200
    assert call(portal, ALICE, "POST", "/api/acknowledgements", {"notice": "校对", "purpose": PURPOSE})[0] == 200
    assert portal.store.acknowledged("alice").keys() == {"free-tier@1", "校对"}
    fields = {"service": "chatgpt", "purpose": "personal", "hours": 2}
    assert call(portal, ALICE, "POST", "/api/purpose", fields) == (200, {"until": "2026-11-20T11:30:00+00:00"})
    assert portal.store.declared_purpose("alice", "chatgpt", NOW) == "personal"


@pytest.mark.parametrize("path", CALLS)
def test_somebody_unknown_learns_nothing(portal: Portal, path: str) -> None:
    for method in CALLS[path]:
        told = call(portal, NOBODY, method, path.replace("*", "R-000000"), {})
        assert code(told) == (403, "unidentified")


STRANGE_HEADERS = {
    "no custom header": (OURS[1:], (403, "not_same_origin")),
    "another value": ((("x-sluice", "yes"), OURS[1]), (403, "not_same_origin")),
    "a form": ((OURS[0], ("content-type", "application/x-www-form-urlencoded")), (415, "not_json")),
    "plain text": ((OURS[0], ("content-type", "text/plain")), (415, "not_json")),
    "no type": (OURS[:1], (415, "not_json")),
    "compressed": ((*OURS, ("content-encoding", "gzip")), (415, "not_json")),
}


@pytest.mark.parametrize("name", STRANGE_HEADERS)
def test_another_sites_page_cannot_act(portal: Portal, name: str) -> None:
    headers, told = STRANGE_HEADERS[name]
    asked, _ = portal.ask(ALICE, wish(), NOW)
    answer = respond(portal, BOB, request("POST", f"/api/requests/{asked.id}/approve", b"{}", headers), NOW)
    assert code((answer.status, orjson.loads(answer.body))) == told
    assert portal.store.all_grants() == ()
    assert not any(name.startswith("access-control") for name, _ in answer.headers)


def test_reading_wants_the_header_too(portal: Portal) -> None:
    answer = respond(portal, ALICE, request("GET", "/api/grants", headers=()), NOW)
    assert answer.status == 403


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/", (404, "not_found")),
        ("GET", "/api/requests/", (404, "not_found")),
        ("POST", "/api/requests/R-000000/eat", (404, "not_found")),
        ("POST", "/api/requests/*/approve", (404, "not_found")),
        ("POST", "/api/requests/../grants", (404, "not_found")),
        ("POST", "/api/requests/R-000000/approve", (404, "no_such_request")),
        ("POST", "/api/grants/G-000000/revoke", (404, "no_such_grant")),
        ("GET", "/api/requests/R-000000/approve", (405, "method_not_allowed")),
        ("PUT", "/api/requests", (405, "method_not_allowed")),
        ("OPTIONS", "/api/requests", (405, "method_not_allowed")),
        ("DELETE", "/api/grants", (405, "method_not_allowed")),
    ],
)
def test_other_addresses_and_methods_are_refused(portal: Portal, method, path, told) -> None:
    assert code(call(portal, BOB, method, path)) == told


def test_a_query_changes_nothing(portal: Portal) -> None:
    assert call(portal, ALICE, "GET", "/api/grants?user=bob") == (200, {"grants": []})


ODD_BODIES = {
    "no JSON": b"{",
    "a list": b"[]",
    "a text": b'"SECRET"',
    "NaN": b'{"token": NaN}',
    "nothing": b"",
    "numbers": b'{"token": 1, "purpose": 2, "duration": 3}',
    "deep": b"[" * 9000,
    "bad UTF-8": b'{"token": "\xff"}',
    "names are no list": b'{"token": "SECRET", "purpose": "p", "duration": "7d", "classes": "x"}',
    "names are numbers": b'{"token": "SECRET", "purpose": "p", "duration": "7d", "classes": [1]}',
}


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_is_refused_and_not_repeated(portal: Portal, name: str) -> None:
    answer = respond(portal, ALICE, request("POST", "/api/requests", ODD_BODIES[name]), NOW)
    assert code((answer.status, orjson.loads(answer.body))) == (400, "not_json")
    assert b"SECRET" not in answer.body


def test_a_large_body_is_refused(portal: Portal) -> None:
    body = orjson.dumps(ask_body(portal) | {"more": "x" * MOST_BODY})
    answer = respond(portal, ALICE, request("POST", "/api/requests", body), NOW)
    assert code((answer.status, orjson.loads(answer.body))) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"token": "x.y"}, (400, "bad_token")),
        ({"duration": "366d"}, (400, "too_long")),
        ({"duration": "soon"}, (400, "bad_duration")),
        ({"purpose": " "}, (400, "bad_purpose")),
        ({"classes": ["gone"]}, (404, "no_such_class")),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_the_remedy(portal: Portal, change, told) -> None:
    assert code(call(portal, ALICE, "POST", "/api/requests", ask_body(portal) | change)) == told
    assert events(portal) == []


@pytest.mark.parametrize("hours", [True, 1.5, "2", None])
def test_hours_are_a_whole_number(portal: Portal, hours) -> None:
    fields = {"service": "chatgpt", "purpose": "personal", "hours": hours}
    assert code(call(portal, ALICE, "POST", "/api/purpose", fields)) == (400, "not_json")


def test_a_store_that_is_gone_is_told_without_its_place(tmp_path) -> None:
    portal = make_portal(store=SqliteStore(tmp_path / "sluice.db"))
    portal.store.close()
    told = call(portal, ALICE, "GET", "/api/grants")
    assert code(told) == (503, "store_unavailable")
    assert str(tmp_path) not in str(told)


@settings(max_examples=drawn(80))
@given(
    st.sampled_from(["GET", "POST"]),
    st.sampled_from([*CALLS, "/api/requests/R-000000/approve", "/api/grants/G-000000/renew"]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
        max_leaves=9,
    ),
)
def test_whatever_comes_is_answered_in_json(method: str, path: str, fields: Any) -> None:
    portal = make_portal()
    answer = respond(portal, ALICE, request(method, path, orjson.dumps(fields)), NOW)
    assert isinstance(orjson.loads(answer.body), dict)
    assert answer.status < 500
    portal.store.close()
