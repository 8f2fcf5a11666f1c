"""A round is the same again for the same number, fresh for another, and a good part of it names nobody."""

from collections.abc import Iterator

import pytest

from detectors.ner.train import rounds as room
from detectors.ner.train.rounds import Rounds
from tests.detectors.ner.train.small import fewer_sets


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        fewer_sets(monkeypatch)
        yield


@pytest.fixture(scope="module")
def latin(few: None) -> Rounds:
    del few
    return Rounds("latin", 1)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SYNTHETIC", {"latin": {"en": 600}, "hashed": {"zh": 600, "en": 100}})
    monkeypatch.setattr(room, "REPORTS", {"hashed": 120})
    monkeypatch.setattr(room, "DRILLS", {"latin": {"code": 60}, "hashed": {"news": 100, "ordinary": 60, "code": 40}})


def test_a_round_is_made_again_from_its_number_and_another_is_another(latin: Rounds) -> None:
    assert latin.records(3) == latin.records(3) != latin.records(4)


def test_over_some_rounds_every_record_of_a_set_is_read(latin: Rounds) -> None:
    rows = latin.sets["wikigold"]
    dealt = [record for number in range(3) for record in latin._dealt("wikigold", rows, number)]
    assert {record.text for record in dealt} == {record.text for record in rows}


def test_a_good_part_of_what_is_made_up_names_nobody() -> None:
    ours = Rounds("hashed", 1)
    chance = room.Random(1)
    made = ours._synthetic(chance, room.Filler(chance, room.TRAIN, ours.known))
    share = sum(not record.spans for record in made) / len(made)
    assert 0.2 < share < 0.45
    assert {record.language for record in ours.records(0)} == {"zh", "en"}


def test_a_model_for_latin_script_reads_no_chinese(latin: Rounds) -> None:
    assert {record.language for record in latin.records(0)} == {"en"}


def test_what_people_paste_in_english_is_read_more_often_than_other_templates(latin: Rounds) -> None:
    chance = room.Random(1)
    made = latin._synthetic(chance, room.Filler(chance, room.TRAIN, {}))
    asked = [form for form in room.templates("en", room.TRAIN) if form.genre == "desk-neg"]
    texts = {form.text for form in asked}
    assert len(texts) > 100
    assert sum(record.text in texts for record in made) > len(texts) * 2
