"""Labelled texts for `sluice eval`: JSON lines of text and spans, plain or gzip; what their labels are called here.

Enters: files. Leaves: texts with their spans, labels mapped to entities. A line that cannot be used ends the run with
its file and number; it is never skipped, and never quoted.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from detectors.measure import Span
from proxy.errors import SettingsError, unreadable

GZIP: Final = b"\x1f\x8b"
NO_LANGUAGE: Final = "–"
EXPECTED: Final = 'expected {"text": "…", "spans": [[start, end, "LABEL"], …], "lang": "…"} in UTF-8'


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what people marked in it."""

    name: str
    """File and line, and the text's own id where it has one."""
    text: str = field(repr=False)
    spans: tuple[Span, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Names:
    """How the labels of the data and the entities of the detectors are brought together."""

    mapped: Mapping[str, str] = field(default_factory=dict)
    """A label of the data, and the entity it stands for; an empty one leaves the label out."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """An entity, and the one it counts as, in the data and among the findings."""

    def of_data(self, label: str) -> str:
        """Return what a label of the data counts as."""
        return self.of_finding(self.mapped.get(label, label))

    def of_finding(self, entity: str) -> str:
        """Return what an entity counts as."""
        return self.merged.get(entity, entity)

    def sources(self, scored: frozenset[str]) -> frozenset[str]:
        """Return all entities that count as one of `scored`."""
        aside = {entity for entity, other in self.merged.items() if other != entity}
        return frozenset({entity for entity, other in self.merged.items() if other in scored} | (scored - aside))


def pairs_of(given: Iterable[str], option: str) -> dict[str, str]:
    """Return `A=B` pairs; raises `SettingsError`."""
    found = {}
    for one in given:
        name, sign, other = one.partition("=")
        if not sign or not name:
            raise SettingsError(f"{option} {one}: write it as NAME=OTHER", f"{option} {one}：写法为 名称=另一名称")
        found[name.strip()] = other.strip()
    return found


def read_labelled(files: Sequence[Path], names: Names, removed: str = "") -> Iterator[Labelled]:
    """Yield the texts of all files, their labels mapped; raises `SettingsError` naming file and line.

    The characters of `removed` are taken out of each text first; offsets count without them.
    """
    without = {ord(char): None for char in removed}
    for file in files:
        for number, line in _lines(file):
            try:
                entry = json.loads(line)
                text = entry["text"].translate(without)
                spans = tuple(_span(one, len(text), names) for one in entry["spans"])
                language = entry.get("lang") or NO_LANGUAGE
                if not isinstance(language, str):
                    raise TypeError
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise SettingsError(
                    f"{file}:{number}: {EXPECTED}", f"{file}:{number}：应为 {EXPECTED.removeprefix('expected ')}"
                ) from None
            own = entry.get("id")
            name = f"{file}:{number}" + (f" ({own})" if isinstance(own, str | int) else "")
            yield Labelled(name, text, tuple(span for span in spans if span[2]), language)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        data = file.read_bytes()
        if data.startswith(GZIP):
            data = gzip.decompress(data)
    except OSError as error:  # gzip.BadGzipFile is one, without a strerror
        raise unreadable(file, error.strerror or "not a whole gzip file") from None
    except (EOFError, zlib.error):
        raise SettingsError(
            f"{file}: cannot be read: not a whole gzip file", f"{file}：无法读取：gzip 文件不完整"
        ) from None
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _span(one: Any, length: int, names: Names) -> Span:
    start, end, label = one
    if not (type(start) is int and type(end) is int and isinstance(label, str) and 0 <= start < end <= length):
        raise ValueError
    return start, end, names.of_data(label)
