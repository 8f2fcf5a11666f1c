"""The detector of names: persons, organisations, places and addresses in running text.

Enters: one text. Leaves: findings in its original offsets. Latin script is read by the model of word pieces, Chinese by
the hashed one, a text in both by both; rules stand round them. Nothing here holds text, and what no model could answer
is `CannotTell`, never nothing.
"""

import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

from detectors.allowance import until as nobody_waits_after
from detectors.inside import inside
from detectors.interface import CannotTell, DetectorError, Finding
from detectors.ner.address import addresses
from detectors.ner.batch import GPU_PACE, SERVER_PACE, Batcher, Caller, Pace
from detectors.ner.believe import Seen, believed
from detectors.ner.bodies import bodies
from detectors.ner.chinese import chinese
from detectors.ner.columns import columns
from detectors.ner.english import english
from detectors.ner.foreign import Wanted, open_foreign
from detectors.ner.known import is_drawn
from detectors.ner.manifest import REMEDY, read_manifest
from detectors.ner.mention import Mention, over_blocks
from detectors.ner.model import Reader
from detectors.ner.postal import postal
from detectors.ner.readers import HashedReader, PiecesReader
from detectors.ner.script import beside, has_latin, has_others, sentences
from detectors.ner.session import Device, Local, Open, Opened, Wish, choose_device
from detectors.ner.settle import settle
from detectors.ner.tagger import Asked, Tagger
from detectors.ner.tags import LABELS, SECRET
from detectors.ner.tokenise import tokenise
from detectors.ner.told import is_told, told
from detectors.ner.vietnamese import vietnamese
from detectors.ner.windows import Range
from detectors.ner.worth import worth
from detectors.reading import read_text
from detectors.traditional import simplified

MODELS: Final = Path(__file__).with_name("models")
COSTS: Final = {"hashed": 1, "latin": 2}
"""What a token of each model costs, in tokens of the cheapest."""

Profile = Literal["accurate", "fast"]

LONGEST_ACCURATE: Final = 20_000
"""Characters beyond which a text is read by the hashed model alone: the other one would take more than some seconds."""

SECONDS: Final = 10.0
SECONDS_A_CHARACTER: Final = 1e-4
"""How long a text may take, waiting included: so much, and so much more for each of its characters."""

AHEAD: Final = 48
"""Windows of several texts that wait at the same time."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A tagger and how sure it must be."""

    tagger: Tagger
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """The least score by label."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to look through: the one that was given, or one that base64 in it stands for."""

    text: str = field(repr=False)
    code: Range | None = None
    """Where the code stands in the text that was given, as it was read."""


Question = tuple[Judge, Asked, Sequence[Range]]
"""Whom a text was asked of, what will answer, and where in the text another one answers."""


