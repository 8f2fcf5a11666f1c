"""Make the three small models of the tests anew: `python -m tests.cases.ner.make`, with PyTorch and `onnx`.

They learn in some seconds that capitalised words are a PERSON, that 张, 李 or 王 and the character after it are one,
that a word in -corp is an ORGANIZATION, and that figures behind `key` are a secret; each looks no further than two
tokens around, so that a window's border and a batch's other rows can be shown to change nothing.
"""

import hashlib
import json
from pathlib import Path
from random import Random

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch import nn
from torch.nn import functional

from detectors.ner.hashed import FEATURES, VERSION, Hashed
from detectors.ner.pieces import TYPES, Pieces
from detectors.ner.tags import LABELS, SECRET, SECRET_TAGS, SECRETS, TAGS, tagged
from detectors.ner.tokenise import tokenise

HERE = Path(__file__).parent
QUESTIONS = (len(TAGS), len(SECRET_TAGS))
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HAN = "张李王伟娜芳强明说见给了在的和请问去来把文件发我们"
PLAIN = ["the", "a", "we", "saw", "met", "with", "wrote", "to", "paid", "at", "home", "later", "and", "then", "she"]


class Around(nn.Module):
    """Sees a token, and the one on either side."""

    def __init__(self, width: int, tags: int) -> None:
        super().__init__()
        self.mix, self.leave = nn.Linear(3 * width, 32), nn.Linear(32, tags)

    def forward(self, hidden, real):
        hidden = hidden * real
        before, after = functional.pad(hidden, (0, 0, 1, 0))[:, :-1], functional.pad(hidden, (0, 0, 0, 1))[:, 1:]
        return self.leave(torch.tanh(self.mix(torch.cat([before, hidden, after], -1))))


class SmallHashed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.shape, self.suffix = nn.Embedding(251, 12), nn.Embedding(64, 6), nn.Embedding(127, 6)
        self.around = Around(24, len(TAGS) + len(SECRET_TAGS))

    def forward(self, ids):
        parts = [self.norm(ids[:, :, 0] % 251), self.shape(ids[:, :, 3] % 64), self.suffix(ids[:, :, 2] % 127)]
        return self.around(torch.cat(parts, -1), (ids[:, :, 0] > 0).float().unsqueeze(-1))


class SmallPieces(nn.Module):
    def __init__(self, size: int, types: int, tags: int) -> None:
        super().__init__()
        self.piece, self.kind = nn.Embedding(size, 16), nn.Embedding(types, 8)
        self.around = Around(24, tags)

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden = torch.cat([self.piece(input_ids), self.kind(token_type_ids)], -1)
        return self.around(hidden, attention_mask.float().unsqueeze(-1))


def sentence(chance: Random, chinese: bool):
    """Return a text with spans."""
    text, spans = "", []
    for _ in range(chance.randint(2, 12)):
        kind = chance.random()
        if chinese:
            word = chance.choice("张李王") + chance.choice("伟娜芳强明") if kind < 0.3 else chance.choice(HAN[8:])
            label = "PERSON" if kind < 0.3 else ""
        elif kind < 0.4:
            length = chance.randint(1, 2)
            word = " ".join("".join(chance.choices(LETTERS, k=chance.randint(3, 7))).title() for _ in range(length))
            label = "PERSON"
        elif kind < 0.5:
            word, label = "".join(chance.choices(LETTERS, k=3)) + "corp", "ORGANIZATION"
        elif kind < 0.56:
            if chance.random() < 0.5:
                text += "key "
                label = SECRET
            else:
                label = ""
            word = "".join(chance.choices("0123456789", k=chance.randint(1, 6)))
        else:
            word, label = chance.choice(PLAIN), ""
        if label and spans and text[spans[-1][1] :].strip() == "" and not chinese:
            word, label = chance.choice(PLAIN), ""
        if label:
            spans.append((len(text), len(text) + len(word), label))
        text += word if chinese else word + chance.choice([" ", " ", ", ", ".\n"])
    return text, spans


def learn(network, examples, several=QUESTIONS, steps=1500):
    """Train `network` on examples with tags [tokens, questions]; `several` are the tags of each question."""
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    chance = Random(2)
    for _ in range(steps):
        group = chance.sample(examples, 32)
        longest = max(len(tags) for _, tags in group)
        inputs = [
            torch.from_numpy(np.stack([np.pad(one[at], [(0, longest - len(one[at]))] + [(0, 0)] * (one[at].ndim - 1))
                                       for one, _ in group]))
            for at in range(len(group[0][0]))
        ]  # fmt: skip
        tags = torch.from_numpy(
            np.stack([np.pad(row, ((0, longest - len(row)), (0, 0)), constant_values=-100) for _, row in group])
        )
        loss, column = torch.zeros(()), 0
        for question, some in enumerate(several):
            logits = network(*inputs)[:, :, column : column + some].transpose(1, 2)
            loss = loss + functional.cross_entropy(logits, tags[:, :, question], ignore_index=-100)
            column += some
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(type(network).__name__, float(loss))
    return network.eval()


