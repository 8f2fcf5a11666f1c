"""Trained networks as ONNX graphs.

Enters: a network with its averaged weights. Leaves: `model.onnx` in a folder of `models/`, with full numbers until
`calibrate` has measured what enters each product. A graph that computes anything else than its network is never
written.
"""

from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from detectors.ner.hashed import BUCKETS, FEATURES
from detectors.ner.pieces import TYPES
from detectors.ner.train.draw import DRAWN
from detectors.ner.train.graphs import Graph

ROWS, LENGTH = 3, 40
"""Of the example that graph and network are compared with."""

APART: Final = 0.02
"""How far logits may lie from the network's: GELU is drawn by its usual approximation."""


def export(kind: str, network: nn.Module, folder: Path, plain: Path | None = None) -> None:
    """Write `model.onnx` with full numbers into `folder`, and again as `plain`; raises `SystemExit` if it differs."""
    network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    model = DRAWN[kind](Graph(weights))
    _must_agree(kind, network, model)
    for file in filter(None, (folder / "model.onnx", plain)):
        onnx.save(model, file)


def _must_agree(kind: str, network: nn.Module, model: onnx.ModelProto) -> None:
    """Compare graph and network on rows of chance, of which one is padded."""
    example = _example(kind)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    drawn = session.run(["logits"], {name: value.numpy() for name, value in example.items()})[0]
    with torch.no_grad():
        apart = np.abs(drawn - network(*example.values()).numpy())[: ROWS - 1].max()
    if not apart < APART:
        raise SystemExit(f"{kind}: the graph is not the network: their logits are up to {apart:.3f} apart")


def _example(kind: str) -> dict[str, torch.Tensor]:
    chance = torch.Generator().manual_seed(1)

    def numbers(*shape: int, below: int) -> torch.Tensor:
        return torch.randint(1, below, shape, generator=chance)

    mask = torch.ones(ROWS, LENGTH, dtype=torch.int64)
    mask[0, LENGTH // 2 :] = 0
    if kind == "hashed":
        ids = numbers(ROWS, LENGTH, FEATURES, below=min(BUCKETS.values()))
        ids[:, :, -1] = numbers(ROWS, LENGTH, below=4)
        return {"ids": (ids * mask[:, :, None]).to(torch.int32)}
    pieces, types = numbers(ROWS, LENGTH, below=20_000), numbers(ROWS, LENGTH, below=TYPES)
    return {"input_ids": pieces * mask, "attention_mask": mask, "token_type_ids": types * mask}
