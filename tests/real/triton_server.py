"""Serves an exported repository with NVIDIA's Triton, as PyTriton brings it, until standard input ends.

Enters: the repository and a port. Leaves: Triton on that port and the two after it. PyTriton has no ONNX backend:
each graph is run by onnxruntime in a process of Triton's Python backend; all before that is Triton itself. Runs in an
environment of its own (`make real-models`).
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

KINDS = {"tensor(int32)": np.int32, "tensor(int64)": np.int64, "tensor(float)": np.float32}


def tensors(some: list[Any]) -> list[Tensor]:
    """Return inputs or outputs as PyTriton wants them."""
    return [
        Tensor(name=one.name, dtype=KINDS[one.type], shape=tuple(s if type(s) is int else -1 for s in one.shape))
        for one in some
    ]


def runs(graph: Path) -> tuple[Any, Callable[[list[Any]], list[dict[str, Any]]]]:
    """Return a graph and what runs it."""
    session = onnxruntime.InferenceSession(str(graph))

    def infer(requests: list[Any]) -> list[dict[str, Any]]:
        return [{"logits": session.run(["logits"], dict(one.items()))[0]} for one in requests]

    return session, infer


def main(repository: Path, port: int) -> None:
    """Serve until standard input ends."""
    config = TritonConfig(http_address="127.0.0.1", http_port=port, grpc_port=port + 1, metrics_port=port + 2)
    with Triton(config=config) as triton:
        for folder in sorted(repository.iterdir()):
            session, infer = runs(folder / "1" / "model.onnx")
            triton.bind(
                model_name=folder.name,
                infer_func=infer,
                inputs=tensors(session.get_inputs()),
                outputs=tensors(session.get_outputs()),
                config=ModelConfig(batching=False),
                strict=False,
            )
        triton.run()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
