"""Words and base forms without a model, and names by a pipeline that is there."""

import pytest
import spacy

from detectors import spacy_pipeline
from detectors.interface import CannotTell, DetectorError
from detectors.spacy_pipeline import BlankEngine, Pipeline, lemma
from tests.silence import says_nothing_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pipeline that knows three names."""
    pipeline = spacy.blank("zh")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": "王小明"},
            {"label": "ORG", "pattern": "北辰科技"},
            {"label": "GPE", "pattern": "苏州"},
            {"label": "MONEY", "pattern": "五元"},
        ]
    )
    path = tmp_path_factory.mktemp("pipelines") / "zh_tiny"
    pipeline.to_disk(path)
    return path


def test_a_pipeline_finds_names_under_our_entities(folder):
    text = "王小明在苏州的北辰科技付了五元"
    found = Pipeline(str(folder)).find(text, frozenset({"PERSON", "ORGANIZATION", "LOCATION"}))
    assert [(one.entity, text[one.start : one.end]) for one in found] == [
        ("PERSON", "王小明"),
        ("LOCATION", "苏州"),
        ("ORGANIZATION", "北辰科技"),
    ]
    assert found[1].because == ("model:spacy:zh_tiny", "called:GPE")


def test_a_pipeline_reads_what_is_hidden_and_its_offsets_lead_back(folder):
    text = "请找王\u200b小明"
    (found,) = Pipeline(str(folder)).find(text, frozenset({"PERSON"}))
    assert text[found.start : found.end] == "王\u200b小明"


def test_entities_that_nobody_asked_for_are_not_given(folder):
    assert Pipeline(str(folder)).find("王小明", frozenset({"LOCATION"})) == ()


def test_labels_may_be_named_otherwise(folder):
    pipeline = Pipeline(str(folder), {"GPE": "CITY"})
    assert pipeline.entities == {"CITY"}


def test_a_pipeline_that_is_not_installed_stops_the_start_and_says_how_to_install_it():
    with pytest.raises(DetectorError, match=r"zh_core_web_trf: not installed.*pip install zh_core_web_trf"):
        Pipeline("zh_core_web_trf")


def test_a_pipeline_without_names_stops_the_start(tmp_path):
    spacy.blank("en").to_disk(tmp_path / "empty")
    with pytest.raises(DetectorError, match="it finds none of"):
        Pipeline(str(tmp_path / "empty"))


@pytest.mark.parametrize("gap", ["", " ", "\n"], ids=["no blank", "blanks", "lines"])
def test_a_text_longer_than_a_pipeline_takes_is_read_whole_and_no_border_cuts_a_name(folder, monkeypatch, gap):
    pipeline = Pipeline(str(folder))
    monkeypatch.setattr(pipeline._pipeline, "max_length", 80)
    monkeypatch.setattr(spacy_pipeline, "STRETCH", 50)
    monkeypatch.setattr(spacy_pipeline, "AROUND", 10)
    text = gap.join(["我见了", "王小明", "在苏州。"] * 40)
    found = pipeline.find(text, frozenset({"PERSON", "LOCATION"}))
    assert [text[one.start : one.end] for one in found] == ["王小明", "苏州"] * 40


def test_a_pipeline_that_fails_cannot_tell_and_quotes_nothing(folder, monkeypatch):
    pipeline = Pipeline(str(folder))
    monkeypatch.setattr(pipeline._pipeline, "max_length", 3)
    with pytest.raises(CannotTell, match="spacy:zh_tiny failed") as raised:
        pipeline.find("王小明在苏州", frozenset({"PERSON"}))
    says_nothing_of(raised.value, "王")


def test_what_a_pipeline_quotes_is_not_behind_its_failure_either(folder, monkeypatch):
    def quoting(text: str) -> None:
        raise ValueError(f"cannot read {text}")

    pipeline = Pipeline(str(folder))
    monkeypatch.setattr(pipeline, "_spans", quoting)
    with pytest.raises(CannotTell, match="spacy:zh_tiny failed") as raised:
        pipeline.find("王小明在苏州", frozenset({"PERSON"}))
    says_nothing_of(raised.value, "王")


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("Cards", "card"),
        ("numbers", "number"),
        ("policies", "policy"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("passport", "passport"),
        ("address", "address"),
        ("status", "status"),
        ("is", "be"),
        ("women", "woman"),
        ("号码", "号码"),
    ],
)
def test_context_words_have_a_base_form(word, base):
    assert lemma(word) == base


def test_the_blank_engine_gives_words_places_and_keywords_without_a_model():
    artifacts = BlankEngine().process_text("Our passports, please: E12", "en")
    assert artifacts.lemmas[1] == "passport" and artifacts.tokens_indices[:2] == [0, 4]
    assert "passport" in artifacts.keywords and "," not in artifacts.keywords
    assert [token.text for token in BlankEngine().process_text("护照号", "zh").tokens] == ["护", "照", "号"]


def test_a_language_that_spacy_does_not_know_is_cut_into_words_too():
    assert len(BlankEngine(["qq"]).process_text("one two", "qq").tokens) == 2
