"""What the proxy and a process that detects say to each other, as fields and bytes, read strictly on either side.

Enters: settings, what a policy asks for, texts, scans. Leaves: the same, equal to the last bit, or `Garbled`: an answer
that names a place outside its text, an entity that was not asked for, or anything else that no detector says, is none.
Nothing is unpickled: what reads other people's texts could be made to write anything.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import orjson

from detectors.interface import Finding, Scan
from policies.own import TermList
from proxy.detecting.frames import Garbled
from proxy.detecting.interface import Brief
from proxy.settings.detection import Detection, ModelServer, NameModel

UTF8: Final = ("utf-8", "surrogatepass")
"""A text may hold half of a surrogate pair, as JSON may."""


@dataclass(frozen=True, slots=True)
class Question:
    """Texts, and what to look for in them."""

    version: int
    """Of the finder."""
    seconds: float
    """How long anybody waits for the answer."""
    entities: frozenset[str]
    texts: tuple[str, ...] = field(repr=False)
    groups: tuple[int | None, ...] = ()
    """Which texts a value may be spread over: those of one number, and of its complement where they are values under
    keys of their own. Empty where each text stands alone."""


def say_question(question: Question) -> tuple[dict[str, Any], bytes]:
    """Return a question as fields and bytes."""
    texts = [text.encode(*UTF8) for text in question.texts]
    fields = {
        "version": question.version,
        "seconds": question.seconds,
        "entities": sorted(question.entities),
        "sizes": [len(text) for text in texts],
        "groups": list(question.groups),
    }
    return fields, b"".join(texts)


def read_question(fields: Mapping[str, Any], body: bytes) -> Question:
    """Return the question that was asked; raises `Garbled`."""
    try:
        names = ("version", "seconds", "entities", "sizes", "groups")
        version, seconds, entities, sizes, groups = (fields[name] for name in names)
        if type(version) is not int or type(seconds) is not float or not seconds < math.inf:
            raise Garbled
        if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) != len(body):
            raise Garbled
        if any(group is not None and type(group) is not int for group in groups):
            raise Garbled
        if groups and len(groups) != len(sizes):
            raise Garbled
        ends = [0]
        for size in sizes:
            ends.append(ends[-1] + size)
        texts = tuple(body[start:end].decode(*UTF8) for start, end in pairwise(ends))
        return Question(version, seconds, names_in(entities), texts, tuple(groups))
    except (KeyError, TypeError, UnicodeError):
        raise Garbled from None


def say_scans(scans: Sequence[Scan]) -> bytes:
    """Return what was found in each text."""
    return orjson.dumps(
        [[sorted(one.unknown), [_row(finding) for finding in one.findings], one.opaque] for one in scans]
    )


def _row(one: Finding) -> tuple[Any, ...]:
    return one.start, one.end, one.entity, float(one.score), one.detector, one.because


def read_scans(body: bytes, texts: Sequence[str], asked: frozenset[str]) -> list[Scan]:
    """Return the scans of `texts`, in which `asked` was looked for; raises `Garbled`."""
    try:
        told = orjson.loads(body)
        if not isinstance(told, list) or len(told) != len(texts):
            raise Garbled
        return [_scan(one, len(text), asked) for one, text in zip(told, texts, strict=True)]
    except (ValueError, TypeError):
        raise Garbled from None


def _scan(told: Any, length: int, asked: frozenset[str]) -> Scan:
    unknown, rows, closed = told
    lost = names_in(unknown)
    if not lost <= asked or not isinstance(rows, list) or not isinstance(closed, list):
        raise Garbled
    opaque = tuple(_stretch(start, end, length) for start, end in closed)
    return Scan(tuple(_finding(row, length, asked) for row in rows), lost, opaque)


def _stretch(start: Any, end: Any, length: int) -> tuple[int, int]:
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        raise Garbled
    return start, end


def _finding(row: Any, length: int, asked: frozenset[str]) -> Finding:
    start, end, entity, score, detector, because = row
    _stretch(start, end, length)
    if entity not in asked or type(score) is not float or not 0 <= score <= 1 or not isinstance(detector, str):
        raise Garbled
    if not isinstance(because, list) or not all(isinstance(reason, str) for reason in because):
        raise Garbled
    return Finding(start, end, entity, score, detector, tuple(because))


def names_in(told: Any) -> frozenset[str]:
    """Return a list of names as a set; raises `Garbled`."""
    if not isinstance(told, list) or not all(isinstance(name, str) for name in told):
        raise Garbled
    return frozenset(told)


def say_brief(brief: Brief) -> bytes:
    """Return what a policy asks of detection; its terms may be anything that YAML can write."""
    own = [{**asdict(one), "variants": sorted(one.variants)} for one in brief.own]
    return json.dumps({"names": brief.names, "own": own}).encode("ascii")


def read_brief(body: bytes) -> Brief:
    """Return what a policy asks of detection; raises `Garbled`."""
    try:
        told = json.loads(body)
        return Brief(bool(told["names"]), tuple(_terms(one) for one in told["own"]))
    except (ValueError, KeyError, TypeError):
        raise Garbled from None


def _terms(told: dict[str, Any]) -> TermList:
    rows = {name: tuple(told[name]) for name in ("terms", "aliases", "indexes", "labels")}
    return TermList(entity=told["entity"], variants=frozenset(told["variants"]), **rows)


def say_detection(detection: Detection, state: Path) -> bytes:
    """Return the settings, and where the state directory is."""
    told = asdict(detection)
    for name in ("rules", "presidio"):
        told[name] = [str(path) for path in told[name]]
    told["models"] = [{**asdict(one), "path": str(one.path), "labels": dict(one.labels)} for one in detection.models]
    if detection.remote is not None and detection.remote.ca is not None:
        told["remote"]["ca"] = str(detection.remote.ca)
    return json.dumps({"detection": told, "state": str(state)}).encode("ascii")


def read_detection(body: bytes) -> tuple[Detection, Path]:
    """Return the settings, and where the state directory is; raises `Garbled`."""
    try:
        told = json.loads(body)
        given = told["detection"]
        paths = {name: tuple(Path(path) for path in given[name]) for name in ("rules", "presidio")}
        names = {name: tuple(given[name]) for name in ("spacy", "recognizers")}
        models = tuple(NameModel(**{**one, "path": Path(one["path"])}) for one in given["models"])
        remote = given["remote"] and ModelServer(
            **{**given["remote"], "ca": Path(given["remote"]["ca"]) if given["remote"]["ca"] else None}
        )
        return Detection(**{**given, **paths, **names, "models": models, "remote": remote}), Path(told["state"])
    except (ValueError, KeyError, TypeError):
        raise Garbled from None
