"""A finished model is taught its second question in place, and can be opened after. It runs where training does."""

import json

import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402

from detectors.ner.manifest import read_manifest  # noqa: E402
from detectors.ner.tags import LABELS, SECRET  # noqa: E402
from detectors.ner.train.export import export  # noqa: E402
from detectors.ner.train.graft import NAMES, OWN  # noqa: E402
from detectors.ner.train.manifest import write_manifest  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402
from detectors.ner.train.records import Record  # noqa: E402
from detectors.ner.train.teach import TALK, Lesson, chinese_words, english_words, round_of, teach  # noqa: E402
from tests.detectors.ner.train.small import fewer_sets  # noqa: E402

LESSON = Lesson(("zh",), times=1, others=20, rounds=1, steps=2)


@pytest.fixture(autouse=True)
def _sets(monkeypatch):
    fewer_sets(monkeypatch)


@pytest.fixture
def folder(tmp_path):
    export("hashed", HashedTagger(24), tmp_path)
    write_manifest("hashed", tmp_path, "test", dict.fromkeys(LABELS, 0.5), {"tokens": 1})
    return tmp_path


def test_a_model_is_taught_in_place_and_can_be_taught_again(folder):
    before = onnx.load(folder / "model.onnx")
    sizes = set()
    for _ in range(2):
        teach("hashed", folder, LESSON)
        manifest = read_manifest(folder)
        assert 0.3 <= manifest.thresholds[SECRET] <= 0.9 and manifest.thresholds["PERSON"] == 0.5
        nodes = [one.output[0] for one in onnx.load(folder / "model.onnx").graph.node]
        head = [name for name in nodes if name.startswith(OWN) and name != NAMES]
        assert head and len(nodes) - len(head) == len(before.graph.node) + 1, "what joins both answers comes beside"
        sizes.add(len(head))
    assert len(sizes) == 1, "the head that was there before is taken off"
    figures = json.loads((folder / "manifest.json").read_text("utf-8"))["trained_on"]["secrets"]
    assert min(figures[sort] for sort in ("values", "neighbours", "prompts")) > 100, "judged by too few"


def test_a_round_holds_sentences_that_tell_and_texts_that_do_not_and_is_the_same_twice():
    rows = round_of("hashed", LESSON, 0)
    assert rows == round_of("hashed", LESSON, 0) != round_of("hashed", LESSON, 1)
    quiet = [one for one in rows if one.source != "told"]
    assert len(quiet) == 20 and not any(one.spans or TALK.search(one.text) for one in quiet)
    assert sum(bool(one.spans) for one in rows) > 100 and all(isinstance(one, Record) for one in rows)


def test_words_that_secrets_are_made_of_are_words():
    assert len(english_words()) > 1000 and all(word.isalpha() and word.islower() for word in english_words())
    assert len(chinese_words()) > 1000 and all(len(word) == 2 for word in chinese_words())
