"""What a folder of `models/` says about itself, and whether its files are the ones it speaks of.

Enters: a folder. Leaves: a frozen manifest, once every file has the digest that is written there. A model that is
missing, damaged or made for other features stops the start: names must never go out because a file was cut short.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from detectors.interface import DetectorError
from detectors.ner.hashed import VERSION
from detectors.ner.tags import LABELS, SECRET, SECRET_TAGS, TAGS

FILE: Final = "manifest.json"
KINDS: Final = {"hashed": ("model.onnx",), "latin": ("model.onnx", "tokenizer.json")}
"""The kinds of model that are ours, and the files each must have."""

REMEDY: Final = "reinstall Sluice, or train the model anew (docs/ner.md)"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a shipped model."""

    kind: str
    """`hashed` or `latin`."""
    version: str
    """The model's own version, for people."""
    folder: Path
    """Where its files stand."""
    thresholds: Mapping[str, float]
    """The least score of a span, by label."""


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of `folder` after checking every digest in it; raises `DetectorError`."""
    where = f"model {folder.name}"
    table = _table(folder / FILE, where)
    kind = table.get("kind")
    if kind not in KINDS:
        raise DetectorError(f"{where}: {FILE}: `kind` must be one of {', '.join(KINDS)}: {REMEDY}")
    if table.get("tags") != [*TAGS, *SECRET_TAGS]:
        raise DetectorError(f"{where}: {FILE}: its tags are not those of this version: {REMEDY}")
    if kind == "hashed" and table.get("features_version") != VERSION:
        raise DetectorError(f"{where}: {FILE}: it learnt from other features than this version makes: {REMEDY}")
    digests = table.get("sha256")
    named = digests if isinstance(digests, dict) else {}
    for name in KINDS[kind]:
        if name not in named:
            raise DetectorError(f"{where}: {FILE}: no digest of {name}: {REMEDY}")
    for name, digest in named.items():
        _must_be(folder / Path(str(name)).name, str(digest), where)
    return Manifest(str(kind), str(table.get("version", "")), folder, _thresholds(table.get("thresholds"), where))


def _table(path: Path, where: str) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DetectorError(f"{where}: {FILE} cannot be read ({type(error).__name__}): {REMEDY}") from error
    if not isinstance(table, dict):
        raise DetectorError(f"{where}: {FILE} must be an object: {REMEDY}")
    return table


def _must_be(path: Path, digest: str, where: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DetectorError(f"{where}: {path.name} is missing: {REMEDY}") from error
    if found != digest:
        raise DetectorError(f"{where}: {path.name} is not the file its manifest speaks of: {REMEDY}")


def _thresholds(table: object, where: str) -> dict[str, float]:
    given = table if isinstance(table, dict) else {}
    thresholds = {}
    for label in (*LABELS, SECRET):
        least = given.get(label)
        if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
            raise DetectorError(f"{where}: {FILE}: `thresholds` must give {label} a number from 0 to 1: {REMEDY}")
        thresholds[label] = float(least)
    return thresholds
