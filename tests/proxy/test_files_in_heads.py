"""A file in an address or a header field is not looked into, so that it is never taken for read."""

import base64
from urllib.parse import quote

import pytest

from proxy.caller import Caller
from proxy.errors import OpaquePart
from proxy.exchange import Request
from proxy.facts import facts_of
from proxy.pipeline import arrive, leave
from tests.proxy.house import NOON, chat, street

JSON = (("content-type", "application/json"),)
IMAGE = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).decode()
ODD_PLACES = {
    "an address": (f"/v1/chat/completions?img={quote(IMAGE, safe='')}", JSON),
    "a field": ("/v1/chat/completions", (*JSON, ("x-picture", IMAGE))),
    "the page before": ("/v1/chat/completions", (*JSON, ("referer", f"https://a.example/?i={quote(IMAGE, safe='')}"))),
}


@pytest.mark.parametrize(("path", "headers"), ODD_PLACES.values(), ids=ODD_PLACES)
def test_a_file_in_an_address_or_a_field_is_never_taken_for_read(path: str, headers) -> None:
    here = street()
    service = here.catalogue.lookup("api.openai.com", path)
    assert service is not None
    request = Request("POST", "https", "api.openai.com", 443, path, headers)
    alice = Caller("alice", frozenset(), "10.0.0.1", "header")
    arrival = arrive(here, request, service, alice, facts_of(request, service, alice, NOON, {}))
    with pytest.raises(OpaquePart):
        leave(here, arrival, chat("hello"), b"k" * 32)
