"""Claims are read out of whatever stands where a token may stand, and nothing that stands there breaks anything."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Request
from proxy.token_claims import LONGEST, claim, claims_in


def request(bearer: str = "", query: str = "") -> Request:
    headers = (("authorization", f"Bearer {bearer}"),) if bearer else ()
    return Request("GET", "https", "h", 443, f"/x?{query}" if query else "/x", headers)


def token(claims: object) -> str:
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + "."


def test_tokens_stand_in_the_header_and_in_the_query() -> None:
    told = request(token({"tid": "a"}), f"q=1&access_token={token({'tid': 'b'})}&accessToken={token({'tid': 'c'})}")
    assert [claim(each, "tid") for each in claims_in(told)] == ["a", "b", "c"]


def test_what_is_no_token_has_no_claims() -> None:
    long = token({"tid": "x" * LONGEST})
    for text in ("", "opaque", "a.b", "a.b.c.d.e", "a.!!.c", token([1]), token("x"), token({}), long):
        assert [*claims_in(request(text))] == []


@given(st.text(), st.text())
def test_hostile_heads_are_read_to_the_end(bearer: str, query: str) -> None:
    assert all(isinstance(each, dict) for each in claims_in(request(bearer, query)))


@given(st.recursive(st.text() | st.none(), lambda inner: st.dictionaries(st.sampled_from("ab"), inner), max_leaves=5))
def test_a_claim_is_a_text_or_nothing(value: object) -> None:
    assert isinstance(claim({"a": value}, "a", "b"), str)
