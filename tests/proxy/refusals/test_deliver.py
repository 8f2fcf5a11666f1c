"""How a refusal reaches pages, scripts, beacons and SDKs."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Decision, Text
from proxy.errors import StoreError, WireError
from proxy.exchange import Answer, header
from proxy.refusals.deliver import answer_for
from proxy.refusals.refusal import compose

REFUSAL = compose(Decision(), Text(en="ChatGPT"), "R-7", "en")


class Native:
    """An adapter, as far as a refusal needs one."""

    id = "native"
    shape = None

    def read(self, body, content_type):
        raise NotImplementedError

    def refuse(self, refusal):
        headers = (("content-type", "application/native"), ("vary", "accept"), ("cache-control", "private"))
        return Answer(refusal.status, headers, refusal.code.encode())


FORMS = {
    "navigation": ("GET", {"sec-fetch-mode": "navigate", "accept": "text/html"}, "text/html; charset=utf-8"),
    "form post that navigates": ("POST", {"sec-fetch-mode": "navigate"}, "text/html; charset=utf-8"),
    "old browser": ("GET", {"accept": "text/html,application/xhtml+xml"}, "text/html; charset=utf-8"),
    "script asking for HTML": ("GET", {"sec-fetch-mode": "cors", "accept": "text/html"}, "application/native"),
    "old client posting": ("POST", {"accept": "text/html"}, "application/native"),
    "WebSocket": ("GET", {"upgrade": "websocket", "accept": "text/html"}, "application/native"),
    "SDK": ("POST", {"accept": "application/json"}, "application/native"),
    "fetch": ("POST", {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, "application/native"),
    "beacon": ("POST", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"}, ""),
    "ping of a link": ("POST", {"content-type": "text/ping"}, ""),
    "image": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, "application/native"),
}


@pytest.mark.parametrize(("method", "headers", "wanted"), FORMS.values(), ids=FORMS.keys())
def test_each_kind_of_client_gets_what_it_can_show(method, headers, wanted):
    answer = answer_for(tuple(headers.items()), method, Native(), REFUSAL)
    assert header(answer.headers, "content-type") == wanted
    assert answer.status == (403 if wanted else 204)
    assert bool(answer.body) is bool(wanted)
    assert header(answer.headers, "cache-control") == "no-store"
    assert header(answer.headers, "x-should-retry") == "false"


@pytest.mark.parametrize(
    ("cause", "status", "kind"),
    [
        (Decision(), 403, "policy_violation"),
        (WireError(), 400, "invalid_request_error"),
        (StoreError(), 503, "server_error"),
    ],
    ids=["policy", "request", "trouble"],
)
def test_without_an_adapter_the_refusal_is_plain_json(cause, status, kind):
    refusal = compose(cause, Text(en="ChatGPT"), "R-7", "zh")
    answer = answer_for((), "POST", None, refusal)
    assert answer.status == status
    error = orjson.loads(answer.body)["error"]
    assert (error["type"], error["code"], error["reference"]) == (kind, refusal.code, "R-7")
    assert error["message"] == refusal.message


def test_a_head_is_answered_without_body():
    answer = answer_for((("sec-fetch-mode", "navigate"),), "HEAD", None, REFUSAL)
    assert (answer.status, answer.body) == (403, b"")


ORIGINS = {
    "web": ("https://www.qianwen.com", True),
    "port": ("http://localhost:3000", True),
    "IPv6": ("http://[::1]:3000", True),
    "extension": ("chrome-extension://abcdefgh", True),
    "opaque": ("null", True),
    "none": ("", False),
    "star": ("*", False),
    "with a path": ("https://a.example/x", False),
    "two": ("https://a.example, https://b.example", False),
    "line break": ("https://a.example\r\nset-cookie: a=b", False),
}


@pytest.mark.parametrize(("origin", "told"), ORIGINS.values(), ids=ORIGINS.keys())
def test_a_script_of_a_valid_origin_may_read_the_refusal(origin, told):
    answer = answer_for((("origin", origin),), "POST", Native(), REFUSAL)
    assert header(answer.headers, "access-control-allow-origin") == (origin if told else "")
    assert header(answer.headers, "access-control-allow-credentials") == ("true" if told else "")
    assert [value for name, value in answer.headers if name == "vary"] == (["accept, origin"] if told else ["accept"])


def test_other_origins_are_told_nothing_if_so_wanted():
    headers = (("origin", "https://a.example"), ("access-control-request-method", "POST"))
    answer = answer_for(headers, "OPTIONS", None, REFUSAL, cors=False)
    assert answer.status == 403
    assert not header(answer.headers, "access-control-allow-origin")


def test_a_preflight_is_granted_so_that_its_refusal_can_be_read():
    headers = (
        ("origin", "https://chat.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type, x-a"),
    )
    answer = answer_for(headers, "OPTIONS", Native(), REFUSAL)
    assert (answer.status, answer.body) == (204, b"")
    assert dict(answer.headers) == {
        "access-control-allow-origin": "https://chat.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization,content-type, x-a",
        "access-control-max-age": "0",
        "cache-control": "no-store",
        "vary": "origin",
    }


@pytest.mark.parametrize("broken", ["x-a\r\nset-cookie: a=b", "x a", "", "x-é", ",x"])
def test_a_broken_list_of_headers_is_not_granted(broken):
    headers = (
        ("origin", "https://chat.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", broken),
    )
    assert not header(answer_for(headers, "OPTIONS", None, REFUSAL).headers, "access-control-allow-headers")


def test_an_options_request_that_is_no_preflight_is_refused():
    assert answer_for((("origin", "https://chat.example"),), "OPTIONS", None, REFUSAL).status == 403


@given(
    st.sampled_from(["GET", "POST", "OPTIONS", "HEAD"]),
    st.dictionaries(
        st.sampled_from(["origin", "access-control-request-method", "access-control-request-headers", "accept"]),
        st.text(alphabet="a:/\r\n\x00 ,é*-", max_size=12) | st.sampled_from(["https://a.example", "POST", "null"]),
    ),
)
def test_no_request_puts_a_line_break_or_a_second_field_into_an_answer(method, headers):
    answer = answer_for(tuple(headers.items()), method, None, REFUSAL)
    names = [name for name, _ in answer.headers]
    assert len(names) == len(set(names))
    assert all(value.isprintable() and value.isascii() for _, value in answer.headers)
