"""Chat pages that talk over a WebSocket, in a real browser, through the real proxy; see `test_replicas.py`."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from proxy.adapters.sockets.entries import ENTRIES
from proxy.services.catalogue import load_catalogue
from tests.e2e.browser import in_browser, open_browser, start_over
from tests.e2e.person import Person
from tests.e2e.play import (
    CONFIDENTIAL,
    FALCON,
    IDENTIFIED,
    IDENTITY,
    NAME,
    NEXT,
    PERSONAL,
    is_refused_twice,
    talks_to_the_companys_model,
    types_what_is_confidential,
)
from tests.e2e.socket_standin import RECORD, SocketStandIn
from tests.e2e.sockets import POE, Sockets, open_sockets
from tests.e2e.street import WITH_PAGES, office_policy

PAGES = ("copilot.microsoft.com", "m365.cloud.microsoft", "character.ai")

pytestmark = in_browser

every_page = pytest.mark.parametrize("host", PAGES)


def test_the_sockets_that_the_coverage_calls_tested_by_a_replica_are_these() -> None:
    catalogue = load_catalogue()
    tested = [entry.wires for entry in ENTRIES if getattr(entry.adapter, "tested", "") == "replica"]
    services = [catalogue.lookup(host, "/") for host in (*PAGES, POE)]
    assert sorted(map(sorted, tested)) == sorted([service.wire] for service in services if service)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    """One street for all pages, where a header says who asks."""
    policy = office_policy("ms-copilot", "ms-m365-copilot", "character-ai", "poe", *WITH_PAGES, personal=PERSONAL)
    with open_sockets(tmp_path_factory.mktemp("replicas"), policy, identity=IDENTIFIED) as sockets:
        yield sockets


@pytest.fixture(scope="module")
def page(running: Sockets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all of them, with one page."""
    with open_browser(running.street.proxy, tmp_path_factory.mktemp("home")) as browser:
        yield browser.new_context(locale="zh-CN").new_page()


@pytest.fixture
def person(running: Sockets, page: Page) -> Iterator[Person[SocketStandIn]]:
    """Alice, with a page that remembers nothing."""
    running.standin.reset()
    running.poe.reset()
    running.street.internal.reset()
    yield Person(start_over(page, **{"x-user": "alice"}), running.standin)
    start_over(page)
    for value in (IDENTITY, NAME, "Falcon", "华星科技", "Crow"):
        for spelt in (value, json.dumps(value)[1:-1]):
            assert spelt.encode() not in running.standin.everything() + running.poe.everything()


def heard(person: Person[SocketStandIn]) -> list[str]:
    """Return the text of each turn that reached the vendor."""
    frames = [json.loads(one) for told in person.vendor.texts() for one in told.split(RECORD) if one]
    chats = [one["content"][0]["text"] for one in frames if one.get("event") == "send"]
    chats += [
        one["payload"]["turn"]["candidates"][0]["raw_content"]
        for one in frames
        if one.get("command") == "create_and_generate_turn"
    ]
    return chats + [one["arguments"][0]["message"]["text"] for one in frames if one.get("target") == "chat"]


@every_page
def test_what_is_typed_leaves_redacted_and_the_originals_are_on_the_screen_while_the_answer_streams(
    person: Person[SocketStandIn], host: str
) -> None:
    person.open(f"https://{host}/")
    types_what_is_confidential(person, lambda: setattr(person.vendor, "pauses", False), heard, CONFIDENTIAL)
    assert person.say(NEXT) == NEXT


@every_page
def test_a_refusal_is_a_turn_of_the_conversation_that_says_why(person: Person[SocketStandIn], host: str) -> None:
    person.open(f"https://{host}/")
    is_refused_twice(person, heard, NEXT)


@every_page
def test_a_conversation_of_the_companys_model_looks_like_any_other_and_the_vendor_hears_nothing(
    person: Person[SocketStandIn], running: Sockets, host: str
) -> None:
    person.open(f"https://{host}/")
    talks_to_the_companys_model(person, running.street.internal, heard)
    told = [line for line in running.messages() if line["outcome"] == "redirected"][-2:]
    assert [line["turn"] for line in told] == [1, 2] and told[0]["conversation"] == told[1]["conversation"] != ""


def test_poe_whose_questions_are_signed_gets_them_as_they_came_or_not_at_all_and_says_why(
    person: Person[SocketStandIn], running: Sockets
) -> None:
    person.open(f"https://{POE}/")
    assert person.say(NEXT) == NEXT and person.page.title() == NEXT[:20]
    reasons = {CONFIDENTIAL: "签名", "What about Project Crow?": "该项目保密。", FALCON: "内部模型"}
    for refused, why in reasons.items():
        person.send(refused)
        person.page.wait_for_function("state.textContent.startsWith('broken')", timeout=60_000)
        assert why in person.page.inner_text("#state")
        assert person.say(NEXT) == NEXT, "the page goes on, on the same connection"
    assert running.poe.asked == [NEXT] * 4
    assert not running.street.internal.requests
