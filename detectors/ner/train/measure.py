"""The exported graphs on the development sets: scores, thresholds, and what eight-bit weights cost.

Enters: a model's folder and the graph before it was quantised. Leaves: a manifest with thresholds and scores, and a
table on the screen. Scores are the model's own; thresholds are those with which the whole of model and rules does best
and takes few harmless texts for confidential. Nothing here is a test set: those are kept elsewhere, and no threshold
was chosen on them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from detectors.measure import Tally
from detectors.ner.believe import believed
from detectors.ner.hashed import Hashed
from detectors.ner.mention import Mention
from detectors.ner.names import by_rules
from detectors.ner.pieces import Pieces
from detectors.ner.settle import settle
from detectors.ner.tags import LABELS, OURS, SECRETS, TAGS, Scheme, Span
from detectors.ner.tokenise import tokenise
from detectors.ner.train.encode import LONGEST, Row, stacked
from detectors.ner.train.fill import Filler, templates
from detectors.ner.train.lists import DEVELOP
from detectors.ner.train.manifest import write_manifest
from detectors.ner.train.progress import log
from detectors.ner.train.records import DATA, Record, development, folded
from detectors.ner.train.rounds import filled
from detectors.ner.train.score import row, score

SEED: Final = 20_24
PROMPTS: Final = 3
"""How often each development template is filled."""

STEPS: Final = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
JUDGES: Final = {
    "hashed": ("prompts_dev/zh", "prompts/zh", "uner_zh_gsdsimp/dev"),
    "latin": ("prompts_dev/en", "prompts/en", "uner_en_ewt/slice", "wnut17/dev"),
}
"""The sets that thresholds are chosen on: of the hashed model in Chinese, which it is for."""

WRITTEN: Final = "prompts_dev"
"""Prompts that people wrote to develop with: labelled, or harmless."""

REPORTS: Final = "news_dev"
"""Sentences of the news, written likewise; measured, while no threshold is chosen on them."""

MOST_FALSE: Final = 0.07
"""The share of harmless prompts in which something may be found: those of templates are mostly traps."""

DEAREST: Final = 0.0015
"""The F1, averaged over labels and sets, that fewer false hits may cost in all."""

SLACK: Final = 0.003
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
        """Return the names that the model sees in each record, with scores."""
        return self._answers(records, OURS, slice(0, len(TAGS)))

    def secrets(self, records: Sequence[Record]) -> list[list[Span]]:
        """Return the secrets that it sees, likewise."""
        return self._answers(records, SECRETS, slice(len(TAGS), None))

    def _answers(self, records: Sequence[Record], scheme: Scheme, columns: slice) -> list[list[Span]]:
        """Return what the model answers to the question whose tags are in `columns`."""
        stretches = [stretch for at, record in enumerate(records) for stretch in self._stretches(at, record.text)]
        stretches.sort(key=lambda stretch: len(stretch[2]))
        found: list[list[Span]] = [[] for _ in records]
        for first in range(0, len(stretches), BATCH):
            group = stretches[first : first + BATCH]
            logits = self._run([row for _, _, row, _ in group])
            for (record, places, _, begins), part in zip(group, logits, strict=True):
                chances = _log_chances(part[begins][:, columns])
                found[record] += scheme.spans(places, scheme.best(chances), chances)
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
    """Return the development sets of the languages, prompts written by people, and kept templates with kept names."""
    wanted = {name: rows for name, rows in development().items() if rows[0].language in languages}
    for language in languages:
        chance = Random(f"{SEED} {language}")
        filler = Filler(chance, DEVELOP, {})
        forms = templates(language, DEVELOP)
        wanted[f"prompts/{language}"] = filled(chance, filler, forms, PROMPTS * len(forms))
        wanted[f"{WRITTEN}/{language}"] = written(language)
    if "zh" in languages:
        wanted[f"{REPORTS}/zh"] = written("zh", REPORTS)
    return wanted


def written(language: str, folder: str = WRITTEN) -> list[Record]:
    """Return the prompts, or the sentences of the news, that people wrote to develop with."""
    lines = (DATA / folder / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines)
    return [folded(Record(row["text"], tuple(map(tuple, row["spans"])), language, folder)) for row in rows]


def kept(spans: Iterable[Span], thresholds: Mapping[str, float]) -> list[tuple[int, int, str]]:
    """Return the spans whose score reaches their label's threshold."""
    return [(span.start, span.end, span.label) for span in spans if span.score >= thresholds[span.label]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A set, what a model sees in it whatever its score, and what the rules see."""

    name: str
    records: list[Record] = field(repr=False)
    seen: list[list[Mention]] = field(repr=False)
    ruled: list[list[Mention]] = field(repr=False)

    def harmless(self) -> "Judged":
        """Return the texts of the set in which there is nothing to find."""
        rows = [row for row in zip(self.records, self.seen, self.ruled, strict=True) if not row[0].spans]
        return (
            Judged(self.name, *(list(part) for part in zip(*rows, strict=True)))
            if rows
            else Judged(self.name, [], [], [])
        )

    def tally(self, thresholds: Mapping[str, float]) -> Tally:
        """Return what the product would find with these thresholds, compared with what is there."""
        found = []
        for record, seen, ruled in zip(self.records, self.seen, self.ruled, strict=True):
            enough = [(one, thresholds[one.label]) for one in seen if one.score >= thresholds[one.label]]
            settled = settle(record.text, [*believed(record.text, enough), *ruled])
            found.append([(one.start, one.end, one.label) for one in settled])
        return score(self.records, found, streets_are_places="prompts" not in self.name)


def judged(name: str, kind: str, records: list[Record], spans: Sequence[Sequence[Span]]) -> Judged:
    """Return a set as the product would see it, but for thresholds."""
    because = (f"model:{kind}",)
    seen = [[Mention(one.start, one.end, one.label, one.score, because) for one in row] for row in spans]
    return Judged(name, records, seen, [list(by_rules(record.text)) for record in records])


def choose(sets: Sequence[Judged]) -> dict[str, float]:
    """Return the thresholds: by label the lowest whose F1, averaged over the sets, is within `SLACK` of the best.

    The lowest, because F1 hardly changes over a wide range in which coverage does, and coverage is what keeps names in.
    Where more than `MOST_FALSE` of the harmless prompts are hit, thresholds go up, each time the one that
    takes a hit away and costs the least, as long as all of it costs no more than `DEAREST`.
    """
    chosen = dict.fromkeys(LABELS, STEPS[len(STEPS) // 2])
    for label in LABELS:
        values = [_mean([one.tally({**chosen, label: step}) for one in sets], label) for step in STEPS]
        chosen[label] = next(step for step, value in zip(STEPS, values, strict=True) if value >= max(values) - SLACK)
    harmless = [one.harmless() for one in sets if "prompts" in one.name]
    dear = _overall(sets, chosen) - DEAREST
    while (now := _false(harmless, chosen)) > MOST_FALSE:
        better = {}
        for label, least in chosen.items():
            higher = ({**chosen, label: step} for step in STEPS if step > least)
            one = next((one for one in higher if _false(harmless, one) < now), None)
            if one is not None:
                better[_overall(sets, one)] = one
        if not better or max(better) < dear:
            break
        chosen = better[max(better)]
    return chosen


def _false(harmless: Sequence[Judged], thresholds: Mapping[str, float]) -> float:
    return sum((one.tally(thresholds) for one in harmless), Tally()).false_alarms or 0.0


def _overall(sets: Sequence[Judged], thresholds: Mapping[str, float]) -> float:
    tallies = [one.tally(thresholds) for one in sets]
    return sum(_mean(tallies, label) for label in LABELS) / len(LABELS)


def _mean(tallies: Sequence[Tally], label: str) -> float:
    values = [one.strict[label].f1 or 0.0 for one in tallies if label in one.strict and one.strict[label].there]
    return sum(values) / len(values) if values else 0.0


def scores(tagger: Tagger, wanted: dict[str, list[Record]], thresholds: dict[str, float]) -> dict[str, Tally]:
    """Return the figures of every set."""
    return {
        name: score(rows, [kept(spans, thresholds) for spans in tagger.spans(rows)], "prompts" not in name)
        for name, rows in wanted.items()
    }


def measure(kind: str, folder: Path, run: Path, version: str, progress: dict[str, Any]) -> None:
    """Choose thresholds, score both graphs, say so, and write the manifest."""
    wanted = sets(("zh", "en") if kind == "hashed" else ("en",))
    vocabulary = folder / "tokenizer.json" if kind == "latin" else None
    tagger = Tagger(kind, folder / "model.onnx", vocabulary)
    judges = [judged(name, kind, wanted[name], tagger.spans(wanted[name])) for name in JUDGES[kind]]
    thresholds = choose(judges)
    small = scores(tagger, wanted, thresholds)
    log(f"{kind}: thresholds {thresholds}")
    for one in judges:
        log(f"{one.name:22} with the rules {json.dumps(row(one.tally(thresholds)))}")
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
