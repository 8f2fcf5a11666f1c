"""Where a person is sent who opens a forbidden page: only people, only pages, and never a word of what they typed."""

from urllib.parse import parse_qs, urlsplit

import pytest

from proxy.exchange import Request
from proxy.refusals.front_door import FrontDoor

DOOR = FrontDoor("https://ai.corp.example/start?from=sluice#top")
NAVIGATION = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", "text/html"))


def asked(
    host: str = "chat.example", method: str = "GET", headers: tuple[tuple[str, str], ...] = NAVIGATION
) -> Request:
    return Request(method, "https", host, 443, "/?q=my+secret", headers)


def test_the_address_says_what_was_refused_and_nothing_that_was_typed() -> None:
    way = DOOR.way(asked(), "chat-x", "no-x", "SLC-1", "zh")
    assert way.startswith("https://ai.corp.example/start?") and way.endswith("#top") and "secret" not in way
    told = {"from": ["sluice"], "service": ["chat-x"], "rule": ["no-x"], "reference": ["SLC-1"], "lang": ["zh"]}
    assert parse_qs(urlsplit(way).query) == told


@pytest.mark.parametrize(
    ("door", "host"),
    [(FrontDoor(), "chat.example"), (DOOR, "AI.corp.example"), (DOOR, "ai.corp.example.")],
    ids=["there is none", "it is the door itself", "spelt otherwise"],
)
def test_without_a_door_and_at_the_door_nobody_is_sent_anywhere(door: FrontDoor, host: str) -> None:
    assert door.way(asked(host), "s", "r", "n", "en") == ""


LEADS = {
    "a page": (asked(), True),
    "an old browser": (asked(headers=(("accept", "text/html"),)), True),
    "a frame in a page": (asked(headers=(("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"))), False),
    "a form that is sent": (asked(method="POST"), False),
    "a script": (asked(headers=(("sec-fetch-mode", "cors"), ("accept", "text/html"))), False),
    "a program": (asked(headers=(("accept", "application/json"),)), False),
}


@pytest.mark.parametrize(("request_", "leads"), LEADS.values(), ids=LEADS.keys())
def test_only_a_person_who_opens_a_page_is_sent_on(request_: Request, leads: bool) -> None:
    assert DOOR.leads(request_, "https://ai.corp.example/") is leads
    assert not DOOR.leads(request_, "")
    assert not FrontDoor(DOOR.address, "link").leads(request_, "https://ai.corp.example/")
