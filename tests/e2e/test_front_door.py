"""Who opens a forbidden page is sent to the company's own: in Chromium, through the real proxy."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from proxy.demo.standins import ExternalStandIn
from tests.e2e.browser import in_browser, open_browser
from tests.e2e.street import Street, open_street

START = "http://ai.corp.example/start?team=all"


@pytest.fixture(scope="module")
def company() -> Iterator[ExternalStandIn]:
    """The company's own page, on a server of its own."""
    standin = ExternalStandIn()
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture(scope="module")
def street(company: ExternalStandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    resolve = {"ai.corp.example:80": company.address}
    folder = tmp_path_factory.mktemp("door")
    with open_street(folder, front_door={"address": START}, resolve=resolve) as street:
        yield street


@pytest.fixture(scope="module")
def browser(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(street.proxy, tmp_path_factory.mktemp("home")) as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.skipif(in_browser[1].args[0], reason="CHROMIUM IS MISSING")
@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en")])
def test_a_person_lands_on_the_companys_page_which_is_told_why_and_not_what_was_typed(
    street: Street, company: ExternalStandIn, browser: Browser, locale: str, language: str
) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto("https://chat.deepseek.com/?q=my+secret+question")
    expect(page.locator("#prompt")).to_be_visible()
    told = parse_qs(urlsplit(page.url).query)
    assert page.url.startswith("http://ai.corp.example/start?team=all&") and "secret" not in page.url
    assert told == {
        "team": ["all"],
        "service": ["deepseek-chat"],
        "rule": ["no-deepseek"],
        "reference": [street.last_record()["id"]],
        "lang": [language],
    }
    assert street.external.requests == []
    assert b"secret" not in company.everything()
    context.close()


def test_a_program_gets_its_error_as_ever_and_reads_the_address_in_it(street: Street) -> None:
    answer = street.post("https://api.deepseek.com/v1/chat/completions", json={"model": "x", "messages": []})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked_by_policy")
    assert "http://ai.corp.example/start?team=all&service=deepseek-api" in answer.json()["error"]["message"]


def test_where_asking_opens_it_the_page_says_so_and_nobody_is_sent_away(street: Street) -> None:
    headers = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept": "text/html"}
    with street.client() as client:
        answer = client.get("https://api.mistral.ai/", headers=headers)
        forbidden = client.get("https://chat.deepseek.com/", headers=headers)
    assert (answer.status_code, forbidden.status_code) == (403, 302)
    assert "/ask?" in answer.text and "ai.corp.example" not in answer.text
    assert forbidden.headers["cache-control"] == "no-store"
