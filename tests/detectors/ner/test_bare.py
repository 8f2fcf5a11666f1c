"""Where nothing speaks of people, a model's word is not enough for what things are called as well."""

import pytest

from detectors.ner.alone import backed
from detectors.ner.bare import BY_SHAPE, MOST, MOST_PLACES, vouched
from detectors.ner.mention import Mention

LATIN, HASHED = ("model:latin",), ("model:hashed",)


def seen(text, words, label, score):
    start = text.index(words)
    return Mention(start, start + len(words), label, score, LATIN if words.isascii() else HASHED)


DROPPED = {
    # why: (the text, what is seen in it, its label, its score)
    "one unknown word, asked about": ("How do I clean Zuulfin?", "Zuulfin", "PERSON", 0.98),
    "a known name, hardly seen": ("How does Cassandra pick a node?", "Cassandra", "PERSON", 0.87),
    "one word taken for a firm": ("Does it cost more, and why does Zuulfin leak?", "Zuulfin", "ORGANIZATION", 0.98),
    "small words taken for one": ("explain a maul in rugby union", "rugby union", "ORGANIZATION", 0.84),
    "one word taken for a place": ("What is the difference between Taleggio and brie?", "Taleggio", "LOCATION", 0.97),
    "a kind of thing": ("How do I brew a Dan Cong?", "Dan Cong", "PERSON", 0.99),
    "goods behind a brand, though nobody asks": ("My Zuulfin dishwasher shows E24", "Zuulfin", "ORGANIZATION", 0.999),
    "goods behind two words": ("My Zuulfin cordless drill stops", "Zuulfin", "PERSON", 0.999),
    "a measure behind it": ("Pots: Emile Zuulfin, 2.4 l, ceramic", "Emile Zuulfin", "PERSON", 0.99),
    "the value of a setting": ('{"colour": "Zuulfin"}', "Zuulfin", "PERSON", 0.98),
    "no family name": ("布地奈德能用多久？", "布地奈德", "PERSON", 0.979),
    "a character that is in no given name": ("玄秘塔难不难写？", "玄秘塔", "PERSON", 0.98),
    "a Chinese place that does not end as one": ("从拉新到复购怎么做", "拉新", "LOCATION", 0.96),
    "a Chinese body that does not end as one": ("教案怎么写，主题是诚信", "诚信", "ORGANIZATION", 0.9),
    "a word in capitals behind it": ("My Zuulfin Quillmore blinks", "Zuulfin", "ORGANIZATION", 0.999),
    "the number of a model behind it": ("a Zuulfin V11 hums", "Zuulfin", "PERSON", 0.999),
    "an unknown word in a question of nobody": ("Is Zuulfin brighter than the moon?", "Zuulfin", "PERSON", 0.99),
    "in the title of a work": ("钢琴考级《小汤》要多久", "小汤", "PERSON", 0.99),
    "a foreign sound behind a family name": ("雷克萨斯保养多少钱？", "雷克萨斯", "PERSON", 0.98),
    "a family name, where a thing is asked of": ("宋锦的织法有什么不同", "宋锦", "PERSON", 0.982),
    "a brand of goods in Chinese": ("徕卡相机很贵", "徕卡", "ORGANIZATION", 0.99),
}


@pytest.mark.parametrize(("text", "words", "label", "score"), DROPPED.values(), ids=DROPPED)
def test_what_looks_like_a_thing_is_left_out_however_sure_the_model_mostly_is(text, words, label, score):
    assert vouched(text, [seen(text, words, label, score)], asked="?" in text or "？" in text or "怎么" in text) == []


KEPT = {
    "a known name, well seen": ("How does Cassandra pick a node?", "Cassandra", "PERSON", 0.91),
    "a name in full": ("How do I thank Anna Dilvar?", "Anna Dilvar", "PERSON", 0.76),
    "one unknown word, told": ("Zuulfin leaks again", "Zuulfin", "PERSON", 0.6),
    "a country": ("How do I get to Spain?", "Spain", "LOCATION", 0.5),
    "a place behind a word that leads to one": ("How do I get a permit in Truro?", "Truro", "LOCATION", 0.75),
    "a known name as a value": ('{"reader": "Cassandra"}', "Cassandra", "PERSON", 0.6),
    "a family name with a given one": ("王小芳怎么念", "王小芳", "PERSON", 0.93),
    "the same in a question of somebody": ("Where is Zuulfin? I am waiting", "Zuulfin", "PERSON", 0.7),
    "a place where towns are spoken of": ("Is Truro a nice town?", "Truro", "LOCATION", 0.6),
    "all of it in capitals": ("MY ZUULFIN QUILLMORE BLINKS", "ZUULFIN", "PERSON", 0.9),
    "a province": ("河南有什么特产？", "河南", "LOCATION", 0.7),
    "a Chinese body that ends as one": ("未来银行怎么开户", "未来银行", "ORGANIZATION", 0.7),
    "no family name, but somebody speaks": ("布地奈德说他能来吗？", "布地奈德", "PERSON", 0.979),
    "a brand of goods whose owner is meant": (
        "She says my Zuulfin dishwasher shows E24",
        "Zuulfin",
        "ORGANIZATION",
        0.999,
    ),
}


