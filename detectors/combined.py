"""All that is searched for by pattern, in one pass over a text.

Enters: one text. Leaves: findings in its original offsets. The text is read once and sieved once, and so is what base64
holds in it; only seekers whose gates are open look, and only where they can find something. A seeker that cannot tell
never makes the others' findings disappear, nor its own entity read as clean.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from typing import Final, Protocol

from detectors.abreast import rows
from detectors.allowance import allowed, spend
from detectors.context import Words
from detectors.engine import MEMORY
from detectors.inside import inside
from detectors.interface import CannotTell, Detector, Finding
from detectors.reading import Reading, Span, read_text
from detectors.shapes import shape_of
from detectors.sieve import Opening, Sieve
from detectors.traditional import in_simplified, near_changes

DIGIT: Final = b"0"
"""What stands for any digit in the shape of a text."""

REMEMBERED: Final = 256
"""Questions of which it is known who can answer them."""


class Seeker(Protocol):
    """Looks for one entity where a sieve found something that may be one."""

    @property
    def entity(self) -> str:
        """What it finds."""
        ...

    @property
    def openings(self) -> tuple[Opening, ...]:
        """What a text must have for it to find anything: one of these."""
        ...

    @property
    def spoken(self) -> Words | None:
        """Words of which one must stand near whatever it finds; none where it also finds without."""
        ...

    @property
    def figures(self) -> int:
        """How many digits stand in whatever it finds, at least."""
        ...

    @property
    def formless(self) -> bool:
        """Whether all that it finds is known by the word before it alone."""
        ...

    def seek(self, reading: Reading, spans: Sequence[Span]) -> list[Finding]:
        """Return what it finds in the given stretches; raises `CannotTell`, nothing else."""
        ...


FORMS: Final[ContextVar[bool]] = ContextVar("forms", default=False)


@contextmanager
def of_a_form(only: bool) -> Iterator[None]:
    """Let whoever asks inside be told, if `only` says so, of nothing but what has a form of its own."""
    mark = FORMS.set(only)
    try:
        yield
    finally:
        FORMS.reset(mark)


class PartlyTold(CannotTell):
    """Some seekers could not tell; what the others found is here."""

    def __init__(self, message: str, entities: frozenset[str], findings: tuple[Finding, ...]) -> None:
        """Take what nobody could answer for, and what was found none the less."""
        super().__init__(message)
        self.entities: Final = entities
        self.findings: Final = findings


class Combined:
    """A detector made of many seekers."""

    def __init__(self, seekers: Iterable[Seeker], name: str = "patterns", memory: int = MEMORY) -> None:
        """Take the seekers; raises `DetectorError` when the engine has too little memory for their gates."""
        self.name: Final = name
        self.seekers: Final = tuple(seekers)
        self._entities = frozenset(seeker.entity for seeker in self.seekers)
        self._asked = lru_cache(maxsize=REMEMBERED)(self._who_finds)
        self._spoken = tuple(seeker.spoken for seeker in self.seekers)
        self._figures = tuple(seeker.figures for seeker in self.seekers)
        self._sieve = Sieve([seeker.openings for seeker in self.seekers], memory)

    @property
    def entities(self) -> frozenset[str]:
        """All entities the seekers find."""
        return self._entities

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return what is found of `entities`; raises `PartlyTold` where a seeker cannot tell."""
        reading = read_text(text)
        found: list[Finding] = []
        unknown: dict[str, str] = {}
        self._search(reading, entities, found, unknown)
        try:
            for start, end, hidden in inside(reading):
                held: list[Finding] = []
                self._search(hidden, entities, held, unknown)
                first, last = reading.view.span(start, end)
                found += [replace(one, start=first, end=last, because=(*one.because, "inside:base64")) for one in held]
        except CannotTell as reason:
            unknown |= dict.fromkeys(entities & self._entities, str(reason))
        if unknown:
            raise PartlyTold("; ".join(dict.fromkeys(unknown.values())), frozenset(unknown), tuple(found))
        return tuple(found)

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[tuple[Finding, ...] | CannotTell]:
        """Return for each text what `find` returns or raises; short plain ones are read in one pass."""
        answers: dict[int, tuple[Finding, ...] | CannotTell] = {}
        for row in rows(texts):
            told = self._told(row.text, entities)
            if not isinstance(told, CannotTell):
                answers.update(row.shares(told))
        return [
            answers[number] if number in answers else self._told(text, entities) for number, text in enumerate(texts)
        ]

    def _told(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...] | CannotTell:
        """Return what is found in a text, or why that cannot be told."""
        try:
            with allowed(len(text)):
                return self.find(text, entities)
        except CannotTell as reason:
            return reason
        except Exception as error:  # its message might quote the text
            return CannotTell(f"{self.name}: {type(error).__name__}")

    def _who_finds(self, entities: frozenset[str], forms: bool) -> frozenset[int]:
        """Return the numbers of the seekers for some entities, or of those among them for what has a form."""
        return frozenset(
            number
            for number, seeker in enumerate(self.seekers)
            if seeker.entity in entities and not (forms and seeker.formless)
        )

    def _search(
        self, reading: Reading, entities: frozenset[str], found: list[Finding], unknown: dict[str, str]
    ) -> None:
        """Add what is found in one reading, and who could not tell and why.

        Rules are made of simplified characters: traditional ones are read as these, too.
        """
        wanted = self._asked(entities, FORMS.get())
        by_shape = self._sieve.shapes(reading, wanted)
        self._look(reading, self._sieve.open(reading, wanted, by_shape), found, unknown)
        if simplified := in_simplified(reading):
            known = {(one.entity, one.start, one.end, one.score) for one in found}
            more: list[Finding] = []
            if simplified.skeleton != reading.skeleton:
                by_shape = self._sieve.shapes(simplified, wanted)
            opened = near_changes(self._sieve.open(simplified, wanted, by_shape), reading, simplified)
            self._look(simplified, opened, more, unknown)
            found += [one for one in more if (one.entity, one.start, one.end, one.score) not in known]

    def _look(
        self, reading: Reading, opened: dict[int, list[Span]], found: list[Finding], unknown: dict[str, str]
    ) -> None:
        """Add what is found in a reading by seekers where they can find something, and who could not tell and why."""
        shape = shape_of(reading.skeleton) if opened else b""
        for number, spans in opened.items():
            seeker = self.seekers[number]
            try:
                figures, spoken, near = self._figures[number], self._spoken[number], spans
                if figures:
                    near = [span for span in near if shape.count(DIGIT, *span) >= figures]
                if spoken is not None:
                    near = [span for span in near if _stands_near(spoken, reading.text, *span)]
                if near:
                    found += seeker.seek(reading, near)
            except CannotTell as reason:
                unknown[seeker.entity] = str(reason)


def _stands_near(spoken: Words, text: str, start: int, end: int) -> bool:
    """Tell whether a word that a seeker cannot do without stands near where it would look."""
    spend()
    return spoken.around(text, start, end)


def combined(detectors: Iterable[Detector]) -> tuple[Detector, ...]:
    """Return the detectors with all combined ones made one, which comes first."""
    together: list[Combined] = []
    others: list[Detector] = []
    for detector in detectors:
        if isinstance(detector, Combined):
            together.append(detector)
        else:
            others.append(detector)
    if len(together) > 1:
        together = [Combined(seeker for detector in together for seeker in detector.seekers)]
    return (*together, *others)