class Names:
    """A detector made of models and rules; may be used from several threads."""

    name = "names"

    def __init__(
        self,
        hashed: Judge | None,
        latin: Judge | None,
        batcher: Batcher,
        *,
        others: Sequence[Judge] = (),
        longest_accurate: int = LONGEST_ACCURATE,
        seconds: float = SECONDS,
        device: Device | None = None,
    ) -> None:
        """Take our two models, either of which may be missing, and any from elsewhere; these see every text whole."""
        if hashed is None and latin is None and not others:
            raise DetectorError("names: no model is given")
        self._hashed, self._latin, self._others = hashed or latin, latin, tuple(others)
        self._batcher = batcher
        self._longest_accurate = longest_accurate
        self._seconds = seconds
        self.device = device
        foreign = (label for judge in self._others for label in judge.thresholds)
        self.entities: frozenset[str] = frozenset((*LABELS, *foreign))
        self.beside: frozenset[str] = frozenset({SECRET} - self.entities if self._hashed else ())

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return the names in `text`; raises `CannotTell`."""
        (answer,) = self.find_all((text,), entities)
        if isinstance(answer, CannotTell):
            raise answer
        return answer

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[tuple[Finding, ...] | CannotTell]:
        """Return for each text what `find` returns or raises; while one is waited for, the next ones are handed over.

        Each has the time that it would have alone, counted from the end of what those before it have.
        """
        if not entities & self.entities:
            return [()] * len(texts)
        answers: list[tuple[Finding, ...] | CannotTell] = []
        with self._batcher.caller() as caller:
            ahead: deque[Looking] = deque()
            until = caller.clock()
            for text in texts:
                until += self._seconds * (1 + len(text) * SECONDS_A_CHARACTER / SECONDS)
                ahead.append(Looking(self._steps(text, entities, caller, min(until, nobody_waits_after()))))
                while sum(one.waiting for one in ahead) > AHEAD:
                    answers.append(ahead.popleft().answer())
            answers += [one.answer() for one in ahead]
        return answers

    def _steps(
        self, text: str, entities: frozenset[str], caller: Caller, until: float
    ) -> Generator[int, None, tuple[Finding, ...]]:
        """Hand windows over, yield how many wait, and return the names; raises `CannotTell`."""
        reading = read_text(text)
        codes = list(inside(reading))
        texts = [Text(reading.text), *(Text(one.text, (start, end)) for start, end, one in codes)]
        taken = sorted({(start, end) for start, end, _ in codes})
        asked = [self._ask(one.text, caller, until) for one in texts]
        yield sum(model.waiting for questions in asked for _, model, _ in questions)
        caller.came()
        found: list[Finding] = []
        for one, questions in zip(texts, asked, strict=True):
            seen = list(_seen(questions))
            names = believed(one.text, [pair for pair in seen if not is_told(pair)])
            secrets = told(one.text, filter(is_told, seen)) if SECRET in entities else []
            for name in [*settle(one.text, [*names, *by_rules(one.text)]), *secrets]:
                place = one.code or (name.start, name.end)
                if name.label in entities and (one.code or not _inside(place, taken)):
                    because = (*name.because, "inside:base64") if one.code else name.because
                    score = round(worth(name), 3)
                    found.append(Finding(*reading.view.span(*place), name.label, score, self.name, because))
        return tuple(sorted(found))

    def _ask(self, text: str, caller: Caller, until: float) -> list[Question]:
        """Ask each model that the text is for about what in it is for that model; raises `CannotTell`."""
        questions: list[Question] = []
        others, latin = has_others(text), has_latin(text)
        if (others or latin) and self._hashed is not None and not is_drawn(text):
            places = tokenise(text)
            english: Sequence[Range] = ()
            if latin and self._latin is not None and len(text) <= self._longest_accurate:
                english = sentences(text, places) if others else [(0, len(places))]
                if english:
                    asked = self._latin.tagger.ask(text, caller, until, places=places, stretches=english)
                    questions.append((self._latin, asked, ()))
            if rest := beside(english, len(places)):
                asked = self._hashed.tagger.ask(text, caller, until, places=places, stretches=rest)
                shown = [(places[first][0], places[last - 1][1]) for first, last in english]
                questions.append((self._hashed, asked, shown))
        return [*questions, *((judge, judge.tagger.ask(text, caller, until), ()) for judge in self._others)]

    def close(self) -> None:
        """Stop the worker behind the models."""
        self._batcher.close()


class Looking:
    """A text that is looked through in steps."""

    def __init__(self, steps: Generator[int, None, tuple[Finding, ...]]) -> None:
        """Take the first step, at the end of which windows wait."""
        self.waiting = 0
        self._steps = steps
        self._answer: tuple[Finding, ...] | CannotTell | None = None
        self._step()

    def answer(self) -> tuple[Finding, ...] | CannotTell:
        """Take the other steps, and return what comes of them."""
        while self._answer is None:
            self._step()
        return self._answer

    def _step(self) -> None:
        try:
            self.waiting = next(self._steps)
        except StopIteration as end:
            self._answer = end.value
        except CannotTell as reason:
            self._answer = reason
        except Exception as error:  # its message might quote the text
            self._answer = CannotTell(f"names: {type(error).__name__}")


def _seen(questions: Iterable[Question]) -> Iterator[Seen]:
    """Yield what the models see, where they are sure enough, and how sure they must be; raises `CannotTell`."""
    for judge, asked, shown in questions:
        because = (f"model:{judge.tagger.model.name}",)
        for span in asked.spans():
            least = judge.thresholds.get(span.label)
            if least is not None and span.score >= least and not _inside((span.start, span.end), shown):
                yield Mention(span.start, span.end, span.label, span.score, because), least


def _inside(place: Range, ranges: Sequence[Range]) -> bool:
    """Tell whether a place lies within one of the ranges, which are in order and apart."""
    at = bisect_right(ranges, (place[0], sys.maxsize)) - 1
    return at >= 0 and place[1] <= ranges[at][1]


def by_rules(text: str) -> Iterator[Mention]:
    """Yield what the rules see in a view's text."""
    plain = text if text.isascii() else simplified(text)
    for rule in (chinese, english, vietnamese, bodies, columns, addresses, postal):
        yield from over_blocks(plain, rule)


