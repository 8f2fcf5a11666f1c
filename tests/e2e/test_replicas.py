"""Chat pages in a real browser, through the real proxy: what a person types, what the vendor gets, what is shown.

The pages are replicas of our own, written from what is known of the real ones; nothing of them comes from our adapters.
"""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from proxy.adapters.web.entries import ENTRIES
from proxy.services.catalogue import load_catalogue
from tests.e2e.browser import in_browser, open_browser, start_over
from tests.e2e.page_standin import CLOSING, OPENING, PageStandIn
from tests.e2e.person import Person
from tests.e2e.play import (
    CONFIDENTIAL,
    FALCON,
    IDENTIFIED,
    IDENTITY,
    NAME,
    NEXT,
    POLICY,
    talks_to_the_companys_model,
    types_what_is_confidential,
)
from tests.e2e.street import Street, open_street
from tests.e2e.vendors import VENDORS
from tests.proxy.adapters.web.histories import ROWS

pytestmark = in_browser

CATALOGUE = load_catalogue()

every_page = pytest.mark.parametrize("host", VENDORS)
USUAL = ("chatgpt.com", "claude.ai", "www.kimi.com", "gemini.google.com")
"""Pages of four kinds: a tree of turns, a list, frames of Connect, and arrays in arrays."""
KEEPS_ITS_TURNS = "you.com"
"""The page that keeps its turns itself and sends them all, each time."""
FETCHES = "app.notion.com"
"""The page that fetches an answer apart from asking: a refusal is its own error."""
conversations_of_each_kind = pytest.mark.parametrize(
    "host",
    [
        host if host in USUAL else pytest.param(host, marks=pytest.mark.slow)
        for host in VENDORS
        if host not in (KEEPS_ITS_TURNS, FETCHES)
    ],
)
"""The others are slow: that each page's turns are read, refused, kept inside and written is proven without a browser,
in `tests/e2e/test_talks.py` and `tests/proxy/adapters/web/`; with one, each page is typed into once in any case."""
HISTORY_INSIDE = {"chatgpt.com", "claude.ai", "chat.deepseek.com"}
"""Pages that load a conversation of the company's model, too."""
WITH_HISTORY = [
    host for host, vendor in VENDORS.items() if vendor.loads or any(call.startswith("GET ") for call in vendor.calls)
]
"""Pages that load again what was said. Those of no kind of their own are slow: that every call of every page shows the
originals to whoever wrote them, and to nobody else, is proven without a browser, in
`tests/proxy/adapters/web/test_loads.py`."""


def test_the_pages_that_the_coverage_calls_tested_by_a_replica_are_these() -> None:
    tested = [entry.wires for entry in ENTRIES if getattr(entry.adapter, "tested", "") == "replica"]
    tested.remove(frozenset({"poe"}))  # that one is in `test_replicas_sockets.py`
    services = [CATALOGUE.lookup(host, vendor.path.partition("|")[0]) for host, vendor in VENDORS.items()]
    assert sorted(map(sorted, tested)) == sorted([service.wire] for service in services if service)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One street with the hosts of all pages, where a header says who asks."""
    folder = tmp_path_factory.mktemp("replicas")
    with open_street(folder, POLICY, hosts=tuple(VENDORS), standin=PageStandIn, identity=IDENTIFIED) as street:
        yield street


@pytest.fixture(scope="module")
def page(running: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all of them, with one page."""
    with open_browser(running.proxy, tmp_path_factory.mktemp("home")) as browser:
        yield browser.new_context(locale="zh-CN").new_page()


@pytest.fixture
def person(running: Street, page: Page) -> Iterator[Person[PageStandIn]]:
    """Alice, with a page that remembers nothing."""
    running.reset()
    assert isinstance(running.external, PageStandIn)
    yield Person(start_over(page, **{"x-user": "alice"}), running.external)
    start_over(page)
    for value in (IDENTITY, NAME, "Falcon", "华星科技", "Crow"):
        for spelt in (value, json.dumps(value)[1:-1]):
            assert spelt.encode() not in running.external.everything()


def heard(person: Person[PageStandIn]) -> list[str]:
    """Return the text of each turn that reached the vendor."""
    return [turn.heard for turns in person.vendor.turns.values() for turn in turns]


@every_page
def test_what_is_typed_leaves_redacted_and_the_originals_are_on_the_screen_while_the_answer_streams(
    person: Person[PageStandIn], host: str
) -> None:
    person.open(f"https://{host}{VENDORS[host].page}")
    release = person.vendor.manner.released.set
    types_what_is_confidential(person, release, heard, OPENING + CONFIDENTIAL + CLOSING)
    assert person.page.title() in (CONFIDENTIAL, "Replica of a chat page"), "ChatGPT's stream names the conversation"
    assert person.say(NEXT) == OPENING + NEXT + CLOSING
    assert [len(turns) for turns in person.vendor.turns.values() if turns] == [2], "both are of one conversation"


