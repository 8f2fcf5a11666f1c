"""A model on this machine: on the GPU where one works, on the processor everywhere else.

Enters: the file of an ONNX graph. Leaves: a `Model`, and a plain word on where it runs and why. A missing GPU is never
an error, but who asked for one by name is told. The runtime's own log stays shut: it may quote inputs, and they spell
the text.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np

from detectors.interface import DetectorError
from detectors.ner.model import Floats, Inputs, Model
from detectors.ner.runtime import onnxruntime

CUDA: Final = "CUDAExecutionProvider"
PROCESSOR: Final = "CPUExecutionProvider"
ONLY_FATAL: Final = 4
HALF: Final = "model.fp16.onnx"
"""Beside `model.onnx`, where a model has one: the graph for a GPU, whose weights are half-precision numbers."""

SMALLEST: Final = bytes.fromhex(
    "080812003a320a0b0a017812017922034e65671201675a0f0a0178120a0a08080112040a020801620f0a0179120a0a08080112040a02080142040a001011"
)
"""A graph of one node, y = -x, to try a GPU with."""

Wish = Literal["auto", "cpu", "cuda"]


CHINESE: Final = {
    "as the settings say": "按设置",
    "this onnxruntime has no CUDA": "此 onnxruntime 不含 CUDA",
    "CUDA works": "CUDA 可用",
    "no usable GPU": "没有可用的 GPU",
    "the GPU does not answer": "GPU 没有响应",
}
"""Why models run where they do, in Chinese."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where models run, for `sluice doctor`."""

    kind: Literal["cpu", "cuda", "server"]
    threads: int
    """Threads that the models take together; nought on a GPU."""
    why: str
    """In a few words, why there and nowhere else."""
    instead: bool = False
    """Whether it stands in for a GPU that was asked for by name."""

    def __str__(self) -> str:
        """Say it in one line."""
        if self.kind == "server":
            return f"the server {self.why}"
        return f"GPU ({self.why})" if self.kind == "cuda" else f"CPU, {self.threads} threads ({self.why})"

    @property
    def chinese(self) -> str:
        """The same in Chinese; the name of a server stays as it is."""
        if self.kind == "server":
            return f"服务器 {self.why}"
        why = CHINESE.get(self.why, self.why)
        return f"GPU（{why}）" if self.kind == "cuda" else f"CPU，{self.threads} 个线程（{why}）"


def choose_device(wish: Wish = "auto", threads: int = 0) -> Device:
    """Return where models will run; `threads` 0 takes half of the cores, two at least where there are two."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = threads or min(cores, max(2, cores // 2))
    if wish == "cpu":
        return Device("cpu", threads, "as the settings say")
    if CUDA not in onnxruntime.get_available_providers():
        return Device("cpu", threads, "this onnxruntime has no CUDA", wish == "cuda")
    why = _cuda_fails()
    return Device("cpu", threads, why, wish == "cuda") if why else Device("cuda", 0, "CUDA works")


def _cuda_fails() -> str:
    """Return why no graph can run on a GPU; nothing where one can."""
    onnxruntime.set_default_logger_severity(ONLY_FATAL)
    try:
        options = _options(1)
        session = onnxruntime.InferenceSession(SMALLEST, options, providers=[CUDA])
        if session.get_providers()[0] != CUDA:
            return "no usable GPU"
        session.run(None, {"x": np.zeros(1, np.float32)})
    except Exception:  # a driver may fail in any way it likes: the processor works everywhere
        return "the GPU does not answer"
    return ""


class Opened(Model, Protocol):
    """A model, and what is known of its graph."""

    @property
    def types(self) -> Mapping[str, str]:
        """What it must be given: numpy's type of numbers by name."""
        ...

    @property
    def width(self) -> object:
        """How many tags it has, where that is known."""
        ...


class Open(Protocol):
    """Opens a model by its file, here or on a server that has it."""

    def __call__(
        self, name: str, file: Path, device: Device, /, *, cost: int = 1, padding: Mapping[str, int] | None = None
    ) -> Opened:
        """Return the model; raises `DetectorError`."""
        ...


class Local:
    """A graph opened with onnxruntime; may be run from several threads."""

    def __init__(
        self,
        name: str,
        file: Path,
        device: Device,
        *,
        cost: int = 1,
        padding: Mapping[str, int] | None = None,
        output: str = "logits",
    ) -> None:
        """Open `file` on `device`, or its half-precision sister on a GPU; raises `DetectorError`."""
        self.name = name
        self.cost = cost
        self.padding: Mapping[str, int] = padding or {}
        self._output = output
        self._on_gpu = device.kind == "cuda"
        half = file.with_name(HALF)
        onnxruntime.set_default_logger_severity(ONLY_FATAL)
        try:
            self._session = self._open(half if self._on_gpu and half.exists() else file, device)
        except Exception as error:
            raise DetectorError(
                f"model {name}: {file.name} cannot be opened ({type(error).__name__})",
                f"model {name}：无法打开 {file.name}（{type(error).__name__}）",
            ) from None
        self.types: Mapping[str, str] = {one.name: _numbers(one.type) for one in self._session.get_inputs()}
        self.outputs: tuple[str, ...] = tuple(one.name for one in self._session.get_outputs())
        if output not in self.outputs:
            raise DetectorError(
                f"model {name}: {file.name} has no output `{output}`; it has {', '.join(self.outputs)}",
                f"model {name}：{file.name} 没有输出 `{output}`；有 {'、'.join(self.outputs)}",
            )
        self.width = self._session.get_outputs()[self.outputs.index(output)].shape[-1]

    def _open(self, file: Path, device: Device) -> Any:
        providers: Sequence[str] = [CUDA, PROCESSOR] if self._on_gpu else [PROCESSOR]
        session = onnxruntime.InferenceSession(str(file), _options(device.threads or 1), providers=providers)
        self._on_gpu = session.get_providers()[0] == CUDA  # memory may be gone since CUDA was tried
        return session

    def run(self, inputs: Inputs) -> Floats:
        """Return logits [rows, length, tags]."""
        logits = self._run_bound(inputs) if self._on_gpu else self._session.run([self._output], dict(inputs))[0]
        return np.asarray(logits, np.float32)

    def _run_bound(self, inputs: Inputs) -> Any:
        """Run on the GPU with inputs and output bound, so that nothing is copied twice."""
        binding = self._session.io_binding()
        for name, numbers in inputs.items():
            binding.bind_cpu_input(name, np.ascontiguousarray(numbers))
        binding.bind_output(self._output, "cpu")
        self._session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]


def _numbers(kind: str) -> str:
    """Return numpy's name of what onnxruntime calls `tensor(int64)`."""
    name = kind.removeprefix("tensor(").removesuffix(")")
    return {"float": "float32", "double": "float64"}.get(name, name)


def _options(threads: int) -> Any:
    """Return options for a session beside an event loop: idle threads sleep, and nothing is logged."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ONLY_FATAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
