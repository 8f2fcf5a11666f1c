"""The sieve lets through whatever can match, names little else, and keeps nothing back when memory runs out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.gates import LONG_TOKEN, gate_as_written, gate_of
from detectors.reading import read_text
from detectors.sieve import BLOCK, FEW, LONG, SHORT, TRIES, Opening, Sieve, crowds, merged, opening
from detectors.syntax import read, ways_of
from tests.thorough import drawn

NUMBER, MAIL, WORD = (opening(gate_of(pattern), 20) for pattern in (r"[0-9]{9}", "[a-z]+@[a-z]+", "密码|口令"))
SIEVE = Sieve([[NUMBER], [MAIL], [WORD], [opening(gate_as_written(LONG_TOKEN), 20)]])

EVERYONE = range(4)


def opened(one, text, wanted=EVERYONE):
    reading = read_text(text)
    return one.open(reading, wanted)


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
    assert opened(SIEVE, text).keys() == want


@given(st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=drawn(60), deadline=None)
def test_wherever_a_match_stands_its_stretch_has_it_whole(before, after):
    text = "一 " * before + "123456789" + " x" * after
    ((start, end),) = opened(SIEVE, text)[0]
    assert start <= 2 * before and 2 * before + 9 <= end


SEVERAL = Sieve([[opening(gate_of("[0-9]{9}" + sign), 20)] for sign in ("", *"!#$%&"[: FEW + 1])])


@pytest.mark.parametrize("border", [LONG, SHORT, LONG + SHORT, 2 * LONG])
@pytest.mark.parametrize(
    "text", ["123456789", "123456789!#$%&", "123456789! 123456789# 123456789$ 123456789% 123456789&"]
)
def test_no_border_of_a_stretch_cuts_what_opens(border, text):
    for place in range(border - len(text) - 2, border + 2):
        written = f"{' ' * place}{text}{' ' * LONG}"
        for number, sign in enumerate(("", *"!#$%&")):
            at = written.find("123456789" + sign)
            held = opened(SEVERAL, written, range(FEW + 2)).get(number, [])
            assert at < 0 or any(start <= at and at + 9 + len(sign) <= end for start, end in held)


@given(st.lists(st.sampled_from(["123456789", "bob@corp", "密码", " words between ", "，"]), max_size=60))
@settings(max_examples=drawn(60), deadline=None)
def test_many_matches_are_all_in_stretches(parts):
    text = " ".join(parts)
    found = opened(SIEVE, text)
    place = 0
    for part in parts:
        number = {"123456789": 0, "bob@corp": 1, "密码": 2}.get(part)
        if number is not None:
            assert any(start <= place and place + len(part) <= end for start, end in found[number])
        place += len(part) + 1


def test_nobody_is_named_who_is_not_wanted():
    text = OPENED["all"][0]
    assert opened(SIEVE, text, {1, 3}).keys() == {1, 3}
    assert opened(Sieve([[Opening("", (), None)]]), text, ()) == {}


PLACED = {
    "a word of a gate that is a word": ("secret", "a secret", 0),
    "a word, its gate not met": ("secret[0-9]", "a secret", None),
    "a word, its gate met": ("secret[0-9]", "a secret1", 0),
    "a word in other capitals": ("(?i:secret)", "a SECRET", 0),
    "a word in capitals that do not count": ("secret", "a SECRET", None),
    "the other way of a gate": ("secret|[0-9]{3}", "a 123", 0),
    "digits of a certain shape": ("[A-F][0-9]{4}", "a B1234", 0),
    "letters of another shape": ("[A-F][0-9]{4}", "a G1234", None),
    "one sign": ("@", "a@b", 0),
}


@pytest.mark.parametrize(("gate", "text", "want"), PLACED.values(), ids=PLACED)
def test_a_gate_is_open_where_it_matches(gate, text, want):
    assert opened(Sieve([[Opening(gate, (), 1)]]), text).keys() == (set() if want is None else {want})


CLOSER = {
    "matched around its word": ("密码[0-9]{3}", "新密码123", 0),
    "not matched": ("密码[0-9]{3}", "新密码12", None),
    "matched before its word": ("[0-9]{3}的密码", "123的密码", 0),
    "in other capitals than written": ("(?i:token)为[0-9]", "TOKEN为1", 0),
    "in capitals that do not count": ("Token为[0-9]", "TOKEN为1", None),
    "a long one": ("token" + "[0-9]{40}", f"a token{'1' * 40}", 0),
    "a long one, not matched": ("token" + "[0-9]{40}", f"a token{'1' * 39}", None),
    "its other branch": ("密码[0-9]|[A-F][0-9]{4}", "a B1234", 0),
    "beside a sign": (r"[a-z]{3}\s?/\s?[0-9]", "and abc / 7", 0),
    "beside a sign, not matched": (r"[a-z]{3}\s?/\s?[0-9]", "and ab / 7", None),
}


@pytest.mark.parametrize(("gate", "text", "want"), CLOSER.values(), ids=CLOSER)
def test_a_gate_that_is_looked_for_by_words_is_open_where_it_matches_in_full(gate, text, want):
    sieve = Sieve([[opening(gate_as_written(gate), 1)]])
    assert opened(sieve, text).keys() == (set() if want is None else {want})


def test_what_stands_behind_more_words_than_are_looked_at_is_not_missed():
    sieve = Sieve([[opening(gate_as_written("密码[0-9]{3}"), 1)]])
    for times in (TRIES - 1, TRIES, TRIES + 1, 3 * TRIES, 5000):
        text = f"{'密码 ' * times}密码123"
        spans = opened(sieve, text)[0]
        assert any(start <= len(text) - 5 and len(text) - 3 <= end for start, end in spans), "the word is in a stretch"


@pytest.mark.parametrize(
    ("gate", "ways"), [("ab|c", 2), ("(?:ab|(?:c|d))|e", 4), ("(?:a|b)c", 1), ("(?:a|b){2}", 1), ("a", 1)]
)
def test_a_gate_has_as_many_ways_as_branches(gate, ways):
    assert len(list(ways_of(read(gate)))) == ways


TOKEN = "9f1101011990030744ab4477de1199aa"
BY_TOKEN = Sieve(
    [
        [opening(gate_as_written(LONG_TOKEN), 40, "key=[0-9a-f]{32}")],
        [opening(gate_as_written(LONG_TOKEN), 40, "[0-9a-f]{32};")],
        [opening(gate_as_written(LONG_TOKEN), None, "[0-9a-f]{32}!")],
        [opening(gate_as_written(LONG_TOKEN), 40)],
    ]
)


@pytest.mark.parametrize(
    ("text", "want"),
    [(TOKEN, {2, 3}), (f"key={TOKEN}", {0, 2, 3}), (f"{TOKEN};", {1, 2, 3}), (f"key={TOKEN[:15]}.{TOKEN[:4]};", set())],
)
def test_a_token_opens_seekers_whose_form_it_has_or_whose_form_has_no_bound(text, want):
    assert opened(BY_TOKEN, f"{'. ' * 99}{text}{' .' * 99}").keys() == want


def test_an_opening_without_anything_is_always_open():
    assert opened(Sieve([[Opening("", (), None)]]), "anything") == {0: [(0, 8)]}


class Forgetful:
    """An engine that ran out of memory: it matches nothing, not even the empty pattern."""

    def Match(self, _data):
        return None  # as the library tells of no matches


def test_an_engine_that_gives_up_opens_everything_where_anything_may_be():
    sieve = Sieve(
        [[opening(gate_of(pattern), 20)] for pattern in ("[0-9]{9}", *(f"[0-9]{{5}}{sign}" for sign in "!#$%"))]
    )
    (several,) = sieve._looks[1]._which._sets
    several._set = Forgetful()
    assert opened(sieve, "call 123456789", range(5)).keys() == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("spans", "want"),
    [([], []), ([(3, 5)], [(3, 5)]), ([(3, 5), (0, 3)], [(0, 5)]), ([(0, 9), (2, 3), (11, 12)], [(0, 9), (11, 12)])],
)
def test_spans_that_touch_are_made_one(spans, want):
    assert merged(spans) == want


@given(st.text("0a-", max_size=60), st.integers(1, 5), st.integers(5, 12), st.sampled_from([1, 4, 16, BLOCK]))
def test_where_enough_digits_begin_near_each_other_a_text_is_looked_at(text, digits, longest, block):
    shape = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("detectors.sieve.BLOCK", block)
        stretches = list(crowds(shape, digits, longest))
    seen = {place for first, end in stretches for place in range(first, end)}
    assert len(seen) == sum(end - first for first, end in stretches), "nothing is looked at twice"
    for start in range(len(shape)):
        if shape[start : start + longest].count(b"0") >= digits:
            assert start in seen


CROWDS = {
    "fewer digits": (b"a0a00" + b"a" * 4000, []),
    "digits far from each other": ((b"0" + b"a" * 99) * 40, []),
    "in the middle": (b"a" * 10 * BLOCK + b"00000" + b"a" * 10 * BLOCK, [(9 * BLOCK, 11 * BLOCK)]),
    "over a border": (b"a" * (BLOCK - 2) + b"00000" + b"a" * 2 * BLOCK, [(0, BLOCK)]),
    "everywhere": (b"0" * 1000, [(0, 1000)]),
}


@pytest.mark.parametrize(("shape", "want"), CROWDS.values(), ids=CROWDS)
def test_a_text_is_looked_at_where_digits_crowd(shape, want):
    assert list(crowds(shape, 5, 12)) == want
