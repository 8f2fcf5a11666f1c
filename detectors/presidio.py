"""Presidio's recognizers for the numbers of many countries, made to work next to Chinese and to fail aloud.

Enters: a text that was read, and where in it a recognizer can match. Leaves: findings in original offsets. No model, no
network, and no recognizer that does not answer in time may pass for one that found nothing. Which recognizer counts for
what is `rules/presidio.yaml`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import and_
from pathlib import Path
from string import punctuation
from typing import Any, Final

import regex  # type: ignore[import-untyped]  # ships no types, and Presidio compiles with it

from detectors.allowance import spend
from detectors.build_cache import building, kept
from detectors.combined import Combined
from detectors.context import Words, words
from detectors.divided import within_bytes, within_divided
from detectors.engine import compiled_later, judged, verdict
from detectors.gates import Gate, gate_as_written, gate_of
from detectors.interface import CannotTell, Finding
from detectors.patterns import openings_of
from detectors.presidio_lent import Lent, Pattern, lent
from detectors.reading import Reading, Span
from detectors.rulebook import known_keys, read_table, share, texts
from detectors.sieve import Opening, opening
from detectors.slips import Where
from detectors.spelt import members_of
from detectors.syntax import SIGNS_BEYOND, Choice, Item, Unreadable, read, without_references

TABLE: Final = Path(__file__).with_name("rules") / "presidio.yaml"
KEYS: Final = frozenset(
    {"recognizer", "gate", "alone", "minimum", "context", "never", "spoilt", "examples", "counterexamples"}
)
SECONDS: Final = 0.5
"""What one pattern may take on one text; Presidio's own limit is a minute, and then it skips the pattern."""

WITHIN: Final = 40
JUST_BEFORE: Final = 8
CONTEXT_RAISES: Final = 0.35
LEAST_WITH_CONTEXT: Final = 0.4
"""What context adds and the score it gives at least, as in Presidio's own enhancer."""

REACH: Final = 120
"""How far a match may reach from its gate, in characters, where a pattern of Presidio has no bound: blanks only."""

LOOKING: Final = re.compile(r"\(\?<?[=!]")
FAR, CLOSE = 80, 2
"""How much of the text on either side a pattern sees that looks around itself, and one that only asks for edges."""

NO_DIGIT: Final = {r"(?<!\d)": r"(?:\A|[^0-9])", r"(?!\d)": r"(?:\z|[^0-9])"}
"""Looks that a pattern of numbers begins and ends with, as RE2 has them."""

FORBIDDING: Final = re.compile(r"\(\?<?!(?:[^()\[\]\\]|\\.|\[(?:\\.|[^\]\\])*\])*\)(?![*+?{])")
"""Looks that rule something out: without them a pattern matches more."""

OTHER_LETTERS: Final = re.compile(r"[^\W\x00-\u024f]+")
"""Runs of letters beyond the Latin ones: `\\b` sees no edge between them and a digit."""

PAIRS: Final = re.compile(r"(?:.?([:-])HH\1HH|[^0-9A-Za-z]?HH([:-])HH\2)\Z".replace("HH", "[0-9A-Fa-f]{2}"))
"""Around a place within a row of bytes: so many are no address of a network card."""

DOTTED: Final = re.compile(r"[0-9]\.[0-9]")
GOES_ON: Final = frozenset(".:-")
"""Signs within both of them."""

LATIN_BEYOND_ASCII: Final = re.compile("[ªµºÀ-ÖØ-öø-\u024f]")

EDGE: Final = "\x01"
"""Stands in for each of these: no letter, no space, no separator of numbers."""

EDGES: Final = bytes.maketrans(SIGNS_BEYOND.encode(), EDGE.encode() * len(SIGNS_BEYOND))
"""Signs beyond ASCII may become edges with the letters, as no pattern of Presidio asks for any."""


