"""The two taggers drawn as graphs: what `networks` computes, in as few and as cheap nodes as there are.

Enters: a graph in the making that holds the weights of a trained network. Leaves: a model for onnxruntime. An addition
before a norm is a `Sum`: of `Add` and norm onnxruntime makes one node, which takes four times as long as the two.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto

from detectors.ner.hashed import FEATURES, GRAMS
from detectors.ner.tags import TAGS
from detectors.ner.train.graphs import MICROSOFT, Graph
from detectors.ner.train.networks import DILATIONS, MIDDLE

TABLES: Final = ("tables.norm", "tables.affix", "suffix", "tables.shape", "tables.gram", "tables.pair", "space")
"""What the features of a token are looked up in, in their order."""

HEADS: Final = 12
END: Final = 2**31 - 1


def hashed(graph: Graph) -> onnx.ModelProto:
    """Return the tagger over hashed features."""
    features = graph.split("ids", 1, 1, 1, 1, GRAMS, 3, 1)
    parts = [
        graph.summed(f"{table}.weight", which, "enter", math.sqrt(GRAMS / 2))
        if table == "tables.gram"
        else graph.looked_up(f"{table}.weight", which, "enter")
        for table, which in zip(TABLES, features, strict=True)
    ]
    real = graph.add("Cast", graph.add("Greater", features[0], graph.number(np.int32(0))), to=TensorProto.FLOAT)
    hidden = graph.linear(graph.joined(parts, "enter"), "enter", "enter")
    hidden = graph.add("Mul", graph.normed(hidden, "entered", 1e-5), real)
    for layer, gap in enumerate(DILATIONS):
        hidden = gated(graph, hidden, real, layer, gap)
        if layer == MIDDLE:
            context = graph.add("Tanh", graph.plain(_mean(graph, hidden, real), "context"))
            hidden = graph.add("Mul", graph.add("Add", hidden, context), real)
    graph.plain(hidden, "leave", output="logits")
    return graph.model("hashed", {"ids": (TensorProto.INT32, ("batch", "tokens", FEATURES))}, len(TAGS))


def gated(graph: Graph, hidden: str, real: str, layer: int, gap: int) -> str:
    """Return each token with what a gated window of three tokens adds to it (`networks.gated`)."""
    name, width = f"windows.{layer}", len(graph.weights[f"norms.{layer}.bias"])
    window = _beside(graph, graph.entering(hidden, name), name, gap)
    gate = graph.add("Sigmoid", graph.linear(window, name, name, first=width))
    value = graph.add("Mul", graph.linear(window, name, name, last=width), gate)
    return graph.add("Mul", graph.normed(graph.add("Sum", hidden, value), f"norms.{layer}", 1e-5), real)


def _beside(graph: Graph, value: str, product: str, gap: int) -> str:
    """Return each token side by side with the ones `gap` before and after it."""
    padded = graph.add("Pad", value, graph.whole(0, gap, 0, 0, gap, 0), graph.nought(product))
    before = graph.add("Slice", padded, graph.whole(0), graph.whole(-2 * gap), graph.whole(1))
    after = graph.add("Slice", padded, graph.whole(2 * gap), graph.whole(END), graph.whole(1))
    return graph.add("Concat", before, value, after, axis=-1)


def _mean(graph: Graph, value: str, real: str) -> str:
    """Return the mean over the tokens that are none of padding."""
    count = graph.add("Max", graph.add("ReduceSum", real, graph.whole(1)), graph.number(np.float32(1)))
    return graph.add("Div", graph.add("ReduceSum", value, graph.whole(1)), count)


def latin(graph: Graph) -> onnx.ModelProto:
    """Return the tagger over word pieces."""
    hidden = _embedded(graph)
    mask = graph.add("Cast", "attention_mask", to=TensorProto.INT32)
    layers = sum(name.endswith("intermediate.dense.bias") for name in graph.weights)
    for number in range(layers):
        layer = f"bert.bert.encoder.layer.{number}"
        entering = graph.entering(hidden, f"{layer}.attention.self")
        three = (
            graph.linear(entering, f"{layer}.attention.self", f"{layer}.attention.self.{one}")
            for one in ("query", "key", "value")
        )
        seen = graph.add("MultiHeadAttention", *three, "", mask, domain=MICROSOFT, num_heads=HEADS)
        hidden = _added(graph, hidden, seen, f"{layer}.attention.output")
        wide = graph.linear(
            graph.entering(hidden, f"{layer}.intermediate"), f"{layer}.intermediate", f"{layer}.intermediate.dense"
        )
        hidden = _added(graph, hidden, graph.add("Gelu", wide, approximate="tanh"), f"{layer}.output")
    graph.plain(hidden, "bert.classifier", output="logits")
    rows = (TensorProto.INT64, ("batch", "pieces"))
    return graph.model("latin", dict.fromkeys(("input_ids", "attention_mask", "token_type_ids"), rows), len(TAGS))


def _embedded(graph: Graph) -> str:
    """Return what is known of each piece before any other is seen."""
    tables = {name: f"bert.bert.embeddings.{name}_embeddings.weight" for name in ("word", "token_type", "position")}
    length = graph.add("Slice", graph.add("Shape", "input_ids"), graph.whole(1), graph.whole(2))
    position = graph.add("Slice", graph.weight(tables["position"]), graph.whole(0), length, graph.whole(0))
    kind = graph.add("Gather", graph.weight(tables["token_type"]), "token_type_ids")
    whole = graph.add("Sum", graph.vocabulary(tables["word"], "input_ids"), kind, position)
    return graph.normed(whole, "bert.bert.embeddings.LayerNorm", 1e-12)


def _added(graph: Graph, hidden: str, value: str, block: str) -> str:
    """Return the sum of what was and of a linear layer of a value, with mean and variance set."""
    value = graph.linear(graph.entering(value, block), block, f"{block}.dense")
    return graph.normed(graph.add("Sum", hidden, value), f"{block}.LayerNorm", 1e-12)


DRAWN: Final[Mapping[str, Callable[[Graph], onnx.ModelProto]]] = MappingProxyType({"hashed": hashed, "latin": latin})
