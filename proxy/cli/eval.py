"""`sluice eval`: how good is detection on texts that people have labelled?

Enters: JSON lines with text and spans, plain or gzip. Leaves: scores by language and entity, and where the errors are.
No text leaves, unless it is asked for. What a detector could not tell is counted, and is never taken for a clean text.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from detectors.find import Finder
from detectors.measure import Counts, Slip, Tally, micro, slips, tally
from detectors.reliability import Reliability
from proxy.cli.labelled import Labelled, Names
from proxy.errors import SettingsError

ALL: Final = "all"
PLACES: Final = 3
"""How many places of one kind of error are named."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of error: what went wrong with which labels, in which language."""

    kind: str
    there: str
    found: str
    language: str


@dataclass(slots=True)
class Result:
    """What came of all texts."""

    scored: frozenset[str]
    left_out: Mapping[str, int]
    """Labels of the data that no detector finds, or that were not asked for, with how many spans have them."""
    languages: dict[str, Tally] = field(default_factory=dict)
    errors: dict[Sort, list[str]] = field(default_factory=dict)
    """Where each sort of error is; with the text of the spans where that was asked for."""
    reliability: Reliability = field(default_factory=Reliability)
    """How often what was found with a score is right, all languages together."""

    @property
    def whole(self) -> Tally:
        """The tally of all languages."""
        return sum(self.languages.values(), Tally())


def scored_of(finder: Finder, records: Iterable[Labelled], names: Names, asked: frozenset[str] | None) -> Result:
    """Return an empty result that says what is scored: the labels of the data that a detector finds, or `asked`."""
    spans: dict[str, int] = {}
    for record in records:
        for span in record.spans:
            spans[span[2]] = spans.get(span[2], 0) + 1
    if asked is None:
        scored = frozenset(label for label in spans if names.sources(frozenset({label})) & finder.entities)
    else:
        scored = frozenset(map(names.of_finding, asked))
    if not scored:
        raise SettingsError(
            "no label of the data is an entity that a detector finds; name them with --map LABEL=ENTITY",
            "数据中没有任何标签对应检测器能识别的实体；请用 --map 标签=实体 说明",
        )
    return Result(scored, {label: spans[label] for label in sorted(spans.keys() - scored)})


def evaluate(
    finder: Finder,
    records: Sequence[Labelled],
    names: Names,
    result: Result,
    *,
    least: float = 0.0,
    show: bool = False,
    step: Callable[[int], None] = lambda _: None,
) -> Result:
    """Look through every text, count, and return `result`, filled; `step` is called after each text."""
    wanted = names.sources(result.scored) & finder.entities
    for record in records:
        scan = finder.find(record.text, wanted)
        scored = [
            ((one.start, one.end, names.of_finding(one.entity)), one.score)
            for one in scan.findings
            if one.score >= least
        ]
        found = [span for span, _ in scored]
        there = [span for span in record.spans if span[2] in result.scored]
        before = result.languages.get(record.language, Tally())
        result.languages[record.language] = before + tally(there, found, untold=bool(scan.unknown))
        result.reliability.count(there, scored)
        for slip in slips(there, found):
            sort = Sort(
                slip.kind, slip.there[2] if slip.there else "", slip.found[2] if slip.found else "", record.language
            )
            result.errors.setdefault(sort, []).append(_place(record, slip, show))
        step(1)
    return result


def _place(record: Labelled, slip: Slip, show: bool) -> str:
    spans = [("there", slip.there), ("found", slip.found)]
    told = ", ".join(
        f"{word} {span[0]}-{span[1]}"
        + (f" {json.dumps(record.text[span[0] : span[1]], ensure_ascii=False)}" if show else "")
        for word, span in spans
        if span is not None
    )
    return f"{record.name}: {told}"


def worst(result: Result, most: int) -> list[tuple[Sort, list[str]]]:
    """Return the sorts of errors that are met most often, at most so many, each with all its places."""
    return sorted(result.errors.items(), key=lambda one: (-len(one[1]), one[0].kind, one[0].there, one[0].found))[:most]


def as_json(result: Result, files: Sequence[Path], most: int) -> dict[str, Any]:
    """Return all scores as plain values, as shares of one."""
    sections = {language: result.languages[language] for language in sorted(result.languages)}
    answer: dict[str, Any] = {
        "files": [str(file) for file in files],
        "entities": sorted(result.scored),
        "left_out": dict(result.left_out),
        "languages": {language: _section(each) for language, each in sections.items()},
        ALL: _section(result.whole),
        "scores": {label: _reliability(result.reliability, label) for label in sorted(result.reliability.bands)},
    }
    if most:
        answer["errors"] = [
            {"kind": sort.kind, "there": sort.there or None, "found": sort.found or None, "lang": sort.language}
            | {"count": len(places), "places": places[:PLACES]}
            for sort, places in worst(result, most)
        ]
    return answer


