"""What policy adds to answers from outside, as a person reads it in a real browser; see `test_replicas.py`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import in_browser, open_browser, start_over
from tests.e2e.page_standin import CLOSING, OPENING, PageStandIn
from tests.e2e.person import Person
from tests.e2e.street import open_street

pytestmark = in_browser

PAGES = ("gemini.google.com", "chatgpt.com", "claude.ai", "www.kimi.com", "grok.com")
POLICY = """
policy: 标注 / Labels
version: 1
owner: 合规部
otherwise: forbid
services:
  in use: {ids: [ms-copilot, ms-m365-copilot, google-gemini, openai-chatgpt, anthropic-claude, kimi, xai-grok]}
notices:
  校对: {zh: 请核对。, en: Check it., show: {once_per: day}}
rules:
  - id: office-use
    verdict: allowed
    when: {service: in use}
    remind: 校对
    label: {zh: 由人工智能生成, en: Made by AI}
"""
IDENTITY = {"header": {"user": "x-user", "from": ["127.0.0.0/8"], "inside_tunnels": "yes"}}
NOTICE, LABEL = "请核对。", "由人工智能生成"


def talk(person: Person, host: str, heard: str) -> None:
    """Ask twice; `heard` is the answer without any words, of what was asked."""
    person.open(f"https://{host}/")
    first, second = person.say("One question."), person.say("And another.")
    assert first.startswith(heard.format("One question.")) and NOTICE in first and LABEL in first, first
    assert second.startswith(heard.format("And another.")) and NOTICE not in second and LABEL in second, second


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("labels")


@pytest.fixture(scope="module")
def pages(folder: Path) -> Iterator[tuple]:
    """One street with the hosts of the pages, and a page of a browser."""
    (folder / "pages").mkdir()
    with (
        open_street(folder / "pages", POLICY, hosts=PAGES, standin=PageStandIn, identity=IDENTITY) as street,
        open_browser(street.proxy, folder / "home") as browser,
    ):
        yield street, browser.new_context(locale="zh-CN").new_page()


@pytest.mark.parametrize("host", PAGES)
def test_a_page_shows_the_notice_once_and_the_label_below_each_answer(pages: tuple, host: str) -> None:
    street, page = pages
    before = len(street.records())
    talk(Person(start_over(page, **{"x-user": f"alice-{host}"}), street.external), host, OPENING + "{}" + CLOSING)
    start_over(page)
    answers = street.answers(2, before, labelled=True)
    assert len(answers) == 2, "what the page asks beside its turns has no words"
