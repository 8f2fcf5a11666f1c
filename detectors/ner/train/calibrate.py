"""Fixed scales in place of those that a graph draws from each batch.

Enters: a graph with eight-bit weights that measures its inputs anew in every batch, and rows to measure once for all.
Leaves: the same graph with the widest ranges seen written into it. So what a text gets no longer depends on the texts
that happen to share its batch, and nothing is measured at work.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from detectors.ner.train.encode import Row, batches, stacked

MEASURING: Final = "DynamicQuantizeLinear"
BATCH: Final = 1200
"""Tokens that are measured together."""

Range = tuple[float, float]


def fix_scales(file: Path, rows: Sequence[Row]) -> None:
    """Exchange every node that measures its input for one that knows its scale from `rows`."""
    model = onnx.load(file)
    graph = model.graph
    ranges = _ranges(model, [node.input[0] for node in graph.node if node.op_type == MEASURING], rows)
    nodes = []
    for node in graph.node:
        if node.op_type != MEASURING:
            nodes.append(node)
            continue
        rounded, scale, zero = node.output
        low, high = ranges[node.input[0]]
        step = np.float32(max(high - low, 1e-6) / 255)
        graph.initializer.append(numpy_helper.from_array(np.array(step, np.float32), scale))
        graph.initializer.append(numpy_helper.from_array(np.array(round(-low / step), np.uint8), zero))
        nodes.append(helper.make_node("QuantizeLinear", [node.input[0], scale, zero], [rounded]))
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _ranges(model: onnx.ModelProto, names: Iterable[str], rows: Sequence[Row]) -> dict[str, Range]:
    """Return the widest range of each value over all rows; nought is always inside."""
    wanted = list(dict.fromkeys(names))
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs = [one.name for one in session.get_inputs()]
    ranges: dict[str, Range] = dict.fromkeys(wanted, (0.0, 0.0))
    for group in batches(rows, BATCH, Random(1)):
        numbers, _ = stacked([rows[row] for row in group])
        values: list[NDArray[np.float32]] = session.run(wanted, dict(zip(inputs, numbers, strict=True)))
        for name, value in zip(wanted, values, strict=True):
            low, high = ranges[name]
            ranges[name] = min(low, float(value.min())), max(high, float(value.max()))
    return ranges
