"""Lays the models out as a server wants them: a repository for Triton, or one for MLServer. Does I/O.

Enters: the models that the settings use, and a new folder. Leaves: for each a folder with its graph, under the name by
which it is asked for (`remote.name_of`), and what tells the server about it. Nothing of the graph is changed.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from detectors.interface import DetectorError
from detectors.ner.names import MODELS
from detectors.ner.runtime import onnxruntime
from detectors.ner.session import HALF, ONLY_FATAL
from proxy.errors import SettingsError
from proxy.inference.remote import OUTPUT, name_of
from proxy.settings.detection import Detection

Form = Literal["triton", "mlserver"]

TYPES: Final = {"tensor(int32)": "INT32", "tensor(int64)": "INT64", "tensor(float)": "FP32", "tensor(float16)": "FP16"}
"""onnxruntime's names of types, and the protocol's."""
RUNTIME: Final = "sluice_onnx.py"
"""MLServer has no runtime of its own for ONNX: this one goes along."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or an output of a graph."""

    name: str
    type: str
    shape: tuple[int, ...]


def used(detection: Detection) -> Iterator[tuple[str, Path]]:
    """Yield the models that look for names by these settings, each with its file."""
    kinds = {"accurate": ("hashed", "latin"), "fast": ("hashed",), "off": ()}[detection.names]
    for kind in kinds:
        yield kind, MODELS / kind / "model.onnx"
    for one in detection.models:
        yield one.name, one.path / "model.onnx"


def export(detection: Detection, folder: Path, form: Form, *, half: bool = False) -> list[str]:
    """Write the repository, and return the names of its models; raises `SettingsError` or `DetectorError`.

    `half` takes the half-precision graph where a model has one, as a GPU on this machine would.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder}: is not empty; name a new folder", f"{folder}：不是空目录；请指定新目录")
    names = []
    try:
        for name, file in used(detection):
            called = name_of(name, file)
            graph = file.with_name(HALF) if half and file.with_name(HALF).exists() else file
            (write_triton if form == "triton" else write_mlserver)(folder / called, called, graph)
            names.append(called)
        if form == "mlserver":
            shutil.copyfile(str(files("proxy.inference") / "mlserver_onnx.txt"), folder / RUNTIME)
    except OSError as error:
        raise SettingsError(f"{error.filename or folder}: {error.strerror}") from None
    return names


def write_triton(folder: Path, called: str, graph: Path) -> None:
    """Write a model of Triton's onnxruntime backend; the rows of a request are of one length."""
    place = folder / "1"
    place.mkdir(parents=True)
    inputs, outputs = tensors(graph)
    shutil.copyfile(graph, place / "model.onnx")

    def said(kind: str, some: list[Tensor]) -> str:
        each = ", ".join(f'{{ name: "{one.name}" data_type: TYPE_{one.type} dims: {list(one.shape)} }}' for one in some)
        return f"{kind} [ {each} ]"

    lines = [f'name: "{called}"', 'backend: "onnxruntime"', "max_batch_size: 0", said("input", inputs)]
    lines += [said("output", outputs), "version_policy: { all { } }"]
    (folder / "config.pbtxt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_mlserver(folder: Path, called: str, graph: Path) -> None:
    """Write a model of the runtime that goes along."""
    folder.mkdir(parents=True)
    inputs, outputs = tensors(graph)
    shutil.copyfile(graph, folder / "model.onnx")

    def said(some: list[Tensor]) -> list[dict[str, object]]:
        return [{"name": one.name, "datatype": one.type, "shape": list(one.shape)} for one in some]

    told = {
        "name": called,
        "implementation": f"{Path(RUNTIME).stem}.OnnxModel",
        "inputs": said(inputs),
        "outputs": said(outputs),
        "parameters": {"uri": "./model.onnx", "version": "1"},
    }
    (folder / "model-settings.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def tensors(graph: Path) -> tuple[list[Tensor], list[Tensor]]:
    """Return the inputs and outputs of a graph; raises `DetectorError`."""
    onnxruntime.set_default_logger_severity(ONLY_FATAL)
    try:
        session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    except Exception as error:
        raise DetectorError(f"{graph}: cannot be opened ({type(error).__name__})") from None
    inputs, outputs = (
        [
            Tensor(one.name, TYPES[one.type], tuple(size if type(size) is int else -1 for size in one.shape))
            for one in some
        ]
        for some in (session.get_inputs(), session.get_outputs())
    )
    return inputs, [one for one in outputs if one.name == OUTPUT]