@dataclass(frozen=True, slots=True)
class Gated:
    """A recognizer, when to run it and what of it counts."""

    recognizer: Lent
    openings: tuple[Opening, ...]
    alone: Any
    """Compiled: the form that counts without context; none when no form does."""
    never: Any
    """Compiled: the form that is nothing confidential, or none."""
    minimum: float
    near: Words | None
    spoilt: Words | None
    figures: int = 0
    """How many digits stand in whatever counts, at least."""
    sight: int = FAR
    """How much of the text on either side the recognizer sees."""
    examples: tuple[str, ...] = ()
    """Texts with what must be found in them marked, as in rules of our own."""
    counterexamples: tuple[str, ...] = ()
    """Texts in which it must find nothing."""

    @property
    def entity(self) -> str:
        """The one entity it finds."""
        return self.recognizer.about.entity

    @property
    def name(self) -> str:
        """The class of the recognizer."""
        return self.recognizer.about.kind

    @property
    def spoken(self) -> Words | None:
        """Its context words, where nothing counts without one of them."""
        return None if self.alone else self.near

    @property
    def formless(self) -> bool:
        """Nothing of Presidio's is: its patterns say what a value looks like."""
        return False

    def seek(self, reading: Reading, spans: Sequence[Span]) -> list[Finding]:
        """Return what the recognizer finds; raises `CannotTell` when it fails or is too slow."""
        best: dict[Span, tuple[float, bool]] = {}
        for first, end in spans:
            spend()
            sight = max(0, first - self.sight)
            plain, skeleton = edged(reading, sight, end + self.sight), reading.skeleton[sight : end + self.sight]
            for start, stop, score, checked in matches(self.recognizer, plain, skeleton):
                spend()
                span = (start + sight, stop + sight)
                if first <= span[0] and span[1] <= end:
                    best[span] = max(best.get(span, (0.0, False)), (score, checked))
        findings = (self._finding(reading, *span, *match) for span, match in best.items())
        return [finding for finding in findings if finding]

    def _finding(self, reading: Reading, start: int, end: int, score: float, checked: bool) -> Finding | None:
        text = reading.text
        if not self._may_count(text, start, end):
            return None
        word = self.near.near(text, start, end) if self.near else ""
        if word:
            score = min(1.0, max(score + CONTEXT_RAISES, LEAST_WITH_CONTEXT))
        elif (
            not (self.alone and self.alone.fullmatch(text[start:end].encode()))
            or within_bytes(text, start, end)
            or (not checked and within_divided(text, start, end))
        ):
            return None
        if score < self.minimum:
            return None
        because = [f"rule:{self.name}"]
        if checked:
            because.append(f"check:{self.name}")
        if word:
            because.append(f"context:{word}")
        return Finding(*reading.view.span(start, end), self.entity, score, self.name, tuple(because))

    def _may_count(self, text: str, start: int, end: int) -> bool:
        """Tell whether a match is no part of a token, nor anything that is known to be something else."""
        if _continues(text, start) or _continues(text, end):
            return False
        if self.never and self.never.fullmatch(text[start:end].encode()):
            return False
        return not (self.spoilt and self.spoilt.before(text, start))


class Presidio(Combined):
    """A detector made of recognizers of Presidio."""

    def __init__(self, recognizers: Iterable[Gated]) -> None:
        """Take recognizers with their gates."""
        super().__init__(recognizers, name="presidio")


def edged(reading: Reading, start: int, end: int) -> str:
    """Return a stretch of a view with an edge in place of each letter beyond the Latin ones."""
    text = reading.text[start:end]
    if text.isascii():
        return text
    if LATIN_BEYOND_ASCII.search(text):
        return without_other_letters(text)
    return reading.skeleton[start:end].translate(EDGES).decode()


def without_other_letters(text: str) -> str:
    """Return the text with an edge in place of each letter beyond the Latin ones."""
    return OTHER_LETTERS.sub(lambda run: EDGE * len(run[0]), text)


def matches(recognizer: Lent, text: str, skeleton: bytes) -> Iterator[tuple[int, int, float, bool]]:
    """Yield what a pattern recognizer finds in a text, given with its skeleton.

    Start, end, score, and whether its own check proved it: as its `analyze` does, without the explanations, and raising
    `CannotTell` where that skips a pattern.
    """
    try:
        for place in recognizer.which(skeleton):
            pattern = recognizer.about.patterns[place]
            for match in recognizer.compiled[place].finditer(text, timeout=SECONDS):
                start, end = match.span()
                if start == end:
                    continue
                value = match[0]
                valid = recognizer.validate_result(value)
                score = pattern.score if valid is None else 1.0 if valid else 0.0
                if score > 0 and not recognizer.invalidate_result(value):
                    yield start, end, score, bool(valid)
        return
    except TimeoutError:
        why = f"{recognizer.about.name}: a pattern ran out of time"
    except Exception:  # its message may quote the text, so nothing of it goes on, not even as the context of ours
        why = f"{recognizer.about.name} failed"
    raise CannotTell(why)


@cache
def shipped_recognizers() -> tuple[Gated, ...]:
    """Return the recognizers of `rules/presidio.yaml`, read once a process; raises `DetectorError` naming the entry."""
    return load_recognizers(TABLE)


def load_recognizers(path: Path) -> tuple[Gated, ...]:
    """Return the recognizers of a table; raises `DetectorError` naming file and entry."""
    with building():
        return tuple(
            _gated(entry, Where(path.name, path.name).under(str(entry.get("recognizer") or place)))
            for place, entry in enumerate(read_table(path), start=1)
        )


def ready(recognizer: Lent) -> Lent:
    """Return the recognizer with what tells which of its patterns to try."""
    gates = [_gate(pattern, recognizer.about.flags) for pattern in recognizer.about.patterns]
    return recognizer.sifted(gates, [signs_of(gate) for gate in gates])


@kept
def signs_of(gate: str) -> tuple[tuple[str, int], ...]:
    """Return the signs, no letters and no digits, that stand in whatever a gate matches, and how often each."""
    try:
        return tuple(sorted(_signs_of(read(gate)).items()))
    except Unreadable:
        return ()


def _signs_of(choice: Choice) -> Counter[str]:
    return reduce(and_, (sum(map(_signs, branch), Counter()) for branch in choice.branches))