@cache
def shipped_names(profile: Profile = "accurate", wish: Wish = "auto", threads: int = 0) -> Names:
    """Return the detector with the models that come with Sluice, the same one each time; raises `DetectorError`."""
    return names_of(profile, wish, threads)


def names_of(
    profile: Profile | None, wish: Wish, threads: int, wanted: Sequence[Wanted] = (), seconds: float = SECONDS
) -> Names:
    """Return the detector with our models, or none of them, and those from elsewhere; raises `DetectorError`.

    `seconds` is how long a text may take, waiting included, and more where it is long.
    """
    return names_by(profile, choose_device(wish, threads), Local, wanted, seconds)


def names_by(
    profile: Profile | None, device: Device, opens: Open, wanted: Sequence[Wanted] = (), seconds: float = SECONDS
) -> Names:
    """Return the detector with models that are opened in one's own way; raises `DetectorError`."""
    paces = {"cuda": GPU_PACE, "server": SERVER_PACE}
    pace = paces.get(device.kind) or Pace(workers=min(2, device.threads))
    # What two workers do beside each other costs less than what two threads share: these wait for each other.
    one_run = replace(device, threads=device.threads // pace.workers) if device.kind == "cpu" else device
    hashed = Judge(*shipped("hashed", one_run, opens=opens)) if profile else None
    latin = Judge(*shipped("latin", one_run, opens=opens)) if profile == "accurate" else None
    others = [Judge(*open_foreign(one, one_run, opens)) for one in wanted]
    return Names(hashed, latin, Batcher(pace), others=others, seconds=seconds, device=device)


def shipped(
    kind: str, device: Device, models: Path = MODELS, opens: Open = Local
) -> tuple[Tagger, Mapping[str, float]]:
    """Return one of our models and its thresholds; raises `DetectorError`.

    What is opened here is shared by all who ask, for it takes longest and most of the memory; what a model said is not.
    """
    once = opens is Local
    model, reader, thresholds = opened_here(kind, device, models) if once else opened(kind, device, models, opens)
    return Tagger(model, reader), thresholds


def opened(kind: str, device: Device, models: Path, opens: Open) -> tuple[Opened, Reader, Mapping[str, float]]:
    """Return one of our models, its reader and its thresholds; raises `DetectorError`."""
    manifest = read_manifest(models / kind)
    if kind == "hashed" and device.kind == "cpu":
        device = replace(device, threads=1)  # too small a graph for more than one
    model = opens(kind, manifest.folder / "model.onnx", device, cost=COSTS[kind])
    reader = HashedReader() if kind == "hashed" else PiecesReader(manifest.folder / "tokenizer.json")
    tags = sum(len(scheme.tags) for scheme in reader.schemes)
    if isinstance(model.width, int) and model.width != tags:  # the file for a GPU has no digest in the manifest
        raise DetectorError(
            f"model {kind}: it gives {model.width} logits, and this version reads {tags}: {REMEDY}",
            f"model {kind}：它有 {model.width} 个输出，本版本需要 {tags} 个；请重新安装，或删去旧的模型文件",
        )
    return model, reader, manifest.thresholds


@cache
def opened_here(kind: str, device: Device, models: Path) -> tuple[Opened, Reader, Mapping[str, float]]:
    """Return the same, opened in this process, the same each time; raises `DetectorError`."""
    return opened(kind, device, models, Local)
