"""Models and rules come to one answer, and nothing in it overlaps."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.mention import Mention
from detectors.ner.settle import choose, grown, join_addresses, join_persons, settle


def person(start, end, score=0.95, label="PERSON", because=("model:latin",), firm=False):
    return Mention(start, end, label, score, because, firm)


def shown(text, mentions):
    return [f"{one.label}:{text[one.start : one.end]}" for one in mentions]


CHOSEN = {
    "two of one label": ([person(0, 5), person(3, 9)], [(0, 9, "PERSON")]),
    "two labels": ([person(0, 5, 0.6), person(3, 9, 0.9, "ORGANIZATION")], [(3, 9, "ORGANIZATION")]),
    "an address over a person in it": (
        [person(0, 20, 0.6, "ADDRESS"), person(2, 5, 0.99)],
        [(0, 20, "ADDRESS")],
    ),
    "a place that reaches into an address": (
        [person(0, 6, 0.9, "LOCATION"), person(4, 20, 0.8, "ADDRESS")],
        [(0, 20, "ADDRESS")],
    ),
    "certain edges over a model's": ([person(0, 9, 0.99), person(2, 5, 0.9, firm=True)], [(2, 5, "PERSON")]),
    "a model's edges over a rule's": (
        [person(4, 9, 0.9), person(0, 9, 0.85, because=("cue:title",))],
        [(4, 9, "PERSON")],
    ),
    "apart": ([person(0, 3), person(3, 6)], [(0, 3, "PERSON"), (3, 6, "PERSON")]),
}


@pytest.mark.parametrize(("mentions", "want"), CHOSEN.values(), ids=CHOSEN)
def test_of_those_that_overlap_one_is_left(mentions, want):
    assert [(one.start, one.end, one.label) for one in choose(mentions)] == want


def test_what_a_model_calls_by_a_name_of_its_own_neither_is_taken_for_a_name_nor_takes_one_away():
    text = "then we saw Anna Weber at home"
    for score in (0.6, 0.99):
        both = [person(12, 22, 0.9), person(12, 22, score, "EMPLOYEE", because=("model:own",))]
        assert shown(text, settle(text, both)) == ["EMPLOYEE:Anna Weber", "PERSON:Anna Weber"]
        assert settle(text, both[::-1]) == settle(text, both)
    of_two = [person(12, 22, 0.9, "PRODUCT"), person(17, 22, 0.95, "EMPLOYEE"), person(12, 16, 0.8, "PRODUCT")]
    assert shown(text, settle(text, of_two)) == ["PRODUCT:Anna Weber", "EMPLOYEE:Weber"]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("score", "want"), [(0.7, "LOCATION:Anna Weber"), (0.95, "PERSON:Anna Weber")])
def test_of_two_models_that_see_different_names_the_surer_one_is_believed_whatever_its_place(score, want, order):
    text = "then we saw Anna Weber at home"
    both = [person(12, 22, score), person(12, 22, 0.9, "LOCATION", because=("model:own",))]
    assert shown(text, settle(text, both[::order])) == [want]


def test_what_is_united_keeps_all_reasons_and_the_better_score():
    (one,) = choose([person(0, 5, 0.6, because=("model:hashed",)), person(0, 5, 0.9, because=("cue:to",), firm=True)])
    assert (one.score, set(one.because)) == (0.9, {"model:hashed", "cue:to"})


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30), st.integers(1, 10), st.floats(0.1, 1), st.booleans(),
            st.sampled_from(["PERSON", "ADDRESS", "LOCATION", "ORGANIZATION"]),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_no_two_left_overlap_and_the_order_of_the_mentions_does_not_matter(drawn):
    mentions = [person(start, start + length, score, label, firm=firm) for start, length, score, firm, label in drawn]
    left = choose(mentions)
    assert all(one.end <= other.start for one, other in pairwise(left))
    assert [(one.start, one.end) for one in choose(mentions[::-1])] == [(one.start, one.end) for one in left]


ADDRESSES = {
    "with a blank between": ("北京市 海淀区5号", [(0, 3, "LOCATION"), (4, 9, "ADDRESS")], ["ADDRESS:北京市 海淀区5号"]),
    "with 号 between": ("中山路5号301室", [(0, 4, "ADDRESS"), (5, 9, "ADDRESS")], ["ADDRESS:中山路5号301室"]),
    "a comma and a line break": (
        "5 Elm Rd,\nParis",
        [(0, 8, "ADDRESS"), (10, 15, "LOCATION")],
        ["ADDRESS:5 Elm Rd,\nParis"],
    ),
    "two places": ("Paris, Rome", [(0, 5, "LOCATION"), (7, 11, "LOCATION")], ["LOCATION:Paris", "LOCATION:Rome"]),
    "too far": (
        "5 Elm Rd near Paris",
        [(0, 8, "ADDRESS"), (14, 19, "LOCATION")],
        ["ADDRESS:5 Elm Rd", "LOCATION:Paris"],
    ),
    "a place before two": (
        "Bonn, 5 Elm Rd, Ulm",
        [(0, 4, "LOCATION"), (6, 14, "ADDRESS"), (16, 19, "LOCATION")],
        ["ADDRESS:Bonn, 5 Elm Rd, Ulm"],
    ),
    "three places and an address": (
        "甲乙丙丁路5号",
        [(0, 1, "LOCATION"), (1, 2, "LOCATION"), (2, 7, "ADDRESS")],
        ["ADDRESS:甲乙丙丁路5号"],
    ),
}


@pytest.mark.parametrize(("text", "spans", "want"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_one_piece_and_keeps_its_city(text, spans, want):
    assert shown(text, join_addresses(text, [person(start, end, 0.8, label) for start, end, label in spans])) == want


GROWN = {
    "a bank": ("欧洲央行行长", 0, 2, "LOCATION", "ORGANIZATION:欧洲央行"),
    "a school of a school": ("上海音乐学院附中学生", 0, 6, "ORGANIZATION", "ORGANIZATION:上海音乐学院附中"),
    "a clinic called like a person": ("德馨口腔的医生", 0, 2, "PERSON", "ORGANIZATION:德馨口腔"),
    "nothing behind": ("欧洲人", 0, 2, "LOCATION", "LOCATION:欧洲"),
    "an address": ("中山路5号医院", 0, 5, "ADDRESS", "ADDRESS:中山路5号"),
    "not Chinese": ("Acme集团", 0, 4, "PERSON", "PERSON:Acme"),
    "a family name": ("Dr. Vikram Subramanian.", 4, 10, "PERSON", "PERSON:Vikram Subramanian"),
    "a word that is no name": ("Ask Vikram Tomorrow", 4, 10, "PERSON", "PERSON:Vikram"),
    "a name behind a place": ("in Paris Subramanian", 3, 8, "LOCATION", "LOCATION:Paris"),
}

MIXED = {
    # the text, the given name in Latin letters, what is taken with it
    "a family name behind": ("由 Tom 王 主持", "Tom", "Tom 王"),
    "a family name behind, a word follows": ("请Tom 王确认", "Tom", "Tom 王"),
    "a family name behind, another word follows": ("Amy 陈参加了", "Amy", "Amy 陈"),
    "glued together": ("Kevin张，你好", "Kevin", "Kevin张"),
    "a family name before": ("张Lily负责", "Lily", "张Lily"),
    "a family name before, after a word": ("发给李 David。", "David", "李 David"),
    "in traditional characters": ("Amy 陳 說", "Amy", "Amy 陳"),
    "a word that begins so": ("iPhone 之外 Tom 王者荣耀", "Tom", "Tom"),
    "a height": ("Max 高度", "Max", "Max"),
    "a weekday": ("Tom 周三来", "Tom", "Tom"),
    "and": ("Tom 和 Amy", "Tom", "Tom"),
    "at": ("Tom 于 3 月", "Tom", "Tom"),
    "a word that ends so": ("大王 Tom", "Tom", "Tom"),
    "nobody's name": ("Qqzzx 王，", "Qqzzx", "Qqzzx"),
}


@pytest.mark.parametrize(("text", "given", "want"), MIXED.values(), ids=MIXED)
def test_a_given_name_in_latin_letters_has_its_chinese_family_name(text, given, want):
    start = text.index(given)
    assert shown(text, [grown(text, person(start, start + len(given), 0.8))]) == [f"PERSON:{want}"]


@pytest.mark.parametrize(("text", "start", "end", "label", "want"), GROWN.values(), ids=GROWN)
def test_what_stands_behind_a_name_and_belongs_to_it_is_taken_in(text, start, end, label, want):
    assert shown(text, [grown(text, person(start, end, 0.8, label))]) == [want]


PARTS = {
    "a patronymic": ("Mohd Faizal bin Ismail", [(0, 11), (16, 22)], ["PERSON:Mohd Faizal bin Ismail"]),
    "two particles": ("Anna van der Berg", [(0, 4), (13, 17)], ["PERSON:Anna van der Berg"]),
    "two people": ("Anna and Tom", [(0, 4), (9, 12)], ["PERSON:Anna", "PERSON:Tom"]),
}


@pytest.mark.parametrize(("text", "spans", "want"), PARTS.values(), ids=PARTS)
def test_parts_of_one_name_are_one_person(text, spans, want):
    assert shown(text, join_persons(text, [person(start, end) for start, end in spans])) == want


def test_a_list_of_persons_is_one_of_persons_to_its_end():
    text = "参会:于世杰、成恭、明磊。"
    assert shown(text, settle(text, [person(3, 6), person(7, 9)])) == ["PERSON:于世杰", "PERSON:成恭", "PERSON:明磊"]


def test_a_name_that_is_found_again_is_not_cut_out_of_a_mail_address():
    text = "Julian Berman <Julian+list@x.example> wrote, Julian said"
    assert shown(text, settle(text, [person(0, 13)])) == ["PERSON:Julian Berman", "PERSON:Julian"]


def test_a_name_in_a_mail_or_web_address_is_not_cut_out():
    text = "write to anna.weber@x.example or https://anna.example/weber today Anna"
    inside = [person(9, 19), person(40, 44), person(len(text) - 4, len(text))]
    assert shown(text, settle(text, inside)) == ["PERSON:Anna"]


@pytest.mark.parametrize("border", ["\t", "\f"])
def test_no_name_goes_on_in_the_next_cell(border):
    text = f"OA{border}Julian{border}{border}Berman"
    names = settle(text, [person(3, len(text), 0.9)])
    assert shown(text, names) == ["PERSON:Julian", "PERSON:Berman"]


@given(st.text(alphabet=st.sampled_from("AnaBo张伟路号 ,\n.@:/"), max_size=40), st.data())
def test_whatever_is_settled_lies_in_the_text_and_apart(text, data):
    places = st.integers(0, len(text))
    spans = data.draw(
        st.lists(st.tuples(places, places, st.sampled_from(["PERSON", "ADDRESS", "LOCATION"])), max_size=6)
    )
    left = settle(text, [person(start, end, 0.95, label) for start, end, label in spans if start < end])
    assert all(0 <= one.start < one.end <= len(text) for one in left)
    assert all(one.end <= other.start for one, other in pairwise(left))


BACKED = {
    "a faint guess alone": ([(3, 5, "LOCATION", 0.68)], []),
    "one that is surer": ([(3, 5, "LOCATION", 0.7)], [(3, 5)]),
    "two faint ones": ([(3, 5, "LOCATION", 0.68), (8, 10, "PERSON", 0.5)], []),
    "with one that is sure": ([(3, 5, "LOCATION", 0.68), (8, 10, "PERSON", 0.9)], [(3, 5), (8, 10)]),
}


@pytest.mark.parametrize(("seen", "want"), BACKED.values(), ids=BACKED)
def test_a_faint_guess_at_a_chinese_name_needs_another_name_beside_it(seen, want):
    text = "昨天去琅琊看看，张伟也在"
    told = [Mention(start, end, label, score, ("model:hashed",)) for start, end, label, score in seen]
    assert [(one.start, one.end) for one in settle(text, told)] == want


def test_what_a_rule_or_another_model_sees_is_no_faint_guess():
    text = "昨天去琅琊看看，Anna"
    assert settle(text, [Mention(3, 5, "LOCATION", 0.6, ("cue:place",))])
    assert settle(text, [Mention(3, 5, "LOCATION", 0.6, ("model:strange",))])
    assert settle(text, [Mention(8, 12, "PERSON", 0.6, ("model:hashed",))]), "Latin letters"
