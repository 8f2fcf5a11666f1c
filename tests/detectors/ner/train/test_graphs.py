"""Pieces of a graph compute the same with full numbers and, nearly, with eight bits. They run where training does."""

import numpy as np
import pytest

pytest.importorskip("torch")

import onnxruntime
from onnx import TensorProto

from detectors.ner.train.graphs import Graph, Rounded, rounded_rows

CHANCE = np.random.default_rng(1)
WEIGHTS = {
    "layer.weight": CHANCE.normal(size=(6, 8)).astype(np.float32),
    "layer.bias": CHANCE.normal(size=6).astype(np.float32),
    "table": CHANCE.uniform(-2, 2, (30, 8)).astype(np.float32),
}
RANGES = {"in": (-2.0, 2.0)}
WHICH = CHANCE.integers(0, 30, (1, 5, 3))


def computed(graph: Graph, output: str) -> np.ndarray:
    graph.add("Identity", output, output="logits")
    model = graph.model("piece", {"which": (TensorProto.INT64, ("batch", "tokens", 3))}, 1)
    model.graph.output[0].type.tensor_type.ClearField("shape")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"which": WHICH})[0]


def product(graph: Graph) -> str:
    first, *_ = graph.split("which", 1, 2)
    return graph.linear(graph.looked_up("table", first, "in"), "in", "layer")


def some(graph: Graph) -> str:
    first, *_ = graph.split("which", 1, 2)
    return graph.linear(graph.looked_up("table", first, "in"), "in", "layer", first=2, last=5)


def joined(graph: Graph) -> str:
    parts = [graph.looked_up("table", one, "in") for one in graph.split("which", 1, 2)]
    whole = graph.joined(parts, "in")
    return graph.linear(graph.add("Slice", whole, *map(graph.whole, (8, 16, 2))), "in", "layer")


def rounded_late(graph: Graph) -> str:
    first, *_ = graph.split("which", 1, 2)
    rows = graph.side_by_side(graph.vocabulary("table", first))
    return graph.linear(graph.entering(rows, "in"), "in", "layer")


def summed(graph: Graph) -> str:
    return graph.linear(graph.summed("table", "which", "in", 3.0), "in", "layer")


@pytest.mark.parametrize("piece", [product, some, joined, rounded_late, summed])
def test_eight_bits_compute_nearly_the_same(piece: object) -> None:
    assert callable(piece)
    full, small = Graph(WEIGHTS), Rounded(WEIGHTS, RANGES)
    want, got = computed(full, piece(full)), computed(small, piece(small))
    assert got.shape == want.shape and np.abs(got - want).max() < 0.05 * np.abs(want).max()


def test_the_full_numbers_compute_what_they_say() -> None:
    rows = WEIGHTS["table"][WHICH[0, :, 0]]
    full = Graph(WEIGHTS)
    want = rows @ WEIGHTS["layer.weight"].T + WEIGHTS["layer.bias"]
    assert computed(full, product(full))[0] == pytest.approx(want, abs=1e-5)


def test_each_row_of_a_table_keeps_its_digits() -> None:
    table = CHANCE.normal(size=(20, 8)) * np.logspace(-3, 2, 20)[:, None]
    rounded, scale = rounded_rows(table, 127)
    assert rounded.dtype == np.int8 and np.abs(rounded).max() == 127
    assert (np.abs(rounded * scale - table).max(1) <= np.abs(table).max(1) / 250).all()
