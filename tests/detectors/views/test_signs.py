"""What is told of a text's signs is so: a view that is not asked for want of them would have found nothing."""

import base64
import codecs
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.engine import Pattern
from detectors.reading import Reading, read_text
from detectors.views.amounts import amounts
from detectors.views.beneath import beneath
from detectors.views.broken import BLANKS, LINES, STRINGS, is_of_words
from detectors.views.codes import WAYS
from detectors.views.columns import pages
from detectors.views.dumps import dumps
from detectors.views.inserts import inserts, may_fill
from detectors.views.manifests import manifests
from detectors.views.markup import markup
from detectors.views.numbers import numbers
from detectors.views.opaque import armoured
from detectors.views.parted import LATIN, LINKS, links, parted
from detectors.views.pieces import Pieces
from detectors.views.printed import QUOTED, printed
from detectors.views.signs import HEADINGS, NEEDS, seen
from detectors.views.written import FINDS
from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE
from tests.thorough import drawn


def added(view: Callable[..., None]) -> Callable[[Reading], bool]:
    """Return what tells whether a view adds anything to the pieces of a text."""

    def sees(reading: Reading) -> bool:
        pieces = Pieces()
        view(reading, pieces, lambda start, end: (start, end))
        return bool(pieces.cores)

    return sees


def yields(view: Callable[[Reading], Iterator[object]]) -> Callable[[Reading], bool]:
    """Return what tells whether a view yields anything of a text."""
    return lambda reading: next(view(reading), None) is not None


def matches(pattern: Pattern) -> Callable[[Reading], bool]:
    """Return what tells whether a pattern matches in a text."""
    return lambda reading: pattern.search(reading.skeleton) is not None


def is_in_pieces(pattern: Pattern, reading: Reading) -> bool:
    """Tell whether a code may be in pieces in a text: whatever has letters enough, and is no row of words."""
    rows = (match[0] for match in pattern.finditer(reading.skeleton))
    return any(not is_of_words(row) and sum(map(str.isalnum, row.decode())) > 14 for row in rows)


SEES: dict[str, Callable[[Reading], bool]] = {
    **{view: yields(find) for view, find in {**FINDS, "dumps": dumps, "printed": printed, "amounts": amounts}.items()},
    **{view: matches(pattern) for _, view, pattern, _ in WAYS if view},
    **{one.__name__: added(one) for one in (beneath, manifests, markup, numbers, parted)},
    "armoured": lambda reading: any(True for _ in armoured(reading.text)),
    "blanks": lambda reading: is_in_pieces(BLANKS, reading),
    "characters": matches(QUOTED),
    **{view: matches(pattern) for view, pattern in (*LINKS, ("named", LATIN))},
    "headings": lambda reading: any(one in reading.text for one in HEADINGS),
    "inserts": lambda reading: may_fill(reading) and any(True for _ in inserts(reading.text, reading.text.encode())),
    "lines": lambda reading: is_in_pieces(LINES, reading),
    "pages": lambda reading: any(True for _ in pages(reading.text)),
    "strings": matches(STRINGS),
}

CODE = base64.b64encode(MAIL.encode()).decode()
PIECES = (
    *(MAIL, ID, CARD, MOBILE, ID[:6], ID[6:], MOBILE[:3], MOBILE[3:7], MOBILE[7:], CODE, CODE[:9], CODE[9:]),
    *("=E4=BD=A0", "=?utf-8?B?", "?=", "+AGE-", "begin 644 a\n", "#0V%T\n`\nend", "<~", '87cURD]i,"Ebo80', "~>"),
    *(
        "password",
        "密码",
        "卡号",
        "kind: Secret\ndata:\n  a: ",
        "十三亿零五",
        "first part ",
        "last four ",
        "前三位",
        "后四位",
    ),
    *(":", "\n", "\n- ", "<td>", "</td>", "<b>", "**", "`", '"', "'", '" + "', "', '", ",", " ", "  ", "."),
    *("insert into t (a, b) values (", "1, 2)", "-----BEGIN PGP MESSAGE-----\n", "$ANSIBLE_VAULT;1.1;AES256\n"),
    *("0000000 ", "6c 69 20 7a", "a b c d e f g h i j k", "a-b-c-d-e-f-g-h-i-j", "....- ", "----- ", "1e10", "1 - "),
    *("a1 = ", "&b=", "0x", "x = ", "abcdefgh" * 4),
)


def written_in(text: str) -> str:
    """Return a text with its pieces set apart in one of the ways that views know."""
    return "\n".join((" ".join(text), "-".join(text), "".join(f"={byte:02X}" for byte in text.encode())))


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
@example(written_in(MAIL))
@example(written_in(ID))
@example("(" + ", ".join(f"'{one}'" for one in MAIL) + ")")
@example(" ".join(f"{byte:02x}" for byte in MAIL.encode()))
@example(" ".join(f"<b>{one}</b>" for one in MOBILE))
@example("\n".join(f"{place}: {one}" for place, one in enumerate(MOBILE)))
@example("x" * 3_000 + written_in(MAIL))
@example("12 " * 1_500 + " ".join(MAIL))
@example("".join(f"{codecs.encode(MAIL, 'rot13')}"))
@example("4.111111111111111e15")
@example(f"{MOBILE}.0")
@settings(max_examples=drawn(400), deadline=None)
def test_whatever_a_view_sees_has_its_signs(text):
    reading = read_text(text)
    blind = [view for view, sees in SEES.items() if view not in reading.made(seen) and sees(reading)]
    assert blind == []


def test_of_each_view_it_is_tried():
    assert SEES.keys() == NEEDS.keys()


@pytest.mark.parametrize("length", [0, 200, 5_000])
def test_prose_has_the_signs_of_no_view(length):
    prose = "We met on a rainy day, and it was good. 今天下雨," * 200
    assert seen(read_text(prose[:length])) <= {"numbers", "blanks"}


def test_pieces_are_told_apart_from_figures_that_are_far():
    assert not any(True for _ in links(read_text(f"{MOBILE[:3]}{' word' * 400} last {MOBILE[3:]}")))
