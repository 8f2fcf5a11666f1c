"""Word lists are read as written and parted the same way everywhere."""

from detectors.ner.train.lists import (
    DEVELOP,
    TRAIN,
    gazetteer,
    given_characters,
    jieba_words,
    latin_names,
    mentions,
    own,
    part_of,
    towns_and_states,
)  # fmt: skip
from detectors.ner.train.records import Record


def test_a_list_is_parted_into_nine_tenths_and_one_tenth() -> None:
    words = [str(number) for number in range(2000)]
    ours, theirs = part_of(words, TRAIN), part_of(words, DEVELOP)
    assert not set(ours) & set(theirs) and {*ours, *theirs} == set(words)
    assert 150 < len(theirs) < 250
    assert part_of(["a", "a", ""], TRAIN) in {("a",), ()}


def test_sections_keep_repeated_words_and_blanks_at_ends() -> None:
    assert own("chinese", "roles").count("总") > 1, "a word named twice is drawn twice as often"
    assert " City" in own("english", "town ends") and "New " in own("english", "town starts")


def test_the_lists_of_others_are_there() -> None:
    assert len(jieba_words()) > 60_000 and len(given_characters()) > 3000
    assert len(latin_names()) > 40 and all(pair[0] and pair[1] for pair in latin_names().values())
    towns, states = towns_and_states()
    assert len(towns) > 2000 and "Texas" in states
    assert len(gazetteer("zh_place")) > 6000 and len(gazetteer("zh_company")) > 50_000


def test_mentions_are_gathered_by_label_and_language() -> None:
    record = Record("Ann of Acme\nLtd", ((0, 3, "PERSON"), (7, 15, "ORGANIZATION")), "en", "a")
    assert mentions([record, record]) == {("PERSON", "en"): ("Ann",)}, "none twice, none over a line break"
