"""Presidio's recognizer files, loaded as they are.

Enters: a file in the format of Presidio's recognizer registry. Leaves: detectors with its patterns, words, scores and
context. Patterns run on the linear-time engine where it understands them as Python does, else on Python's with a limit
of time, beyond which nobody can tell. A slip in the file stops the start and names the entry.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import regex  # type: ignore[import-untyped]  # ships no types
from presidio_analyzer import PatternRecognizer, predefined_recognizers
from presidio_analyzer.input_validation.yaml_recognizer_models import CustomRecognizerConfig, PredefinedRecognizerConfig
from presidio_analyzer.recognizer_registry.recognizers_loader_utils import RecognizerListLoader

from detectors.combined import Combined
from detectors.context import EDGE as LETTER
from detectors.context import Words, words
from detectors.domains import public_host
from detectors.engine import Offsets, compiled
from detectors.gates import gate_of
from detectors.interface import CannotTell, Detector, DetectorError, Finding
from detectors.presidio import (
    CONTEXT_RAISES,
    LEAST_WITH_CONTEXT,
    SECONDS,
    WITHIN,
    runs_on_engine,
    without_other_letters,
)
from detectors.presidio_classes import Recognizer
from detectors.reading import Reading, Span
from detectors.rulebook import read_document
from detectors.sieve import Opening, opening
from detectors.slips import Slips, Where

FLAGS: Final = int(regex.DOTALL | regex.MULTILINE | regex.IGNORECASE)
"""Presidio's own, where a file names none."""

NEEDS_MORE: Final = (
    predefined_recognizers.SpacyRecognizer,
    predefined_recognizers.StanzaRecognizer,
    predefined_recognizers.TransformersRecognizer,
    predefined_recognizers.GLiNERRecognizer,
    predefined_recognizers.HuggingFaceNerRecognizer,
    predefined_recognizers.AzureAILanguageRecognizer,
    predefined_recognizers.AzureHealthDeidRecognizer,
    predefined_recognizers.LangExtractRecognizer,
)
"""Recognizers with a model of their own, or one on the network."""

UNLIKE: Final = ("\\w", "\\W", "\\b", "\\B")
"""What means letters of all scripts to Python, and only ASCII to the linear-time engine."""


@dataclass(frozen=True, slots=True)
class Form:
    """One pattern of a recognizer, on the engine that runs it."""

    score: float
    linear: Any = None
    """Compiled for bytes by the linear-time engine, or none; its last group is the finding where it has a group."""
    timed: Any = None
    """Compiled by Python's engine, or none."""
    plain: bool = True
    """Whether it means ASCII only, so that other letters may be read as edges."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A recognizer of a file."""

    recognizer: Any
    forms: tuple[Form, ...]
    openings: tuple[Opening, ...]
    near: Words | None
    reach: int | None
    name: str

    @property
    def entity(self) -> str:
        """What it finds."""
        return str(self.recognizer.supported_entities[0])

    @property
    def spoken(self) -> None:
        """Presidio's recognizers find without context words, too."""
        return

    @property
    def figures(self) -> int:
        """Nothing is asked of what a company writes itself."""
        return 0

    @property
    def formless(self) -> bool:
        """Their patterns say what a value looks like."""
        return False

    def seek(self, reading: Reading, spans: Sequence[Span]) -> list[Finding]:
        """Return what the recognizer finds; raises `CannotTell` when it fails or is too slow."""
        best: dict[Span, float] = {}
        try:
            for first, end in spans:
                for start, stop, score in self._matches(reading.text, first, end):
                    best[start, stop] = max(best.get((start, stop), 0.0), score)
            return [self._finding(reading, span, score) for span, score in best.items()]
        except TimeoutError:
            why = ": a pattern ran out of time"
        except Exception:  # its message may quote the text, so it is not even the context of ours
            why = " failed"
        raise CannotTell(f"recognizer {self.name}{why}")

    def _matches(self, text: str, first: int, end: int) -> Iterator[tuple[int, int, float]]:
        """Yield what matches in one stretch of the text and holds."""
        for form in self.forms:
            for start, stop in _spans(form, text, first, end, self.reach):
                value = text[start:stop]
                valid = self.recognizer.validate_result(value)
                score = form.score if valid is None else 1.0 if valid else 0.0
                if score > 0 and not self.recognizer.invalidate_result(value):
                    yield start, stop, score

    def _finding(self, reading: Reading, span: Span, score: float) -> Finding:
        because = [f"rule:{self.name}"]
        if self.near and (word := self.near.near(reading.text, *span)):
            score = min(1.0, max(score + CONTEXT_RAISES, LEAST_WITH_CONTEXT))
            because.append(f"context:{word}")
        return Finding(*reading.view.span(*span), self.entity, score, self.name, tuple(because))


