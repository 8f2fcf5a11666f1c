"""What is shipped is what its manifest says, and small enough."""

import hashlib
import json
from pathlib import Path

import pytest

from detectors.ner.hashed import VERSION
from detectors.ner.tags import LABELS, SECRET, SECRET_TAGS, TAGS
from detectors.ner.train.manifest import MODELS, write_manifest

KINDS = ("hashed", "latin")
MOST = 40_000_000
"""Bytes of all shipped weights together."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_file_has_the_digest_of_the_manifest(kind: str) -> None:
    folder = MODELS / kind
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    shipped = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    shipped.pop("manifest.json")
    assert manifest["sha256"] == shipped and "model.onnx" in shipped
    labels = (*LABELS, SECRET)
    assert (manifest["kind"], manifest["tags"], manifest["labels"]) == (kind, [*TAGS, *SECRET_TAGS], [*labels])
    assert manifest["features_version"] == VERSION, "weights of other features are worthless"
    assert set(manifest["thresholds"]) == set(labels)
    assert all(0 < threshold < 1 for threshold in manifest["thresholds"].values())


def test_the_notices_of_what_was_built_upon_are_beside_the_weights() -> None:
    assert "Apache License" in " ".join((MODELS / "latin" / "NOTICE.md").read_text("utf-8").split())
    assert "CC BY-SA" in (MODELS / "hashed" / "NOTICE.md").read_text("utf-8")


def test_all_weights_together_are_small() -> None:
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) < MOST


def test_a_manifest_describes_the_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"graph")
    thresholds = dict.fromkeys(LABELS, 0.5)
    write_manifest("hashed", tmp_path, "1.2.3", thresholds, {"tokens": 7})
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["sha256"] == {"model.onnx": hashlib.sha256(b"graph").hexdigest()}
    assert manifest["version"] == "1.2.3" and manifest["thresholds"] == thresholds
    assert manifest["trained_on"]["tokens"] == 7 and "uner_zh_gsdsimp/train" in manifest["trained_on"]["sets"]
