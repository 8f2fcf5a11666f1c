"""Presidio's analyzer runs our detectors, and fails where they cannot tell."""

import pytest
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from detectors.as_presidio import as_recognizers
from detectors.interface import CannotTell, Finding
from detectors.patterns import CHECKS, RULES, Patterns
from detectors.rulebook import load_rules
from detectors.spacy_pipeline import BlankEngine


@pytest.fixture(scope="module")
def china():
    return Patterns(load_rules(RULES / "china.yaml", CHECKS))


def analyzer(detectors):
    registry = RecognizerRegistry(recognizers=as_recognizers(detectors, ["en", "zh"]), supported_languages=["en", "zh"])
    return AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(), supported_languages=["en", "zh"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_analyzer_finds_with_ours_in_each_language(china, language):
    text = "身份证110101199003074477已核"
    (found,) = analyzer([china]).analyze(text, language, entities=["CN_ID_CARD"], return_decision_process=True)
    assert (found.entity_type, text[found.start : found.end], found.score) == ("CN_ID_CARD", "110101199003074477", 1.0)
    assert "check:cn_id_card" in found.analysis_explanation.textual_explanation


def test_an_analyzer_knows_what_ours_find(china):
    assert china.entities <= set(analyzer([china]).get_supported_entities("zh"))


class Broken:
    """A detector that never can tell."""

    name = "broken"
    entities = frozenset({"ROOM"})

    def find(self, text, entities):  # noqa: ARG002
        raise CannotTell("out of time")


def test_what_cannot_be_told_is_never_an_empty_answer():
    with pytest.raises(CannotTell):
        analyzer([Broken()]).analyze("room 101", "en")


class Fixed(Broken):
    """A detector that finds the first three characters."""

    def find(self, text, entities):  # noqa: ARG002
        return (Finding(0, 3, "ROOM", 0.5, "fixed", ("rule:fixed",)),)


def test_our_reasons_reach_the_analyzers_explanation():
    (found,) = analyzer([Fixed()]).analyze("101 is free", "en", return_decision_process=True)
    assert found.analysis_explanation.textual_explanation == "fixed, rule:fixed"