def load_presidio_file(path: Path) -> tuple[Detector, ...]:
    """Return the detectors of a file; raises `DetectorError` naming the file and every entry that is wrong."""
    document = read_document(path)
    settings: Mapping[str, Any] = document if isinstance(document, dict) else {"recognizers": document}
    entries = settings.get("recognizers")
    if not isinstance(entries, list) or not entries:
        raise DetectorError(
            f"{path.name}: must have a list `recognizers`, as Presidio's own files do",
            f"{path.name}：必须像 Presidio 自己的文件那样有列表 `recognizers`",
        )
    slips = Slips()
    found: list[tuple[Where, Any]] = []
    for place, entry in enumerate(entries, start=1):
        named = entry.get("name") if isinstance(entry, dict) else entry if isinstance(entry, str) else None
        where = Where(f"{path.name}: recognizer {named or place}", f"{path.name}：识别器 {named or place}")
        if not isinstance(entry, (str, dict)):
            slips.add(where.wrong("must be a name or a mapping", "必须是名称，或由键和值组成"))
            continue
        try:
            found += [(where, recognizer) for recognizer in _made(entry, settings)]
        except Exception as error:
            slips.add(where.wrong(_said(error), _said(error)))
    slips.stop()
    together: dict[Where, list[Any]] = {}
    others: list[Detector] = []
    for where, recognizer in found:
        if isinstance(recognizer, NEEDS_MORE):
            raise where.wrong(
                "needs a model or the network; name a model or a pipeline in settings instead",
                "需要模型或网络；请改在设置中指明模型或管道",
            )
        if isinstance(recognizer, PatternRecognizer) and type(recognizer).analyze is PatternRecognizer.analyze:
            together.setdefault(where, []).append(recognizer)
        else:
            others.append(Recognizer(recognizer))
    seekers = [_loaded(recognizers, where) for where, recognizers in together.items()]
    return (*((Combined(seekers, name=path.stem),) if seekers else ()), *others)


def _made(entry: Any, settings: Mapping[str, Any]) -> list[Any]:
    """Return Presidio's recognizers for one entry, one a language; raises what Presidio raises."""
    if isinstance(entry, str):
        entry = {"name": entry, "type": "predefined"}
    if not entry.get("enabled", True):
        return []
    check: Any = PredefinedRecognizerConfig if entry.get("type") == "predefined" else CustomRecognizerConfig
    check(**entry if entry.get("patterns") or check is PredefinedRecognizerConfig else {**entry, "patterns": []})
    own = entry.get("supported_languages") or [entry.get("supported_language") or "en"]
    languages = [language["language"] if isinstance(language, dict) else language for language in own]
    loader: Any = RecognizerListLoader
    return list(
        loader.get(
            [entry],
            settings.get("supported_languages") or languages,
            int(settings.get("global_regex_flags", FLAGS)),
            settings.get("supported_countries"),
        )
    )


def _said(error: Exception) -> str:
    """Return what is wrong, in one line."""
    errors: Any = getattr(error, "errors", None)
    if callable(errors):  # pydantic's, whose text is a page
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}".strip(": ") for one in errors())
    return str(error) or type(error).__name__


