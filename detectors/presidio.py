"""Presidio's recognizers for the numbers of many countries, made to work next to Chinese and to fail aloud.

Enters: one text. Leaves: findings in its original offsets. No model, no network, and no recognizer that does not answer
in time may pass for one that found nothing. Which recognizer counts for what is `rules/presidio.yaml`.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import regex  # type: ignore[import-untyped]  # ships no types, and Presidio compiles with it
from presidio_analyzer import PatternRecognizer, predefined_recognizers

from detectors.context import Words, words
from detectors.engine import Offsets, Which, compiled
from detectors.interface import CannotTell, DetectorError, Finding
from detectors.normalise import View, normalise
from detectors.rulebook import known_keys, read_table, share, texts

TABLE: Final = Path(__file__).with_name("rules") / "presidio.yaml"
KEYS: Final = frozenset({"recognizer", "gate", "alone", "minimum", "context", "never", "spoilt"})
SECONDS: Final = 0.5
"""What one pattern may take on one text; Presidio's own limit is a minute, and then it skips the pattern."""

WITHIN: Final = 40
JUST_BEFORE: Final = 8
CONTEXT_RAISES: Final = 0.35
LEAST_WITH_CONTEXT: Final = 0.4
"""What context adds and the score it gives at least, as in Presidio's own enhancer."""

REACH: Final = 120
"""How much of the text a recognizer sees on either side of its gate, in characters: more than its longest pattern."""

NO_TEXT: Final = r"[^\x{0}-\x{10ffff}]"

OTHER_LETTERS: Final = re.compile(r"[^\W\x00-\u024f]")
"""Letters beyond the Latin ones: `\\b` sees no edge between them and a digit."""

DOTTED: Final = re.compile(r"[0-9]\.[0-9]")

EDGE: Final = "。"
"""Stands in for each of them: no letter, no space, no separator of numbers."""


@dataclass(frozen=True, slots=True)
class Gated:
    """A recognizer, when to run it and what of it counts."""

    recognizer: Any
    gate: str
    """RE2; where it does not match, the recognizer cannot either."""
    alone: Any
    """Compiled: the form that counts without context; none when no form does."""
    never: Any
    """Compiled: the form that is nothing confidential, or none."""
    minimum: float
    near: Words | None
    spoilt: Words | None

    @property
    def entity(self) -> str:
        """The one entity it finds."""
        return str(self.recognizer.supported_entities[0])


class Presidio:
    """A detector made of recognizers of Presidio."""

    name = "presidio"

    def __init__(self, recognizers: Iterable[Gated]) -> None:
        """Take recognizers with their gates."""
        self._recognizers = tuple(recognizers)
        self._gates = tuple(compiled(gated.gate, gated.recognizer.name) for gated in self._recognizers)
        self._open = Which(gated.gate for gated in self._recognizers)
        self._spoken = Which(gated.near.anywhere if gated.near else NO_TEXT for gated in self._recognizers)

    @property
    def entities(self) -> frozenset[str]:
        """All entities the recognizers find."""
        return frozenset(gated.entity for gated in self._recognizers)

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return what the recognizers find of `entities`; raises `CannotTell` when one fails or is too slow."""
        view = normalise(text)
        data = view.text.encode()
        asked = [number for number in self._open.can_match(data) if self._recognizers[number].entity in entities]
        spoken = frozenset(self._spoken.can_match(data)) if asked else frozenset()
        findings: list[Finding] = []
        for number in asked:
            gated = self._recognizers[number]
            if gated.alone or number in spoken:
                for start, end in _windows(self._gates[number], data, view.text):
                    findings += _run(gated, view, start, end)
        return tuple(findings)


class Timed:
    """A compiled pattern that raises `CannotTell` where Presidio would log a warning and go on."""

    def __init__(self, pattern: Any) -> None:
        """Take a pattern of the `regex` package."""
        self._pattern = pattern

    def finditer(self, text: str, timeout: float = SECONDS) -> Iterator[Any]:
        """Yield the matches, within our time or Presidio's, whichever is shorter."""
        try:
            yield from self._pattern.finditer(text, timeout=min(timeout, SECONDS))
        except TimeoutError:
            raise CannotTell("a pattern ran out of time") from None


def shipped_recognizers() -> tuple[Gated, ...]:
    """Return the recognizers of `rules/presidio.yaml`; raises `DetectorError` naming the entry."""
    return load_recognizers(TABLE)


