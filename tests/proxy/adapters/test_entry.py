"""A line of the register fits by method, path, type of body, and where it says so, the service's wire format."""

import re

import pytest

from proxy.adapters.entry import Entry
from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import Asked

ANYWHERE = Entry(Fallback(), re.compile(r"/v1/chat/?"))
ONE_PRODUCT = Entry(Fallback(), re.compile(r"/api/chat"), wires=frozenset({"kimi-web"}))


@pytest.mark.parametrize(
    ("entry", "asked", "fits"),
    [
        (ANYWHERE, Asked("POST", "/v1/chat"), True),
        (ANYWHERE, Asked("POST", "/v1/chat?key=1"), True),
        (ANYWHERE, Asked("POST", "/v1/chat", wire="openai"), True),
        (ANYWHERE, Asked("GET", "/v1/chat"), False),
        (ANYWHERE, Asked("POST", "/x/v1/chat"), False),
        (ANYWHERE, Asked("POST", "/v1/chat", (("content-type", "application/JSON; charset=utf-8"),)), True),
        (ANYWHERE, Asked("POST", "/v1/chat", (("content-type", "multipart/form-data; boundary=json"),)), False),
        (ONE_PRODUCT, Asked("POST", "/api/chat", wire="kimi-web"), True),
        (ONE_PRODUCT, Asked("POST", "/api/chat", wire="openai"), False),
        (ONE_PRODUCT, Asked("POST", "/api/chat"), False),
    ],
    ids=map(str, range(10)),
)
def test_an_entry_fits_what_it_says(entry: Entry, asked: Asked, fits: bool) -> None:
    assert entry.fits(asked) is fits


def test_the_head_of_a_request_never_shows_its_path_or_headers() -> None:
    assert "secret" not in repr(Asked("POST", "/v1?key=secret", (("authorization", "secret"),)))
