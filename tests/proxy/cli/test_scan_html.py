"""The page holds everything it needs, runs nothing, and shows what stood in a file as text."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from policies.decision import Text
from proxy.cli.scan_html import WORDS, called, page
from proxy.cli.scan_look import Closed, Looked, Wish, look
from proxy.cli.scan_view import Sum
from tests.proxy.cli.scanned import BOTH, small_finder

NUMBER = "4111 1111 1111 1111"
HOSTILE = f'<script>alert(1)</script><img src=x onerror=a> "&\x1b {NUMBER} WANG'


class Reader(HTMLParser):
    """Collects tags with their attributes, and all text outside the style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def made(
    texts: Sequence[str] = (HOSTILE,), language: str = "en", show: bool = False, more: Sequence[Looked] = ()
) -> str:
    wish = Wish(BOTH, lines=True, show=show)
    every = [look(small_finder(), wish, f"{number}<.txt", text) for number, text in enumerate(texts)] + list(more)
    sums = Sum()
    for one in every:
        sums.add(one)
    return "".join(page(every, sums, language, "2026-12-02 10:00 +0800", show=show))


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def test_what_stood_in_a_file_is_text_and_nothing_else() -> None:
    reader = read(made(show=True))
    assert {tag for tag, _ in reader.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "span", "dl", "div", "dt", "dd"),
        *("fieldset", "legend", "label", "input", "table", "tr", "th", "td", "section", "ol", "ul", "li", "pre", "b"),
        *("i", "mark"),
    }
    assert '<script>alert(1)</script><img src=x onerror=a> "&\\u001b' in reader.text
    assert not any(
        name.startswith("on") or name in ("src", "href", "style") for _, attrs in reader.tags for name in attrs
    )


def test_the_page_loads_nothing_and_its_own_policy_admits_its_style_alone() -> None:
    html = made()
    [policy] = [attrs["content"] for tag, attrs in read(html).tags if attrs.get("http-equiv")]
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert "http:" not in html and "https:" not in html and "url(" not in html and "@import" not in html


def test_values_are_masked_unless_they_were_asked_for() -> None:
    assert NUMBER not in made() and "Values are masked." in made()
    assert NUMBER in made(show=True) and "treat it as confidential" in made(show=True)


def test_each_entity_has_a_button_that_hides_all_others() -> None:
    html = made((f"{NUMBER}\nWANG", "WANG"))
    buttons = {attrs["id"] for tag, attrs in read(html).tags if tag == "input" and attrs.get("id")}
    assert buttons == {"f0", "f1"}
    assert all(f"body:has(#{one}:checked) :is(section, section li):not(.e{one[1:]})" in html for one in buttons)
    sections = [attrs["class"] for tag, attrs in read(html).tags if tag == "section"]
    assert sections == ["e0 e1", "e1"]


SHUT = Looked("c", closed=(Closed(7, 11, 2, 4),))


def test_what_is_unknown_has_its_place_and_what_is_clean_has_none() -> None:
    html = made(("nothing", "unspeakable"), more=[Looked("b", problem=Text("why", "为何")), SHUT])
    text = read(html).text
    assert "0<.txt" not in text and "1<.txt" in text
    assert re.search("PERSON[^:]*: could not be looked for", text)
    assert "2:4: could not be read: 4 characters" in text
    assert "not looked into: why" in text and "Nothing was found" not in text


def test_a_page_without_findings_says_so() -> None:
    assert "Nothing was found." in made(("nothing",))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_label_is_in_the_readers_language(language: str) -> None:
    text = read(made(language=language)).text
    assert WORDS["title"].in_language(language) in text and WORDS["masked"].in_language(language) in text
    assert all(each.en and each.zh for each in WORDS.values())
    assert called("CREDIT_CARD", "zh") == "CREDIT_CARD 银行卡号" and called("OWN", "zh") == "OWN"
