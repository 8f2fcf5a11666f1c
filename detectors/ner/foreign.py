"""Models from elsewhere: a folder with a Hugging Face token classifier exported to ONNX.

Enters: a folder with `config.json`, `tokenizer.json` and `model.onnx`, and which of its labels is which entity. Leaves:
a tagger. Offsets are those of the tokenizer, on the very text that is searched; its truncation and padding are switched
off. A model none of whose labels is known stops the start.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from tokenizers import Tokenizer

from detectors.interface import DetectorError
from detectors.ner.model import Absent, Array, Window, padded
from detectors.ner.session import Device, Local, Open, Opened
from detectors.ner.tagger import Tagger
from detectors.ner.tags import Scheme
from detectors.ner.tokenise import Place, tokenise
from detectors.ner.windows import cut_by_cost
from detectors.rulebook import ENTITY_NAME

USUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("PER", "PERS", "PERSON", "NAME", "NR"), "PERSON"),
        **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION", "COMPANY", "CORPORATION", "NT"), "ORGANIZATION"),
        **dict.fromkeys(("LOC", "LOCATION", "GPE", "PLACE", "NS"), "LOCATION"),
        **dict.fromkeys(("ADDRESS", "ADDR", "STREET_ADDRESS"), "ADDRESS"),
    }
)
"""Labels that need no map, in capital letters."""

PARTS: Final[Mapping[str, str]] = MappingProxyType({**{one: one for one in "BIES"}, "M": "I", "L": "E", "U": "S"})
"""Letters of BIOES, BILOU and BMES, as BIOES."""

TAG: Final = re.compile(r"([BIESMLU])[-_](.+)")
PIECES: Final = 384
"""Pieces of a window: what every model with 512 positions takes, special pieces included."""

THRESHOLD: Final = 0.5
COST: Final = 8
OVERLAP: Final = 48
STRETCH: Final = 20_000
"""Characters that are encoded at once."""

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
"""What a graph may want to be given."""

NO_LABEL: Final = "-"
"""Stands for all labels that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model from elsewhere, as the settings name it."""

    name: str
    """How findings call it."""
    folder: Path
    """Where it stands."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Label of the model to entity, for those that are not usual ones; an empty entity leaves a label out."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """The least score by entity."""
    least: float = THRESHOLD
    """The least score of the others."""


def open_foreign(wanted: Wanted, device: Device, opens: Open = Local) -> tuple[Tagger, Mapping[str, float]]:
    """Return the model and its thresholds, one for each entity it finds; raises `DetectorError`."""
    where = f"model {wanted.name}"
    config = _config(wanted.folder / "config.json", where)
    tags = _tags(config.get("id2label"), wanted.labels, where)
    entities = sorted({tag[2:] for tag in tags if tag != "O"} - {NO_LABEL})
    padding = {"input_ids": int(config.get("pad_token_id") or 0)}
    model = opens(wanted.name, wanted.folder / "model.onnx", device, cost=COST, padding=padding)
    if isinstance(model.width, int) and model.width != len(tags):
        raise DetectorError(
            f"{where}: model.onnx gives {model.width} logits, config.json names {len(tags)} labels",
            f"{where}：model.onnx 有 {model.width} 个输出，config.json 中却有 {len(tags)} 个标签",
        )
    if not model.types:
        raise DetectorError(
            f"{where}: its server is away, and nobody else knows what it must be given",
            f"{where}：它所在的服务器连不上，无从知道它的输入",
        )
    reader = ForeignReader(_tokenizer(wanted.folder / "tokenizer.json", where), Scheme(tags), model.types, where)
    unknown = sorted(wanted.thresholds.keys() - set(entities))
    if unknown:
        raise DetectorError(
            f"{where}: no label gives {', '.join(unknown)}; it finds {', '.join(entities)}",
            f"{where}：没有标签对应 {'、'.join(unknown)}；它能找到 {'、'.join(entities)}",
        )
    _try(model, reader, where)
    return Tagger(model, reader), {entity: wanted.thresholds.get(entity, wanted.least) for entity in entities}


