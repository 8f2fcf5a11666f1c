"""A second question for a finished tagger: where in a sentence is a secret told?

Enters: a shipped graph, which learnt names, and a head that learnt from what its layers say. Leaves: the same graph
with the head, in eight bits, beside the one for names. What the graph computes for names stays as it is to the last
bit, for nothing of the head flows back.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto

from detectors.ner.tags import SECRET_TAGS, TAGS
from detectors.ner.train.draw import gated
from detectors.ner.train.graphs import Graph, Ranges, Rounded
from detectors.ner.train.head import GAPS, LOOKED_UP, Head

TAPPED: Final = ("entered", "norms.2", "norms.4")
"""Norms of the hashed tagger whose outputs the head reads; of the other one, those of every second layer."""

OWN: Final = "told."
"""What the name of everything begins with that belongs to the head."""

NAMES: Final = f"{OWN}names"
"""The logits for names, which were the whole answer before."""


def bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph without a head that was grafted on before."""
    graph = model.graph
    if not any(NAMES in node.input for node in graph.node):
        return model
    nodes = [node for node in graph.node if NAMES not in node.input]
    kept = [node for node in nodes if not node.output[0].startswith(OWN) or node.output[0] == NAMES]
    _rename(kept, NAMES, "logits")
    numbers = [one for one in graph.initializer if not one.name.startswith(OWN)]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(numbers)
    graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(TAGS)
    return model


def _rename(nodes: Iterable[onnx.NodeProto], old: str, new: str) -> None:
    """Give what a node puts out another name."""
    for node in nodes:
        node.output[:] = [new if name == old else name for name in node.output]


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


def grafted(model: onnx.ModelProto, head: Head, ranges: Ranges) -> onnx.ModelProto:
    """Return the bare graph with the head beside its own: logits of the names' tags, then of the secrets'.

    `ranges` are those of what enters each product of the head.
    """
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    graph = whole.graph
    _rename(graph.node, "logits", NAMES)
    drawn = Rounded({name: value.numpy() for name, value in head.state_dict().items()}, ranges, OWN)
    real = _real(drawn, graph.name)
    read = [drawn.entering(tap, "enter") for tap in taps(model)]
    hidden = drawn.linear(drawn.joined(read, "enter"), "enter", "enter")
    if head.tables:
        own = drawn.linear(drawn.joined(_looked_up(drawn), "own"), "own", "own")
        hidden = drawn.add("Add", hidden, own)
    hidden = drawn.add("Mul", drawn.normed(hidden, "entered", 1e-5), real)
    for layer, gap in enumerate(GAPS):
        hidden = gated(drawn, hidden, real, layer, gap)
    drawn.add("Concat", NAMES, drawn.plain(hidden, "leave"), output="logits", axis=-1)
    nodes, numbers = drawn.drawn()
    graph.node.extend(nodes)
    graph.initializer.extend(numbers)
    graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(TAGS) + len(SECRET_TAGS)
    onnx.checker.check_model(whole)
    return whole


def _looked_up(drawn: Graph) -> list[str]:
    """Return what the head's own tables hold for the features of each token."""
    parts = []
    for kind, first, last, places in LOOKED_UP:
        which = drawn.add("Slice", "ids", drawn.whole(first), drawn.whole(last), drawn.whole(-1))
        table, count = f"tables.{kind}.weight", last - first
        if places > 1 or count == 1:
            parts.append(drawn.looked_up(table, which, "own"))
        else:
            parts.append(drawn.summed(table, which, "own", count**0.5))
    return parts


def _real(drawn: Graph, kind: str) -> str:
    """Return nought for padding and one for what is none, [rows, length, 1]."""
    if kind == "latin":
        return drawn.add("Unsqueeze", drawn.add("Cast", "attention_mask", to=TensorProto.FLOAT), drawn.whole(-1))
    first = drawn.add("Slice", "ids", drawn.whole(0), drawn.whole(1), drawn.whole(-1))
    return drawn.add("Cast", drawn.add("Greater", first, drawn.number(np.int32(0))), to=TensorProto.FLOAT)
