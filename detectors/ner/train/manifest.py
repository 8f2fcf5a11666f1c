"""What a shipped model says of itself.

Enters: a folder with a graph and what belongs to it. Leaves: its `manifest.json`: digests, tags, thresholds, the data
it was trained on and its scores on the development sets.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from detectors.ner.hashed import VERSION
from detectors.ner.tags import LABELS, SECRET, SECRET_TAGS, TAGS
from detectors.ner.train.records import CHINESE, ENGLISH

MODELS: Final = Path(__file__).parents[1] / "models"


def write_manifest(
    kind: str, folder: Path, version: str, thresholds: dict[str, float], trained: dict[str, Any]
) -> None:
    """Describe the files in `folder`: digests, tags, thresholds, and how they were trained."""
    sets = [*ENGLISH, *(CHINESE if kind == "hashed" else ()), "templates"]
    manifest = {
        "kind": kind,
        "version": version,
        "languages": ["zh", "en"] if kind == "hashed" else ["en"],
        "features_version": VERSION,
        "labels": [*LABELS, SECRET],
        "tags": [*TAGS, *SECRET_TAGS],
        "thresholds": thresholds,
        "trained_on": {"sets": sets, **trained},
        "sha256": digests(folder),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(f"{text}\n", encoding="utf-8")


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that a manifest speaks of, by its name."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "manifest.json")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
