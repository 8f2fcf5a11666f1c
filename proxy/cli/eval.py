"""`sluice eval`: how good is detection on texts that people have labelled?

Enters: JSON lines with text and spans, plain or gzip. Leaves: scores by language and entity, and where the errors are.
No text leaves, unless it is asked for. What a detector could not tell is counted, and is never taken for a clean text.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len

from detectors.find import Finder
from detectors.measure import Counts, Kind, Slip, Tally, micro, slips, tally
from detectors.reliability import Reliability
from policies.decision import Text
from proxy.cli.labelled import Labelled, Names
from proxy.errors import SettingsError

ALL: Final = "all"
PLACES: Final = 3
"""How many places of one kind of error are named."""

EVERY_LANGUAGE: Final = Text(ALL, "全部语言")
TOGETHER: Final = Text("all together", "合计")
STRICT: Final = Text("strict", "严格")
OVERLAPPING: Final = Text("overlapping", "有重叠即可")
HEADS: Final = 2 * (Text("P", "精确率"), Text("R", "召回率"), Text("F1")) + (
    Text("found", "找到"),
    Text("there", "应有"),
)
SCORE_HEADS: Final = (
    (Text("score from", "分数不低于"), 12),
    (Text("found", "找到"), 8),
    (Text("right", "正确率"), 8),
    (Text("as minimum_score: right", "作为 minimum_score：正确率"), 28),
    (Text("found of all there", "应有中找到的"), 22),
)
KINDS: Final = {
    Kind.MISSED: "漏报",
    Kind.SPURIOUS: "误报",
    Kind.BOUNDARY: "边界不同",
    Kind.LABEL: "标签不同",
    Kind.BOTH: "边界与标签都不同",
}
"""The kinds of errors in Chinese."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of error: what went wrong with which labels, in which language."""

    kind: Kind
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
    errors: dict[Sort, list[Text]] = field(default_factory=dict)
    """Where each sort of error is; with the text of the spans where that was asked for."""
    reliability: Reliability = field(default_factory=Reliability)
    """How often what was found with a score is right, all languages together."""

    @property
    def whole(self) -> Tally:
        """The tally of all languages."""
        return sum(self.languages.values(), Tally())


def could_count(records: Iterable[Labelled], names: Names, asked: frozenset[str] | None) -> frozenset[str]:
    """Return what must be looked for: all that counts as a label of the data, or as one of `asked`."""
    if asked is None:
        wanted = names.sources(frozenset(span[2] for record in records for span in record.spans))
    else:
        wanted = asked | names.sources(frozenset(map(names.of_finding, asked)))
    return along(wanted)


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