@conversations_of_each_kind
def test_a_refusal_is_a_turn_of_the_conversation_that_says_why(person: Person[PageStandIn], host: str) -> None:
    person.open(f"https://{host}{VENDORS[host].page}")
    assert "该项目保密。" in person.say("What about Project Crow?")
    assert person.say(NEXT) == OPENING + NEXT + CLOSING, "the page goes on"
    assert "该项目保密。" in person.say("And Project Crow?"), "also in a conversation of the vendor's"
    assert person.say("So?") == OPENING + "So?" + CLOSING, "what follows a refusal follows what its vendor knows"
    assert "该项目保密。" in person.say("Project Crow!")
    assert "该项目保密。" in person.say("Project Crow!!"), "one refusal after the other"
    assert person.say("Well?") == OPENING + "Well?" + CLOSING
    assert person.say("And?") == OPENING + "And?" + CLOSING
    assert [author for author, _ in person.shown] == ["user", "assistant"] * 8
    assert heard(person) == [NEXT, "So?", "Well?", "And?"]
    assert [len(turns) for turns in person.vendor.turns.values() if turns] == [4], "all are of one conversation"


@conversations_of_each_kind
def test_a_conversation_of_the_companys_model_looks_like_any_other_and_the_vendor_hears_nothing(
    person: Person[PageStandIn], running: Street, host: str
) -> None:
    person.open(f"https://{host}{VENDORS[host].page}")
    talks_to_the_companys_model(person, running.internal, heard)
    if host in HISTORY_INSIDE:
        before = person.shown
        person.reload()
        assert person.shown == before


def test_a_page_that_fetches_its_answers_shows_those_of_the_companys_model_and_the_reason_of_a_refusal(
    person: Person[PageStandIn], running: Street
) -> None:
    person.open(f"https://{FETCHES}/ai")
    assert "该项目保密。" in person.say("What about Project Crow?"), "the page's error says why"
    assert person.say(NEXT) == OPENING + NEXT + CLOSING, "no thread had begun, and the next one begins"
    assert "该项目保密。" in person.say("And Project Crow?"), "also in a thread of the vendor's"
    assert person.say("So?") == OPENING + "So?" + CLOSING
    assert heard(person) == [NEXT, "So?"]
    person.vendor.turns.clear()
    person.open(f"https://{FETCHES}/ai")
    talks_to_the_companys_model(person, running.internal, heard)
    before = person.shown
    person.reload()
    assert person.shown == before
    person.page.set_extra_http_headers({"x-user": "bob"})
    person.page.reload()
    person.page.wait_for_function("state.textContent.startsWith('broken')")
    assert "Falcon" not in person.page.content()


def test_a_page_that_sends_what_was_said_before_is_refused_until_its_conversation_is_a_new_one(
    person: Person[PageStandIn], running: Street
) -> None:
    person.open("https://you.com/")
    assert person.say(NEXT) == OPENING + NEXT + CLOSING
    assert "该项目保密。" in person.say("What about Project Crow?")
    assert "该项目保密。" in person.say("So?"), "the page repeats the refused question before it"
    person.open("https://you.com/")
    assert person.say("Well?") == OPENING + "Well?" + CLOSING
    assert heard(person) == [NEXT, "Well?"]
    assert not running.internal.requests
    assert person.say(FALCON) == "内部替身模型听到：" + FALCON
    assert person.say("So?").endswith("So?"), "a conversation that the company's model has answered stays with it"
    messages = [[each["content"] for each in seen.json()["messages"]] for seen in running.internal.requests]
    assert messages[0] == ["Well?", OPENING + "Well?" + CLOSING, FALCON]
    assert messages[1][:3] == messages[0]
    assert heard(person) == [NEXT, "Well?"]


def test_what_pages_load_again_is_proven_without_a_browser_too() -> None:
    assert set(WITH_HISTORY) <= {row.host for row in ROWS} and set(USUAL) <= set(WITH_HISTORY)


@pytest.mark.parametrize(
    "host", [host if host in USUAL else pytest.param(host, marks=pytest.mark.slow) for host in WITH_HISTORY]
)
def test_a_reloaded_page_shows_the_originals_to_their_owner_alone(person: Person[PageStandIn], host: str) -> None:
    person.open(f"https://{host}{VENDORS[host].page}")
    person.say(CONFIDENTIAL)
    before = person.shown
    person.reload()
    assert person.shown == before == [["user", CONFIDENTIAL], ["assistant", OPENING + CONFIDENTIAL + CLOSING]]
    person.page.set_extra_http_headers({"x-user": "bob"})
    person.reload()
    (told,) = heard(person)
    assert person.shown == [["user", told], ["assistant", OPENING + told + CLOSING]]
