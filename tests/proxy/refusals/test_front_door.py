"""Where a person is sent who opens a forbidden page: only people, only pages, and never a word of what they typed."""

from urllib.parse import parse_qs, urlsplit

import pytest

from policies.load import parse_policy
from proxy.exchange import Request
from proxy.refusals.front_door import FrontDoor
from proxy.services.catalogue import load_catalogue
from proxy.services.service import Service
from tests.proxy.house import flow_to, open_house

DOOR = FrontDoor("https://ai.corp.example/start?from=sluice#top")
OPENED = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept": "text/html", "accept-language": "zh"}
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


FORBIDDEN = """
policy: 一律禁止 / Nothing is permitted
version: 1
owner: 合规部
otherwise: forbid
rules: []
"""


def page_of(service: Service) -> str:
    """Return an address at which somebody opens a service: a host of its own, or a place on one that it shares."""
    if service.hosts:
        return f"{service.hosts[0]}/"
    return service.paths[0].replace("*.", "x.").replace("*", "x") if service.paths else ""


def test_whoever_opens_any_service_of_the_catalogue_that_is_forbidden_is_sent_to_the_companys_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    catalogue = load_catalogue()
    policy = parse_policy(FORBIDDEN, "policy.yaml", lambda _: "", catalogue.services.keys())
    house = open_house(tmp_path_factory.mktemp("door"), policy=policy)
    house.house.front_door = DOOR
    pages = {id_: page for id_, service in catalogue.services.items() if (page := page_of(service))}
    only_by_pattern = catalogue.services.keys() - pages.keys()
    assert len(only_by_pattern) < 5 and len(pages) > 400, "nearly every service has a name of its own"
    wrong = {}
    for id_, page in pages.items():
        flow = flow_to(page, b"", **OPENED)
        flow.request.method = "GET"
        del flow.request.headers["content-length"]
        answer = house.ask(flow).response
        told = parse_qs(urlsplit(answer.headers.get("location", "")).query) if answer else {}
        place = catalogue.lookup(flow.request.host, flow.request.path)
        named = place.id if place else ""
        if not answer or answer.status_code != 302 or told.get("service") != [named] or told.get("from") != ["sluice"]:
            wrong[id_] = (page, answer.status_code if answer else None, told)
    house.close()
    assert not wrong
