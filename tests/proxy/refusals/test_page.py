"""The page of a refusal: complete, harmless whatever it is given, and whole in itself."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Decision, RuleNote, Text, Verdict
from proxy.errors import StoreError, TooLarge
from proxy.refusals.page import page
from proxy.refusals.refusal import compose

TAGS = {"html", "head", "meta", "title", "style", "body", "main", "section", "h1", "p", "dl", "dt", "dd", "code", "a"}


class Outline(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def shown(text, service="ChatGPT", language="en", contact="help@example.com"):
    rule = RuleNote("r", Text(en=text, zh=text), Verdict.FORBIDDEN)
    decision = Decision(rules=(rule,), deciding="r", reason=Text(en=text), instead=Text(en=text))
    return page(compose(decision, Text(en=service), "R-7", language, contact))


def test_the_page_says_all_that_the_paragraph_says():
    html = shown("Secrets stay inside").body.decode()
    texts = Outline(html).texts
    for wanted in ("Not permitted by company policy", "Secrets stay inside", "help@example.com", "R-7"):
        assert wanted in texts
    assert "Sluice, your company's AI gateway, did not send this request to ChatGPT." in unescape(html)


@pytest.mark.parametrize(
    ("language", "tags"), [("zh", ["zh-CN"]), ("en", ["en"]), ("both", ["zh-CN", "en"])], ids=["zh", "en", "both"]
)
def test_the_page_speaks_the_languages_asked_for(language, tags):
    outline = Outline(shown("x", language=language).body.decode())
    assert outline.attributes[0] == ("lang", tags[0])
    assert [value for name, value in outline.attributes if name == "lang"][1:] == tags
    assert ("公司规定不允许此操作" in outline.texts) is ("zh-CN" in tags)


@pytest.mark.parametrize(
    ("cause", "status", "title"),
    [
        (Decision(), 403, "公司规定不允许此操作"),
        (Decision(verdict=Verdict.AUTHORIZED), 403, "需要批准"),
        (TooLarge(), 413, "内容无法完成检查"),
        (StoreError(), 503, "暂时无法使用"),
    ],
    ids=["blocked", "approval", "error", "trouble"],
)
def test_the_page_has_the_status_and_the_title_of_its_cause(cause, status, title):
    answer = page(compose(cause, Text(en="Kimi"), "R-7", "zh"))
    assert answer.status == status
    assert f"<title>{title}</title>" in answer.body.decode()


def test_the_page_is_not_kept_and_tells_no_one():
    headers = dict(shown("x").headers)
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_permits_only_its_own_style_and_loads_nothing():
    answer = shown("x")
    html = answer.body.decode()
    style = re.search("<style>(.*)</style>", html, re.DOTALL)[1]
    source = "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'"
    policy = f"default-src 'none'; style-src {source}; base-uri 'none'; form-action 'none'"
    assert dict(answer.headers)["content-security-policy"] == policy
    assert ("content", policy) in Outline(html).attributes
    assert not {"src", "style", "onclick"} & {name for name, _ in Outline(html).attributes}
    assert "url(" not in style
    assert "@import" not in style


MARKUP = [
    "<script>alert(1)</script>",
    "</dd></section><img src=x>",
    '"><a href="javascript:x">',
    "&lt;b&gt; b",
    "$title",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_any_value_is_shown_and_not_run(text):
    html = shown(text, service=text, contact=text).body.decode()
    outline = Outline(html)
    assert set(outline.tags) <= TAGS - {"a"}
    assert outline.texts.count(text) == 2  # rule and contact; the others end with a full stop
    assert f"did not send this request to {text}." in "".join(outline.texts)


@given(st.text(), st.text(), st.text())
def test_no_text_changes_the_outline_of_the_page(rule, service, contact):
    outline = Outline(shown(rule, service, "both", "-" + contact).body.decode(errors="replace"))
    plain = Outline(shown("r", "s", "both", "-").body.decode())
    assert [tag for tag in plain.tags if tag not in {"dt", "dd"}] == [
        tag for tag in outline.tags if tag not in {"dt", "dd"}
    ]
    assert outline.attributes == plain.attributes


LINKS = {
    "e-mail": ("ai-help@example.com", "mailto:ai-help@example.com"),
    "web": ("https://oa.example.com/ai?a=1&b=2", "https://oa.example.com/ai?a=1&b=2"),
    "words": ("信息安全部 ai-help@example.com", None),
    "script": ("javascript:alert(1)", None),
    "broken out": ('https://a"onmouseover="x', None),
}


@pytest.mark.parametrize(("contact", "wanted"), LINKS.values(), ids=LINKS.keys())
def test_a_contact_that_is_an_address_is_a_link(contact, wanted):
    attributes = dict(Outline(shown("x", contact=contact).body.decode()).attributes)
    assert wanted == attributes.get("href")