def _loaded(recognizers: Sequence[Any], where: Where) -> Loaded:
    """Return one recognizer for all languages of an entry: their patterns are the same, their words are united."""
    recognizer: Any = recognizers[0]
    if isinstance(recognizer, predefined_recognizers.EmailRecognizer):
        # Its own check would ask the network for suffixes.
        setattr(recognizer, "validate_result", public_host)  # noqa: B010
    denied = list(recognizer.deny_list)
    patterns = [pattern for pattern in recognizer.patterns if not (denied and pattern.name == "deny_list")]
    forms = [_form(pattern.regex, float(pattern.score), recognizer.global_regex_flags, where) for pattern in patterns]
    sources = [f"(?i:{pattern.regex})" for pattern in patterns]
    if denied:
        sources.append(f"(?i:{'|'.join(map(regex.escape, denied))})")
        forms.append(_denied(denied, float(recognizer.deny_list_score), recognizer.global_regex_flags, where))
    gate = gate_of("|".join(f"(?:{source})" for source in sources), wide=True)
    reach = None if gate.longest is None or any(form.timed for form in forms) else gate.longest + 2
    context = [word for one in recognizers for word in one.context or ()]
    return Loaded(
        recognizer=recognizer,
        forms=tuple(forms),
        openings=(opening(gate, reach),),
        near=words(context, WITHIN) if context else None,
        reach=reach,
        name=str(recognizer.name),
    )


def _form(pattern: str, score: float, flags: int, where: Where) -> Form:
    plain = pattern.isascii()
    linear = f"{_flags(flags)}{pattern}"
    if plain and not any(sign in pattern for sign in UNLIKE[:2]) and runs_on_engine(linear):
        return Form(score, linear=compiled(linear, where.en))
    try:
        return Form(score, timed=regex.compile(pattern, flags=flags), plain=plain)
    except regex.error as error:
        raise where.wrong(f"bad pattern: {error}", f"正则表达式有误：{error}") from error


def _denied(terms: Iterable[str], score: float, flags: int, where: Where) -> Form:
    """Return a form for listed words: whole where they begin or end in ASCII, anywhere where they do not."""
    parts = []
    for term in sorted(set(terms), key=len, reverse=True):
        before = f"(?:^|[^{LETTER[1:-1]}_])" if regex.match(LETTER, term) else ""
        after = f"(?:[^{LETTER[1:-1]}_]|$)" if regex.match(LETTER, term[-1:]) else ""
        parts.append(f"{before}({regex.escape(term)}){after}")
    return Form(score, linear=compiled(f"{_flags(flags)}{'|'.join(parts)}", where.en), plain=False)


def _flags(flags: int) -> str:
    named = ((regex.IGNORECASE, "i"), (regex.MULTILINE, "m"), (regex.DOTALL, "s"))
    letters = "".join(letter for flag, letter in named if flags & flag)
    return f"(?{letters})" if letters else ""


def _spans(form: Form, text: str, first: int, end: int, reach: int | None) -> Iterator[Span]:
    """Yield the non-empty matches of a form that begin in one stretch of the text."""
    if form.linear is not None:
        yield from _linear(form, text, first, end, reach)
        return
    readings = [text]
    if form.plain and not text.isascii():
        readings.append(without_other_letters(text))  # beside Chinese, where `\\b` sees no edge
    for reading in readings:
        for match in form.timed.finditer(reading, timeout=SECONDS):
            if match.end() > match.start():
                yield match.span()


def _linear(form: Form, text: str, first: int, end: int, reach: int | None) -> Iterator[Span]:
    begin = max(0, first - 2)
    piece = text[begin : len(text) if reach is None else end + reach + 2]
    data = piece.encode()
    offsets = Offsets(data, piece)
    place = 0
    while match := form.linear.search(data, place):
        # A listed word is in the one group that takes part; a pattern's finding is all of its match.
        group = match.lastindex or 0 if not form.plain else 0
        start, stop = (begin + offsets.character(offset) for offset in match.span(group))
        if start >= end:
            return
        if stop > start and (start >= first or not begin):
            yield start, stop
        place = max(match.end(group), match.start() + 1)
