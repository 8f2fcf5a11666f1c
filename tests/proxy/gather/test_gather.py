"""Which exchanges are gathered, and that what comes of it is one that brings the whole file."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http

from policies.decision import Needs
from proxy.errors import TooLarge
from proxy.exchange import Answer, Forward, Request, header
from proxy.gather.gather import gather, may_matter
from proxy.gather.stretch import asks, cancels, stretch_of
from proxy.handle import begin, depart, enter, inspect
from proxy.passage import House, Passage
from tests.proxy.house import Tenant, flow_to

PIECES = [b"nothing of in", b"terest to any", b"body at all"]
WHOLE = b"".join(PIECES)


def piece(house: House, number: int, *more: tuple[str, str], session: str = "1", address: str = "10.0.0.1") -> Passage:
    path, at = f"/v1/files?upload_id={session}", len(b"".join(PIECES[:number]))
    service = house.street.catalogue.lookup("api.openai.com", path)
    assert service is not None
    command = "upload, finalize" if number == len(PIECES) - 1 else "upload"
    head = (("x-goog-upload-command", command), ("x-goog-upload-offset", str(at)), ("content-type", "text/plain"))
    asked = Request("POST", "https", "api.openai.com", 443, path, (*head, *more))
    passage = begin(house, asked, service, "", address)
    assert enter(house, passage) is None
    return passage


def test_all_but_the_last_are_answered_and_the_last_becomes_the_whole(tenant: Tenant) -> None:
    for number, body in enumerate(PIECES[:-1]):
        answer = gather(tenant.house, piece(tenant.house, number), body)
        assert isinstance(answer, Answer) and header(answer.headers, "x-goog-upload-status") == "active"
    passage = piece(tenant.house, 2)
    assert tenant.records() == [], "what is held has gone nowhere"
    gathered = gather(tenant.house, passage, PIECES[2])
    assert isinstance(gathered, tuple) and gathered[1] == WHOLE
    outcome = depart(tenant.house, passage, inspect(tenant.house, passage, WHOLE), len(WHOLE))
    assert isinstance(outcome, Forward)
    [record] = tenant.records()
    assert (record["inspection"], record["bytes_in"]) == ("full", len(WHOLE))


def test_a_file_waits_to_be_read_as_a_body_of_its_length_does(tenant: Tenant) -> None:
    def flow(number: int) -> http.HTTPFlow:
        head = dict(piece(tenant.house, number).request.headers)
        return flow_to("api.openai.com/v1/files?upload_id=1", PIECES[number], **head)

    hall = tenant.addon.reading.hall
    limits, hall.limits = hall.limits, replace(hall.limits, waiting_bytes=len(WHOLE) - 1)
    codes = [answer.status_code for number in range(3) if (answer := tenant.ask(flow(number)).response)]
    assert codes == [200, 200, 503], "a last piece of some bytes brings all of them"
    assert tenant.records()[-1]["code"] == "overloaded" and not hall.held
    hall.limits = limits
    last = tenant.ask(flow(2))
    assert last.response is None and last.request.content == WHOLE, "it may come again"
    assert not hall.held


def test_nobody_ends_anothers_file_nor_one_upload_anothers(tenant: Tenant) -> None:
    for number, body in enumerate(PIECES[:-1]):
        gather(tenant.house, piece(tenant.house, number), body)
    assert gather(tenant.house, piece(tenant.house, 2, session="2"), PIECES[2]) is None
    assert gather(tenant.house, piece(tenant.house, 2, address="10.0.0.2"), PIECES[2]) is None


CANCELS = {
    "Google's": ("POST", "cancel"),
    "Google's, written otherwise": ("post", " Cancel "),
    "tus, and Google's other": ("DELETE", ""),
}


@pytest.mark.parametrize(("method", "command"), CANCELS.values(), ids=CANCELS.keys())
def test_what_is_held_of_an_upload_goes_when_it_is_given_up_and_nobody_elses(
    tenant: Tenant, method: str, command: str
) -> None:
    for address in ("10.0.0.1", "10.0.0.2"):
        gather(tenant.house, piece(tenant.house, 0, address=address), PIECES[0])
    passage = piece(tenant.house, 0)
    head = (("x-goog-upload-command", command),) if command else ()
    passage.request = replace(passage.request, method=method, headers=head)
    assert gather(tenant.house, passage, b"") is None, "it goes on, and is decided as any"
    assert [name[0] for name in tenant.house.held.files] == ["address:10.0.0.2"]


ASKS = {
    "Google's": ("POST", (("x-goog-upload-command", "query"),), 200, ("x-goog-upload-size-received", "26")),
    "Google's other": ("PUT", (("content-range", "bytes */37"),), 308, ("range", "bytes=0-25")),
    "tus": ("HEAD", (("tus-resumable", "1.0.0"),), 200, ("upload-offset", "26")),
}


@pytest.mark.parametrize(("method", "head", "status", "said"), ASKS.values(), ids=ASKS.keys())
def test_how_far_a_file_has_come_is_said_of_what_is_held_and_to_nobody_else(
    tenant: Tenant, method: str, head: tuple[tuple[str, str], ...], status: int, said: tuple[str, str]
) -> None:
    def asking(address: str = "10.0.0.1") -> Passage:
        passage = piece(tenant.house, 0, address=address)
        asked = replace(passage.request, method=method, headers=(*head, ("origin", "https://page.example")))
        passage.request = replace(asked, host="storage.googleapis.com" if method == "PUT" else asked.host, declared=37)
        return passage

    for number in (0, 1):
        passage = piece(tenant.house, number)
        passage.request = replace(passage.request, host=asking().request.host)
        gather(tenant.house, passage, PIECES[number])
    answer = gather(tenant.house, asking(), b"")
    assert isinstance(answer, Answer) and answer.status == status and said in answer.headers
    assert (header(answer.headers, "upload-length") == "37") is (method == "HEAD")
    assert said[0] in header(answer.headers, "access-control-expose-headers")
    assert gather(tenant.house, asking("10.0.0.2"), b"") is None, "the service answers, as for whatever is not held"
    tenant.house.held.files.clear()
    assert gather(tenant.house, asking(), b"") is None


NOT = {
    "signed": (("signature-input", 'sig1=("content-digest")'),),
    "coded": (("content-encoding", "gzip"),),
}


@pytest.mark.parametrize("more", NOT.values(), ids=NOT.keys())
def test_what_cannot_be_sent_otherwise_than_it_came_is_not_gathered(tenant: Tenant, more) -> None:
    assert gather(tenant.house, piece(tenant.house, 0, *more), PIECES[0]) is None


def test_what_need_not_be_read_goes_as_it_comes(tenant: Tenant) -> None:
    passage = piece(tenant.house, 0)
    arrival = passage.arrival
    assert arrival is not None and isinstance(arrival.answer, Needs)
    passes = replace(arrival.answer.unless_read, unreadable_passes=True)
    for answer in (
        arrival.decision,
        replace(arrival.answer, watching=True),
        replace(arrival.answer, unless_read=passes),
    ):
        passage.arrival = replace(arrival, answer=answer)
        assert gather(tenant.house, passage, PIECES[0]) is None
    passage.arrival = replace(arrival, answer=replace(arrival.answer, unless_read=passes, refuses_unreadable=True))
    assert gather(tenant.house, passage, PIECES[0]) is not None, "a rule insists on reading"


def test_a_file_over_the_limit_is_told_so_at_its_first_piece(tenant: Tenant) -> None:
    passage = piece(tenant.house, 0)
    passage.request = replace(passage.request, declared=tenant.house.street.limits.max_body + 1)
    with pytest.raises(TooLarge):
        gather(tenant.house, passage, PIECES[0])


FIELDS = {
    "x-goog-upload-command": ("", "upload", "upload, finalize", "query", "cancel", "start"),
    "x-goog-upload-offset": ("", "0", "5"),
    "content-range": ("", "bytes 0-4/9", "bytes */9", "bytes */*"),
    "upload-offset": ("", "0", "5"),
    "upload-length": ("", "9"),
    "tus-resumable": ("", "1.0.0"),
}


@given(
    st.sampled_from(["POST", "PUT", "PATCH", "HEAD", "DELETE", "GET", "patch", "head"]),
    st.sampled_from(["storage.googleapis.com", "api.openai.com"]),
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()}),
    st.sampled_from([b"", b"12345"]),
    st.sampled_from([None, 0, 5, 9]),
)
def test_what_the_head_says_is_no_stretch_is_none_whatever_its_body(method, host, fields, body, declared) -> None:
    """So that nothing need be asked of nearly all requests."""
    headers = tuple((name, value) for name, value in fields.items() if value)
    asked = Request(method, "https", host, 443, "/up", headers, declared=declared)
    if not may_matter(asked):
        assert not cancels(asked) and asks(asked, body) is None and stretch_of(asked, body) is None