class Words(list[Place]):
    """The places of words, with the pieces of each."""

    pieces: list[list[int]]


class ForeignReader:
    """Windows of a foreign tokenizer's pieces."""

    def __init__(self, tokenizer: Tokenizer, scheme: Scheme, types: Mapping[str, str], where: str) -> None:
        """Take the tokenizer, the tags, and the types of what the graph wants to be given; raises `DetectorError`."""
        if "input_ids" not in types or not types.keys() <= set(INPUTS):
            raise DetectorError(
                f"{where}: model.onnx must take {INPUTS[0]}, and may take {', '.join(INPUTS[1:])}; it takes"
                f" {', '.join(sorted(types))}",
                f"{where}：model.onnx 必须有输入 {INPUTS[0]}，还可以有 {'、'.join(INPUTS[1:])}；"
                f"它的输入是 {'、'.join(sorted(types))}",
            )
        self.schemes = (scheme,)
        self._tokenizer = tokenizer
        try:
            self._types = {name: np.dtype(kind) for name, kind in types.items()}
        except TypeError:
            told = ", ".join(f"{name} {kind}" for name, kind in sorted(types.items()))
            raise DetectorError(
                f"{where}: model.onnx must take numbers; it takes {told}",
                f"{where}：model.onnx 的输入必须是数字；它的输入是 {told}",
            ) from None
        framed = tokenizer.encode("a").ids
        bare = tokenizer.encode("a", add_special_tokens=False).ids
        at = next((at for at in range(len(framed)) if framed[at : at + len(bare)] == bare), 0)
        self._before, self._after = framed[:at], framed[at + len(bare) :]

    def places(self, text: str) -> Words:
        """Return the words that the model judges, made of its pieces.

        A piece that begins inside the token of the one before belongs to its word: so a word is judged by its first
        piece, as most models learn it, and Chinese piece by piece.
        """
        words, pieces = Words(), list[list[int]]()
        tokens = iter(tokenise(text))
        token = next(tokens, (0, 0))
        blank: list[int] = []  # pieces of white space alone are the first ones of the word that follows
        for number, start, end in self._encoded(text):
            if start >= end:
                blank.append(number)
                continue
            while token[1] <= start:
                token = next(tokens, (len(text), len(text) + 1))
            last = words[-1][1] if words else 0
            if words and (start < last or (start == last and token[0] < start)):
                words[-1] = (words[-1][0], max(last, end))
                pieces[-1] += [*blank, number]
            else:
                words.append((start, end))
                pieces.append([*blank, number])
            blank = []
        words.pieces = pieces
        return words

    def windows(self, text: str, places: Sequence[Place], first: int, last: int) -> Iterator[Window]:
        """Yield windows of whole words."""
        words = places if isinstance(places, Words) else self.places(text)

        def costs(start: int, end: int) -> list[int]:
            return [min(len(pieces), PIECES) for pieces in words.pieces[start:end]]

        for start, end in cut_by_cost(first, last, PIECES, PIECES, costs, OVERLAP):
            ids, heads = list(self._before), []
            for pieces in words.pieces[start:end]:
                heads.append(len(ids))
                ids += pieces[:PIECES]
            ids += self._after
            row: dict[str, Array] = {
                "input_ids": np.array(ids),
                "attention_mask": np.ones(len(ids)),
                "token_type_ids": np.zeros(len(ids)),
                "position_ids": np.arange(len(ids)),
            }
            inputs = {name: row[name].astype(kind) for name, kind in self._types.items()}
            yield Window(start, end, inputs, np.array(heads, np.int64))

    def _encoded(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield each piece with its place, without white space; a long text is encoded a stretch of lines at a time."""
        begin = 0
        while begin < len(text):
            end = begin + STRETCH
            if end < len(text):
                end = 1 + max(text.rfind("\n", begin, end), text.rfind(" ", begin, end), begin + STRETCH // 2)
            piece = text[begin:end]
            encoded = self._tokenizer.encode(piece, add_special_tokens=False)
            for number, (start, stop) in zip(encoded.ids, encoded.offsets, strict=True):
                blank = len(piece[start:stop]) - len(piece[start:stop].lstrip())
                yield number, begin + start + blank, begin + stop
            begin = end


def _try(model: Opened, reader: ForeignReader, where: str) -> None:
    """See that the model answers for two rows of unlike length; raises `DetectorError`. A server may be away."""
    windows: list[Window] = []
    for text in ("a", "a b c"):
        places = reader.places(text)
        windows += reader.windows(text, places, 0, len(places))
    try:
        logits = model.run(padded(windows, model.padding))
    except Absent:
        return
    except Exception as error:
        why = next(iter(str(error).splitlines()), "")  # it has seen no text but ours
        raise DetectorError(
            f"{where}: model.onnx fails on two short texts: export it with batches and lengths that may vary"
            f" ({type(error).__name__}: {why})",
            f"{where}：model.onnx 处理两段短文本时出错：请以可变的批大小和长度导出（{type(error).__name__}: {why}）",
        ) from None
    if logits.shape[2:] != (len(reader.schemes[0].tags),):
        raise DetectorError(
            f"{where}: model.onnx must give logits for each of the labels of each piece",
            f"{where}：model.onnx 必须为每个词片的每个标签给出输出",
        )


def _config(path: Path, where: str) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DetectorError(
            f"{where}: {path.name} cannot be read ({type(error).__name__}): give the folder of an ONNX export",
            f"{where}：无法读取 {path.name}（{type(error).__name__}）：请给出 ONNX 导出的文件夹",
        ) from None
    if not isinstance(config, dict):
        raise DetectorError(f"{where}: {path.name} must be an object", f"{where}：{path.name} 必须是一个对象")
    return config


def _tokenizer(path: Path, where: str) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare exceptions
        raise DetectorError(
            f"{where}: {path.name} cannot be read ({type(error).__name__}): export a fast tokenizer",
            f"{where}：无法读取 {path.name}（{type(error).__name__}）：请导出快速分词器",
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _label(name: str) -> str:
    """Return a tag without its letter: `PER` of `B-PER`, and all of `LABEL_1`."""
    match = TAG.fullmatch(name)
    return match[2] if match else name


def _tags(id2label: object, labels: Mapping[str, str], where: str) -> tuple[str, ...]:
    """Return the model's labels as tags of our entities, in the order of its outputs; raises `DetectorError`."""
    table = id2label if isinstance(id2label, dict) else {}
    names = [str(table.get(str(place), "")) for place in range(len(table))]
    if not names or not all(names):
        raise DetectorError(
            f"{where}: config.json: `id2label` must name the labels from 0 on",
            f"{where}：config.json：`id2label` 必须从 0 起列出各标签",
        )
    own = {label.upper(): entity for label, entity in labels.items()}
    known = {_label(name).upper() for name in names}
    strange = sorted(own.keys() - known)
    if strange:
        raise DetectorError(
            f"{where}: it has no label {', '.join(strange)}; it has {', '.join(sorted(known - {'O'}))}",
            f"{where}：没有标签 {'、'.join(strange)}；有 {'、'.join(sorted(known - {'O'}))}",
        )
    for entity in own.values():
        if entity and not ENTITY_NAME.fullmatch(entity):
            raise DetectorError(
                f"{where}: an entity must be capital letters, digits and underscores, 40 at most",
                f"{where}：实体名只能用大写字母、数字和下划线，至多 40 个字符",
            )
    tags = []
    for name in names:
        match = TAG.fullmatch(name)
        part, label = (PARTS[match[1]], match[2]) if match else ("I", name)
        entity = {**USUAL, **own}.get(label.upper()) or NO_LABEL
        tags.append("O" if name == "O" else f"{part}-{entity}")
    if all(tag == "O" or tag[2:] == NO_LABEL for tag in tags):
        raise DetectorError(
            f"{where}: none of its labels is known: map some of {', '.join(sorted(known - {'O'}))}",
            f"{where}：它的标签都不认识：请在 labels 中说明 {'、'.join(sorted(known - {'O'}))} 中的几个",
        )
    return tuple(tags)
