"""What the runtime asks of a model, wherever the model runs.

Enters: numbers of several windows, padded to one length. Leaves: logits of the tags. A model on this machine, and one
on another, answer the same call. Numbers of a window spell its text, so they never show in a `repr`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.interface import CannotTell
from detectors.ner.tags import Scheme
from detectors.ner.tokenise import Place

Floats = NDArray[np.float32]
Array = NDArray[Any]
Inputs = Mapping[str, Array]


class Absent(CannotTell):
    """A model is not there to answer: no window is to blame, so none is tried again by itself."""


class Model(Protocol):
    """Gives every tag of every token its logit."""

    @property
    def name(self) -> str:
        """Stable name, shown in findings: `hashed`."""
        ...

    @property
    def padding(self) -> Mapping[str, int]:
        """The number that fills up a short row, by input; nought for an input that is not named."""
        ...

    @property
    def cost(self) -> int:
        """What a token costs, in tokens of the cheapest model: how much is run at once follows from it."""
        ...

    def run(self, inputs: Inputs) -> Floats:
        """Return logits [rows, length, tags]; what stands in one row must not change another."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of tokens as one row of a model's inputs."""

    first: int
    """Its first token, counted in the text."""
    last: int
    """One past its last token."""
    inputs: Inputs = field(repr=False)
    """One row of each input, without the axis of the batch."""
    heads: NDArray[np.int64] | None = field(default=None, repr=False)
    """The place in the row that speaks for each token; none where every place is a token."""

    def __len__(self) -> int:
        """Return the length of its row."""
        return len(next(iter(self.inputs.values())))


class Reader(Protocol):
    """Makes windows of a text for one model."""

    @property
    def schemes(self) -> Sequence[Scheme]:
        """The tags of the model's outputs: of each question that it answers, one after the other."""
        ...

    def places(self, text: str) -> Sequence[Place]:
        """Return the tokens that the model judges."""
        ...

    def windows(self, text: str, places: Sequence[Place], first: int, last: int) -> Iterator[Window]:
        """Yield overlapping windows that cover the tokens from `first` to `last`, in order."""
        ...


def padded(windows: Sequence[Window], padding: Mapping[str, int]) -> dict[str, Array]:
    """Return the windows as one batch: each input filled up to the longest row."""
    longest = max(map(len, windows))
    batch: dict[str, Array] = {}
    for name, row in windows[0].inputs.items():
        whole = np.full((len(windows), longest, *row.shape[1:]), padding.get(name, 0), row.dtype)
        for place, window in enumerate(windows):
            whole[place, : len(window)] = window.inputs[name]
        batch[name] = whole
    return batch
