"""What the settings name is loaded and looks; what cannot be loaded stops the start and says which."""

import shutil
from pathlib import Path

import pytest

from detectors.find import Finder
from detectors.interface import DetectorError
from detectors.ner.manifest import KINDS
from policies.load import parse_policy
from policies.model import Policy
from proxy.detecting.interface import Brief
from proxy.equip import Equipment, detectors_of, name_detectors, own_detectors
from proxy.findable import brief_of
from proxy.inference.export import used
from proxy.settings.detection import OURS, Detection, NameModel
from proxy.settings.interface import Settings

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


def policy_of(
    classes: str, rest: str = "{id: use, verdict: allowed, redact: [c]}", own: set[str] | None = None
) -> Policy:
    text = f"policy: t\nversion: 1\notherwise: allow\ndata_classes: {{{classes}}}\nrules: [{rest}]\n"
    return parse_policy(text, "p.yaml", lambda _: "", own_entities=own or ())


def test_a_rule_with_the_id_of_a_shipped_one_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES.replace("staff-number", "cn-id-card"), "utf-8")
    with pytest.raises(DetectorError, match=r"rules\.yaml:2: rule cn-id-card: a rule of Sluice has this id"):
        own_detectors(Detection(rules=(file,)))


def test_rules_of_the_settings_are_searched_in_one_pass_with_the_shipped_ones(tmp_path: Path) -> None:
    rules = written(tmp_path / "r.yaml", RULES)
    (detector,) = Equipment(Detection(names="off", rules=(rules,))).patterns
    assert {"STAFF_NUMBER", "CN_ID_CARD", "PHONE_NUMBER", "US_SSN"} <= detector.entities


def test_what_only_the_companys_own_find_can_be_named_and_no_model_is_loaded_to_tell(tmp_path: Path) -> None:
    rules, presidio = written(tmp_path / "r.yaml", RULES), written(tmp_path / "p.yaml", PRESIDIO)
    model = NameModel(tmp_path / "not there", {"CASE": "CASE_NUMBER", "PER": "PERSON", "MISC": ""})
    detection = Detection(rules=(rules,), presidio=(presidio,), models=(model,))
    assert Equipment(detection).own_entities == {"STAFF_NUMBER", "PROJECT", "CASE_NUMBER"}
    assert Equipment(Detection()).own_entities == frozenset()


LOOKS = {
    "no name": ("c: {entities: [PHONE_NUMBER]}", "{id: use, verdict: allowed, redact: [c]}", False),
    "a name in a class": ("c: {entities: [PHONE_NUMBER, ADDRESS]}", "{id: use, verdict: allowed, redact: [c]}", True),
    "a name in a class without a rule": ("c: {entities: [PERSON]}", "{id: use, verdict: allowed}", True),
    "a name in an amount": (
        "c: {entities: [URL]}",
        "{id: use, verdict: allowed, when: {amount: {more_than: {PERSON: 3}}}}",
        True,
    ),
}


@pytest.mark.parametrize(("classes", "rule", "loaded"), LOOKS.values(), ids=LOOKS)
def test_models_are_loaded_for_a_policy_that_names_what_they_find(
    tmp_path: Path, classes: str, rule: str, loaded: bool
) -> None:
    missing = Equipment(Detection(names="off", models=(NameModel(tmp_path / "absent"),)))
    policy = policy_of(classes, rule)
    if loaded:
        with pytest.raises(DetectorError, match="model absent"):
            missing.detectors(brief_of(policy, missing.detection), tmp_path)
    else:
        assert len(missing.detectors(brief_of(policy, missing.detection), tmp_path)) == 1


def test_a_model_is_loaded_for_what_the_settings_call_its_labels(tmp_path: Path) -> None:
    missing = Equipment(Detection(names="off", models=(NameModel(tmp_path / "absent", {"CASE": "CASE_NUMBER"}),)))
    policy = policy_of("c: {entities: [CASE_NUMBER]}", own={"CASE_NUMBER"})
    with pytest.raises(DetectorError, match="model absent"):
        missing.detectors(brief_of(policy, missing.detection), tmp_path)


def test_models_are_loaded_once_for_all_versions_of_a_policy(tmp_path: Path) -> None:
    equipment = Equipment(Detection(names="fast", device="cpu"))
    first, second = (
        equipment.detectors(brief_of(policy_of(f"c: {{entities: [{one}]}}"), equipment.detection), tmp_path)
        for one in ("PERSON", "ADDRESS")
    )
    assert first[-1] is second[-1] and first[-1].name == "names"


OWN_TERMS = """
policy: t
version: 1
otherwise: allow
data_classes: {customers: {terms: [华星科技], placeholder: CUSTOMER}}
rules: [{id: use, verdict: allowed, redact: [customers]}]
"""

WITHOUT = Equipment(Detection(names="off"))


def test_without_names_nobody_answers_for_them(tmp_path: Path) -> None:
    finder = Finder(WITHOUT.detectors(Brief(names=True), tmp_path))
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


def test_who_can_wait_is_told_the_names_that_somebody_who_chats_could_not_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("detectors.ner.names.SECONDS", 1e-9)
    monkeypatch.setattr("detectors.ner.names.SECONDS_A_CHARACTER", 0.0)
    settings = Settings(detection=Detection(names="fast", device="cpu"))
    hurried, patient = (Finder(detectors_of(None, settings, seconds)) for seconds in (None, 60.0))
    text, wanted = "请联系王建国先生", frozenset({"PERSON"})
    assert hurried.find(text * 2000, wanted).unknown == wanted, "a short one may be told before anybody waits for it"
    assert [one.entity for one in patient.find(text, wanted).findings] == ["PERSON"]


def test_the_policys_own_terms_are_detectors() -> None:
    policy = parse_policy(OWN_TERMS, "p.yaml", lambda _: "")
    names = [detector.name for detector in detectors_of(policy)]
    assert "terms:CUSTOMER" in names and "terms:CUSTOMER" not in [one.name for one in detectors_of(None)]


@pytest.mark.parametrize(("folder", "name"), [("latin", "own-latin"), ("hashed", "own-hashed"), ("strange", "strange")])
def test_a_model_of_ones_own_is_never_taken_for_a_shipped_one(tmp_path: Path, folder: str, name: str) -> None:
    own = NameModel(Path(shutil.copytree(CASES / "foreign", tmp_path / folder)), minimum=0.1)
    (names,) = name_detectors(Detection(names="off", models=(own,)))
    found = names.find("then we saw Anna Weber at home", frozenset({"PERSON"}))
    assert {one.because for one in found} == {(f"model:{name}",)}
    assert set(OURS) == set(KINDS)
    assert [one for one, _ in used(Detection(names="off", models=(own,)))] == [name]