def load_recognizers(path: Path) -> tuple[Gated, ...]:
    """Return the recognizers of a table; raises `DetectorError` naming file and entry."""
    recognizers = []
    for place, entry in enumerate(read_table(path), start=1):
        where = f"{path.name}: {entry.get('recognizer') or place}"
        known_keys(entry, KEYS, frozenset({"recognizer", "gate"}), where)
        compiled(entry["gate"], where)
        recognizer = _recognizer(entry["recognizer"], where)
        context = (*(recognizer.context or ()), *texts(entry.get("context", []), where, "context"))
        spoilt = texts(entry.get("spoilt", []), where, "spoilt")
        recognizers.append(
            Gated(
                recognizer=recognizer,
                gate=entry["gate"],
                alone=compiled(entry["alone"], where) if "alone" in entry else None,
                never=compiled(entry["never"], where) if "never" in entry else None,
                minimum=share(entry.get("minimum", LEAST_WITH_CONTEXT), where, "minimum"),
                near=words(context, WITHIN) if context else None,
                spoilt=words(spoilt, JUST_BEFORE) if spoilt else None,
            )
        )
    return tuple(recognizers)


def timed(recognizer: Any) -> Any:
    """Return the recognizer with patterns of its own that raise `CannotTell` instead of being skipped."""
    flags = recognizer.global_regex_flags
    recognizer.patterns = [copy(pattern) for pattern in recognizer.patterns]
    for pattern in recognizer.patterns:
        pattern.compiled_with_flags = flags
        pattern.compiled_regex = Timed(regex.compile(pattern.regex, flags=flags))
    return recognizer


def _recognizer(name: str, where: str) -> Any:
    make: Any = getattr(predefined_recognizers, name, None)
    kind = make if isinstance(make, type) else object
    if not issubclass(kind, PatternRecognizer):
        raise DetectorError(f"{where}: Presidio has no pattern recognizer of this name")
    return timed(make())


def _windows(gate: Any, data: bytes, text: str) -> list[tuple[int, int]]:
    """Return the stretches of the text around whatever the gate matches: nothing can be found outside of them."""
    offsets = Offsets(data, text)
    windows: list[tuple[int, int]] = []
    for match in gate.finditer(data):
        start = max(0, offsets.character(match.start()) - REACH)
        end = offsets.character(match.end()) + REACH
        if windows and start <= windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


def _run(gated: Gated, view: View, start: int, end: int) -> list[Finding]:
    """Return what the recognizer finds in one window of the view."""
    plain = OTHER_LETTERS.sub(EDGE, view.text[start:end])
    try:
        results = gated.recognizer.analyze(plain, [gated.entity])
    except CannotTell:
        raise
    except Exception:  # its message may quote the text, so nothing of it goes on
        raise CannotTell(f"{gated.recognizer.name} failed") from None
    findings = []
    for result in results:
        first, last = start + result.start, start + result.end
        score = _score(gated, view.text, first, last, float(result.score))
        if score:
            findings.append(Finding(*view.span(first, last), gated.entity, score, gated.recognizer.name))
    return findings


def _score(gated: Gated, text: str, start: int, end: int, score: float) -> float:
    """Return what a match counts for in the whole text, nought for nothing."""
    match = text[start:end].encode()
    if _continues(text, start) or _continues(text, end) or (gated.never and gated.never.fullmatch(match)):
        return 0.0
    if gated.spoilt and gated.spoilt.near(text[:end], start, end):
        return 0.0
    if gated.near and gated.near.near(text, start, end):
        score = min(1.0, max(score + CONTEXT_RAISES, LEAST_WITH_CONTEXT))
    elif not (gated.alone and gated.alone.fullmatch(match)):
        return 0.0
    return score if score >= gated.minimum else 0.0


def _continues(text: str, place: int) -> bool:
    """Tell whether a token goes on over `place`: a run of ASCII letters and digits, or digits with dots."""
    before, after = text[max(0, place - 2) : place], text[place : place + 2]
    beside = before[-1:] + after[:1]
    if len(beside) < 2 or not beside.isascii():
        return False
    return beside.isalnum() or bool(DOTTED.fullmatch(before + after[:1]) or DOTTED.fullmatch(before[-1:] + after))
