"""Whatever an answer shows as a link, no original stands in its target: judged by how it is rendered, not by our rules.

The answer is rendered as Markdown with HTML in it. Targets are all attributes that are fetched or followed, and in the
text that is seen whatever begins like an address or holds the name of a host that exists in public.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from unicodedata import category, normalize

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from detectors.domains import public_host
from proxy.answers.restore_text import restore_text

PLACEHOLDER, VALUE = "[PHONE_NUMBER_0123ABCD]", "13800138000"

RENDER = MarkdownIt("commonmark", {"html": True})
SCHEME = re.compile(r"(?i)(?:(?<![a-z0-9])(?:(?:https?|ftp|mailto|data|javascript):|www\.)|//|(?<![\w:.\\])\\\\).*")
LABEL = r"(?:[a-zA-Z0-9_éя-]+|[^\W\d_a-zA-Zéя]+)"
WRITTEN = re.compile(r"(?i)(?:https?://|www\.).*")
QUOTE_AND_MORE = re.compile(
    r'"(?=[*_~`]*(?:[，。：的谢公联例]|[,;:)\]}][*_~`,;:)\]}(\[{=]*+(?!1380|[*_~`,;:)\]}(\[{=])))'
)
"""A quote that ends an address: Chinese follows, or signs of a list and then something else than the value."""
HOST = re.compile(rf"{LABEL}(?:[.．｡]{LABEL})+")
"""A name of a host; what stands before one without a blank, as words do in Chinese, is not: 张伟的网站是a.example."""
USER = re.compile(r"[a-zA-Z0-9_.+%:;,&=$-]*@\Z")
PATH = re.compile(r"(?::\d{1,5})?(?:[/?#].*)?")
STYLES = frozenset({"em", "strong", "code"})
"""What Markdown makes of emphasis; other elements, and comments, end a text, in which addresses are looked for."""


class Shown(HTMLParser):
    """What a page shows and what it links to."""

    def __init__(self) -> None:
        """Start an empty page."""
        super().__init__()
        self.text, self.targets = "", []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is fetched or followed."""
        self.text += "" if tag in STYLES else "\n"
        self.targets += [value or "" for name, value in attrs if name not in ("alt", "title", "class")]

    def handle_endtag(self, tag: str) -> None:
        """An element ends a text."""
        self.text += "" if tag in STYLES else "\n"

    def handle_comment(self, data: str) -> None:
        """A comment ends one, too: what is before and behind it is not read as one."""
        del data
        self.text += "\n"

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        self.text += data


def targets(answer: str) -> Iterator[str]:
    """Yield what an answer links to."""
    page = Shown()
    page.feed(RENDER.render(answer))
    page.close()
    yield from page.targets
    seen = "".join(one for one in page.text if one.isspace() or category(one) not in ("Cf", "Mn", "Cc"))
    for word in re.split(r"[\s<]+", seen):  # as GitHub's Markdown has it, but for a quote that ends something
        if address := WRITTEN.search(word):
            yield QUOTE_AND_MORE.split(address[0])[0]
    for word in re.split(r'[\s<>"]+', seen):
        if address := SCHEME.search(word):
            yield address[0]
        for host in HOST.finditer(word):
            if public_host(normalize("NFKC", host[0])):
                user = USER.search(word, 0, host.start())
                yield (user[0] if user else "") + host[0] + (PATH.match(word, host.end()) or [""])[0]


WORDS = (
    ". . . / / @ : ? # ( ) < > \" ' ， 。 ： ． ＠ - _ * ** ` ~~ \\ a pw 谢谢 公司 联系 evil.com 例子.公司 e.рф "
    "пример.рф evil com https: http:// // www. mailto: :8080/ /? ]( ![a]( [a](/ [a]: &#46; &#x40; &shy; &#8203; <b> "
    "</b> <i> evil.com/ 例子.网络/ xn--e1.xn--p1ai/ ｅｖｉｌ.ｃｏｍ/ "
    "é я 的 = <!--x--> evil:80/ .evil.com @evil.com .例子.公司 <https: ![a][1]"
)
BLANK = [
    "\n",
    "\n\n",
    " ",
    "\u200b",
    "\u00ad",
    "\u202e",
    "\u2060",
    "\ufe0f",
    "\n[1]: ",
    '<img src="',
    "<span class=a>",
    "<a href=/",
]
PIECES = st.sampled_from([*[PLACEHOLDER] * 8, *WORDS.split(), *BLANK])


@settings(deadline=None)
@given(st.lists(PIECES, min_size=2, max_size=12).map("".join).filter(lambda text: PLACEHOLDER in text))
@example(f"<{PLACEHOLDER}/x@evil.com>")
@example(f"{PLACEHOLDER}:pw@evil.com")
@example(f"**{PLACEHOLDER}**\u200b.evil.com")
@example(f"例子.公司/{PLACEHOLDER}")
@example(f".evil.comwww.{PLACEHOLDER}")
def test_no_original_stands_in_the_target_of_a_link(answer: str) -> None:
    restored, _ = restore_text(answer, {PLACEHOLDER: VALUE}.get)
    assert [one for one in targets(restored) if VALUE in one] == []


def test_the_judge_sees_links() -> None:
    for answer in ("https://a/V", "V.evil.com", "![a](/x?V)", "例子.公司/V", "V:pw@evil.com", "<V/x@evil.com>"):
        assert [target for target in targets(answer) if "V" in target] != [], answer
    assert [target for target in targets("V。谢谢 V: a.b，https://a.example V") if "V" in target] == []
