"""Secrets as they stand in real files, commands, links and talk are found; their harmless twins are left alone."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from detectors.find import Finder, shipped_patterns
from detectors.interface import Finding
from detectors.prove import marked
from detectors.rulebook import SOFT
from tests.rows import each

CASES = Path(__file__).parents[1] / "cases" / "secrets"
SECRETS = frozenset({"API_KEY", "PASSWORD", "PRIVATE_KEY"})
FINDER = Finder(shipped_patterns())


def rows(*names: str) -> Iterator[dict[str, str]]:
    for name in names:
        yield from yaml.safe_load((CASES / f"{name}.yaml").read_text("utf-8"))


CASE = list(rows("files", "commands", "told"))
HARMLESS = list(rows("harmless"))


def wanted(text: str, row: dict[str, str]) -> list[Finding]:
    entities = {row["entity"]} if "entity" in row else SECRETS
    scan = FINDER.find(text)
    assert not scan.unknown
    return [one for one in scan.findings if one.entity in entities]


@each("row", CASE, ids=lambda row: row["of"])
def test_a_secret_is_found_as_it_stands_in_the_wild(row: dict[str, str]) -> None:
    text, spans = marked(row["text"])
    findings = wanted(text, row)
    assert spans, "nothing is marked"
    missed = [span for span in spans if not any(one.start <= span[0] and span[1] <= one.end for one in findings)]
    assert missed == [], "a secret would leave"


@each("row", CASE, ids=lambda row: row["of"])
def test_its_harmless_twin_is_left_alone(row: dict[str, str]) -> None:
    text = row["twin"].replace(SOFT, "")
    assert [(one.detector, text[one.start : one.end]) for one in wanted(text, row)] == []


@each("row", HARMLESS, ids=lambda row: row["of"])
def test_ordinary_settings_code_and_logs_hold_no_secret(row: dict[str, str]) -> None:
    text = row["text"]
    assert [(one.detector, text[one.start : one.end]) for one in wanted(text, row)] == []


def test_there_are_cases_enough_in_both_languages() -> None:
    chinese = [row for row in CASE if any("一" <= sign <= "鿿" for sign in row["text"])]
    assert len(CASE) >= 190
    assert len(chinese) >= 40
    assert len(HARMLESS) >= 100
    assert len({row["of"] for row in CASE}) == len(CASE)
