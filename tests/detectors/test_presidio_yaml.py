"""Files made for Presidio work here, find at least what they find there, and more beside Chinese."""

from itertools import batched
from pathlib import Path

import presidio_analyzer
import pytest
import tldextract
import yaml
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry, RecognizerRegistryProvider

from detectors.interface import CannotTell, DetectorError
from detectors.presidio import shipped_recognizers
from detectors.presidio_yaml import NEEDS_MORE, load_presidio_file
from detectors.prove import marked
from detectors.reading import read_text
from detectors.spacy_pipeline import BlankEngine
from tests.silence import says_nothing_of

OFFLINE = tldextract.TLDExtract(suffix_list_urls=())
"""Stock Presidio would ask the network for suffixes."""

SHIPPED = Path(presidio_analyzer.__file__).parent / "conf"
"""Presidio's own files."""

COMPANY = r"""
supported_languages: [en]
recognizers:
  - name: Staff
    supported_entity: STAFF_NUMBER
    supported_language: en
    patterns:
      - {name: staff, regex: '\bST-\d{6}\b', score: 0.3}
    context: [staff, employee]
  - name: Project
    supported_entity: PROJECT
    supported_language: en
    deny_list: [Blue Heron, 蓝鹭计划]
    deny_list_score: 0.9
  - name: After the word
    supported_entity: CASE
    supported_language: en
    patterns:
      - {name: behind, regex: '(?<=case )\d{4}(?!\d)', score: 0.6}
  - name: Off
    enabled: false
    supported_entity: NEVER
    supported_language: en
    patterns:
      - {name: any, regex: '.+', score: 1.0}
  - name: UsSsnRecognizer
    type: predefined
  - name: Cards
    class_name: CreditCardRecognizer
    type: predefined
    supported_languages:
      - {language: en, context: [visa]}
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "company.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def found(detectors, text):
    return {(one.entity, text[one.start : one.end]) for each in detectors for one in each.find(text, each.entities)}


FOUND = {
    "a pattern": ("see ST-123456 there", {("STAFF_NUMBER", "ST-123456")}),
    "a pattern beside Chinese": ("工号ST-123456的员工", {("STAFF_NUMBER", "ST-123456")}),
    "a pattern in full width": ("工号ＳＴ－１２３４５６", {("STAFF_NUMBER", "ＳＴ－１２３４５６")}),
    "a pattern with zero-width characters": ("ST-12\u200b3456", {("STAFF_NUMBER", "ST-12\u200b3456")}),
    "a listed name in any case": ("the BLUE heron plan", {("PROJECT", "BLUE heron")}),
    "a listed Chinese name between Chinese": ("我们的蓝鹭计划已启动", {("PROJECT", "蓝鹭计划")}),
    "a listed name is whole": ("Blue Herons", set()),
    "two listed names side by side": ("Blue Heron Blue Heron", {("PROJECT", "Blue Heron")}),
    "a pattern that looks behind": ("case 1234", {("CASE", "1234")}),
    "a pattern that looks ahead": ("case 12345", set()),
    "an entry that is off": ("anything", set()),
    "a predefined one": ("SSN 536-22-1234", {("US_SSN", "536-22-1234")}),
    "a predefined one under another name": ("visa 4111111111111111", {("CREDIT_CARD", "4111111111111111")}),
}


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_a_file_made_for_presidio_finds_what_it_says(write, text, want):
    assert found(load_presidio_file(write(COMPANY)), text) == want


def test_context_raises_the_score_and_is_told(write):
    detector, *_ = load_presidio_file(write(COMPANY))
    (alone,) = detector.find("ST-123456", detector.entities)
    (near,) = detector.find("employees: ST-123456", detector.entities)
    assert (alone.score, near.score) == (0.3, pytest.approx(0.65))
    assert near.because == ("rule:Staff", "context:employee")


TEXTS = (
    "My card is 4111 1111 1111 1111 and my SSN is 536-22-1234, mail bob@corp.example.com or see https://example.com/a",
    "call +1 415 555 0132, IP 10.2.3.4, IBAN DE89370400440532013000, on 2024-01-05, wallet "
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "licence H1234567, passport 912803456, bank 945456787654, NHS 401-023-2137, MAC 00:1a:2b:3c:4d:5e",
    "Mr. Smith and Dr. Jones live at 12345-6789",
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Presidio's own file with all of its recognizers that need neither model nor service, and their languages."""
    table = yaml.safe_load((SHIPPED / "default_recognizers.yaml").read_text())
    needing = {kind.__name__ for kind in NEEDS_MORE}
    kept = [
        entry | {"enabled": True}
        for entry in table["recognizers"]
        if not {entry["name"], entry.get("class_name")} & needing and "LangExtract" not in entry["name"]
    ]
    own = [one for entry in kept for one in entry.get("supported_languages", ["en"])]
    languages = sorted({one["language"] if isinstance(one, dict) else one for one in own})
    table |= {"recognizers": kept, "supported_languages": languages}
    path = tmp_path_factory.mktemp("presidio") / "everything.yaml"
    path.write_text(yaml.safe_dump(table, allow_unicode=True))
    return path, table, languages


