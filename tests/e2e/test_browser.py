"""What a browser shows of Sluice: the page that explains, and a chat page that does not notice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import in_browser, open_browser
from tests.e2e.street import Street, load_planted

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")

pytestmark = [pytest.mark.usefixtures("street"), *in_browser]


@pytest.fixture(scope="module")
def browser(session_street: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose only way out is the proxy."""
    with open_browser(session_street.proxy, tmp_path_factory.mktemp("home")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page with nothing remembered."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-CN", ["公司规定不允许此操作", "禁止使用 DeepSeek", "请使用内部模型。"]),
        ("en-GB", ["Not permitted by company policy", "DeepSeek is not to be used", "Use the internal model."]),
    ],
)
def test_opening_a_forbidden_service_shows_a_page_that_explains(
    street: Street, browser: Browser, locale: str, words: list[str]
) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    answer = page.goto("https://chat.deepseek.com/")
    assert answer is not None and answer.status == 403
    for word in words:
        expect(page.locator("body")).to_contain_text(word)
    assert street.last_record()["id"] in page.content()
    assert street.external.requests == []
    context.close()


@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_a_page_that_streams_a_chat_shows_the_originals_and_sends_placeholders(
    street: Street, page: Page, case
) -> None:
    page.goto("https://chatgpt.com/")
    manner = street.external.manner
    manner.hold_after = 6
    page.fill("#prompt", case.text)
    page.click("button")
    expect(page.locator("#answer")).not_to_be_empty()
    assert page.inner_text("#state") == "streaming"
    manner.released.set()
    expect(page.locator("#state")).to_have_text("done")
    assert not manner.waited_in_vain
    assert page.text_content("#answer").endswith(case.text)
    (seen,) = [seen for seen in street.external.requests if seen.method == "POST"]
    assert f"[{case.entity}_" in seen.json()["messages"][0]["content"]


def test_a_page_is_answered_by_the_companys_own_model_without_noticing(street: Street, page: Page) -> None:
    page.goto("https://chatgpt.com/")
    page.fill("#prompt", "请总结华星科技的合同")
    page.click("button")
    expect(page.locator("#state")).to_have_text("done")
    assert page.text_content("#answer") == "内部替身模型听到：请总结华星科技的合同"
    assert [seen for seen in street.external.requests if seen.method == "POST"] == []


def test_a_script_can_read_why_its_call_to_another_origin_was_refused(page: Page) -> None:
    page.goto("https://chatgpt.com/")
    said = page.evaluate(
        """async () => {
            const answer = await fetch("https://api.deepseek.com/v1/chat/completions", {
                method: "POST", headers: {"content-type": "application/json"}, body: "{}",
            });
            return [answer.status, (await answer.json()).error.code];
        }"""
    )
    assert said == [403, "blocked_by_policy"]
