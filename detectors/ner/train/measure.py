"""The exported graphs on the development sets: scores, thresholds, and what eight-bit weights cost.

Enters: a model's folder and the graph before it was quantised. Leaves: a manifest with thresholds and scores, and a
table on the screen. Nothing here is a test set: those are kept elsewhere, and no threshold was chosen on them.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from detectors.measure import Counts, Tally
from detectors.ner.hashed import Hashed
from detectors.ner.pieces import Pieces
from detectors.ner.tags import LABELS, OURS, Span
from detectors.ner.tokenise import tokenise
from detectors.ner.train.encode import LONGEST, Row, stacked
from detectors.ner.train.fill import Filler, templates
from detectors.ner.train.lists import DEVELOP
from detectors.ner.train.manifest import write_manifest
from detectors.ner.train.progress import log
from detectors.ner.train.records import Record, development
from detectors.ner.train.rounds import filled
from detectors.ner.train.score import row, score

SEED: Final = 20_24
PROMPTS: Final = 3
"""How often each development template is filled."""

STEPS: Final = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
JUDGES: Final = {"zh": ("prompts/zh", "uner_zh_gsdsimp/dev"), "en": ("prompts/en", "uner_en_ewt/slice", "wnut17/dev")}
"""The sets that thresholds are chosen on."""

SLACK: Final = 0.005
NEVER: Final = 2.0
"""A threshold that no score reaches."""

BATCH: Final = 16


class Tagger:
    """An ONNX graph with what goes before and after it, in windows without overlap: enough to measure with."""

    def __init__(self, kind: str, graph: Path, vocabulary: Path | None) -> None:
        """Open the graph on one thread."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.kind = kind
        self.session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self.hashed, self.pieces = Hashed(), Pieces(vocabulary) if vocabulary else None

    def spans(self, records: Sequence[Record]) -> list[list[Span]]:
        """Return what the model finds in each record, with scores."""
        stretches = [stretch for at, record in enumerate(records) for stretch in self._stretches(at, record.text)]
        stretches.sort(key=lambda stretch: len(stretch[2]))
        found: list[list[Span]] = [[] for _ in records]
        for first in range(0, len(stretches), BATCH):
            group = stretches[first : first + BATCH]
            logits = self._run([row for _, _, row, _ in group])
            for (record, places, _, begins), part in zip(group, logits, strict=True):
                chances = _log_chances(part[begins])
                found[record] += OURS.spans(places, OURS.best(chances), chances)
        return found

    def _stretches(self, at: int, text: str) -> list[tuple[int, list[tuple[int, int]], Row, list[int]]]:
        places = tokenise(text)
        rows = []
        for start in range(0, len(places), LONGEST[self.kind]):
            part = places[start : start + LONGEST[self.kind]]
            if self.pieces is None:
                features = self.hashed.features(text, places)[start : start + len(part)]
                rows.append((at, part, Row((features,), np.zeros(len(part), np.int64)), list(range(len(part)))))
            else:
                row = self.pieces.row(text, part)
                numbers = (np.array(row.ids, np.int64), np.array(row.types, np.int64))
                rows.append((at, part, Row(numbers, np.zeros(len(row.ids), np.int64)), row.first))
        return rows

    def _run(self, rows: list[Row]) -> NDArray[np.float32]:
        inputs, _ = stacked(rows)
        names = [one.name for one in self.session.get_inputs()]
        logits: NDArray[np.float32] = self.session.run(["logits"], dict(zip(names, inputs, strict=True)))[0]
        return logits


def _log_chances(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(-1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result


def sets(languages: Iterable[str]) -> dict[str, list[Record]]:
    """Return the development sets of the languages, and prompts of kept templates filled with kept names."""
    wanted = {name: rows for name, rows in development().items() if rows[0].language in languages}
    for language in languages:
        chance = Random(f"{SEED} {language}")
        filler = Filler(chance, DEVELOP, {})
        forms = templates(language, DEVELOP)
        wanted[f"prompts/{language}"] = filled(chance, filler, forms, PROMPTS * len(forms))
    return wanted


def kept(spans: Iterable[Span], thresholds: dict[str, float]) -> list[tuple[int, int, str]]:
    """Return the spans whose score reaches their label's threshold."""
    return [(span.start, span.end, span.label) for span in spans if span.score >= thresholds[span.label]]


def choose(pairs: Sequence[tuple[list[Record], list[list[Span]]]]) -> dict[str, float]:
    """Return for each label the lowest threshold whose strict F1 over all pairs is within `SLACK` of the best.

    The lowest, because F1 hardly changes over a wide range in which coverage does, and coverage is what keeps names in.
    """
    chosen: dict[str, float] = {}
    for label in LABELS:
        values = [_f1(pairs, label, step) for step in STEPS]
        chosen[label] = next(step for step, value in zip(STEPS, values, strict=True) if value >= max(values) - SLACK)
    return chosen


def _f1(pairs: Sequence[tuple[list[Record], list[list[Span]]]], label: str, threshold: float) -> float:
    only = {**dict.fromkeys(LABELS, NEVER), label: threshold}
    counts = Counts()
    for records, found in pairs:
        counted = score(records, [kept(spans, only) for spans in found], streets_are_places=False)
        counts += counted.strict.get(label, Counts())
    return counts.f1 or 0.0


def scores(tagger: Tagger, wanted: dict[str, list[Record]], thresholds: dict[str, float]) -> dict[str, Tally]:
    """Return the figures of every set."""
    return {
        name: score(rows, [kept(spans, thresholds) for spans in tagger.spans(rows)], "prompts" not in name)
        for name, rows in wanted.items()
    }


def measure(kind: str, folder: Path, run: Path, version: str, progress: dict[str, Any]) -> None:
    """Choose thresholds, score both graphs, say so, and write the manifest."""
    languages = ("zh", "en") if kind == "hashed" else ("en",)
    wanted = sets(languages)
    vocabulary = folder / "tokenizer.json" if kind == "latin" else None
    tagger = Tagger(kind, folder / "model.onnx", vocabulary)
    judges = [name for language in languages for name in JUDGES[language]]
    thresholds = choose([(wanted[name], tagger.spans(wanted[name])) for name in judges])
    small = scores(tagger, wanted, thresholds)
    log(f"{kind}: thresholds {thresholds}")
    for name, result in small.items():
        log(f"{name:22} {json.dumps(row(result))}")
    if (run / "full.onnx").exists():
        for name, result in scores(Tagger(kind, run / "full.onnx", vocabulary), wanted, thresholds).items():
            ours, full = row(small[name]), row(result)
            change, cover = ours["micro"] - full["micro"], ours["coverage"] - full["coverage"]
            log(f"{name:22} eight bits against full: strict F1 {change:+.1f}, coverage {cover:+.1f}")
    figures = {name: row(result) for name, result in small.items()}
    (run / "scores.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    write_manifest(kind, folder, version, thresholds, {"tokens": progress["seen"], "development": figures})
