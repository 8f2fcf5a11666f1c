"""One command trains and ships. Needs PyTorch, so it runs where training does."""

from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from detectors.ner.hashed import Hashed  # noqa: E402
from detectors.ner.train import __main__ as command  # noqa: E402
from detectors.ner.train.encode import hashed_rows  # noqa: E402
from detectors.ner.train.records import Record  # noqa: E402

pytestmark = pytest.mark.timeout(600)  # real networks, on whatever is left of a processor


def test_both_models_have_teachers_and_a_student() -> None:
    assert set(command.TEACHERS) == set(command.STUDENTS) == {"hashed", "latin"}


def test_the_hashed_student_learns_under_its_teachers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    records = [
        Record(f"Ask Mary Smith about line {line}.", ((4, 14, "PERSON"),), "en", "made up") for line in range(30)
    ]
    rows = hashed_rows(records, Hashed())
    monkeypatch.setattr(command, "dealt", lambda *_: repeat(rows))  # a real round takes a minute to deal
    monkeypatch.setattr(command, "COUNT", 1)
    tiny = {"target": 600, "batch": 50}
    for number in range(1, command.COUNT + 1):
        command.teach("hashed", number, replace(command.TEACHERS["hashed"], **tiny), tmp_path, "cpu")
    plan = replace(command.STUDENTS["hashed"], **tiny)
    command.train("hashed", plan, tmp_path, "cpu")
    weights = command.learnt(command.place("hashed", plan, tmp_path))["averaged"]
    assert weights["enter.weight"].shape[0] == command.WIDTH, "the student is as wide as what is shipped"
    assert not torch.equal(weights["leave.weight"], command.student("hashed", plan).state_dict()["leave.weight"])


def test_a_student_over_word_pieces_begins_as_layers_of_its_teacher() -> None:
    plan = replace(command.STUDENTS["latin"], layers=3)
    taught = command.fresh("latin", command.TEACHERS["latin"])
    begun = command.student("latin", plan, taught)
    layers, those = begun.bert.bert.encoder.layer, taught.bert.bert.encoder.layer
    for mine, place in zip(layers, (1, 3, 5), strict=True):
        assert torch.equal(mine.output.dense.weight, those[place].output.dense.weight), place
