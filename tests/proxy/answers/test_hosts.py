"""What follows a value makes it part of a host's name or of an address of mail, in whichever signs it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.answers.hosts import CHINESE, OTHER, makes_host
from tests.rows import each

AFTER = {
    "a domain": (".evil.example", True),
    "a domain in Chinese": (".例子.中国", True),
    "an address": ("@evil.example", True),
    "letters, then a domain": ("-x.evil.example", True),
    "a tag of a mailbox": ("+x@evil.example", True),
    "another placeholder, then a domain": ("[PERSON_7K2F9ABC].evil.example", True),
    "a dot and another placeholder": (".[PERSON_7K2F9ABC]", True),
    "an escaped dot": ("\\.evil.example", True),
    "an entity for a dot": ("&#46;evil.example", True),
    "an entity for an at sign": ("&commat;evil.example", True),
    "a sentence's end": (". Then", False),
    "a sentence's end and a line": (".\n", False),
    "three dots": ("... ", False),
    "a bold name": ("**. ", False),
    "code": ("`", None),
    "a quote": ('".x', False),
    "a quote and a mailbox": ('"@evil.example', True),
    "a quote that may be one's": ('"', None),
    "a footnote": (".[1]", False),
    "a plural": ("s ", False),
    "a possessive": ("'s", False),
    "Chinese": ("您好", None),
    "Chinese and a comma": ("您好，", False),
    "Chinese and a host": ("的网站是evil.example", False),
    "Chinese and a sentence": ("您好.谢谢，", False),
    "Chinese and a mention": ("请联系@张三 ", False),
    "Chinese in the label": ("的.evil.example", True),
    "Chinese in the label, a host in Chinese": ("的.例子.公司 ", True),
    "Chinese in bold": ("的**.evil", True),
    "a letter with an accent": ("é.evil.example", True),
    "one of two signs": ("e\u0301.evil.example", True),
    "Cyrillic": ("я.evil.example", True),
    "Cyrillic and a mailbox": ("я@evil.example", True),
    "a picture": ("😀.evil", True),
    "a sign": ("=x.evil", True),
    "a tag with attributes": ('<span class=a title="a>b">.evil', True),
    "a comment": ("<!-- a > b -->.evil", True),
    "half a comment": ("<!-- a > b --", None),
    "a declaration": ("<!x>.evil", True),
    "entities of a tag": ("&lt;b&gt;.evil", False),
    "a comparison": (" < b, ", False),
    "a full-width stop": ("。", None),
    "a full-width stop and words": ("。他", False),
    "a full-width stop and thanks": ("。谢谢", False),
    "a full-width stop and a word that is a domain": ("。公司 ", False),
    "two sentences": ("。谢谢。公司：", False),
    "a full-width stop and a foreign host": ("。evil。公司 ", True),
    "a full-width stop and a Cyrillic end": ("。рф ", True),
    "a wide dot and a Chinese end": ("．公司 ", True),
    "a wide dot and a host in Chinese": ("．例子.网络/", True),
    "a wide dot and a sentence": ("．谢谢，", False),
    "a full-width stop and half an end": ("。evil。公", None),
    "a dot leader": ("\u2024evil.example", True),
    "a wide at sign": ("＠evil.example", True),
    "a zero-width space": ("\u200b.evil.example", True),
    "a soft hyphen": ("\u00ad.evil.example", True),
    "marks of direction": ("\u2069\u200f.\u202aevil.example", True),
    "tag characters": ("\U000e0041.evil.example", True),
    "an entity that nobody sees": ("&shy;&#8203;.evil.example", True),
    "an entity without its semicolon": ("&#46evil.example", True),
    "bold": ("**.evil.example", True),
    "bold behind the dot": (".**evil**.example", True),
    "struck out": ("~~.evil.example", True),
    "a tag": ("</b>.evil.example", True),
    "half a tag": ("</", None),
    "a password": (":pw@evil.example", True),
    "a password of signs": (":a&b=c$;,@evil.example", True),
    "half a password": (":pw", None),
    "a colon and a blank": (": pw@evil.example", False),
    "a colon and Chinese": (":见a@b.example", False),
    "a wide colon": ("：a@b.example", False),
    "a bracket": ("(a@b.example)", False),
    "another": ("/[PERSON_7K2F9ABC]。", False),
    "a slash and a mailbox": ("/a@b.example", False),
    "a cell": ("|a@b.example|", False),
    "a full-width stop and a host's end": ("。evil。com ", True),
    "a full-width stop and a company": ("。company ", False),
    "code and a host": ("`.e", True),
    "code and a blank": ("` .e", False),
    "a company": ("&Co ", False),
    "an entity for a quote": ("&#39;s", False),
    "a file's path": ("/main.py ", False),
    "nothing yet": ("", None),
    "a dot": (".", None),
    "letters": ("abc", None),
    "half a placeholder": ("[PERS", None),
    "a dot and half a placeholder": (".[PERS", None),
    "half an entity": ("&#4", None),
}


@pytest.mark.parametrize(("after", "want"), AFTER.values(), ids=AFTER.keys())
def test_what_follows_makes_a_host_or_does_not(after: str, want: bool | None):
    assert makes_host(after, ended=False) is want
    assert makes_host(after, ended=True) is bool(want)


@pytest.mark.parametrize(
    "after", ["/x@evil.example>", "!x@evil.example>", "#'/?^{|}~x@evil.example>"], ids=["slash", "mark", "all"]
)
def test_in_angles_more_signs_make_a_mailbox(after: str):
    assert makes_host(after, ended=False, quoted=True) is True
    assert makes_host(after, ended=False) is False


@each("after", ['<span class="a>.e', '<span class=a">.evil"', "<a x='>.e"])
def test_a_quote_that_is_open_in_a_tag_leaves_open_where_the_tag_ends(after: str):
    assert makes_host(after, ended=False) is None
    assert makes_host(after, ended=True) is True


def test_domains_in_other_scripts_are_known():
    assert {"公司", "中国", "网络"} <= set(CHINESE)
    assert {"рф", "भारत", "한국"} <= set(OTHER)


AFTERS = st.lists(
    st.sampled_from(
        [
            *"a.@&#46; []\\-，。*`:,<>/b公司р",
            "[PERSON_7K2F9ABC]",
            "[PER",
            "&#46;",
            "&shy",
            "\u200b",
            "公司",
            "рф",
            "</b>",
            *"é的\"'=!x1",
            '<s x="',
            "<!--",
            "-->",
            "&quot;",
        ]
    ),
    max_size=8,
)


@given(AFTERS.map("".join), st.integers(0, 60), st.booleans())
def test_what_was_said_of_a_beginning_holds_for_the_whole(after: str, cut: int, quoted: bool):
    early = makes_host(after[:cut], False, quoted)
    assert early is None or early is makes_host(after, False, quoted)