def along(wanted: frozenset[str]) -> frozenset[str]:
    """Return what to ask for: with passwords names, too, as the proxy mostly does, for models see both or none."""
    return wanted | {"PERSON"} if "PASSWORD" in wanted else wanted


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
    wanted = along(names.sources(result.scored)) & finder.entities
    for record in records:
        scan = finder.find(record.text, wanted)
        scored = [
            ((one.start, one.end, names.of_finding(one.entity)), one.score)
            for one in scan.findings
            if one.score >= least and names.of_finding(one.entity) in result.scored
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


def _place(record: Labelled, slip: Slip, show: bool) -> Text:
    en, zh = [], []
    for span, there_or_found in ((slip.there, Text("there", "应有")), (slip.found, Text("found", "找到"))):
        if span is not None:
            value = f" {json.dumps(record.text[span[0] : span[1]], ensure_ascii=False)}" if show else ""
            where = f"{span[0]}-{span[1]}{value}"
            en.append(f"{there_or_found.en} {where}")
            zh.append(f"{there_or_found.zh} {where}")
    return Text(f"{record.name}: {', '.join(en)}", f"{record.name}：{'，'.join(zh)}")


def worst(result: Result, most: int) -> list[tuple[Sort, list[Text]]]:
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
            | {"count": len(places), "places": [place.en for place in places[:PLACES]]}
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


def lines(result: Result, most: int, language: str = "en") -> Iterator[str]:
    """Give the scores for people, in percent, with words of their `language`."""
    whole = [(EVERY_LANGUAGE.in_language(language), result.whole)] if len(result.languages) > 1 else []
    for name, each in [*sorted(result.languages.items()), *whole]:
        yield from _table(name, each, language)
        yield ""
    if result.left_out:
        told = ", ".join(f"{label} ({count})" for label, count in result.left_out.items())
        not_scored = Text(
            f"not scored, as no detector finds them or nobody asked: {told}",
            f"未计分（没有检测器识别，或未要求）：{told}",
        )
        yield not_scored.in_language(language)
    for sort, places in worst(result, most):
        what = " → ".join(name or Text("nothing", "无").in_language(language) for name in (sort.there, sort.found))
        kind = Text(f"{sort.kind} ({sort.language})", f"{KINDS[sort.kind]}（{sort.language}）")
        yield f"{kind.in_language(language)} {what}: {len(places)}"
        yield from (f"    {place.in_language(language)}" for place in places[:PLACES])


def score_lines(reliability: Reliability, language: str = "en") -> Iterator[str]:
    """Give for people what a score is worth, by label: what a `minimum_score` would keep, and how right that is."""
    for label in sorted(reliability.bands):
        off = percent(reliability.error(label))
        head = Text(
            f"{label}: what a score is worth (off by {off} points on average)",
            f"{label}：分数有多可信（平均相差 {off} 个百分点）",
        )
        yield head.in_language(language)
        yield "".join(flush(head.in_language(language), width) for head, width in SCORE_HEADS)
        there = reliability.there.get(label, 0)
        for least, band, since in reliability.since(label):
            right, kept = percent(band.right / band.found), percent(since.right / since.found)
            reached = percent(min(1.0, since.right / there) if there else None)
            yield f"{least:>12.1f}{band.found:>8}{right:>8}{kept:>28}{reached:>22}"
        yield ""


def _table(name: str, each: Tally, language: str) -> Iterator[str]:
    together = TOGETHER.in_language(language)
    width = max(map(cell_len, (together, *each.strict)))
    texts = Text(f"{name}: {each.texts} texts", f"{name}：{each.texts} 条文本")
    yield texts.in_language(language)
    yield " " * width + "".join(flush(head.in_language(language), 24) for head in (STRICT, OVERLAPPING))
    yield " " * width + "".join(flush(head.in_language(language), 8) for head in HEADS)
    rows = [(label, each.strict[label], each.overlapping[label]) for label in sorted(each.strict)]
    for label, strict, overlapping in [*rows, (together, micro(each.strict), micro(each.overlapping))]:
        shares = (strict.precision, strict.recall, strict.f1, overlapping.precision, overlapping.recall, overlapping.f1)
        yield (
            label
            + " " * (width - cell_len(label))
            + "".join(f"{percent(one):>8}" for one in shares)
            + f"{strict.found:>8}{strict.there:>8}"
        )
    marked, right, false = percent(each.covered.recall), percent(each.covered.precision), percent(each.false_alarms)
    for told in (
        Text(
            f"characters: {marked} % of those marked are covered, {right} % of those covered are marked",
            f"字符：已标注的有 {marked} % 被覆盖，被覆盖的有 {right} % 是已标注的",
        ),
        Text(
            f"texts without any: {each.free}, with a false hit {each.alarmed} ({false} %)",
            f"没有标注的文本：{each.free} 条，其中误报 {each.alarmed} 条（{false} %）",
        ),
    ):
        yield told.in_language(language)
    if each.untold:
        untold = Text(f"could not be told: {each.untold} texts", f"无法判断：{each.untold} 条文本")
        yield untold.in_language(language)


def flush(text: str, width: int) -> str:
    """Return a text flush right in so many columns of a terminal, of which a Chinese character takes two."""
    return " " * (width - cell_len(text)) + text


def percent(share: float | None) -> str:
    """Return a share in percent, or a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f}"
