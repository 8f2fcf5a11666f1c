"""Pieces of ONNX graphs, in the form that onnxruntime runs fastest: with full numbers, or with eight-bit ones.

Enters: weights by the names they have in the network and, for eight bits, the range of what enters each product.
Leaves: nodes. Eight bits are written as quantise-dequantise pairs, which a processor runs on integers and a GPU on
floats; what enters a product is rounded before it is shifted and joined, not after.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from detectors.ner.train.eight_bits import STEPS

OPSET: Final = 20
IR: Final = 9
MICROSOFT: Final = "com.microsoft"
"""Where attention is one node, which onnxruntime has on processors and GPUs alike."""

ENTERING: Final = "entering "
"""Before the name of a product: what enters it, in a graph with full numbers."""

Array = NDArray[Any]
Weights = Mapping[str, Array]
Ranges = Mapping[str, tuple[float, float]]


class Graph:
    """Nodes and numbers in the making, with full numbers."""

    def __init__(self, weights: Weights, own: str = "") -> None:
        """Take the network's weights, and what the name of everything begins with that is drawn."""
        self.weights = weights
        self._own = own
        self._nodes: list[onnx.NodeProto] = []
        self._numbers: dict[str, onnx.TensorProto] = {}

    def add(self, kind: str, *inputs: str, output: str = "", **settings: Any) -> str:
        """Add a node of one output and return the output's name."""
        output = output or f"{self._own}#{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], **settings))
        return output

    def split(self, value: str, *sizes: int) -> list[str]:
        """Return parts of a value's last axis."""
        parts = [f"{self._own}#{len(self._nodes)}.{part}" for part in range(len(sizes))]
        self._nodes.append(helper.make_node("Split", [value, self.whole(*sizes)], parts, axis=-1))
        return parts

    def number(self, value: Any, name: str = "") -> str:
        """Return the name of a constant."""
        name = f"{self._own}{name or f'={len(self._numbers)}'}"
        if name not in self._numbers:
            self._numbers[name] = numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        return name

    def whole(self, *values: int) -> str:
        """Return whole numbers: sizes, places."""
        return self.number(np.array(values, np.int64))

    def weight(self, name: str) -> str:
        """Return a weight of the network as it is."""
        return self.number(self.weights[name], name)

    def plain(self, value: str, layer: str, output: str = "") -> str:
        """Return a linear layer with full numbers."""
        weight = self.add("Transpose", self.weight(f"{layer}.weight"))
        return self.add("Add", self.add("MatMul", value, weight), self.weight(f"{layer}.bias"), output=output)

    def normed(self, value: str, layer: str, epsilon: float) -> str:
        """Return a value with mean and variance set."""
        scale, bias = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.add("LayerNormalization", value, scale, bias, axis=-1, epsilon=epsilon)

    def side_by_side(self, value: str) -> str:
        """Return the last two axes of three or more as one."""
        return self.add("Reshape", value, self.whole(0, 0, -1))

    def entering(self, value: str, product: str) -> str:
        """Return a value as it enters a product."""
        return self.add("Identity", value, output=ENTERING + product)

    def joined(self, parts: Sequence[str], product: str) -> str:
        """Return values side by side that enter a product together, each of them as it enters."""
        return self.add("Concat", *parts, output=ENTERING + product, axis=-1)

    def nought(self, product: str) -> str:  # noqa: ARG002  (rounded, it depends on the product)
        """Return nought as it enters a product."""
        return self.number(np.float32(0))

    def linear(
        self,
        value: str,
        product: str,  # noqa: ARG002  (as above)
        layer: str,
        first: int = 0,
        last: int | None = None,
    ) -> str:
        """Return a linear layer of what enters a product, or some of its outputs."""
        whole = self.plain(value, layer)
        outputs = len(self.weights[f"{layer}.bias"])
        if (first, last or outputs) == (0, outputs):
            return whole
        return self.add("Slice", whole, self.whole(first), self.whole(last or outputs), self.whole(-1))

    def looked_up(self, table: str, value: str, product: str) -> str:  # noqa: ARG002  (as above)
        """Return rows of a table as they enter a product, those of one place side by side."""
        return self.side_by_side(self.add("Gather", self.weight(table), value))

    def summed(self, table: str, value: str, product: str, divisor: float) -> str:  # noqa: ARG002  (as above)
        """Return the rows of each place added up and divided, as they enter a product."""
        rows = self.add("Gather", self.weight(table), value)
        return self.add("Div", self.add("ReduceSum", rows, self.whole(2), keepdims=0), self.number(np.float32(divisor)))

    def vocabulary(self, table: str, value: str) -> str:
        """Return rows of a large table."""
        return self.add("Gather", self.weight(table), value)

    def drawn(self) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
        """Return the nodes and the constants so far."""
        return self._nodes, list(self._numbers.values())

    def model(self, name: str, inputs: Mapping[str, tuple[int, tuple[str | int, ...]]], tags: int) -> onnx.ModelProto:
        """Return the whole, whose last node gave `logits`."""
        taken = [helper.make_tensor_value_info(one, kind, shape) for one, (kind, shape) in inputs.items()]
        rows = next(iter(inputs.values()))[1][:2]
        given = helper.make_tensor_value_info("logits", TensorProto.FLOAT, (*rows, tags))
        graph = helper.make_graph(self._nodes, name, taken, [given], list(self._numbers.values()))
        imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=IR)
        onnx.checker.check_model(model)
        return model


