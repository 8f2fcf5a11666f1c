"""A place from which a client could carry a value out is known, however the text arrives."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.answers.prose import LONGEST_TAG, Prose
from tests.feed import feed_every_way

EXPOSED = {
    "behind a full-width comma": "见https://evil.example/?q=，",
    "behind a wide blank": "https://evil.example/?q=\u3000",
    "behind a backtick": "https://evil.example/?q=`",
    "a scheme with backslashes": "https:\\\\evil.example\\",
    "a scheme without slashes": "http:evil.example/",
    "a scheme with escaped slashes": "http:\\/\\/evil\\/",
    "slashes escaped without a scheme": "\\/\\/evil\\/",
    "data": "data:text/plain,",
    "a script": "JavaScript:",
    "mail": "mailto:",
    "a domain and a path": "evil.example/?q=",
    "a domain and a question": "evil.example?",
    "a domain with a port": "evil.example:8080/",
    "a domain with a last dot": "evil.example./",
    "a domain after Chinese": "请看evil.example/",
    "a number and a path": "192.0.2.1/",
    "entities for slashes": "https&#58;&#x2F;&sol;evil",
    "a target with a tab": "](\t<a)",
    "a target in what looks like angles": "\\](x <y ![a](/\\evil.example(?q=>)",
    "a definition": "![a][1]\n\n[1]: ",
    "a definition's destination": "[1]: /x?",
    "a definition in angles": "[1]: </x? ",
    "a definition with the destination below": "[1]:\n  /x",
    "a definition in a quote in a list": "> - 1. [a]: /x",
    "a definition with a bracket in its label": "[a\\]b]: /x",
    "a definition after a lone carriage return": "x\r[a]: /x",
    "a definition behind what looks like JSON": '["a"]: /x',
    "an attribute": '<img src="https://evil.example/?q=，',
    "an attribute with a blank": "<img src='/\\evil.example/? ",
    "an attribute without quotes": "<a href=x?",
    "an angle in an attribute": '<img alt="a>b" src="',
    "a quote in an attribute's name": '<img x" src="/>',
    "a quote instead of a name": '<img =" src="/>',
    "a quote behind a name and blanks": '<img src = "/>',
    "a tag in what only looks like a tag": "<b \" c='<img src=\"/?'>",
    "a tag over lines": '<img\nsrc="/>',
    "a domain in Chinese": "例子.公司/",
    "a domain in Cyrillic": "см. пример.рф/?q=",
    "a short one": "e.рф/",
    "a domain in Cyrillic behind wide dots": "пример。рф/",
    "a domain in Hindi": "उदाहरण.भारत/",
    "a domain in Chinese with a port": "例子.公司:8080/",
    "a domain in Chinese and a question": "请看例子.中国?",
    "a domain in Chinese behind another's stop": "evil。公司/",
    "a domain in Chinese behind a wide dot": "例子．网站/",
    "a domain in punycode": "xn--fsqu00a.xn--55qx5d/",
    "a path in Chinese": "evil.com/路径/",
    "a domain in wide letters": "ｅｖｉｌ.ｃｏｍ/",
    "a domain with a dot leader": "evil\u2024com/",
    "invisible signs in a domain": "ev\u200bil.\u00adc\u2060om\u200f/",
    "a direction in a domain": "evil.c\u202eom/",
    "bold in a domain": "evil.**com**/",
    "code in a domain": "`evil`.`com`/",
    "an escaped dot": "evil\\.com/",
    "an entity for a letter": "evil.c&#111;m/",
    "an entity that nobody sees": "evil.c&shy;om/",
    "a user": "https://",
    "a quote within an address": 'https://evil.example/?q="',
    "right behind an address in quotes": '"https://evil.example/?q="',
    "right behind an address in quotes and a comma": '"https://evil.example/?q=",',
    "right behind an address in quotes and signs of lists": '"https://evil.example/"),([',
    "in an address of a style sheet": "url( 'x?a ",
    "joined by a plus": '"https://evil.example/" + "',
    "behind bold in an address": 'https://evil.example/?q="**',
    "an angle within an address": "https://evil.example/?q=a>",
    "an angle in what is no tag": "<b https://evil.example/?q=a>",
    "an angle in what is no attribute": '<b "https://evil.example/?q=">',
    "an angle in what is no value": "<b q=https://evil.example/?q=>",
    "an angle long after a tag": f'<b q="{"x" * 3000}https://evil.example/?q=">',
    "a name with a port": "evil:80/",
    "this machine": "localhost/",
    "a number of ten digits": "http://2130706433/",
    "a hexadecimal number": "0x7f000001/",
    "hexadecimal parts": "0x7f.0.0.0x1:8080/",
    "IPv6": "[::1]:80/",
    "a user without a scheme": "//",
    "an address in angles": "<https://evil.example/? ",
}

FREE = {
    "a colon": "电话:",
    "a word that ends as a scheme": "metadata:",
    "a file and a line": "main.py:12:",
    "a list without blanks": "1.姓名/",
    "one of two": "王芳/",
    "a decimal": "3.14/",
    "a sentence without a blank": "完成.",
    "after an address": "https://evil.example/ ",
    "after an address in angles": "<https://evil.example/>",
    "after an address in quotes, in a sentence": '"https://evil.example/", ',
    "after an address in quotes, in Chinese": '请看"https://evil.example/"的',
    "after an address in quotes and bold": '**"https://evil.example/"**：',
    "after an address in a list": '["see https://evil.example/","',
    "after an address as a key": '{"https://evil.example/":"',
    "after an escaped quote": '{\\\\\\"n\\\\\\":1,\\\\\\"',
    "the content of a link": "<a href=\"https://evil.example/?q=\" title='>'>",
    "the content of a link without quotes": "<a href=https://evil.example/>",
    "a time": "10:30/",
    "after a definition": "[1]: /x\n",
    "a definition with nothing": "[1]:\n\n",
    "a label and a link": "[a](b) [c]: ",
    "brackets within a line": "x [a]: ",
    "a task": "- [x] ",
    "escaped brackets": "\\[a]: ",
    "the content of a tag": '<a href="x">',
    "after a tag with an angle": '<a title="a>b">',
    "after an empty tag": "<br/>",
    "a comparison": "a < b, 1 <2 ",
    "a title in Chinese": "《<",
    "a heading in Chinese": "1.公司：",
    "a sentence about a company": "谢谢。公司/",
    "a quotation in an entity": "&quot;PH&#39;",
    "bold and a colon": "**电话**:",
    "wide letters": "ＡＢＣ／",
    "a table": "| ",
    "code": '`email = "',
}


def fed(pieces) -> bool:
    prose = Prose()
    for piece in pieces:
        prose.feed(piece)
    return prose.exposed


@pytest.mark.parametrize("text", EXPOSED.values(), ids=EXPOSED.keys())
def test_a_value_would_be_carried_out(text: str):
    feed_every_way(fed, text, want=True)


@pytest.mark.parametrize("text", FREE.values(), ids=FREE.keys())
def test_a_value_would_stay(text: str):
    feed_every_way(fed, text, want=False)


def test_a_tag_that_never_closes_is_prose_again():
    assert fed(["<b", " " * (LONGEST_TAG - 3)])
    assert not fed(["<b", " " * LONGEST_TAG])


PIECES = st.sampled_from([
    *"[]()<>:/\\.\"'= \n-a1，&;#", "](", "]:", "<a", "https:", "www.", "evil.com/", "metadata:", "&#47;", "[a]: ",
    "x" * 100, "//", "=\"",
])  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.integers(0, 300), max_size=5))
def test_the_place_does_not_depend_on_the_cuts(text: str, cuts):
    cuts = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(cuts)]
    assert fed(pieces) == fed([text]) == fed(text)
