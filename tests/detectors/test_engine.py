"""The engine answers, or says that it cannot."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from detectors.engine import EDGED, FEW, Offsets, Which, compiled
from detectors.interface import DetectorError


def test_which_names_the_patterns_that_match_and_no_others():
    which = Which(["[0-9]{3}", "abc", "密码"])
    assert which.can_match("密码 123".encode()) == [0, 2]
    assert which.can_match(b"nothing here") == []


class Forgetful:
    """An engine that ran out of memory: it matches nothing, not even the empty pattern."""

    def Match(self, _data):
        return None  # as the library tells of no matches


def test_an_engine_that_gives_up_makes_every_pattern_possible():
    which = Which([r"\babc", "[0-9]{3}", "[a-z]1", "[a-z]2", "[a-z]3"])
    for several in which._sets:
        several._set = Forgetful()
    assert which.can_match(b"nothing here") == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("free", [1, FEW, FEW + 1])
@given(data=st.text("ab1.", max_size=12))
def test_patterns_that_are_asked_apart_are_named_as_if_they_were_asked_one_by_one(free, data):
    patterns = ["a1", r"\bab", "b{2}", r"(?:\A|[^a-z])(b)", "1.a", r"(?:(?:\b1b))"]
    taken = [one for one in patterns if EDGED.match(one)] + [one for one in patterns if not EDGED.match(one)][:free]
    expected = [place for place, one in enumerate(taken) if re2.search(one.encode(), data.encode())]
    assert Which(taken).can_match(data.encode()) == expected


def test_the_engine_has_no_look_around_so_no_pattern_can_take_forever():
    with pytest.raises(DetectorError, match=r"here: bad pattern: .*\(\?<"):
        compiled(r"(?<!\d)1", "here")


def test_a_pattern_sees_the_text_before_the_place_it_starts_from():
    assert re2.compile(rb"(?:\A|[^0-9])(1)").search(b"21", 1) is None


PATTERNS = ["a", "(a)|(b)", "(a*)(b)?", r"\bb", r"(?P<name>b+)|1", "(?:)", r"\A.", "[^a]{2}$"]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.text("ab1", max_size=9).map(str.encode), ends=st.tuples(st.integers(-1, 10), st.integers(-1, 10)))
def test_a_pattern_answers_as_the_library_does(pattern, data, ends):
    ours, theirs = compiled(pattern, "here"), re2.compile(pattern.encode())
    assert ours.groupindex == theirs.groupindex
    for first, last in ((0, None), ends):
        for way in ("search", "match", "fullmatch"):
            one, other = getattr(ours, way)(data, first, last), getattr(theirs, way)(data, first, last)
            assert told(one, ours) == told(other, ours)
        every = [told(one, ours) for one in theirs.finditer(data, first, last)]
        assert [told(one, ours) for one in ours.finditer(data, first, last)] == every


def told(match, pattern):
    groups = range(pattern.groups + 1)
    return match and (
        match.lastindex,
        [(match.span(one), match[one], match.start(one), match.end(one)) for one in groups],
    )


@given(st.text(), st.data())
def test_offsets_lead_from_bytes_to_characters_in_any_order(text, data):
    raw = text.encode("utf-8", "ignore")
    text = raw.decode()
    offsets = Offsets(raw, text)
    for place in data.draw(st.lists(st.integers(0, len(text)), max_size=10)):
        assert offsets.character(len(text[:place].encode())) == place