class Rounded(Graph):
    """The same with eight-bit numbers."""

    def __init__(self, weights: Weights, ranges: Ranges, own: str = "") -> None:
        """Take the weights, the range of what enters each product, and what own names begin with."""
        super().__init__(weights, own)
        self._ranges = ranges

    def entering(self, value: str, product: str) -> str:
        """Return a value as it enters a product."""
        return self.add("QuantizeLinear", value, *self._scale(product))

    def joined(self, parts: Sequence[str], product: str) -> str:  # noqa: ARG002  (the parts are rounded)
        """Return values side by side that enter a product together, each of them as it enters."""
        return self.add("Concat", *parts, axis=-1)

    def nought(self, product: str) -> str:
        """Return nought as it enters a product."""
        return self._scale(product)[1]

    def linear(self, value: str, product: str, layer: str, first: int = 0, last: int | None = None) -> str:
        """Return a linear layer of what enters a product, or some of its outputs."""
        some = slice(first, last)
        rounded, scale = rounded_rows(self.weights[f"{layer}.weight"][some], STEPS)
        value = self.add("DequantizeLinear", value, *self._scale(product))
        weight = self.add("DequantizeLinear", self.number(rounded.T), self.number(scale[:, 0]), axis=1)
        return self.add("Add", self.add("MatMul", value, weight), self.number(self.weights[f"{layer}.bias"][some]))

    def looked_up(self, table: str, value: str, product: str) -> str:
        """Return rows of a table as they enter a product, those of one place side by side."""
        step, zero = self._step(product)
        rounded = np.clip(np.round(self.weights[table] / step) + zero, 0, 255).astype(np.uint8)
        return self.side_by_side(self.add("Gather", self.number(rounded), value))

    def summed(self, table: str, value: str, product: str, divisor: float) -> str:
        """Return the rows of each place added up and divided, as they enter a product."""
        step, zero = self._step(product)
        scale = np.abs(self.weights[table]).max() / 127
        rounded = np.round(self.weights[table] / scale).astype(np.int8)
        rows = self.add("Cast", self.add("Gather", self.number(rounded), value), to=TensorProto.FLOAT)
        total = self.add("ReduceSum", rows, self.whole(2), keepdims=0)
        return self.add("QuantizeLinear", total, self.number(np.float32(step * divisor / scale)), self.number(zero))

    def vocabulary(self, table: str, value: str) -> str:
        """Return rows of a large table, which has a scale for each row: that loses next to nothing."""
        rounded, scale = rounded_rows(self.weights[table], 127)
        rows = self.add("Cast", self.add("Gather", self.number(rounded), value), to=TensorProto.FLOAT)
        return self.add("Mul", rows, self.add("Gather", self.number(scale), value))

    def _step(self, product: str) -> tuple[np.float32, np.uint8]:
        low, high = self._ranges[product]
        step = max(high - low, 1e-6) / 255
        return np.float32(step), np.uint8(round(-low / step))

    def _scale(self, product: str) -> tuple[str, str]:
        step, zero = self._step(product)
        return self.number(step, f"step {product}"), self.number(zero, f"zero {product}")


def rounded_rows(table: Array, steps: int) -> tuple[Array, Array]:
    """Return a table in whole numbers, at most `steps` either way, and the scale of each row."""
    scale = np.maximum(np.abs(table).max(1, keepdims=True) / steps, 1e-8).astype(np.float32)
    return np.round(table / scale).astype(np.int8), scale
