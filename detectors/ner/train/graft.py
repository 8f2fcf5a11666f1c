"""A second question for a finished tagger: where in a sentence is a secret told?

Enters: a shipped graph, which learnt names, and a head that learnt from what its layers say. Leaves: the same graph
with the head beside the one for names. What the graph computes for names stays as it is to the last bit, for nothing of
the head flows back. So the second answer costs little at work, and minutes to learn.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from detectors.ner.tags import SECRET_TAGS, TAGS
from detectors.ner.train.graphs import rounded_rows
from detectors.ner.train.head import GAPS, LOOKED_UP, WIDTH, Head

TAPPED: Final = ("entered", "norms.1", "norms.2", "norms.4")
"""Norms of the hashed tagger whose outputs the head reads; of the other one, those of every second layer."""

OWN: Final = "told."
"""What the name of everything begins with that belongs to the head."""


def bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph without a head that was grafted on before."""
    graph = model.graph
    for rows in (graph.node, graph.initializer):
        kept = [one for one in rows if not one.name.startswith(OWN)]
        del rows[:]
        rows.extend(kept)
    for node in graph.node:
        for place, name in enumerate(node.output):
            if name == f"{OWN}names":
                node.output[place] = "logits"
    graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(TAGS)
    return model


def taps(model: onnx.ModelProto) -> list[str]:
    """Return the names of the values that the head reads."""
    given = {node.input[1]: node.output[0] for node in model.graph.node if node.op_type == "LayerNormalization"}
    if model.graph.name == "hashed":
        return [given[f"{norm}.weight"] for norm in TAPPED]
    layers = [
        value
        for scale, value in given.items()
        if scale.endswith(".output.LayerNorm.weight") and ".attention." not in scale
    ]
    return layers[1::2]


def grafted(model: onnx.ModelProto, head: Head) -> onnx.ModelProto:
    """Return the bare graph with the head beside its own: logits of the names' tags, then of the secrets'."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    graph = whole.graph
    for node in graph.node:
        for place, name in enumerate(node.output):
            if name == "logits":
                node.output[place] = f"{OWN}names"
    drawn = _Drawn({name: value.numpy() for name, value in head.state_dict().items()})
    real = _real(drawn, graph.name)
    parts = [*taps(model), *(drawn.looked_up() if head.tables else ())]
    read = drawn.add("Mul", drawn.add("Concat", *parts, axis=-1), real)
    hidden = drawn.add("Mul", drawn.normed(drawn.plain(read, "enter"), "entered"), real)
    for layer, gap in enumerate(GAPS):
        around = drawn.add("Pad", hidden, drawn.whole(0, gap, 0, 0, gap, 0))
        before = drawn.add("Slice", around, drawn.whole(0), drawn.whole(-2 * gap), drawn.whole(1))
        after = drawn.add("Slice", around, drawn.whole(2 * gap), drawn.whole(2**31 - 1), drawn.whole(1))
        both = drawn.plain(drawn.add("Concat", before, hidden, after, axis=-1), f"windows.{layer}")
        value = drawn.add("Slice", both, drawn.whole(0), drawn.whole(WIDTH), drawn.whole(-1))
        gate = drawn.add("Slice", both, drawn.whole(WIDTH), drawn.whole(2 * WIDTH), drawn.whole(-1))
        value = drawn.add("Mul", value, drawn.add("Sigmoid", gate))
        hidden = drawn.add("Mul", drawn.normed(drawn.add("Sum", hidden, value), f"norms.{layer}"), real)
    drawn.add("Concat", f"{OWN}names", drawn.plain(hidden, "leave"), output="logits", axis=-1)
    graph.node.extend(drawn.nodes)
    graph.initializer.extend(drawn.numbers.values())
    graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(TAGS) + len(SECRET_TAGS)
    onnx.checker.check_model(whole)
    return whole


class _Drawn:
    """Nodes and numbers of the head, each under a name of its own."""

    def __init__(self, weights: dict[str, NDArray[Any]]) -> None:
        self._weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.numbers: dict[str, onnx.TensorProto] = {}

    def add(self, kind: str, *inputs: str, output: str = "", **settings: Any) -> str:
        name = f"{OWN}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output or name], name=name, **settings))
        return output or name

    def number(self, value: Any, name: str = "") -> str:
        name = f"{OWN}{name or f'={len(self.numbers)}'}"
        self.numbers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def whole(self, *values: int) -> str:
        return self.number(np.array(values, np.int64))

    def looked_up(self) -> Iterator[str]:
        """Yield what the head's own tables hold for the features of each token, in eight bits a number."""
        for kind, first, last, places in LOOKED_UP:
            rounded, scale = rounded_rows(self._weights[f"tables.{kind}.weight"], 127)
            which = self.add("Slice", "ids", self.whole(first), self.whole(last), self.whole(-1))
            rows = self.add(
                "Cast", self.add("Gather", self.number(rounded, f"tables.{kind}"), which), to=TensorProto.FLOAT
            )
            rows = self.add("Mul", rows, self.add("Gather", self.number(scale, f"scales.{kind}"), which))
            if places > 1:
                yield self.add("Reshape", rows, self.whole(0, 0, -1))
            else:
                yield self.add("ReduceSum", rows, self.whole(2), keepdims=0)

    def plain(self, value: str, layer: str) -> str:
        weight = self.number(self._weights[f"{layer}.weight"].T, f"{layer}.weight")
        return self.add(
            "Add", self.add("MatMul", value, weight), self.number(self._weights[f"{layer}.bias"], f"{layer}.bias")
        )

    def normed(self, value: str, layer: str) -> str:
        scale = self.number(self._weights[f"{layer}.weight"], f"{layer}.weight")
        bias = self.number(self._weights[f"{layer}.bias"], f"{layer}.bias")
        return self.add("LayerNormalization", value, scale, bias, axis=-1, epsilon=1e-5)


def _real(drawn: _Drawn, kind: str) -> str:
    """Return nought for padding and one for what is none, [rows, length, 1]."""
    if kind == "latin":
        mask = drawn.add("Cast", "attention_mask", to=TensorProto.FLOAT)
        return drawn.add("Unsqueeze", mask, drawn.whole(-1))
    first = drawn.add("Slice", "ids", drawn.whole(0), drawn.whole(1), drawn.whole(-1))
    return drawn.add("Cast", drawn.add("Greater", first, drawn.number(np.int32(0))), to=TensorProto.FLOAT)
