"""Recognizers that a company wrote in Python for Presidio, by import path.

Enters: one text. Leaves: findings in its original offsets. What such a class does and how long it takes is its own; it
sees the text as a detector should read it, with words and base forms beside it. Where it raises, or answers with
offsets that are none, nobody can tell; nothing it says goes on.
"""

import importlib
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

from detectors.interface import CannotTell, DetectorError, Finding
from detectors.reading import Reading, read_text
from detectors.spacy_pipeline import BlankEngine

ENHANCER: Final = LemmaContextAwareEnhancer()
"""Presidio's own: a context word before the finding raises its score."""


class Nonsense(Exception):
    """A class answered with what can stand nowhere in the text."""


class Recognizer:
    """A detector made of one of Presidio's recognizers."""

    def __init__(self, recognizer: Any, name: str = "", path: str = "") -> None:
        """Take a recognizer and load it; `path` names it in errors. Raises `DetectorError` when that fails."""
        self._recognizer = recognizer
        self.name = name or str(recognizer.name)
        self._path = path or self.name
        self._language = str(recognizer.supported_language)
        self._engine = BlankEngine([self._language])
        try:
            if not recognizer.is_loaded:
                recognizer.load()
                recognizer.is_loaded = True
            self._entities = frozenset(str(entity) for entity in recognizer.get_supported_entities())
        except Exception as error:
            raise DetectorError(
                f"recognizer {self._path}: cannot be loaded: {type(error).__name__}: {error}",
                f"识别器 {self._path}：无法加载：{type(error).__name__}: {error}",
            ) from error
        if not self._entities:
            raise DetectorError(
                f"recognizer {self._path}: names no entity that it finds",
                f"识别器 {self._path}：没有说明它找哪些实体（supported_entities）",
            )

    @property
    def entities(self) -> frozenset[str]:
        """What the recognizer says it finds."""
        return self._entities

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return what the recognizer finds of `entities`; raises `CannotTell` when it raises anything."""
        asked = self._entities & entities
        reading = read_text(text)
        if not asked or not reading.text:
            return ()
        try:
            results = self._ask(reading.text, asked)
            findings = tuple(self._finding(reading, result) for result in results if result.entity_type in asked)
            return tuple(finding for finding in findings if finding.score > 0)
        except Nonsense:
            why = "answered with offsets or a score that cannot be"
        except Exception as error:  # its message may quote the text, so it is not even the context of ours
            why = f"failed: {_cause(error)}"
        raise CannotTell(f"recognizer {self._path} {why}")

    def _ask(self, text: str, entities: frozenset[str]) -> list[RecognizerResult]:
        artifacts = self._engine.process_text(text, self._language)
        results = list(self._recognizer.analyze(text, sorted(entities), artifacts) or ())
        for result in results:
            metadata = result.recognition_metadata or {}
            metadata.setdefault(RecognizerResult.RECOGNIZER_IDENTIFIER_KEY, self._recognizer.id)
            metadata.setdefault(RecognizerResult.RECOGNIZER_NAME_KEY, self._recognizer.name)
            result.recognition_metadata = metadata
            if result.analysis_explanation is None:  # the enhancer writes into it unasked
                result.analysis_explanation = AnalysisExplanation(self.name, float(result.score))
        results = self._recognizer.enhance_using_context(
            text=text,
            raw_recognizer_results=results,
            other_raw_recognizer_results=[],
            nlp_artifacts=artifacts,
            context=[],
        )
        return list(ENHANCER.enhance_using_context(text, results, artifacts, [self._recognizer], []))

    def _finding(self, reading: Reading, result: RecognizerResult) -> Finding:
        start, end, score = int(result.start), int(result.end), float(result.score)
        if not 0 <= start < end <= len(reading.text) or not 0 <= score <= 1:
            raise Nonsense
        because = [f"rule:{self.name}"]
        explanation = result.analysis_explanation
        if explanation is not None and explanation.supportive_context_word:
            because.append(f"context:{explanation.supportive_context_word}")
        return Finding(*reading.view.span(start, end), str(result.entity_type), score, self.name, tuple(because))


def load_class(path: str, arguments: Mapping[str, Any] | None = None) -> Recognizer:
    """Return the detector of a class such as `company.recognizers:StaffNumber`; raises `DetectorError`."""
    module, _, name = path.partition(":")
    if not module or not name:
        raise DetectorError(
            f"recognizer {path}: write it as package.module:ClassName", f"识别器 {path}：写法为 包.模块:类名"
        )
    try:
        kind = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise DetectorError(
            f"recognizer {path}: cannot be imported: {type(error).__name__}: {error}; see that it stands on"
            " PYTHONPATH, and how the class is called",
            f"识别器 {path}：无法导入：{type(error).__name__}: {error}；请确认它在 PYTHONPATH 中，类名无误",
        ) from error
    if not isinstance(kind, type) or not issubclass(kind, EntityRecognizer):
        raise DetectorError(
            f"recognizer {path}: is no subclass of presidio_analyzer.EntityRecognizer",
            f"识别器 {path}：不是 presidio_analyzer.EntityRecognizer 的子类",
        )
    try:
        recognizer = kind(**(arguments or {}))
    except Exception as error:
        raise DetectorError(
            f"recognizer {path}: cannot be made: {type(error).__name__}: {error}",
            f"识别器 {path}：无法创建：{type(error).__name__}: {error}",
        ) from error
    return Recognizer(recognizer, name, path)


def _cause(error: Exception) -> str:
    """Return the kind of an error and the line of code it comes from; never its message."""
    places = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return f"{type(error).__name__}{where}"