def export(network, folder, inputs, names, length):
    folder.mkdir(exist_ok=True)
    axes = {name: {0: "batch", 1: length} for name in (*names, "logits")}
    torch.onnx.export(
        network, inputs, str(folder / "model.onnx"), input_names=names, output_names=["logits"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip


def manifest(kind, folder):
    files = [path for path in sorted(folder.iterdir()) if path.name != "manifest.json"]
    table = {
        "kind": kind, "version": "test", "features_version": VERSION, "tags": [*TAGS, *SECRET_TAGS],
        "thresholds": dict.fromkeys((*LABELS, SECRET), 0.5),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def word_pieces(lower):
    """Return a tokenizer over single letters, with BERT's special pieces where BERT has them."""
    letters = LETTERS if lower else LETTERS + LETTERS.upper()
    known = ["[PAD]", "[unused0]", "[unused1]", *(f"[unused{at}]" for at in range(2, 99)), "[UNK]", "[CLS]", "[SEP]"]
    known += [*letters, *(f"##{letter}" for letter in letters), *HAN, *"0123456789.,;:!?'-", "##corp"]
    tokenizer = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.enable_truncation(8)  # as some are shipped: whoever reads them must switch it off
    tokenizer.enable_padding(length=8)
    return tokenizer, len(known)


def answers(places, spans):
    """Return the tags of both questions [tokens, 2]."""
    return np.stack([tagged(places, spans), tagged(places, spans, SECRETS)], -1)


def main() -> None:
    torch.manual_seed(1)
    chance = Random(1)
    texts = [sentence(chance, chinese=at % 3 == 0) for at in range(2000)]
    hashed = Hashed()

    examples = []
    for text, spans in texts:
        places = tokenise(text)
        examples.append(((hashed.features(text, places),), answers(places, spans)))
    export(
        learn(SmallHashed(), examples),
        HERE / "hashed",
        (torch.ones(2, 8, FEATURES, dtype=torch.int32),),
        ["ids"],
        "tokens",
    )
    manifest("hashed", HERE / "hashed")

    (HERE / "latin").mkdir(exist_ok=True)
    tokenizer, size = word_pieces(lower=True)
    tokenizer.save(str(HERE / "latin" / "tokenizer.json"), pretty=False)
    pieces = Pieces(HERE / "latin" / "tokenizer.json")
    examples = []
    for text, spans in texts:
        places = tokenise(text)
        row = pieces.row(text, places)
        tags = np.full((len(row.ids), 2), -100)
        tags[row.first] = answers(places, spans)
        ids = np.array(row.ids)
        examples.append(((ids, np.ones_like(ids), np.array(row.types)), tags))
    three = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in range(3))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    export(
        learn(SmallPieces(size, TYPES, len(TAGS) + len(SECRET_TAGS)), examples), HERE / "latin", three, names, "pieces"
    )
    manifest("latin", HERE / "latin")

    foreign(texts, three, names)


def foreign(texts, three, names) -> None:
    """A stranger's model: BIO, its own label names, cased pieces of single letters, no types that mean anything."""
    labels = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-MISC", "I-MISC"]
    folder = HERE / "foreign"
    folder.mkdir(exist_ok=True)
    tokenizer, size = word_pieces(lower=False)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    examples = []
    for text, spans in texts:
        encoded = tokenizer.encode(text, add_special_tokens=False)
        tags = []
        for word, (start, end) in zip(encoded.word_ids, encoded.offsets, strict=True):
            label = next((one for one in spans if one[0] < end and one[1] > start), None)
            if len(tags) and word == encoded.word_ids[len(tags) - 1]:
                tags.append(-100)
            elif label is None or label[2] == SECRET:
                tags.append(0)
            else:
                name = {"PERSON": "PER", "ORGANIZATION": "ORG"}[label[2]]
                tags.append(labels.index(f"{'B' if label[0] == start else 'I'}-{name}"))
        ids = np.array([101, *encoded.ids, 102])
        examples.append(((ids, np.ones_like(ids), np.zeros_like(ids)), np.array([-100, *tags, -100])[:, None]))
    export(learn(SmallPieces(size, 2, len(labels)), examples, (len(labels),)), folder, three, names, "pieces")
    config = {"model_type": "bert", "id2label": {str(at): label for at, label in enumerate(labels)}, "pad_token_id": 0}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
