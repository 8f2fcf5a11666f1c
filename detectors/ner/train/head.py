"""The network behind the second question: what layers of a finished tagger say of each token, made an answer.

Enters: rows as the layers of a graph see them. Leaves: a head that learnt from them; training only. It sees three
tokens at a time, in windows with growing gaps, as `networks` has them, and of hashed features it has small tables of
its own: what was learnt for names of a Chinese character says little of how secrets are told.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from random import Random
from typing import Final

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import Tensor, nn
from torch.nn import functional

from detectors.ner.hashed import BUCKETS, GRAMS
from detectors.ner.tags import SECRET_TAGS
from detectors.ner.train.encode import UNJUDGED, Row, batches, stacked
from detectors.ner.train.networks import gated
from detectors.ner.train.progress import log

TABLES: Final = {"norm": 48, "affix": 16, "shape": 16, "gram": 32, "pair": 24}
"""How many numbers the head has of its own for each bucket of a feature, where it has tables."""

LOOKED_UP: Final = (
    ("norm", 0, 1, 1),
    ("affix", 1, 3, 2),
    ("shape", 3, 4, 1),
    ("gram", 4, 4 + GRAMS, 1),
    ("pair", 4 + GRAMS, 7 + GRAMS, 3),
)
"""A table, the features that are looked up in it, and how many stand side by side; the others are added up."""

GROUP_KEPT: Final = 0.8
"""How often features of one kind are there while it learns, so that none is relied upon alone."""

GAPS: Final = (1, 2, 4)
WIDTH: Final = 96
BATCH: Final = 1500
READ_AT_ONCE: Final = 1200
REPORTED_EVERY: Final = 100
AVERAGED_EVERY: Final = 10
AVERAGED: Final = 0.97
WARM: Final = 100
"""Steps of warming up."""
COOL: Final = 0.5
"""Last share of the steps over which the rate falls to nothing."""


class Head(nn.Module):
    """From what layers say of each token to the tags of the second question."""

    def __init__(self, entering: int, own: bool, width: int = WIDTH, drop: float = 0.25) -> None:
        """Take how many numbers of the graph enter for each token, and whether features enter beside them."""
        super().__init__()
        self.enter, self.entered = nn.Linear(entering, width), nn.LayerNorm(width)
        self.tables = nn.ModuleDict()
        if own:
            self.tables.update(
                {kind: nn.Embedding(BUCKETS[kind], size, padding_idx=0) for kind, size in TABLES.items()}
            )
            for table in self.tables.values():
                assert isinstance(table, nn.Embedding)
                nn.init.normal_(table.weight, 0, 0.1)
                table.weight.data[0] = 0
            self.own = nn.Linear(sum(TABLES[kind] * places for kind, _, _, places in LOOKED_UP), width)
        self.windows = nn.ModuleList([nn.Linear(3 * width, 2 * width) for _ in GAPS])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in GAPS])
        self.leave = nn.Linear(width, len(SECRET_TAGS))
        self.drop = nn.Dropout(drop)

    def forward(self, read: Tensor, real: Tensor, ids: Tensor | None = None) -> Tensor:
        """Return logits [rows, length, tags] of numbers [rows, length, entering]; `real` is nought for padding.

        `ids` are the features of `detectors.ner.hashed`, where the head has tables of its own for them.
        """
        hidden = self.enter(self.drop(read))
        if ids is not None:
            hidden = hidden + self.own(torch.cat(self._looked_up(ids), -1))
        hidden = self.entered(hidden) * real
        for layer, gap in enumerate(GAPS):
            added = gated(self.windows[layer], self.drop(hidden), gap)
            hidden = self.norms[layer](hidden + added) * real
        leave: Tensor = self.leave(self.drop(hidden))
        return leave

    def _looked_up(self, ids: Tensor) -> list[Tensor]:
        """Return what the head's own tables hold; while it learns, features of a kind go missing now and then."""
        parts = []
        for kind, first, last, places in LOOKED_UP:
            rows = self.tables[kind](ids[:, :, first:last])
            part = rows.flatten(2) if places > 1 else rows.sum(2) / (last - first) ** 0.5
            if self.training:
                part = part * (torch.rand(*part.shape[:2], 1) < GROUP_KEPT)
            parts.append(part)
        return parts


