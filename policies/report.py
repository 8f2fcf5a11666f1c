"""What was found about a policy, in the forms that people and machines read: text, JSON, SARIF, GitHub, JUnit.

Enters: remarks, or a proof. Leaves: strings and plain values. Pure. The line that a problem stands in may hold the
company's own terms: it is shown to the person at the terminal, and never goes into a form that machines carry away.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree

from policies.decision import Text
from policies.problem import Problem
from policies.prove import Proof, Tried

SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"
"""OASIS, Static Analysis Results Interchange Format 2.1.0."""
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, section 2.2, does not let stand in a document."""


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS: Final = {
    Level.ERROR: Text("error", "错误"),
    Level.WARNING: Text("warning", "警告"),
    Level.NOTE: Text("note", "说明"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing said about a policy."""

    level: Level
    kind: str
    """Stable id of the sort of remark, as `shadowed`; SARIF calls it a rule."""
    problem: Problem
    example: Text = field(default_factory=Text)
    """A situation in which it shows."""


def as_text(remark: Remark, language: str) -> str:
    """Return the remark for people, with the line it stands in."""
    said = f"{LEVELS[remark.level].in_language(language)}: {remark.problem.render(language)}"
    example = remark.example.in_language(language)
    return f"{said}\n    {'例如：' if language == 'zh' else 'e.g. '}{example}" if example else said


def as_json(remark: Remark) -> dict[str, Any]:
    """Return the remark as plain values, in both languages."""
    problem = remark.problem
    return {
        "level": remark.level.value,
        "kind": remark.kind,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": _both(problem.message),
        "hint": _both(problem.hint),
        "example": _both(remark.example),
    }


def as_github(remark: Remark, language: str) -> str:
    """Return the remark as a workflow command of GitHub Actions, which shows it beside the line."""
    problem = remark.problem
    level = "notice" if remark.level is Level.NOTE else remark.level.value
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
    return f"::{level} {place},title={_property(remark.kind)}::{_data(_sentence(remark, language))}"


def as_sarif(remarks: Sequence[Remark], version: str, language: str) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log with one run; `version` is that of Sluice."""
    kinds = sorted({remark.kind for remark in remarks})
    driver = {"name": "sluice policy check", "version": version, "rules": [{"id": kind} for kind in kinds]}
    results = [_result(remark, kinds.index(remark.kind), language) for remark in remarks]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _result(remark: Remark, index: int, language: str) -> dict[str, Any]:
    problem = remark.problem
    region = {"startLine": problem.line, "startColumn": problem.column}
    place = {"artifactLocation": {"uri": quote(problem.file.replace("\\", "/"))}, "region": region}
    return {
        "ruleId": remark.kind,
        "ruleIndex": index,
        "level": remark.level.value,
        "message": {"text": _sentence(remark, language)},
        "locations": [{"physicalLocation": place}],
    }


def _sentence(remark: Remark, language: str) -> str:
    """Return message, hint and example, without the line of the file."""
    problem = remark.problem
    pieces = (problem.message, problem.hint, remark.example)
    return " ".join(piece.in_language(language) for piece in pieces if piece.in_language(language))


def _both(text: Text) -> dict[str, str]:
    return {"en": text.in_language("en"), "zh": text.in_language("zh")}


def _data(text: str) -> str:
    # GitHub Actions, toolkit `command.ts`: these would end the command, or begin an escape
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_junit(policy: str, proof: Proof, language: str, unproven: Iterable[Text] = ()) -> str:
    """Return JUnit XML: a suite a file, a case a test; `unproven` are rules whose missing test is an error."""
    root = ElementTree.Element("testsuites", name=_xml(policy))
    for file in dict.fromkeys(each.file for each in proof.tried):
        tried = [each for each in proof.tried if each.file == file]
        failed = sum(bool(each.wrong) for each in tried)
        suite = ElementTree.SubElement(
            root, "testsuite", name=_xml(file), tests=str(len(tried)), failures=str(failed), errors="0"
        )
        for each in tried:
            _testcase(suite, each, language)
    said = [text.in_language(language) for text in unproven]
    if said:
        count = str(len(said))
        suite = ElementTree.SubElement(root, "testsuite", name="coverage", tests=count, failures="0", errors=count)
        for line in said:
            case = ElementTree.SubElement(suite, "testcase", classname=_xml(policy), name=_xml(line))
            ElementTree.SubElement(case, "error", message=_xml(line))
    ElementTree.indent(root)
    return ElementTree.tostring(root, "unicode", xml_declaration=False) + "\n"


def _testcase(suite: ElementTree.Element, tried: Tried, language: str) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_xml(tried.file), name=_xml(tried.case.name), line=str(tried.case.mark.line)
    )
    if tried.wrong:
        lines = [text.in_language(language) for text in tried.wrong]
        failure = ElementTree.SubElement(case, "failure", message=_xml(lines[0]))
        failure.text = _xml("\n".join(lines))


def _xml(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