def _section(each: Tally) -> dict[str, Any]:
    labels = sorted(each.strict)
    return {
        "texts": each.texts,
        "could_not_be_told": each.untold,
        "entities": {
            label: {"strict": _scores(each.strict[label]), "overlapping": _scores(each.overlapping[label])}
            for label in labels
        },
        "micro": {"strict": _scores(micro(each.strict)), "overlapping": _scores(micro(each.overlapping))},
        "characters": _scores(each.covered),
        "entity_free": {"texts": each.free, "with_a_hit": each.alarmed, "share": _short(each.false_alarms)},
    }


def _reliability(reliability: Reliability, label: str) -> dict[str, Any]:
    bands = [
        {
            "from": least,
            "found": band.found,
            "right": band.right,
            "right_from_here": since.right,
            "found_from_here": since.found,
        }
        for least, band, since in reliability.since(label)
    ]
    return {"calibration_error": _short(reliability.error(label)), "bands": bands}


def _scores(counts: Counts) -> dict[str, float | int | None]:
    return {
        "precision": _short(counts.precision),
        "recall": _short(counts.recall),
        "f1": _short(counts.f1),
        "hits": counts.hits,
        "found": counts.found,
        "there": counts.there,
    }


def _short(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def lines(result: Result, most: int) -> Iterator[str]:
    """Give the scores for people, in percent."""
    whole = [(ALL, result.whole)] if len(result.languages) > 1 else []
    for language, each in [*sorted(result.languages.items()), *whole]:
        yield from _table(language, each)
        yield ""
    if result.left_out:
        told = ", ".join(f"{label} ({count})" for label, count in result.left_out.items())
        yield f"not scored, as no detector finds them or nobody asked: {told}"
    for sort, places in worst(result, most):
        what = " → ".join(name or "nothing" for name in (sort.there, sort.found))
        yield f"{sort.kind} ({sort.language}) {what}: {len(places)}"
        yield from (f"    {place}" for place in places[:PLACES])


def score_lines(reliability: Reliability) -> Iterator[str]:
    """Give for people what a score is worth, by label: what a `minimum_score` would keep, and how right that is."""
    for label in sorted(reliability.bands):
        yield f"{label}: what a score is worth (off by {percent(reliability.error(label))} points on average)"
        heads = (
            ("score from", 12),
            ("found", 8),
            ("right", 8),
            ("as minimum_score: right", 28),
            ("found of all there", 22),
        )
        yield "".join(f"{head:>{width}}" for head, width in heads)
        there = reliability.there.get(label, 0)
        for least, band, since in reliability.since(label):
            right, kept = percent(band.right / band.found), percent(since.right / since.found)
            reached = percent(min(1.0, since.right / there) if there else None)
            yield f"{least:>12.1f}{band.found:>8}{right:>8}{kept:>28}{reached:>22}"
        yield ""


def _table(language: str, each: Tally) -> Iterator[str]:
    width = max(map(len, ("all together", *each.strict)))
    head = "".join(f"{name:>8}" for name in 2 * ("P", "R", "F1") + ("found", "there"))
    yield f"{language}: {each.texts} texts"
    yield f"{'':{width}}{'strict':>24}{'overlapping':>24}"
    yield f"{'':{width}}{head}"
    rows = [(label, each.strict[label], each.overlapping[label]) for label in sorted(each.strict)]
    for label, strict, overlapping in [*rows, ("all together", micro(each.strict), micro(each.overlapping))]:
        shares = (strict.precision, strict.recall, strict.f1, overlapping.precision, overlapping.recall, overlapping.f1)
        yield (
            f"{label:{width}}" + "".join(f"{percent(one):>8}" for one in shares) + f"{strict.found:>8}{strict.there:>8}"
        )
    marked, right = percent(each.covered.recall), percent(each.covered.precision)
    yield f"characters: {marked} % of those marked are covered, {right} % of those covered are marked"
    yield f"texts without any: {each.free}, with a false hit {each.alarmed} ({percent(each.false_alarms)} %)"
    if each.untold:
        yield f"could not be told: {each.untold} texts"


def percent(share: float | None) -> str:
    """Return a share in percent, or a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f}"
