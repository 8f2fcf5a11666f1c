"""What `sluice scan` says to programs: lines, JSON lines, CSV and SARIF. The first two are a public contract.

Enters: what came of each text. Leaves: text, a file at a time. A value is in none of them, unless values were asked
for; what could not be looked for is in all of them.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any, Final
from urllib.parse import quote

from detectors.interface import Finding
from proxy.cli.reasons import because
from proxy.cli.scan_look import Looked, Sight

COLUMNS: Final = ("file", "line", "column", "start", "end", "entity", "score", "detector", "because", "problem")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With what a cell begins that a spreadsheet would work out."""
SURE: Final = 0.8


def spelt(answer: dict[str, Any]) -> str:
    """Return an answer as one line of JSON; an id that no UTF-8 can hold is escaped."""
    line = json.dumps(answer, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(answer)
    return line


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding with its offsets in Unicode code points."""
    return {
        "start": finding.start,
        "end": finding.end,
        "entity": finding.entity,
        "score": round(finding.score, 4),
        "detector": finding.detector,
    }


def answer(name: Any, looked: Looked, wanted: frozenset[str] = frozenset(), explain: bool = False) -> dict[str, Any]:
    """Return one answer line; a text that could not be looked into has all that was `wanted` as unknown."""
    findings = []
    for sight in looked.sights:
        told = as_json(sight.finding)
        if explain:
            told["because"] = list(sight.finding.because)
        if sight.value:
            told["value"] = sight.value
        findings.append(told)
    line: dict[str, Any] = {"id": name, "findings": findings}
    unknown = looked.unknown | wanted if looked.failed else looked.unknown
    if unknown:
        line["unknown"] = sorted(unknown)
    if looked.closed:
        line["opaque"] = [{"start": one.start, "end": one.end} for one in looked.closed]
    if looked.failed:
        line["problem"] = looked.problem.en
    return line


def text_lines(looked: Looked, explain: bool = False, language: str = "en") -> Iterator[str]:
    """Give `name:line:column: ENTITY score detector` for each finding, and a line for each thing that is not known.

    Programs read these lines, so they are the same in every language; people alone read the reasons beneath them.
    """
    name = plain(looked.name)
    for sight in looked.sights:
        one = sight.finding
        length = one.end - one.start
        what = f"{one.entity} ({length} characters) {one.score:.2f} {one.detector}"
        value = f" {json.dumps(sight.value, ensure_ascii=False)}" if sight.value else ""
        yield f"{name}:{sight.line}:{sight.column}: {what}{value}"
        if explain:
            yield f"    {because(one, language)}"
    for entity in sorted(looked.unknown):
        yield f"{name}: {entity} could not be looked for"
    for closed in looked.closed:
        yield f"{name}:{closed.line}:{closed.column}: {closed.told.en}"
    if looked.failed:
        yield f"{name}: not looked into: {looked.problem.en}"


def plain(name: str) -> str:
    """Return a file's name as one line that UTF-8 can hold, whatever bytes it is made of."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)


def csv_head(show: bool) -> str:
    """Return the first row, with the mark by which spreadsheets know UTF-8."""
    return "\ufeff" + _row((*COLUMNS, "value") if show else COLUMNS)


def csv_rows(looked: Looked, show: bool) -> Iterator[str]:
    """Give a row for each finding, and one for each thing that is not known; the value comes last where it is told."""
    name = plain(looked.name)
    for sight in looked.sights:
        one = sight.finding
        place = (sight.line, sight.column, one.start, one.end)
        cells = [name, *place, one.entity, f"{one.score:.4f}", one.detector, "; ".join(one.because), ""]
        yield _row([*cells, sight.value] if show else cells)
    for entity in sorted(looked.unknown):
        yield _row([name, "", "", "", "", entity, "", "", "", "could not be looked for"])
    for closed in looked.closed:
        yield _row([name, closed.line, closed.column, closed.start, closed.end, "", "", "", "", closed.told.en])
    if looked.failed:
        yield _row([name, *[""] * 8, f"not looked into: {looked.problem.en}"])


def _row(cells: Iterable[object]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])  # RFC 4180
    return out.getvalue()


def _cell(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def as_sarif(all_looked: Sequence[Looked], version: str) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log with one run; `version` is that of Sluice. Values are never in it."""
    from policies.report import SARIF  # all that proves a policy comes with it

    kinds = sorted({(one.finding.detector, one.finding.entity) for looked in all_looked for one in looked.sights})
    rules = [{"id": f"{detector}/{entity}", "name": entity} for detector, entity in kinds]
    numbers = {kind: number for number, kind in enumerate(kinds)}
    results = [
        _result(plain(looked.name), sight, numbers[sight.finding.detector, sight.finding.entity])
        for looked in all_looked
        for sight in looked.sights
    ]
    missing = [notice for looked in all_looked for notice in _notices(looked)]
    run = {
        "tool": {"driver": {"name": "sluice scan", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not missing, "toolExecutionNotifications": missing}],
        "results": results,
    }
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _result(name: str, sight: Sight, number: int) -> dict[str, Any]:
    one = sight.finding
    region = {
        "startLine": sight.line,
        "startColumn": sight.column,
        "endLine": sight.end_line,
        "endColumn": sight.end_column,
    }
    return {
        "ruleId": f"{one.detector}/{one.entity}",
        "ruleIndex": number,
        "level": "error" if one.score >= SURE else "warning",
        "message": {"text": f"{one.entity} ({one.end - one.start} characters, score {one.score:.2f}): {because(one)}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(name)}, "region": region}}],
    }


def _notices(looked: Looked) -> Iterator[dict[str, Any]]:
    where = [{"physicalLocation": {"artifactLocation": {"uri": _uri(plain(looked.name))}}}]
    for entity in sorted(looked.unknown):
        yield {"level": "error", "message": {"text": f"{entity} could not be looked for"}, "locations": where}
    for one in looked.closed:
        yield {"level": "error", "message": {"text": f"line {one.line}, {one.told.en}"}, "locations": where}
    if looked.failed:
        yield {"level": "error", "message": {"text": f"not looked into: {looked.problem.en}"}, "locations": where}


def _uri(name: str) -> str:
    return quote(name.replace("\\", "/"))
