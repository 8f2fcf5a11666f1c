"""spaCy: words and their base forms for Presidio's recognizers, and names by a pipeline that is installed.

Enters: a text. Leaves: what Presidio calls NLP artifacts, by a blank pipeline, or findings, by one the company chose.
No pipeline is ever downloaded; a chosen one that is not there stops the start.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from spacy.language import Language

from detectors.interface import CannotTell, DetectorError, Finding
from detectors.reading import read_text

LABELS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("PERSON", "PER", "NAME"), "PERSON"),
    **dict.fromkeys(("ORG", "ORGANIZATION"), "ORGANIZATION"),
    **dict.fromkeys(("GPE", "LOC", "LOCATION", "FAC"), "LOCATION"),
}
"""spaCy's labels → our entities; labels not listed here are ignored."""

SCORE: Final = 0.85
"""As Presidio scores what spaCy finds."""

STRETCH: Final = 50_000
AROUND: Final = 300
"""Characters of a long text that a pipeline reads at once, and of what is on either side of them."""

IRREGULAR: Final = {"men": "man", "women": "woman", "people": "person", "children": "child", "is": "be", "are": "be"}
ENDINGS: Final = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))
"""English plurals, the longest ending first: context words are nouns."""

UNCHANGED: Final = ("ss", "us", "is", "'s")


def lemma(word: str) -> str:
    """Return the base form of an English noun in lower case; of any other word, the word."""
    plain = word.lower()
    if plain in IRREGULAR:
        return IRREGULAR[plain]
    if len(plain) > 3 and plain.isascii() and not plain.endswith(UNCHANGED):
        for ending, instead in ENDINGS:
            if plain.endswith(ending):
                return plain[: -len(ending)] + instead
    return plain


class BlankEngine(SpacyNlpEngine):
    """An engine for Presidio that has words and base forms, no model, and nothing to download."""

    def __init__(self, languages: Iterable[str] = ("en", "zh")) -> None:
        """Take the languages to cut into words."""
        languages = tuple(languages)
        super().__init__(models=[{"lang_code": language, "model_name": "blank"} for language in languages])
        self.nlp: Any = {language: blank(language) for language in languages}

    def load(self) -> None:
        """Do nothing: all is there."""

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the words of a text with their base forms, and no entities."""
        document = self.nlp[language].make_doc(text)
        return NlpArtifacts(
            entities=[],
            tokens=document,
            tokens_indices=[token.idx for token in document],
            lemmas=[lemma(token.text) for token in document],
            nlp_engine=self,
            language=language,
        )


@cache
def blank(language: str) -> Language:
    """Return a pipeline that only cuts into words; for a language spaCy does not know, the one for all."""
    try:
        pipeline = spacy.blank(language)
    except ImportError:
        pipeline = spacy.blank("xx")
    pipeline.max_length = 10**9  # the limit is for models, which need memory for each word
    return pipeline


class Pipeline:
    """A detector made of an installed spaCy pipeline."""

    def __init__(self, name: str, labels: Mapping[str, str] = LABELS) -> None:
        """Load a pipeline by its package or its folder; raises `DetectorError` where there is none that finds names."""
        try:
            self._pipeline = spacy.load(name)
        except (OSError, ImportError, ValueError) as error:
            raise DetectorError(
                f"spaCy pipeline {name}: not installed, or made for another version of spaCy; install it from your "
                f"package mirror (`pip install {name}`), for nothing is downloaded at run time"
                f" ({type(error).__name__}: {next(iter(str(error).splitlines()), '')})",
                f"spaCy 管道 {name}：没有安装，或适用于另一版本的 spaCy；请从内部软件源安装"
                f"（`pip install {name}`），运行时从不下载"
                f"（{type(error).__name__}: {next(iter(str(error).splitlines()), '')}）",
            ) from error
        known = {label for pipe in self._pipeline.pipe_names for label in self._pipeline.pipe_labels.get(pipe, ())}
        self._labels = {label: entity for label, entity in labels.items() if label in known}
        if not self._labels:
            raise DetectorError(
                f"spaCy pipeline {name}: it finds none of {', '.join(sorted(labels))}",
                f"spaCy 管道 {name}：它不找 {'、'.join(sorted(labels))} 中的任何一种",
            )
        self.name = f"spacy:{name.replace(chr(92), '/').rpartition('/')[2]}"

    @property
    def entities(self) -> frozenset[str]:
        """What the pipeline's labels stand for."""
        return frozenset(self._labels.values())

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return what the pipeline finds of `entities`; raises `CannotTell` when it fails."""
        reading = read_text(text)
        with suppress(Exception):  # its message may quote the text, so it is not even the context of ours
            return tuple(
                Finding(
                    *reading.view.span(start, end),
                    self._labels[label],
                    SCORE,
                    self.name,
                    (f"model:{self.name}", f"called:{label}"),
                )
                for start, end, label in self._spans(reading.text)
                if self._labels.get(label) in entities and end > start
            )
        raise CannotTell(f"{self.name} failed")

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield what the pipeline sees, with its labels; of a long text a stretch at a time, seen with what is around.

        A pipeline takes no text of more than a million characters, and memory for each of them.
        """
        begin = 0
        while begin < len(text):
            end = _rest(text, begin)
            first = max(0, begin - AROUND)
            ents: list[Any] = list(self._pipeline(text[first : end + AROUND]).ents)
            for span in ents:
                if begin <= first + span.start_char < end:
                    yield first + span.start_char, first + span.end_char, span.label_
            begin = end


def _rest(text: str, begin: int) -> int:
    """Return where a stretch of a text ends: before a word, as far as there are words."""
    end = begin + STRETCH
    if end >= len(text):
        return len(text)
    return 1 + max(text.rfind("\n", begin, end), text.rfind(" ", begin, end), begin + STRETCH // 2)
