"""The two taggers as networks: training only, PyTorch only.

Enters: the numbers of `detectors.ner.hashed` or `detectors.ner.pieces`. Leaves: logits of the tags for every token or
piece. What they compute is exported to ONNX; nothing at work imports this file.
"""

import math
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertForTokenClassification

from detectors.ner.hashed import BUCKETS, GRAMS
from detectors.ner.pieces import TYPES
from detectors.ner.tags import TAGS

WIDTHS: Final = {"norm": 112, "affix": 40, "shape": 24, "gram": 64, "pair": 48}
SPACE: Final = 8
DILATIONS: Final = (1, 2, 4, 2, 1)
MIDDLE: Final = 2
"""After this window, every token learns the mean of its whole stretch of text."""


class HashedTagger(nn.Module):
    """Sums of hashed embeddings, then gated windows of three tokens with growing gaps (dilated convolutions)."""

    def __init__(self, width: int = 192, drop: float = 0.2) -> None:
        """Make the layers, `width` numbers a token."""
        super().__init__()
        self.tables = nn.ModuleDict(
            {kind: nn.Embedding(size, WIDTHS[kind], padding_idx=0) for kind, size in BUCKETS.items()}
        )
        self.suffix = nn.Embedding(BUCKETS["affix"], WIDTHS["affix"], padding_idx=0)
        self.space = nn.Embedding(4, SPACE, padding_idx=0)
        for table in (*self.tables.values(), self.suffix, self.space):
            assert isinstance(table, nn.Embedding)
            nn.init.normal_(table.weight, 0, 0.1)
            table.weight.data[0] = 0
        whole = sum(WIDTHS.values()) + WIDTHS["affix"] + 2 * WIDTHS["pair"] + SPACE
        self.enter, self.entered = nn.Linear(whole, width), nn.LayerNorm(width)
        self.windows = nn.ModuleList([nn.Linear(3 * width, 2 * width) for _ in DILATIONS])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in DILATIONS])
        self.context, self.leave = nn.Linear(width, width), nn.Linear(width, len(TAGS))
        self.drop = nn.Dropout(drop)

    def embedded(self, ids: Tensor) -> list[Tensor]:
        """Return the parts of every token's embedding."""
        table = self.tables
        grams = table["gram"](ids[:, :, 4 : 4 + GRAMS]).sum(2) / math.sqrt(GRAMS / 2)
        pairs = [table["pair"](ids[:, :, 4 + GRAMS + which]) for which in range(3)]
        single = [table["norm"](ids[:, :, 0]), table["affix"](ids[:, :, 1]), self.suffix(ids[:, :, 2])]
        return [*single, table["shape"](ids[:, :, 3]), grams, *pairs, self.space(ids[:, :, 7 + GRAMS])]

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits [batch, tokens, tags] of features [batch, tokens, FEATURES]."""
        real = (ids[:, :, 0] > 0).to(torch.float32).unsqueeze(-1)
        parts = self.embedded(ids)
        if self.training:  # whole groups go missing, so that none is relied upon alone
            keep = 1 - 0.8 * self.drop.p
            parts = [part * (torch.rand(*part.shape[:2], 1, device=part.device) < keep).float() for part in parts]
        hidden = self.entered(self.enter(torch.cat(parts, -1))) * real
        for layer, gap in enumerate(DILATIONS):
            added = gated(self.windows[layer], self.drop(hidden), gap)
            hidden = self.norms[layer](hidden + added) * real
            if layer == MIDDLE:
                mean = hidden.sum(1, keepdim=True) / real.sum(1, keepdim=True).clamp(min=1.0)
                hidden = (hidden + torch.tanh(self.context(mean))) * real  # or padding would be felt
        leave: Tensor = self.leave(self.drop(hidden))
        return leave


def gated(window: nn.Module, hidden: Tensor, gap: int) -> Tensor:
    """Return what a gated window adds to each token: of itself and of those `gap` before and after it."""
    length = hidden.shape[1]
    padded = functional.pad(hidden, (0, 0, gap, gap))
    three = torch.cat([padded[:, :length], hidden, padded[:, 2 * gap : 2 * gap + length]], -1)
    value, gate = window(three).chunk(2, -1)
    added: Tensor = value * torch.sigmoid(gate)
    return added


class LatinTagger(nn.Module):
    """MiniLM-L6 with a row of tags on top and eighteen token types that carry case and white space."""

    def __init__(self, folder: Path) -> None:
        """Start from the sentence encoder in `folder`; its types are copied, its pooling layer dropped."""
        super().__init__()
        settings = BertConfig.from_pretrained(folder)
        settings.type_vocab_size, settings.num_labels = TYPES, len(TAGS)
        # Few passes are made over much data, so that dropout inside would cost a fifth of the time for nothing.
        settings.attention_probs_dropout_prob = settings.hidden_dropout_prob = 0.0
        settings.classifier_dropout = 0.1
        self.bert = BertForTokenClassification(settings)
        weights = {
            f"bert.{name.removeprefix('bert.')}": value
            for name, value in load_file(str(folder / "model.safetensors")).items()
            if "pooler" not in name and "position_ids" not in name
        }
        types = weights["bert.embeddings.token_type_embeddings.weight"]
        noise = torch.randn(TYPES, types.shape[1]) * 0.002
        weights["bert.embeddings.token_type_embeddings.weight"] = types[:1].repeat(TYPES, 1) + noise
        lacking = self.bert.load_state_dict(weights, strict=False)
        assert not lacking.unexpected_keys and set(lacking.missing_keys) <= {"classifier.weight", "classifier.bias"}

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return logits [batch, pieces, tags]."""
        logits: Tensor = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).logits
        return logits
