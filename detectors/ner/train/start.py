"""The weights of a shipped model, for a training that goes on from it rather than from nothing.

Enters: a graph in eight bits, and an untrained network of its kind. Leaves: the same network with the graph's weights,
as full numbers that no longer tell what rounding took from them. The network is drawn as a graph once more, so that the
numbers of the shipped one are read off in the order in which they were written.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from detectors.ner.train.draw import DRAWN
from detectors.ner.train.graphs import Array, Ranges, Rounded, Weights

ANY_RANGE: Final = (-1.0, 1.0)


class _AnyRanges(dict[str, tuple[float, float]]):
    """A range for whatever product is asked for: where a number stands does not depend on it."""

    def __missing__(self, product: str) -> tuple[float, float]:
        return ANY_RANGE


class Reading(Rounded):
    """A graph drawn to find out which number of a shipped one is which weight."""

    def __init__(self, weights: Weights, ranges: Ranges, shipped: Mapping[str, Array]) -> None:
        """Take an untrained network's weights, and the numbers of the shipped graph by name."""
        super().__init__(weights, ranges)
        self._shipped = shipped
        self.read: dict[str, Array] = {}

    def weight(self, name: str) -> str:
        """Draw a weight with full numbers, and read it."""
        self.read[name] = self._shipped[name]
        return super().weight(name)

    def linear(self, value: str, product: str, layer: str, first: int = 0, last: int | None = None) -> str:
        """Draw a linear layer or some of its outputs, and read these."""
        before = len(self._numbers)
        output = super().linear(value, product, layer, first, last)
        rounded, scale, bias = self._since(before)
        for name, part in ((f"{layer}.weight", rounded.T * scale[:, None]), (f"{layer}.bias", bias)):
            whole = self.read.setdefault(name, np.zeros(np.shape(self.weights[name]), np.float32))
            whole[slice(first, last)] = part
        return output

    def looked_up(self, table: str, value: str, product: str) -> str:
        """Draw a table, and read it."""
        before = len(self._numbers)
        output = super().looked_up(table, value, product)
        step, zero = self._shipped[f"step {product}"], self._shipped[f"zero {product}"]
        self.read[table] = (self._since(before)[0].astype(np.float32) - np.float32(zero)) * step
        return output

    def summed(self, table: str, value: str, product: str, divisor: float) -> str:
        """Draw a table whose rows are added up, and read it."""
        before = len(self._numbers)
        output = super().summed(table, value, product, divisor)
        rounded, _, steps = self._since(before)[:3]
        scale = self._shipped[f"step {product}"] * np.float32(divisor) / steps
        self.read[table] = rounded.astype(np.float32) * scale
        return output

    def vocabulary(self, table: str, value: str) -> str:
        """Draw a large table, and read it."""
        before = len(self._numbers)
        output = super().vocabulary(table, value)
        rounded, scale = self._since(before)[:2]
        self.read[table] = rounded.astype(np.float32) * scale
        return output

    def _since(self, before: int) -> list[Array]:
        """Return the shipped numbers without a name of their own that stand where the last ones were drawn."""
        return [self._shipped[name] for name in list(self._numbers)[before:] if name.startswith("=")]


def start_from(folder: Path, kind: str, network: nn.Module) -> None:
    """Give `network` the weights of the model in `folder`; raises `SystemExit` if it is another network's."""
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    graph = onnx.load(folder / "model.onnx").graph
    if graph.name != kind:
        raise SystemExit(f"{folder} holds a model of kind {graph.name}, not {kind}")
    drawn = Reading(weights, _AnyRanges(), {one.name: numpy_helper.to_array(one) for one in graph.initializer})
    try:
        DRAWN[kind](drawn)
        found = {name: torch.from_numpy(np.array(value, np.float32)) for name, value in drawn.read.items()}
        lacking = network.load_state_dict(found, strict=False).missing_keys
    except (KeyError, ValueError, RuntimeError) as error:
        raise SystemExit(f"{folder} holds a model that was drawn otherwise: {type(error).__name__}") from None
    if set(lacking) & {name for name, _ in network.named_parameters()}:
        raise SystemExit(f"{folder} holds a model that lacks {', '.join(sorted(lacking))}")
