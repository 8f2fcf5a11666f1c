"""Trained networks as ONNX graphs with eight-bit weights.

Enters: a network with its averaged weights. Leaves: `model.onnx` in a folder of `models/`. Scales are per channel,
because one scale for a whole matrix cost eight points of coverage, and keep to seven bits, because processors without
exact products of eight overflow.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from detectors.ner.hashed import FEATURES

INPUTS: Final = {"hashed": ("ids",), "latin": ("input_ids", "attention_mask", "token_type_ids")}
OPSET: Final = 17


LARGE: Final = 1_000_000
"""Numbers of a table of embeddings that is worth rounding row by row."""


def export(kind: str, network: nn.Module, folder: Path, plain: Path | None = None) -> None:
    """Write `model.onnx` with eight-bit weights into `folder`; with `plain`, keep the full graph there too."""
    network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    names = INPUTS[kind]
    example: tuple[torch.Tensor, ...] = tuple(torch.ones(2, 16, dtype=torch.int64) for _ in names)
    if kind == "hashed":
        example = (torch.ones(2, 16, FEATURES, dtype=torch.int32),)
    length = "tokens" if kind == "hashed" else "pieces"
    axes = {name: {0: "batch", 1: length} for name in (*names, "logits")}
    with TemporaryDirectory() as place, torch.no_grad():
        full = plain or Path(place) / "full.onnx"
        torch.onnx.export(
            network, example, str(full), input_names=list(names), output_names=["logits"], dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
        logging.disable(logging.WARNING)  # the quantiser recommends a preparation that changes nothing here
        small, options = (
            folder / "model.onnx",
            {"weight_type": QuantType.QInt8, "per_channel": True, "reduce_range": True},
        )
        if kind == "latin":
            quantize_dynamic(full, small, op_types_to_quantize=["MatMul"], **options)
            round_tables(small)
        else:
            quantize_dynamic(full, small, **options)
        logging.disable(logging.NOTSET)


def round_tables(file: Path) -> None:
    """Store large tables of embeddings in eight bits with one scale a row, which loses next to nothing."""
    model = onnx.load(file)
    graph = model.graph
    tables = {table.name: table for table in graph.initializer if table.data_type == TensorProto.FLOAT}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or np.prod(table.dims) < LARGE:
            nodes.append(node)
            continue
        values = numpy_helper.to_array(table)
        scale = np.maximum(np.abs(values).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
        rounded = np.round(values / scale).astype(np.int8)
        graph.initializer.remove(table)
        graph.initializer.append(numpy_helper.from_array(rounded, f"{table.name}_rounded"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{table.name}_scale"))
        nodes += _scaled(table.name, node.input[1], node.output[0])
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _scaled(table: str, which: str, to: str) -> Iterator[onnx.NodeProto]:
    yield helper.make_node("Gather", [f"{table}_rounded", which], [f"{to}_rounded"])
    yield helper.make_node("Cast", [f"{to}_rounded"], [f"{to}_cast"], to=TensorProto.FLOAT)
    yield helper.make_node("Gather", [f"{table}_scale", which], [f"{to}_scale"])
    yield helper.make_node("Mul", [f"{to}_cast", f"{to}_scale"], [to])