@pytest.mark.slow  # test_presidios_own_files_find_here_what_they_find_there does it each time with those that are on
def test_the_recognizers_of_all_countries_find_from_a_file_what_they_find_in_stock_presidio(everything, monkeypatch):
    monkeypatch.setattr("presidio_analyzer.predefined_recognizers.generic.email_recognizer.tldextract.extract", OFFLINE)
    path, table, languages = everything
    registry = RecognizerRegistryProvider(registry_configuration=table).create_recognizer_registry()
    stock = AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(languages), supported_languages=languages)
    detectors = load_presidio_file(path)
    entities = frozenset().union(*(detector.entities for detector in detectors))
    assert len({recognizer.name for recognizer in registry.recognizers}) > 85 and len(entities) > 85
    examples = [
        marked(text)[0] for gated in shipped_recognizers() for text in (*gated.examples, *gated.counterexamples)
    ]
    missed, found = [], 0
    for text in ["\n".join(some) for some in batched(examples, 40)]:
        here = {(one.entity, one.start, one.end) for each in detectors for one in each.find(text, entities)}
        there = {(one.entity_type, one.start, one.end) for code in languages for one in stock.analyze(text, code)}
        missed += [(entity, text[start:end]) for entity, start, end in there - here]
        found += len(there & here)
    assert missed == []
    assert found > 400


@pytest.mark.parametrize("name", ["default_recognizers.yaml", "example_recognizers.yaml"])
def test_presidios_own_files_find_here_what_they_find_there(name):
    detectors = load_presidio_file(SHIPPED / name)
    if name.startswith("default"):
        registry = RecognizerRegistryProvider(conf_file=SHIPPED / name).create_recognizer_registry()
    else:  # which the other way cannot read
        registry = RecognizerRegistry(recognizers=[])
        registry.add_recognizers_from_yaml(SHIPPED / name)
    registry.recognizers = [one for one in registry.recognizers if one.name != "SpacyRecognizer"]
    for language in {one.supported_language for one in registry.recognizers}:
        registry.supported_languages = [language]
        engine = AnalyzerEngine(registry=registry, nlp_engine=BlankEngine([language]), supported_languages=[language])
        for text in TEXTS:
            there = {(one.entity_type, text[one.start : one.end]) for one in engine.analyze(text, language)}
            assert there - found(detectors, text) == set()


BAD = {
    "no file": (None, "cannot be read"),
    "no list": ("recognizers: 3", "must have a list `recognizers`"),
    "no yaml": ("a: [", "cannot be read"),
    "unknown class": (
        "recognizers:\n  - {name: NobodyRecognizer, type: predefined}",
        "recognizer NobodyRecognizer: .*not found",
    ),
    "no entity": (
        "recognizers:\n  - {name: X, patterns: [{name: a, regex: b, score: 0.1}]}",
        "recognizer X: supported_entity: Field required",
    ),
    "no pattern": ("recognizers:\n  - {name: X, supported_entity: Y}", "recognizer X: .*patterns"),
    "a score of two": (
        "recognizers:\n  - {name: X, supported_entity: Y, patterns: [{name: a, regex: b, score: 2}]}",
        "recognizer X: .*score",
    ),
    "a bad pattern": (
        "recognizers:\n  - {name: X, supported_entity: Y, patterns: [{name: a, regex: '(', score: 0.1}]}",
        "recognizer X: ",
    ),
    "a second entry": (
        "recognizers:\n  - UsSsnRecognizer\n  - 7",
        "recognizer 2: must be a name or a mapping",
    ),
    "a model": ("recognizers:\n  - {name: SpacyRecognizer, type: predefined}", "SpacyRecognizer: needs a model"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_slip_in_a_file_stops_the_start_and_names_the_entry(write, tmp_path, text, message):
    path = write(text) if text is not None else tmp_path / "company.yaml"
    with pytest.raises(DetectorError, match=f"company.yaml: .*{message}"):
        load_presidio_file(path)


def test_a_pattern_beyond_the_linear_engine_that_runs_out_of_time_cannot_tell(write):
    (detector,) = load_presidio_file(
        write(
            "recognizers:\n  - {name: Slow, supported_entity: X, supported_language: en, "
            "patterns: [{name: a, regex: '(a+a?)+\\1(?:a|aa)+c', score: 0.5}]}"
        )
    )
    with pytest.raises(CannotTell, match="Slow: a pattern ran out of time"):
        detector.find("a" * 5000 + "!", detector.entities)


def test_a_recognizer_that_fails_cannot_tell_and_quotes_nothing(write, monkeypatch):
    (detector,) = load_presidio_file(
        write(
            "recognizers:\n  - {name: Staff, supported_entity: X, supported_language: en, "
            "patterns: [{name: a, regex: 'staff-[0-9]+', score: 0.5}]}"
        )
    )

    def quoting(_self: object, text: str, *_: object) -> None:
        raise ValueError(f"bad {text}")

    (seeker,) = detector.seekers
    monkeypatch.setattr(type(seeker), "_matches", quoting)
    with pytest.raises(CannotTell, match="recognizer Staff failed") as raised:
        seeker.seek(read_text("staff-12"), [(0, 8)])
    says_nothing_of(raised.value, "staff-12")


def test_a_pattern_the_linear_engine_understands_takes_no_such_time(write):
    (detector,) = load_presidio_file(
        write(
            "recognizers:\n  - {name: Fast, supported_entity: X, supported_language: en, "
            "patterns: [{name: a, regex: '(a+a?)+(?:a|aa)+c', score: 0.5}]}"
        )
    )
    assert detector.find("a" * 5000 + "!", detector.entities) == ()
