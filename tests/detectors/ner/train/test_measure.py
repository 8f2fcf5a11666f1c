"""Thresholds are the best for their label, and the shipped graphs are measured as they are."""

import pytest

from detectors.ner.tags import LABELS, Span
from detectors.ner.train.manifest import MODELS
from detectors.ner.train.measure import STEPS, Tagger, choose, judged, kept, sets, written
from detectors.ner.train.records import Record

TEXT = Record("Anna or Carl. See Tom", ((0, 4, "PERSON"), (18, 21, "PERSON")), "en", "made up")
FOUND = [Span(0, 4, "PERSON", 0.9), Span(18, 21, "PERSON", 0.7), Span(8, 12, "PERSON", 0.5)]
HARMLESS = Record("The car is a dear Carl.", (), "en", "made up")
FALSE = [Span(18, 22, "PERSON", 0.72)]


def test_a_threshold_keeps_what_is_right_and_drops_what_is_wrong() -> None:
    thresholds = choose([judged("made up", "latin", [TEXT], [FOUND])])
    assert thresholds["PERSON"] == 0.55, "the lowest that parts right from wrong"
    assert kept(FOUND, thresholds) == [(0, 4, "PERSON"), (18, 21, "PERSON")]


def test_a_label_that_never_occurs_gets_the_lowest_threshold() -> None:
    assert choose([judged("made up", "latin", [TEXT], [FOUND])])["ADDRESS"] == STEPS[0]


def test_thresholds_go_up_for_harmless_prompts_where_that_costs_little() -> None:
    cheap = [
        judged("made up", "latin", [TEXT], [[*FOUND[:1], Span(18, 21, "PERSON", 0.8)]]),
        judged("prompts_dev/en", "latin", [HARMLESS], [FALSE]),
    ]
    assert choose(cheap)["PERSON"] == 0.75
    dear = [
        judged("made up", "latin", [TEXT], [FOUND]),
        judged("prompts_dev/en", "latin", [HARMLESS], [FALSE]),
    ]
    assert choose(dear)["PERSON"] == 0.55, "a name in two is too dear"


def test_a_set_is_judged_as_the_product_would_see_it() -> None:
    record = Record("Name: Ann Lee, see `Marisol` there", ((6, 13, "PERSON"),), "en", "made up")
    seen = judged("made up", "latin", [record], [[Span(20, 27, "PERSON", 0.99)]])
    strict = seen.tally(dict.fromkeys(LABELS, 0.5)).strict["PERSON"]
    assert (strict.hits, strict.found, strict.there) == (1, 1, 1), "a rule's find counts, a word of code does not"


def test_the_written_prompts_are_read_with_their_labels() -> None:
    for language in ("zh", "en"):
        records = written(language)
        assert len(records) > 100 and any(record.spans for record in records) and any(not r.spans for r in records)
        assert all(0 <= start < end <= len(record.text) for record in records for start, end, _ in record.spans)


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
