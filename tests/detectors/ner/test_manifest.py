"""A model that is missing, damaged or made for something else stops the start, and the error says what to do."""

import json
import shutil

import pytest

from detectors.interface import DetectorError
from detectors.ner.manifest import read_manifest
from detectors.ner.tags import TAGS
from tests.detectors.ner.small import CASES


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CASES / "latin", tmp_path / "latin")


def rewrite(folder, **changes):
    path = folder / "manifest.json"
    table = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in table.items() if value is not None}), "utf-8")


def test_a_sound_folder_gives_its_manifest(folder):
    manifest = read_manifest(folder)
    assert (manifest.kind, manifest.version, manifest.folder) == ("latin", "test", folder)
    assert manifest.thresholds == dict.fromkeys(("PERSON", "ORGANIZATION", "LOCATION", "ADDRESS", "PASSWORD"), 0.5)


def test_one_changed_byte_is_noticed(folder):
    file = folder / "model.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(DetectorError, match=r"model latin: model.onnx is not the file .* reinstall"):
        read_manifest(folder)


def test_a_missing_file_is_noticed(folder):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(DetectorError, match=r"tokenizer.json is missing: reinstall"):
        read_manifest(folder)


def test_a_missing_folder_is_noticed(tmp_path):
    with pytest.raises(DetectorError, match=r"model gone: manifest.json cannot be read .* reinstall"):
        read_manifest(tmp_path / "gone")


WRONG = {
    "of no kind": ({"kind": "other"}, "`kind` must be one of hashed, latin"),
    "with other tags": ({"tags": ["O"]}, "its tags are not those of this version"),
    "that learnt names alone": ({"tags": list(TAGS)}, "its tags are not those of this version"),
    "without a digest": ({"sha256": {"model.onnx": "0"}}, "no digest of tokenizer.json"),
    "without digests": ({"sha256": None}, "no digest of model.onnx"),
    "without a threshold": (
        {"thresholds": {"PERSON": 0.5}},
        "`thresholds` must give ORGANIZATION a number from 0 to 1",
    ),
    "with a threshold that is none": ({"thresholds": {"PERSON": 7}}, "`thresholds` must give PERSON a number"),
    "of other features": ({"kind": "hashed", "features_version": 0}, "it learnt from other features"),
}


@pytest.mark.parametrize(("changes", "told"), WRONG.values(), ids=WRONG)
def test_a_manifest_that_cannot_be_kept_stops_the_start(folder, changes, told):
    rewrite(folder, **changes)
    with pytest.raises(DetectorError, match=told):
        read_manifest(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "nul"])
def test_a_manifest_that_is_no_object_stops_the_start(folder, text):
    (folder / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(DetectorError, match=r"manifest.json"):
        read_manifest(folder)


def test_a_name_in_the_manifest_does_not_lead_out_of_the_folder(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    digests = json.loads((folder / "manifest.json").read_text("utf-8"))["sha256"]
    rewrite(folder, sha256={**digests, "../secret": "0"})
    with pytest.raises(DetectorError, match="secret is missing"):
        read_manifest(folder)
