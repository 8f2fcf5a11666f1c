"""Thresholds are the best for their label, and the shipped graphs are measured as they are."""

import pytest

from detectors.ner.tags import LABELS, Span
from detectors.ner.train.manifest import MODELS
from detectors.ner.train.measure import Tagger, choose, kept, sets
from detectors.ner.train.records import Record

TEXT = Record("a b c d", ((0, 1, "PERSON"), (4, 5, "PERSON")), "en", "made up")
FOUND = [Span(0, 1, "PERSON", 0.9), Span(4, 5, "PERSON", 0.7), Span(2, 3, "PERSON", 0.5)]


def test_a_threshold_keeps_what_is_right_and_drops_what_is_wrong() -> None:
    thresholds = choose([([TEXT], [FOUND])])
    assert thresholds["PERSON"] == 0.55, "the lowest that parts right from wrong"
    assert kept(FOUND, thresholds) == [(0, 1, "PERSON"), (4, 5, "PERSON")]


def test_a_label_that_never_occurs_gets_the_lowest_threshold() -> None:
    assert choose([([TEXT], [FOUND])])["ADDRESS"] == 0.3


def test_prompts_are_filled_for_each_language_and_include_some_without_names() -> None:
    wanted = sets(("zh", "en"))
    for language in ("zh", "en"):
        prompts = wanted[f"prompts/{language}"]
        assert len(prompts) > 200 and {record.language for record in prompts} == {language}
        assert 0.1 < sum(not record.spans for record in prompts) / len(prompts) < 0.6
    assert prompts == sets(("en",))["prompts/en"], "the same each time"


@pytest.mark.parametrize(
    ("kind", "text"), [("hashed", "请联系张伟,地址在北京市。"), ("latin", "Please call John Smith in Boston.")]
)
def test_the_shipped_graph_finds_a_plain_name_at_its_exact_place(kind: str, text: str) -> None:
    folder = MODELS / kind
    tagger = Tagger(kind, folder / "model.onnx", folder / "tokenizer.json" if kind == "latin" else None)
    (spans,) = tagger.spans([Record(text, (), "en", "made up")])
    assert {text[span.start : span.end] for span in spans if span.label == "PERSON"} & {"张伟", "John Smith"}
    assert all(span.label in LABELS and 0 < span.score <= 1 for span in spans)