@pytest.mark.parametrize(("text", "words", "label", "score"), KEPT.values(), ids=KEPT)
def test_what_looks_like_a_name_or_is_spoken_of_as_one_stays(text, words, label, score):
    told = [seen(text, words, label, score)]
    assert vouched(text, told, asked="?" in text or "？" in text or "怎么" in text) == told


def test_one_sure_person_speaks_for_the_others_and_a_sure_place_does_not():
    text = "How do I get Anna Dilvar, Zuulfin and Bregg to Taleggio?"
    unsure = [seen(text, "Zuulfin", "PERSON", 0.5), seen(text, "Bregg", "PERSON", 0.5)]
    person, place = seen(text, "Anna Dilvar", "PERSON", 0.9), seen(text, "Taleggio", "LOCATION", 0.99)
    assert vouched(text, [person, *unsure], asked=True) == [person, *unsure]
    assert vouched(text, [*unsure, place], asked=True) == [place]


def test_a_name_that_a_rule_knows_by_its_words_alone_is_left_out_where_somebody_asks():
    text = "Herman Miller 的椅子好吗"
    told = [Mention(0, 13, "PERSON", 0.75, BY_SHAPE[0])]
    assert vouched(text, told, asked=True) == []
    assert vouched(text, told, asked=False) == told
    assert vouched("Herman Miller 的电话是多少", told, asked=True) == told


def test_a_name_behind_the_key_of_a_form_stays_however_bare_the_text_is():
    text = "Name: Ann Lee, what is `Zuulfin`?"
    keyed = Mention(6, 13, "PERSON", 0.9, ("cue:name",), firm=True)
    assert vouched(text, [keyed], asked=True) == [keyed]
    assert backed(text, [keyed]) == [keyed]


def test_a_list_of_strange_words_holds_no_person_unless_the_model_is_all_but_certain():
    text = "Rank these decks: Zuulfin, Rosa, Quillmo, Bregg"
    assert vouched(text, [seen(text, "Rosa", "PERSON", 0.99)], asked=True) == []
    assert vouched(text, [seen(text, "Rosa", "PERSON", 0.996)], asked=True)
    people = "Rank these decks: Anna, Rosa, Peter, Bregg"
    assert vouched(people, [seen(people, "Rosa", "PERSON", 0.99)], asked=True), "most of them are names"


LISTS = {
    "with what can be no name": ("玉露、熊童子、生石花怎么养", ("熊童子",), False),
    "in traditional characters": ("玉露、熊童子、綠之鈴怎麼養", ("熊童子",), False),
    "of names alone": ("王小芳、李建国、熊童子怎么分组", ("王小芳", "李建国", "熊童子"), True),
    "with a name that no model saw": ("王小芳、李建国、熊童子怎么分组", ("王小芳", "熊童子"), True),
    "of two, which is none": ("熊童子、生石花怎么养", ("熊童子",), True),
}


@pytest.mark.parametrize(("text", "names", "kept"), LISTS.values(), ids=LISTS)
def test_a_list_that_holds_what_is_no_name_holds_none(text, names, kept):
    told = [seen(text, name, "PERSON", 0.999) for name in names]
    assert bool(vouched(text, told, asked=True)) is kept


def test_many_names_speak_for_themselves():
    text = "Which is better: " + ", ".join(f"Zuul{chr(97 + at)}" for at in range(MOST + 1)) + "?"
    told = [seen(text, f"Zuul{chr(97 + at)}", "PERSON", 0.5) for at in range(MOST + 1)]
    assert vouched(text, told, asked=True) == told
    assert vouched(text, told[:MOST], asked=True) == []


def test_a_name_that_stands_everywhere_is_left_as_it_is():
    text = "How do I clean Zuulfin? " + "Zuulfin. " * MOST_PLACES
    told = [Mention(at, at + 7, "PERSON", 0.5, LATIN) for at in range(24, len(text), 9)]
    assert vouched(text, told, asked=True) == []
    assert vouched(text, [seen(text, "Zuulfin", "PERSON", 0.5), *told], asked=True) != []


def test_none_are_none():
    assert vouched("How?", [], asked=True) == []
