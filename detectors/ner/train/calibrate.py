"""Eight bits with fixed scales, in place of the full numbers of a graph.

Enters: a graph with full numbers, and rows to measure once for all. Leaves: the same graph in eight bits, with the
widest ranges seen written into it. So what a text gets does not depend on the texts that happen to share its batch, and
nothing is measured at work. Weights are rounded row by row, because one scale for a whole matrix cost eight points of
coverage, and keep to seven bits, because processors without exact products of eight overflow.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from detectors.ner.train.draw import DRAWN
from detectors.ner.train.encode import Row, batches, stacked
from detectors.ner.train.graphs import ENTERING, Ranges, Rounded

BATCH: Final = 1200
"""Tokens that are measured together."""


def fix_scales(file: Path, rows: Sequence[Row]) -> None:
    """Write the graph anew in eight bits, with the ranges that `rows` span."""
    full = onnx.load(file)
    weights = {one.name: numpy_helper.to_array(one) for one in full.graph.initializer}
    onnx.save(DRAWN[full.graph.name](Rounded(weights, _ranges(full, rows))), file)


def _ranges(full: onnx.ModelProto, rows: Sequence[Row]) -> Ranges:
    """Return the widest range of what enters each product, over all rows; nought is always inside."""
    wanted = [name for node in full.graph.node for name in node.output if name.startswith(ENTERING)]
    full.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(full.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs = [one.name for one in session.get_inputs()]
    ranges = {name.removeprefix(ENTERING): (0.0, 0.0) for name in wanted}
    for group in batches(rows, BATCH, Random(1)):
        numbers, _ = stacked([rows[row] for row in group])
        values: list[NDArray[np.float32]] = session.run(wanted, dict(zip(inputs, numbers, strict=True)))
        for product, value in zip(ranges, values, strict=True):
            low, high = ranges[product]
            ranges[product] = min(low, float(value.min())), max(high, float(value.max()))
    return ranges
