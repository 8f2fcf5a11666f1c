"""Other wordings of the same record, so that names are known by their surroundings and shape, not by heart.

Enters: records and a source of other names. Leaves: records with mentions exchanged, case changed, blanks and final
marks varied, neighbours joined; spans stay exact. All chance comes from the generator given, so a seed repeats a round.
"""

from collections.abc import Sequence
from random import Random
from typing import Final, Protocol

from detectors.ner.train.records import Labelled, Record

EXCHANGED: Final = 0.45
"""Share of records with mentions exchanged, and for each mention of them:"""
EACH: Final = 0.6

JOINTS: Final = (" ", "\n", "\n\n", " ", "\n")
FINAL: Final = ".。!?！？;；"


class Names(Protocol):
    """Whatever can offer another name."""

    def another(self, label: str, language: str, instead_of: str) -> str:
        """Return a mention of the same label that could stand there."""
        ...


def pieces(record: Record) -> list[tuple[str, str]]:
    """Cut a record into (text, label), with an empty label between mentions; overlapping mentions are dropped."""
    cut: list[tuple[str, str]] = []
    last = 0
    for start, end, label in sorted(record.spans):
        if start < last:
            continue
        cut += [(record.text[last:start], ""), (record.text[start:end], label)]
        last = end
    return [*cut, (record.text[last:], "")]


def joined(parts: Sequence[tuple[str, str]], language: str, source: str) -> Record:
    """Put pieces together again; a span leaves out blanks at its ends."""
    text = ""
    spans: list[Labelled] = []
    for part, label in parts:
        bare = part.strip()
        if label and bare:
            start = len(text) + part.index(bare)
            spans.append((start, start + len(bare), label))
        text += part
    return Record(text, tuple(spans), language, source)


def augmented(records: Sequence[Record], chance: Random, names: Names) -> list[Record]:
    """Return one round's view of `records`, in new order."""
    varied = [_varied(record, chance, names) for record in records]
    chance.shuffle(varied)
    rows: dict[str, list[Record]] = {"zh": [], "en": []}
    for record in varied:
        rows[record.language].append(record)
    together = [one for row in rows.values() for one in _neighbours(row, chance)]
    chance.shuffle(together)
    return together


def _varied(record: Record, chance: Random, names: Names) -> Record:
    parts = pieces(record)
    if record.source != "synthetic" and record.spans and chance.random() < EXCHANGED:
        parts = [
            (names.another(label, record.language, part), label) if label and chance.random() < EACH else (part, label)
            for part, label in parts
        ]
    parts = _cased(parts, chance) if record.language == "en" else _spaced(parts, chance)
    last, label = parts[-1]
    if not label and last.rstrip()[-1:] in FINAL and last.strip() and chance.random() < 0.12:
        parts = [*parts[:-1], (last.rstrip()[:-1], "")]
    return joined(parts, record.language, record.source)


def _cased(parts: list[tuple[str, str]], chance: Random) -> list[tuple[str, str]]:
    drawn = chance.random()
    if drawn < 0.15:
        return [(part.lower(), label) for part, label in parts]
    if drawn < 0.18:
        return [(part.upper(), label) for part, label in parts]
    if drawn < 0.20:
        return [(part.title(), label) for part, label in parts]
    return parts


def _spaced(parts: list[tuple[str, str]], chance: Random) -> list[tuple[str, str]]:
    """Now and then set blanks between Chinese and names in Latin letters, or take those that are there."""
    drawn = chance.random()
    if drawn < 0.06:
        return [(f" {part} " if label and part.isascii() else part, label) for part, label in parts]
    if drawn < 0.12:
        return [(part if label else part.strip(" "), label) for part, label in parts]
    return parts


def _neighbours(records: list[Record], chance: Random) -> list[Record]:
    """Join some records with those after them, as sentences stand in a text."""
    rows: list[Record] = []
    at = 0
    while at < len(records):
        count = 1 if chance.random() < 0.6 else chance.randint(2, 4)
        group = records[at : at + count]
        at += count
        if len(group) == 1:
            rows.append(group[0])
            continue
        parts: list[tuple[str, str]] = []
        for record in group:
            parts += [*pieces(record), (chance.choice(JOINTS), "")]
        rows.append(joined(parts[:-1], group[0].language, "joined"))
    return rows
