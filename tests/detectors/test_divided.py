"""Some groups of a longer number are no number of their own; what stands beside other figures is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.divided import within_bytes, within_divided
from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors

PARTS = {
    "a landline in an order number": "5101-⟦0719-7302-0448-49⟧",
    "a landline at its beginning": "⟦0578-9932-7885⟧-1203-4",
    "a number of Canada at its end": "320-102-196-⟦707-111-605⟧",
    "a number of Canada at its beginning": "⟦554-408-708⟧-271-339-5",
    "a number of Canada in its midst": "320-⟦102-196-707⟧-111",
    "over lines": "6232\n⟦0650\n6025\n9086⟧\n673",
    "a sign with blanks around it": "6232 - ⟦0650 - 6025 - 9086⟧ - 673",
    "right behind Chinese": "流水号320-⟦102-196-707⟧的",
}
OF_THEIR_OWN = {
    "alone": "SIN ⟦130-692-544⟧.",
    "behind a country code": "86-⟦0571-8888-9999⟧",
    "behind another sign": "1234/⟦0571-8888-9999⟧",
    "behind a longer group": "13800138000-⟦0571-8888-9999⟧",
    "behind a group that is the end of a longer one": "51234-⟦0571-8888-9999⟧",
    "behind a letter": "A123-⟦130-692-544⟧",
    "before an extension": "⟦0571-8888-9999⟧-12",
    "in columns": "1001 ⟦0571 8888 9999⟧ 2024",
    "in columns with tabs": "1001\t⟦0571\t8888\t9999⟧",
    "divided unevenly": "1380-⟦010-6552-9988⟧",
    "not divided": "1300-⟦05718888⟧",
    "with two signs": "320-⟦102-196 707⟧-111",
}
FINDER = Finder(shipped_detectors(names=False))


def stretch(marked: str) -> tuple[str, int, int]:
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    return marked.replace("⟦", "").replace("⟧", ""), start, end


@pytest.mark.parametrize("marked", PARTS.values(), ids=PARTS.keys())
def test_some_groups_of_a_longer_number_are_no_number(marked: str):
    assert within_divided(*stretch(marked))


@pytest.mark.parametrize("marked", OF_THEIR_OWN.values(), ids=OF_THEIR_OWN.keys())
def test_a_number_of_its_own_is_one(marked: str):
    assert not within_divided(*stretch(marked))


def found(text: str) -> set[str]:
    return {text[one.start : one.end] for one in FINDER.find(text, DEFAULT_ENTITIES).findings}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("请帮我核对流水号5101-0719-7302-0448-49的发货信息。", set()),
        ("请帮我核对流水号320-102-196-707-111-605的发货信息。", set()),
        ("batch 554-408-708-271-339-5 for the warehouse", set()),
        ("batch 707-111-605 for the warehouse", {"707-111-605"}),
        ("SIN 320-102-196, 707-111-605", {"707-111-605"}),
        ("social insurance 020-707-111-605", {"707-111-605"}),
        ("座机5101-0719-7302-0448", {"0719-7302-0448"}),
        ("联系0086-0719-7302-0448", {"0086-0719-7302-0448"}),
        ("6232-0719-7302-0448, 0719-7302-0448", {"0719-7302-0448"}),
    ],
)
def test_a_word_that_says_what_it_is_is_believed(text: str, wanted: set[str]):
    assert found(text) == wanted


@given(st.integers(2, 6), st.sampled_from("-/._\n–"), st.data())
def test_every_part_of_an_even_number_but_its_beginning_is_known(size: int, sign: str, data: st.DataObject):
    groups = data.draw(st.lists(st.text("0123456789", min_size=size, max_size=size), min_size=3, max_size=8))
    first = data.draw(st.integers(1, len(groups) - 2))
    text, start = sign.join(groups), first * (size + len(sign))
    assert within_divided(text, start, len(text))
    assert not within_divided(text, 0, len(text))


BYTES = {
    "the head of a picture": "00000000: ffd8 ffe0 0010 4a46 ⟦4946 0001 0101 0048⟧  ......JFIF.....H",
    "words at the end of a row": "6520 6f6e 206d ⟦6174 6368 2035 3333⟧",
    "a word in each line": "506c\n⟦6561\n7365\n2064\n7261⟧\n6674\n2061\n206e",
    "an office's number of Australia among bytes": "39 89 197 ⟦37 235 202 224⟧ 249 21 26",
    "over lines of a matrix": "107 198 81\n 97 43 147 ⟦11\n151 202 191⟧\n 68 63 172",
    "in capitals": "FFD8 FFE0 ⟦4946 0001 0101 0048⟧",
}
CARDS = {
    "alone": "card ⟦4111 1111 1111 1111⟧",
    "behind one such word": "4a46 ⟦4111 1111 1111 1111⟧ 08/27",
    "between words": "dead beef ⟦4111 1111 1111 1111⟧ face cafe",
    "before numbers": "⟦4111 1111 1111 1111⟧ 1227 0123 4567",
    "with another sign": "ffd8-ffe0-⟦4111-1111-1111-1111⟧",
    "written in one go": "ffd8 ffe0 ⟦4111111111111111⟧ 0010",
}


@pytest.mark.parametrize("marked", BYTES.values(), ids=BYTES)
def test_words_and_bytes_in_a_row_of_such_are_no_number(marked):
    text, start, end = stretch(marked)
    assert within_bytes(text, start, end)
    assert not within_bytes(text[start:end], 0, end - start)
    assert FINDER.find(text, DEFAULT_ENTITIES).findings == ()


@pytest.mark.parametrize("marked", CARDS.values(), ids=CARDS)
def test_a_card_beside_anything_else_is_one(marked):
    text, start, end = stretch(marked)
    assert not within_bytes(text, start, end)
    assert "CREDIT_CARD" in {one.entity for one in FINDER.find(text, DEFAULT_ENTITIES).findings}


def test_a_card_that_is_called_one_is_one_in_a_row_of_hexadecimal_words_too():
    text = "card ffd8 ffe0 4111 1111 1111 1111 0010"
    assert [text[one.start : one.end] for one in FINDER.find(text, DEFAULT_ENTITIES).findings] == [
        "4111 1111 1111 1111"
    ]
