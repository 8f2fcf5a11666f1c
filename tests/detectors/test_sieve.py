"""The sieve lets through whatever can match, names little else, and keeps nothing back when memory runs out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import sieve as module
from detectors.gates import LONG_TOKEN, gate_as_written, gate_of
from detectors.reading import read_text
from detectors.sieve import MARGIN, Opening, Sieve, merged, opening

NUMBER, MAIL, WORD = (opening(gate_of(pattern), 20) for pattern in (r"[0-9]{9}", "[a-z]+@[a-z]+", "密码|口令"))
SIEVE = Sieve([[NUMBER], [MAIL], [WORD], [opening(gate_as_written(LONG_TOKEN), 20)]])

OPENED = {
    "nothing": ("an ordinary sentence", set()),
    "a number": ("call 123456789", {0}),
    "a number too short": ("room 12345", set()),
    "a mail": ("mail bob@corp", {1}),
    "a word": ("我的口令", {2}),
    "a token": ("9f1101011990030744ab4477de1199aa", {0, 3}),
    "all": ("密码bob@corp 9f1101011990030744ab4477de1199aa", {0, 1, 2, 3}),
    "full width": ("电话１２３４５６７８９", {0}),
}


@pytest.mark.parametrize(("text", "want"), OPENED.values(), ids=OPENED)
def test_seekers_are_opened_by_what_they_look_for(text, want):
    assert SIEVE.open(read_text(text)).keys() == want


@given(st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=60, deadline=None)
def test_wherever_a_match_stands_its_stretch_has_it_whole(before, after):
    text = "一 " * before + "123456789" + " x" * after
    ((start, end),) = SIEVE.open(read_text(text))[0]
    assert start <= 2 * before and 2 * before + 9 <= end


@given(st.lists(st.sampled_from(["123456789", "bob@corp", "密码", " words between ", "，"]), max_size=60))
@settings(max_examples=60, deadline=None)
def test_many_matches_are_all_in_stretches(parts):
    text = " ".join(parts)
    opened = SIEVE.open(read_text(text))
    place = 0
    for part in parts:
        number = {"123456789": 0, "bob@corp": 1, "密码": 2}.get(part)
        if number is not None:
            assert any(start <= place and place + len(part) <= end for start, end in opened[number])
        place += len(part) + 1


def test_a_long_line_of_matches_is_asked_about_in_pieces(monkeypatch):
    asked = []
    sieve = Sieve([[NUMBER]])
    which = sieve._counted.which
    monkeypatch.setattr(which, "can_match", lambda data: asked.append(len(data)) or [0])
    sieve.open(read_text("123456789 " * 500))
    assert len(asked) > 5 and max(asked) <= module.STRIDE + 2 * MARGIN


def test_an_opening_without_anything_is_always_open():
    assert Sieve([[Opening("", (), None)]]).open(read_text("anything")) == {0: [(0, 8)]}


class Forgetful:
    """An engine that ran out of memory: it matches nothing, not even the empty pattern."""

    def Match(self, _data):
        return []


def test_an_engine_that_gives_up_opens_everything_where_anything_may_be():
    sieve = Sieve([[NUMBER], [MAIL]])
    sieve._counted.which._set = Forgetful()
    assert sieve.open(read_text("call 123456789")).keys() == {0, 1}


@pytest.mark.parametrize(
    ("spans", "want"),
    [([], []), ([(3, 5)], [(3, 5)]), ([(3, 5), (0, 3)], [(0, 5)]), ([(0, 9), (2, 3), (11, 12)], [(0, 9), (11, 12)])],
)
def test_spans_that_touch_are_made_one(spans, want):
    assert merged(spans) == want
