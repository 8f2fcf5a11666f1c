"""Labelled texts of the open sets, read as a detector will read them.

Enters: the folder `data/`. Leaves: records whose text is folded by `detectors.normalise`, as every text is at work,
with spans that fit the folded text. What no product should learn (handles, role nouns of contracts) is left out here.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detectors.ner.tags import LABELS
from detectors.normalise import View, normalise

DATA: Final = Path(__file__).with_name("data")

ENGLISH: Final = (
    "wnut17/train", "btc/train", "uner_en_ewt/train", "multiconer/train_en", "wikigold/train", "crossner/train",
    "gum_ccby/train", "sec_filings/train", "multiner_gov/train",
)  # fmt: skip
CHINESE: Final = ("uner_zh_gsdsimp/train", "multiconer/train_zh")
"""The traditional twin of GSDSIMP is left out: the features fold traditional characters, so it would repeat it."""

DEVELOPMENT: Final = (
    "wnut17/dev", "btc/dev", "gum_ccby/dev", "multiconer/dev_en", "uner_en_ewt/train", "uner_zh_gsdsimp/dev",
    "multiconer/dev_zh",
)  # fmt: skip

ROLES: Final = frozenset({
    "borrower", "borrowers", "bank", "banks", "lender", "lenders", "company", "agent", "agents", "trustee", "issuer",
    "guarantor", "guarantors", "executive", "employee", "parent", "lessee", "lessor", "tenant", "landlord",
    "purchaser", "seller", "buyer", "holder", "holders", "subsidiary",
})  # fmt: skip
"""Parties of a contract, which one set labels as if they were names."""

Labelled = tuple[int, int, str]
"""First character, one past the last, and the label."""


@dataclass(frozen=True, slots=True)
class Record:
    """One text with what is confidential in it."""

    text: str
    spans: tuple[Labelled, ...]
    language: str
    """`zh` or `en`."""
    source: str
    """The set it came from, or `synthetic`."""


def held_back(text: str, share: int) -> bool:
    """Tell whether a text is one of the fixed 1 in `share` that training never sees."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % share == 0


def folded(record: Record) -> Record:
    """Return `record` as a detector will see it: its text folded, its spans moved along."""
    view = normalise(record.text)
    if view.starts is None and not view.layers:
        return record if view.text == record.text else Record(view.text, record.spans, record.language, record.source)
    return Record(view.text, tuple(_moved(view, record.spans)), record.language, record.source)


def _moved(view: View, spans: tuple[Labelled, ...]) -> Iterator[Labelled]:
    places = [view.span(at, at + 1) for at in range(len(view.text))]
    for start, end, label in spans:
        inside = [at for at, (first, last) in enumerate(places) if first < end and last > start]
        if inside:
            yield inside[0], inside[-1] + 1, label


def read(name: str) -> list[Record]:
    """Return the records of the set part `name`, such as `wnut17/train`."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [folded(_record(json.loads(line))) for line in lines]


def _record(line: dict[str, object]) -> Record:
    text, spans, source = str(line["text"]), line["spans"], str(line["source"])
    assert isinstance(spans, list)
    kept = [
        (int(start), int(end), str(label)) for start, end, label in spans
        if label in LABELS and not _unwanted(text[start:end], source)
    ]  # fmt: skip
    return Record(text, tuple(kept), "zh" if str(line["lang"]).startswith("zh") else "en", source)


def _unwanted(mention: str, source: str) -> bool:
    """Tell whether a label is one of those that the data's README advises to drop."""
    if mention.startswith("@"):
        return True
    words = mention.lower().removeprefix("the ").split()
    return source.startswith("sec-") and bool(words) and words[-1] in ROLES


def training(languages: tuple[str, ...]) -> list[Record]:
    """Return all open records to train on, less the development slice and whatever repeats a development text."""
    names = [*(CHINESE if "zh" in languages else ()), *(ENGLISH if "en" in languages else ())]
    known = {record.text for records in development().values() for record in records}
    return [record for name in names for record in read(name) if record.text not in known]


def development() -> dict[str, list[Record]]:
    """Return the development sets by name; of English-EWT, whose only part here is used to train, a fixed quarter."""
    sets = {name: read(name) for name in DEVELOPMENT}
    web = sets.pop("uner_en_ewt/train")
    sets["uner_en_ewt/slice"] = [record for record in web if held_back(record.text, 4)]
    return sets
