"""Exercises put names among ordinary words, and some have none at all."""

from random import Random

from detectors.ner.train.drills import Drills, code_lines, ordinary
from detectors.ner.train.fill import Filler
from detectors.ner.train.lists import TRAIN, own
from detectors.normalise import normalise


def drills(seed: int = 1) -> Drills:
    chance = Random(seed)
    return Drills(chance, Filler(chance, TRAIN, {}))


def test_news_has_names_with_exact_spans() -> None:
    ours = drills()
    records = [ours.news() for _ in range(300)]
    labels = [label for record in records for _, _, label in record.spans]
    assert {"PERSON", "ORGANIZATION", "LOCATION"} == set(labels) and labels.count("PERSON") > 300
    for record in records:
        assert normalise(record.text).text == record.text and "{" not in record.text
        assert all(record.text[start:end].strip() for start, end, _ in record.spans)


def test_ordinary_words_and_code_name_nobody() -> None:
    ours = drills(2)
    assert all(not ours.ordinary().spans and not ours.code("en").spans for _ in range(50))
    assert len({ours.ordinary().text for _ in range(50)}) == 50


def test_words_that_begin_like_a_surname_are_among_the_ordinary_ones() -> None:
    common, rarer, alike = ordinary()
    assert len(common) > 5000 and len(rarer) > 20_000 and len(alike) > 3000
    assert {"高峰", "白银", "张力"} <= {*own("chinese", "tempting words")}, "which jieba takes for names"
    assert "王建国" not in {*alike, *common, *rarer}


def test_code_is_code() -> None:
    lines = code_lines()
    assert len(lines) > 5000 and not any("#" in line for line in lines)