class Read:
    """Rows as the layers of a graph see them, in half precision: they are many."""

    def __init__(self, model: onnx.ModelProto, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Run the graph over rows, once, and keep its values under `names`."""
        tapped = onnx.ModelProto()
        tapped.CopyFrom(model)
        tapped.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
        session = onnxruntime.InferenceSession(tapped.SerializeToString(), providers=["CPUExecutionProvider"])
        inputs = [one.name for one in session.get_inputs()]
        self.numbers: list[NDArray[np.float16]] = [np.zeros((0, 0), np.float16)] * len(rows)
        self.tags = [row.tags for row in rows]
        self.ids = [row.inputs[0] for row in rows] if model.graph.name == "hashed" else None
        for group in batches(rows, READ_AT_ONCE, Random(1)):
            entering, _ = stacked([rows[row] for row in group])
            values = session.run(names, dict(zip(inputs, entering, strict=True)))
            whole = np.concatenate(values, -1).astype(np.float16)
            for place, row in enumerate(group):
                self.numbers[row] = whole[place, : len(rows[row])]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.tags)

    def batch(self, group: Sequence[int]) -> tuple[tuple[Tensor, Tensor, Tensor | None], Tensor]:
        """Return what enters the head for some rows, and their tags."""
        longest = max(len(self.tags[row]) for row in group)
        numbers = np.zeros((len(group), longest, self.numbers[group[0]].shape[1]), np.float32)
        real = np.zeros((len(group), longest, 1), np.float32)
        tags = np.full((len(group), longest), UNJUDGED, np.int64)
        ids = None
        if self.ids is not None:
            ids = np.zeros((len(group), longest, self.ids[0].shape[1]), np.int32)
        for place, row in enumerate(group):
            length = len(self.tags[row])
            if self.ids is not None and ids is not None:
                ids[place, :length] = self.ids[row]
            numbers[place, :length], tags[place, :length] = self.numbers[row], self.tags[row]
            real[place, :length] = 1
        own = torch.from_numpy(ids) if ids is not None else None
        return (torch.from_numpy(numbers), torch.from_numpy(real), own), torch.from_numpy(tags)


def fit(rounds: Iterable[Read], steps: int, rate: float = 2e-3, seed: int = 1) -> Head:
    """Return a head that learnt from rounds of rows, for `steps` batches in all; its weights are averaged."""
    torch.manual_seed(seed)
    later = iter(rounds)
    first = next(later)
    head = Head(first.numbers[0].shape[1], own=first.ids is not None).train()
    averaged = {name: value.clone() for name, value in head.state_dict().items()}
    optimiser = torch.optim.AdamW(head.parameters(), rate, weight_decay=0.02, fused=True)
    losses = 0.0
    for step, (read, group) in enumerate(islice(in_batches(chain([first], later), seed), steps), start=1):
        for part in optimiser.param_groups:
            part["lr"] = rate * min(1.0, step / WARM, max(0.01, (1 - (step - 1) / steps) / COOL))
        entering, tags = read.batch(group)
        loss = functional.cross_entropy(head(*entering).flatten(0, 1), tags.flatten(), ignore_index=UNJUDGED)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimiser.step()
        losses += float(loss.detach())
        if step % REPORTED_EVERY == 0:
            log(f"step {step} of {steps}, loss {losses / REPORTED_EVERY:.4f}")
            losses = 0.0
        if step % AVERAGED_EVERY == 0:
            count = step / AVERAGED_EVERY
            keep = min(AVERAGED, count / (count + 10))
            with torch.no_grad():
                for name, value in head.state_dict().items():
                    averaged[name].mul_(keep).add_(value, alpha=1 - keep)
    head.load_state_dict(averaged)
    return head.eval()


def in_batches(rounds: Iterable[Read], seed: int) -> Iterator[tuple[Read, list[int]]]:
    """Yield the rows of one round after another in batches, and the round that they are of."""
    for number, read in enumerate(rounds):
        for group in batches([Row((), tags) for tags in read.tags], BATCH, Random(f"{seed} {number}")):
            yield read, group


def ranges(head: Head, read: Read) -> dict[str, tuple[float, float]]:
    """Return the widest range of what enters each product of a head over some rows; nought is always inside."""
    found: dict[str, tuple[float, float]] = {}

    def note(name: str, entering: Tensor) -> None:
        low, high = found.get(name, (0.0, 0.0))
        found[name] = min(low, float(entering.min())), max(high, float(entering.max()))

    layers = {name: layer for name, layer in head.named_modules() if isinstance(layer, nn.Linear)}
    hooks = [
        layer.register_forward_pre_hook(lambda _, given, name=name: note(name, given[0]))
        for name, layer in layers.items()
    ]
    with torch.no_grad():
        for group in batches([Row((), tags) for tags in read.tags], BATCH, Random(1)):
            head(*read.batch(group)[0])
    for hook in hooks:
        hook.remove()
    return found
