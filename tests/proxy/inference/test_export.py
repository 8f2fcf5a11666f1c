"""A repository holds the very graphs, under the names by which they are asked for, and what the server must know."""

import ast
import json
from pathlib import Path

import pytest

from detectors.ner.names import MODELS
from proxy.errors import SettingsError
from proxy.inference.export import RUNTIME, export, used
from proxy.inference.remote import name_of
from proxy.settings.detection import Detection, NameModel

NAMES = [name_of(kind, MODELS / kind / "model.onnx") for kind in ("hashed", "latin")]


def test_the_models_that_the_settings_use() -> None:
    assert [name for name, _ in used(Detection())] == ["hashed", "latin"]
    assert [name for name, _ in used(Detection(names="fast"))] == ["hashed"]
    own = NameModel(Path("/models/own"))
    assert list(used(Detection(names="off", models=(own,)))) == [("own", Path("/models/own/model.onnx"))]


def test_a_repository_for_triton(tmp_path: Path) -> None:
    assert export(Detection(), tmp_path / "out", "triton") == NAMES
    for kind, name in zip(("hashed", "latin"), NAMES, strict=True):
        graph = (tmp_path / "out" / name / "1" / "model.onnx").read_bytes()
        assert graph == (MODELS / kind / "model.onnx").read_bytes()
    said = (tmp_path / "out" / NAMES[1] / "config.pbtxt").read_text("utf-8")
    assert f'name: "{NAMES[1]}"' in said and 'backend: "onnxruntime"' in said
    assert '{ name: "input_ids" data_type: TYPE_INT64 dims: [-1, -1] }' in said
    assert 'output [ { name: "logits" data_type: TYPE_FP32 dims: [-1, -1, 22] } ]' in said


def test_a_repository_for_mlserver_with_its_runtime(tmp_path: Path) -> None:
    assert export(Detection(names="fast"), tmp_path / "out", "mlserver") == NAMES[:1]
    said = json.loads((tmp_path / "out" / NAMES[0] / "model-settings.json").read_text("utf-8"))
    assert said["name"] == NAMES[0] and said["inputs"] == [{"name": "ids", "datatype": "INT32", "shape": [-1, -1, 16]}]
    module, _, name = said["implementation"].partition(".")
    runtime = (tmp_path / "out" / RUNTIME).read_text("utf-8")
    assert f"{module}.py" == RUNTIME
    assert name in [node.name for node in ast.parse(runtime).body if isinstance(node, ast.ClassDef)]


def test_a_folder_that_holds_something_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("", "utf-8")
    with pytest.raises(SettingsError, match="not empty"):
        export(Detection(), tmp_path, "triton")
