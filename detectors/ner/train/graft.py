"""A second question for a finished tagger: where in a sentence is a secret told?

Enters: a shipped graph, which learnt names, and sentences of `told`. Leaves: the same graph with a small head beside the
one for names. What the graph computes for names stays as it is to the last bit: the head reads what layers of the graph
say of each token (a linear probe with two gated windows of three tokens, as in `networks`), and nothing of it flows
back. So the second answer costs next to nothing at work, and minutes to learn.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from detectors.ner.hashed import BUCKETS, GRAMS
from detectors.ner.tags import SECRET_TAGS, TAGS
from detectors.ner.train.encode import UNJUDGED, Row, batches, stacked
from detectors.ner.train.graphs import rounded_rows
from detectors.ner.train.progress import log

TAPS: Final = {
    "hashed": ("entered.weight", "norms.1.weight", "norms.2.weight", "norms.4.weight"),
    "latin": tuple(f"bert.bert.encoder.layer.{layer}.output.LayerNorm.weight" for layer in (1, 3, 5)),
}
"""Whose outputs the head reads: norms of the graph, by the name of their scale."""

TABLES: Final = {"norm": 48, "affix": 16, "shape": 16, "gram": 32, "pair": 24}
"""How many numbers the head has of its own for each bucket of a feature, where it has tables."""

LOOKED_UP: Final = (("norm", 0, 1, 1), ("affix", 1, 3, 2), ("shape", 3, 4, 1), ("gram", 4, 4 + GRAMS, 1), ("pair", 4 + GRAMS, 7 + GRAMS, 3))
"""A table, the features that are looked up in it, and how many stand side by side; the others are added up."""

GROUP_KEPT: Final = 0.8
"""How often features of one kind are there while it learns, so that none is relied upon alone."""

GAPS: Final = (1, 2, 4)
WIDTH: Final = 96
OWN: Final = "told."
"""What the name of everything begins with that belongs to the head."""

BATCH: Final = 1500
READ_AT_ONCE: Final = 1200


class Head(nn.Module):
    """From what layers say of each token to the tags of the second question."""

    def __init__(self, entering: int, own: bool, width: int = WIDTH, drop: float = 0.25) -> None:
        """Take how many numbers of the graph enter for each token, and whether features enter beside them."""
        super().__init__()
        self.tables = nn.ModuleDict()
        if own:
            self.tables.update({kind: nn.Embedding(BUCKETS[kind], size, padding_idx=0) for kind, size in TABLES.items()})
            for table in self.tables.values():
                nn.init.normal_(table.weight, 0, 0.1)
                table.weight.data[0] = 0
            entering += sum(TABLES[kind] * places for kind, _, _, places in LOOKED_UP)
        self.enter, self.entered = nn.Linear(entering, width), nn.LayerNorm(width)
        self.windows = nn.ModuleList([nn.Linear(3 * width, 2 * width) for _ in GAPS])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in GAPS])
        self.leave = nn.Linear(width, len(SECRET_TAGS))
        self.drop = nn.Dropout(drop)

    def forward(self, read: Tensor, real: Tensor, ids: Tensor | None = None) -> Tensor:
        """Return logits [rows, length, tags] of numbers [rows, length, entering]; `real` is nought for padding.

        `ids` are the features of `detectors.ner.hashed`, where the head has tables of its own for them.
        """
        parts = [self.drop(read)]
        if ids is not None:
            for kind, first, last, places in LOOKED_UP:
                rows = self.tables[kind](ids[:, :, first:last])
                part = rows.flatten(2) if places > 1 else rows.sum(2)
                if self.training:
                    part = part * (torch.rand(*part.shape[:2], 1) < GROUP_KEPT)
                parts.append(part)
        hidden = self.entered(self.enter(torch.cat(parts, -1) * real)) * real
        for layer, gap in enumerate(GAPS):
            kept, length = self.drop(hidden), hidden.shape[1]
            around = functional.pad(kept, (0, 0, gap, gap))
            window = torch.cat([around[:, :length], kept, around[:, 2 * gap : 2 * gap + length]], -1)
            value, gate = self.windows[layer](window).chunk(2, -1)
            hidden = self.norms[layer](hidden + value * torch.sigmoid(gate)) * real
        leave: Tensor = self.leave(self.drop(hidden))
        return leave


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
    return [given[scale] for scale in TAPS[model.graph.name]]


class Read:
    """Rows as the layers of a graph see them, in half precision: they are many."""

    def __init__(self, model: onnx.ModelProto, rows: Sequence[Row]) -> None:
        """Run the graph over rows, once."""
        tapped = onnx.ModelProto()
        tapped.CopyFrom(model)
        names = taps(model)
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
    head: Head | None = None
    step, losses = 0, 0.0
    for number, read in enumerate(rounds):
        if head is None:
            head = Head(read.numbers[0].shape[1], own=read.ids is not None)
            averaged = {name: value.clone() for name, value in head.state_dict().items()}
            optimiser = torch.optim.AdamW(head.parameters(), rate, weight_decay=0.02)
        head.train()
        groups = batches([Row((), tags) for tags in read.tags], BATCH, Random(f"{seed} {number}"))
        for group in groups:
            for part in optimiser.param_groups:
                part["lr"] = rate * min(1.0, (step + 1) / 100, max(0.01, (1 - step / steps) / 0.5))
            entering, tags = read.batch(group)
            loss = functional.cross_entropy(head(*entering).flatten(0, 1), tags.flatten(), ignore_index=UNJUDGED)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
            step += 1
            losses += float(loss.detach())
            if step % 10 == 0:
                keep = min(0.97, (step / 10) / (step / 10 + 10))
                with torch.no_grad():
                    for name, value in head.state_dict().items():
                        averaged[name].mul_(keep).add_(value, alpha=1 - keep)
        log(f"round {number}: {len(read)} rows, step {step}, loss {losses / max(1, len(groups)):.4f}")
        losses = 0.0
        if step >= steps:
            break
    assert head is not None
    head.load_state_dict(averaged)
    return head.eval()


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
            rows = self.add("Cast", self.add("Gather", self.number(rounded, f"tables.{kind}"), which), to=TensorProto.FLOAT)
            rows = self.add("Mul", rows, self.add("Gather", self.number(scale, f"scales.{kind}"), which))
            if places > 1:
                yield self.add("Reshape", rows, self.whole(0, 0, -1))
            else:
                yield self.add("ReduceSum", rows, self.whole(2), keepdims=0)

    def plain(self, value: str, layer: str) -> str:
        weight = self.number(self._weights[f"{layer}.weight"].T, f"{layer}.weight")
        return self.add("Add", self.add("MatMul", value, weight), self.number(self._weights[f"{layer}.bias"], f"{layer}.bias"))

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


def graft(file: Path, head: Head) -> None:
    """Write a shipped graph anew with a head; raises `SystemExit` where it does not compute what the head does."""
    model = bare(onnx.load(file))
    onnx.save(grafted(model, head), file)
