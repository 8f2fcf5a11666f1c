"""What the settings name is loaded and looks; what cannot be loaded stops the start and says which."""

from pathlib import Path

import pytest

from detectors.find import Finder
from detectors.interface import DetectorError
from proxy.detection import Detection, NameModel
from proxy.equip import equipped, name_detectors, own_detectors, standing

CASES = Path(__file__).parents[1] / "cases" / "ner"

RULES = """
- id: staff-number
  entity: STAFF_NUMBER
  pattern: 'ST-[0-9]{5}'
  edges: word
  score: 0.9
  examples: ['badge ⟦ST-10427⟧', '工号⟦ST-10427⟧']
  counterexamples: ['ST-1042']
"""

PRESIDIO = """
recognizers:
  - name: Project
    supported_entity: PROJECT
    supported_languages: [en]
    patterns: [{name: project, regex: 'PRJ-[A-Z]{4}', score: 0.8}]
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def found(detection: Detection, text: str) -> set[str]:
    return {one.entity for one in Finder(own_detectors(detection)).find(text).findings}


def test_the_companys_rules_and_presidios_files_look(tmp_path: Path) -> None:
    rules, presidio = written(tmp_path / "r.yaml", RULES), written(tmp_path / "p.yaml", PRESIDIO)
    detection = Detection(rules=(rules,), presidio=(presidio,))
    assert found(detection, "工号ST-10427，项目 PRJ-ABCD 。") == {"STAFF_NUMBER", "PROJECT"}


def test_rules_of_the_settings_are_searched_in_one_pass_with_the_shipped_ones(tmp_path: Path) -> None:
    rules = written(tmp_path / "r.yaml", RULES)
    detectors = standing(Detection(names="off", rules=(rules,)))
    assert len(detectors) == 1
    assert {"STAFF_NUMBER", "CN_ID_CARD", "PHONE_NUMBER", "US_SSN"} <= detectors[0].entities


def test_without_names_nobody_answers_for_them(tmp_path: Path) -> None:
    finder = Finder(equipped(standing(Detection(names="off")), None, tmp_path))
    assert finder.find("张伟", frozenset({"PERSON"})).unknown == {"PERSON"}


BROKEN = {
    "a rule file that is not there": (Detection(rules=(Path("none.yaml"),)), "none.yaml"),
    "a recognizer file that is not there": (Detection(presidio=(Path("none.yaml"),)), "none.yaml"),
    "a class that is not there": (Detection(recognizers=("no.such:Class",)), "no.such:Class"),
}


@pytest.mark.parametrize(("detection", "said"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_loaded_stops_the_start(detection: Detection, said: str) -> None:
    with pytest.raises(DetectorError, match=said):
        own_detectors(detection)


def test_a_model_of_the_companys_own_is_asked() -> None:
    (names,) = name_detectors(Detection(names="off", models=(NameModel(CASES / "foreign", minimum=0.1),)))
    assert names.name == "names" and "PERSON" in names.entities
    assert "PERSON" not in Finder([names]).find("no one here", frozenset({"PERSON"})).unknown


def test_a_model_or_pipeline_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="model absent"):
        name_detectors(Detection(names="off", models=(NameModel(tmp_path / "absent"),)))
    with pytest.raises(DetectorError, match="zh_core_web_none"):
        name_detectors(Detection(names="off", spacy=("zh_core_web_none",)))
