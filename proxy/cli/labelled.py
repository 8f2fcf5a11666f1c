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
from policies.decision import Text
from proxy.errors import SettingsError, unreadable

GZIP: Final = b"\x1f\x8b"
NO_LANGUAGE: Final = "–"
FORM: Final = '{"text": "…", "spans": [[start, end, "LABEL"], …], "lang": "…"}'
NO_JSON: Final = Text("it is no JSON in UTF-8", "不是 UTF-8 编码的 JSON")
NO_ENTRY: Final = Text(
    "`text`, or the list `spans`, is missing or of another type", "缺少 `text` 或列表 `spans`，或类型不对"
)
NO_LANG: Final = Text("`lang` is no text", "`lang` 不是文本")


class Slip(Exception):
    """A line cannot be used."""

    def __init__(self, why: Text) -> None:
        """Take why, in words that quote nothing of it."""
        super().__init__(why.en)
        self.why = why


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
                yield _labelled(line, f"{file}:{number}", without, names)
            except Slip as slip:
                raise SettingsError(
                    f"{file}:{number}: {slip.why.en}; expected {FORM}", f"{file}:{number}：{slip.why.zh}；应为 {FORM}"
                ) from None


def _labelled(line: bytes, name: str, without: Mapping[int, None], names: Names) -> Labelled:
    """Return the text of a line; raises `Slip`."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise Slip(NO_JSON) from None
    text, spans = (entry.get("text"), entry.get("spans")) if isinstance(entry, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(spans, list):
        raise Slip(NO_ENTRY)
    text = text.translate(without)
    found = [_span(one, number, len(text), names) for number, one in enumerate(spans, start=1)]
    language = entry.get("lang") or NO_LANGUAGE
    if not isinstance(language, str):
        raise Slip(NO_LANG)
    own = entry.get("id")
    name += f" ({own})" if isinstance(own, str | int) else ""
    return Labelled(name, text, tuple(span for span in found if span[2]), language)


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


def _span(one: Any, number: int, length: int, names: Names) -> Span:
    if not isinstance(one, list) or list(map(type, one)) != [int, int, str]:
        raise Slip(Text(f"span {number} is not two offsets and a label", f"第 {number} 个区间不是两个偏移量和一个标签"))
    start, end, label = one
    if not 0 <= start < end <= length:
        raise Slip(
            Text(
                f"span {number} goes from {start} to {end}, but the text has {length} characters",
                f"第 {number} 个区间从 {start} 到 {end}，而文本有 {length} 个字符",
            )
        )
    return start, end, names.of_data(label)
