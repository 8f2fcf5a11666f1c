"""`sluice scan`: what is confidential in some text? A public contract: see `--help`.

Enters: files, standard input, or JSON lines. Leaves: findings by offset, in the order of the input; never the values.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from detectors.find import DEFAULT_ENTITIES, Finder
from detectors.interface import Finding, Scan
from policies.load import load_policy
from policies.model import Policy
from policies.problem import nearest
from proxy.assemble import detectors_of
from proxy.errors import SettingsError


def finder_for(policy_path: Path | None, entities: str | None) -> tuple[Finder, frozenset[str]]:
    """Return the finder and the entities asked for; raises `SettingsError` for a name nobody detects."""
    policy = load_policy(policy_path) if policy_path is not None else None
    finder = Finder(detectors_of(policy))
    wanted = frozenset(name.strip() for name in entities.split(",") if name.strip()) if entities else None
    if wanted is None:
        return finder, entities_of(policy) if policy is not None else DEFAULT_ENTITIES
    for name in sorted(wanted - finder.entities):
        near = nearest(name, finder.entities)
        raise SettingsError(f"no detector finds {name}" + (f"; did you mean {near}?" if near else ""))
    return finder, wanted


def entities_of(policy: Policy) -> frozenset[str]:
    """Return every entity that one of the policy's data classes names."""
    return frozenset[str]().union(*(each.entities for each in policy.classes))


def scan_lines(finder: Finder, wanted: frozenset[str], lines: Iterable[bytes], out: TextIO) -> int:
    """Answer each JSON line with one; return how many findings there were. Raises `SettingsError` for a bad line."""
    total = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            name, text = entry["id"], entry["text"]
            if not isinstance(text, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SettingsError(f'line {number}: expected {{"id": …, "text": "…"}} in UTF-8') from None
        found = finder.find(text, wanted)
        total += len(found.findings)
        out.write(spelt(told(name, found)) + "\n")
        out.flush()
    return total


def spelt(answer: dict[str, Any]) -> str:
    """Return an answer as one line of JSON; an id that no UTF-8 can hold is escaped."""
    line = json.dumps(answer, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(answer)
    return line


def told(name: Any, scan: Scan) -> dict[str, Any]:
    """Return one answer line."""
    answer: dict[str, Any] = {"id": name, "findings": [as_json(finding) for finding in scan.findings]}
    if scan.unknown:
        answer["unknown"] = sorted(scan.unknown)
    return answer


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding with its offsets in Unicode code points."""
    return {
        "start": finding.start,
        "end": finding.end,
        "entity": finding.entity,
        "score": round(finding.score, 4),
        "detector": finding.detector,
    }


def scan_texts(finder: Finder, wanted: frozenset[str], sources: Iterable[tuple[str, str]], out: TextIO) -> int:
    """Print `name:line:column: ENTITY score detector` for each finding; return how many there were."""
    total = 0
    for name, text in sources:
        found = finder.find(text, wanted)
        for finding in found.findings:
            line = text.count("\n", 0, finding.start) + 1
            column = finding.start - (text.rfind("\n", 0, finding.start) + 1) + 1
            length = finding.end - finding.start
            what = f"{finding.entity} ({length} characters) {finding.score:.2f} {finding.detector}"
            out.write(f"{name}:{line}:{column}: {what}\n")
        for entity in sorted(found.unknown):
            out.write(f"{name}: {entity} could not be looked for\n")
        total += len(found.findings) + len(found.unknown)
    return total


def read_texts(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield name and text of every file, or of standard input where none is named; raises `SettingsError`."""
    named = tuple(files)
    try:
        if not named:
            yield "(standard input)", sys.stdin.buffer.read().decode("utf-8")
        for file in named:
            yield str(file), file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError("the text is not UTF-8; convert it first, for example with iconv") from None
    except OSError as error:
        raise SettingsError(f"{error.filename}: cannot be read: {error.strerror}") from None


def read_lines(files: Iterable[Path]) -> Iterator[Iterable[bytes]]:
    """Yield the lines of every file, or of standard input where none is named; raises `SettingsError`."""
    named = tuple(files)
    if not named:
        yield sys.stdin.buffer
    for file in named:
        try:
            with file.open("rb") as lines:
                yield lines
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