def _signs(item: Item) -> Counter[str]:
    """Return the signs that whatever an item matches has, each so often."""
    if isinstance(item.part, Choice):
        return Counter({sign: times * item.least for sign, times in _signs_of(item.part).items() if item.least})
    members = frozenset[str]() if item.part.edge else members_of(item.part.text)
    one = item.least and len(members) == 1 and members.issubset(punctuation)
    return Counter({min(members): item.least}) if one else Counter()


def _gate(pattern: Pattern, flags: int) -> str:
    """Return what a skeleton must have before the pattern is tried; empty where it is always tried."""
    gate = gate_of(written(pattern.regex, flags), wide=True)
    return looser(pattern.regex, flags) or ("" if gate.literals or gate.token else gate.pattern)


def gate_of_recognizer(recognizer: Lent, minimum: float = 0.0) -> Gate:
    """Return the gate of a recognizer: that of any of its patterns that can count."""
    parts = (written(pattern.regex, recognizer.about.flags) for pattern in counting(recognizer, minimum))
    return gate_of("|".join(f"(?:{part})" for part in parts) or "$.", wide=True)


def counting(recognizer: Lent, minimum: float) -> Iterator[Pattern]:
    """Yield the patterns whose matches can reach the minimum."""
    for pattern in recognizer.about.patterns:
        if recognizer.about.validates or max(pattern.score + CONTEXT_RAISES, LEAST_WITH_CONTEXT) >= minimum:
            yield pattern


@kept
def written(pattern: str, flags: int) -> str:
    """Return the pattern with its flags written into it and no reference to a class, as far as a gate can tell."""
    return without_references(f"(?i:{pattern})" if flags & regex.IGNORECASE else pattern)


def for_the_engine(recognizer: Lent, minimum: float) -> str:
    """Return RE2 that matches in whatever the patterns that count match in; empty where they say what RE2 cannot."""
    parts = [looser(pattern.regex, recognizer.about.flags) for pattern in counting(recognizer, minimum)]
    return "|".join(f"(?:{part})" for part in parts) if all(parts) else ""


@kept
def looser(pattern: str, flags: int) -> str:
    """Return RE2 that matches in whatever a pattern matches in; empty where the pattern says what RE2 cannot."""
    part = written(pattern, flags)
    for look, edge in NO_DIGIT.items():
        part = part.replace(look, edge)
    part = FORBIDDING.sub("", part)
    return part if part.isascii() and "\\w" not in part and "\\W" not in part and runs_on_engine(part) else ""


def runs_on_engine(pattern: str) -> bool:
    """Tell whether the linear-time engine understands a pattern."""
    return not verdict(pattern).reason


def _gated(entry: Any, where: Where) -> Gated:
    known_keys(entry, KEYS, frozenset({"recognizer"}), where)
    recognizer = ready(_recognizer(entry["recognizer"], where))
    context = (*recognizer.about.context, *texts(entry.get("context", []), where, "context"))
    spoilt = texts(entry.get("spoilt", []), where, "spoilt")
    near = words(context, WITHIN) if context else None
    minimum = share(entry.get("minimum", LEAST_WITH_CONTEXT), where, "minimum")
    own = gate_of_recognizer(recognizer, minimum)
    reach = REACH if own.longest is None else own.longest + 1
    full = for_the_engine(recognizer, minimum)
    if "gate" in entry:
        judged(entry["gate"], where.en)
        openings: tuple[Opening, ...] = (opening(gate_as_written(entry["gate"]), reach, full),)
    else:
        openings = openings_of(own, reach, None if "alone" in entry else near, full)
    return Gated(
        recognizer=recognizer,
        openings=openings,
        alone=compiled_later(entry["alone"], where.en) if "alone" in entry else None,
        never=compiled_later(entry["never"], where.en) if "never" in entry else None,
        minimum=minimum,
        near=near,
        spoilt=words(spoilt, JUST_BEFORE) if spoilt else None,
        figures=own.figures,
        sight=FAR if any(LOOKING.search(pattern.regex) for pattern in recognizer.about.patterns) else CLOSE,
        examples=texts(entry.get("examples", []), where, "examples"),
        counterexamples=texts(entry.get("counterexamples", []), where, "counterexamples"),
    )


def _recognizer(name: str, where: Where) -> Lent:
    try:
        return lent(name)
    except LookupError:
        raise where.wrong("Presidio has no pattern recognizer of this name", "Presidio 没有这个识别器") from None


def _continues(text: str, place: int) -> bool:
    """Tell whether a token goes on over `place`: a run of ASCII letters and digits, or digits with dots."""
    beside = text[max(0, place - 1) : place + 1]
    if len(beside) < 2 or not beside.isascii():
        return False
    if beside.isalnum():
        return True
    if GOES_ON.isdisjoint(beside):
        return False
    before, after = text[max(0, place - 2) : place], text[place : place + 2]
    if DOTTED.fullmatch(before + after[:1]) or DOTTED.fullmatch(before[-1:] + after):
        return True
    return bool(PAIRS.match(text[max(0, place - 4) : place + 3]))
