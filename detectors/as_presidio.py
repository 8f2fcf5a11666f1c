"""Our detectors as recognizers of Presidio, for those who run its analyzer.

Enters: detectors. Leaves: objects that an `AnalyzerEngine` takes into its registry. A detector that cannot tell raises
there as it does here: an analyzer that went on would report a text as clean that nobody looked at.
"""

from collections.abc import Iterable
from typing import Any

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult

from detectors.interface import Detector


class SluiceRecognizer(EntityRecognizer):
    """One of our detectors, seen from Presidio."""

    def __init__(self, detector: Detector, supported_language: str = "en") -> None:
        """Take a detector and the language under which the analyzer shall ask it; it reads any."""
        self._detector = detector
        self._called = f"Sluice {detector.name}"
        super().__init__(
            supported_entities=sorted(detector.entities),
            name=self._called,
            supported_language=supported_language,
        )

    def load(self) -> None:
        """Do nothing: a detector is ready when it is made."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return what the detector finds; raises `CannotTell` where it cannot."""
        del nlp_artifacts  # we have our own way to read
        asked = frozenset(entities or self.supported_entities) & self._detector.entities
        return [
            RecognizerResult(
                entity_type=finding.entity,
                start=finding.start,
                end=finding.end,
                score=finding.score,
                analysis_explanation=AnalysisExplanation(
                    recognizer=self._called,
                    original_score=finding.score,
                    textual_explanation=", ".join((finding.detector, *finding.because)),
                ),
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self._called,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for finding in (self._detector.find(text, asked) if asked else ())
        ]


def as_recognizers(detectors: Iterable[Detector], languages: Iterable[str] = ("en",)) -> list[SluiceRecognizer]:
    """Return the detectors as recognizers, one for each language that the analyzer is asked in."""
    languages = tuple(languages)
    return [SluiceRecognizer(detector, language) for detector in detectors for language in languages]
