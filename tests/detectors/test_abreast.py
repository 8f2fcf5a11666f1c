"""Short texts that are read in one pass say what each says by itself, whatever stands beside them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from detectors import abreast, combined
from detectors.abreast import GAP, rows
from detectors.find import Finder, shipped_patterns
from detectors.interface import CannotTell
from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE

PATTERNS = shipped_patterns()[0]
VALUES = [
    *(
        CARD,
        ID,
        MAIL,
        MOBILE,
        "sk-Ab12Cd34Ef56Gh78Ij90Kl12Mn34",
        "192.168.7.9",
        "DE89370400440532013000",
        "521-83-2235",
    ),
    *(
        "password:",
        "password: kT9#qLw2z",
        "hunter2",
        "card number",
        "身份证",
        "电话",
        "phone",
        "account",
        "ssn",
        "验证码",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "sk-",
        "AKIA",
        "张伟 北京市朝阳区建国路88号",
        "order 17",
        "~",
    ),
    *("postgres://u:kT9#qLw2z@db/x", "cGFzc3dvcmQ6IGtUOXFMdzJ6ISBwaG9uZSAxMzgwMDEzODAwMA", "Bearer", "key:", "", "a"),
]


@given(st.lists(st.sampled_from(VALUES) | st.text("0123456789abK-@. :#", max_size=24), min_size=4, max_size=12))
def test_what_is_found_of_each_is_what_is_found_of_it_alone(texts):
    finder = Finder([PATTERNS], cache_size=0)
    together = finder.find_all(texts, PATTERNS.entities)
    assert together == [finder.find(text, PATTERNS.entities) for text in texts]


def test_no_rule_looks_farther_for_a_word_than_the_gap_is_long():
    looked = [
        words for seeker in PATTERNS.seekers for name in ("near", "unless") if (words := getattr(seeker, name, None))
    ]
    assert looked
    assert all(words.within + max(map(len, words.terms)) < len(GAP) for words in looked)


def test_what_reads_otherwise_beside_others_stands_in_no_row():
    odd = [
        "a\tb",
        "a\nb",
        'say "x"',
        "it's",
        "a\\nb",
        "a%41b",
        "&#65;",
        "<b>",
        "{x}",
        "é",
        "１２３",
        "x=y",
        "",
        "a" * 257,
    ]
    assert [row.numbers for row in rows([*odd, *"abcd"])] == [[14, 15, 16, 17]]


def test_what_goes_over_a_gap_is_left_to_each_by_itself():
    (row,) = rows(["ab", "cd", "ef", "gh"])
    (own,) = PATTERNS.find(MAIL, frozenset({"EMAIL_ADDRESS"}))
    at, over = row.starts[2], row.starts[1]
    found = [
        replace(own, start=0, end=over + 1),
        replace(own, start=at, end=at + 2),
        replace(own, start=at - 3, end=at - 2),
    ]
    assert dict(row.shares(found)) == {2: (replace(own, start=0, end=2),), 3: ()}


def test_a_row_that_cannot_be_told_is_asked_text_by_text(monkeypatch):
    texts = [MAIL, MOBILE, "a b", CARD]
    expected = PATTERNS.find_all(texts, PATTERNS.entities)
    monkeypatch.setattr(combined.Combined, "find", refusing(combined.Combined.find))
    assert PATTERNS.find_all(texts, PATTERNS.entities) == expected


def refusing(find):
    """Return what finds nothing in rows, for it has no time."""

    def look(self, text, entities):
        if GAP in text:
            raise CannotTell("no time")
        return find(self, text, entities)

    return look


def test_an_export_is_sieved_row_by_row_not_value_by_value(monkeypatch):
    asked = []
    find = combined.Combined.find
    monkeypatch.setattr(
        combined.Combined, "find", lambda self, text, wanted: asked.append(text) or find(self, text, wanted)
    )
    PATTERNS.find_all([f"139{number:08}" for number in range(600)], PATTERNS.entities)
    assert len(asked) <= 600 * (len(GAP) + 11) // abreast.LONGEST + 1
