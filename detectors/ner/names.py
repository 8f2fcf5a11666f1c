"""The detector of names: persons, organisations, places and addresses in running text.

Enters: one text. Leaves: findings in its original offsets. Latin script is read by the model of word pieces, Chinese by
the hashed one, a text in both by both; rules stand round them. Nothing here holds text, and what no model could answer
is `CannotTell`, never nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from detectors.interface import CannotTell, DetectorError, Finding
from detectors.kind import Kind, Region, kind_of, regions
from detectors.ner.address import addresses
from detectors.ner.batch import GPU_PACE, Batcher, Pace
from detectors.ner.chinese import chinese
from detectors.ner.english import english
from detectors.ner.foreign import Wanted, open_foreign
from detectors.ner.manifest import read_manifest
from detectors.ner.mention import Mention, over_blocks
from detectors.ner.readers import HashedReader, PiecesReader
from detectors.ner.script import has_latin, has_others, stretches
from detectors.ner.session import Device, Local, Wish, choose_device
from detectors.ner.settle import settle
from detectors.ner.tagger import Tagger
from detectors.ner.tags import LABELS, Span
from detectors.ner.tokenise import tokenise
from detectors.normalise import normalise
from detectors.technical import is_technical
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

STRICTER: Final[Mapping[Kind, float]] = MappingProxyType({Kind.CODE: 0.35, Kind.LOG: 0.35, Kind.CONFIG: 0.25})
"""What is added to a threshold by kind of text: identifiers look like names."""

STRICTEST: Final = 0.97
"""No threshold is raised beyond this."""

LONGEST_APART: Final = 20_000
"""Characters up to which a text is judged piece by piece; a longer one is of one kind as a whole."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A tagger and how sure it must be."""

    tagger: Tagger
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """The least score by label."""


Seen = tuple[Mention, float]
"""What a model sees, and the least score it must have in prose."""


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

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return the names in `text`; raises `CannotTell`."""
        if not entities & self.entities:
            return ()
        try:
            view = normalise(text)
            seen = believed(view.text, list(self._seen(view.text)))
            settled = settle(view.text, [*seen, *by_rules(view.text)])
        except CannotTell:
            raise
        except Exception as error:  # its message might quote the text
            raise CannotTell(f"names: {type(error).__name__}") from None
        return tuple(
            Finding(*view.span(one.start, one.end), one.label, round(one.score, 3), self.name, one.because)
            for one in settled
            if one.label in entities
        )

    def _seen(self, text: str) -> Iterator[Seen]:
        """Yield what the models see, where they are sure enough, and how much surer they are."""
        until = self._batcher.clock() + self._seconds * (1 + len(text) * SECONDS_A_CHARACTER / SECONDS)
        with self._batcher.caller() as came:
            for judge, spans in self._asked(text, until, came):
                because = (f"model:{judge.tagger.model.name}",)
                for span in spans:
                    least = judge.thresholds.get(span.label)
                    if least is not None and span.score >= least:
                        yield Mention(span.start, span.end, span.label, span.score, because), least

    def _asked(self, text: str, until: float, came: Callable[[], None]) -> Iterator[tuple[Judge, Iterable[Span]]]:
        """Yield each model that the text is for, with what it sees."""
        others, latin = has_others(text), has_latin(text)
        if (others or latin) and self._hashed is not None:
            places = tokenise(text)
            brief = self._latin is not None and len(text) <= self._longest_accurate
            if not brief or (others and not latin) or self._latin is None:
                yield self._hashed, self._hashed.tagger.spans(text, self._batcher, until, places=places, came=came)
            elif not others:
                yield self._latin, self._latin.tagger.spans(text, self._batcher, until, places=places, came=came)
            else:
                for judge, wanted in ((self._hashed, has_others), (self._latin, has_latin)):
                    ranges = stretches(text, places, wanted)
                    spans = judge.tagger.spans(text, self._batcher, until, places=places, stretches=ranges, came=came)
                    yield judge, [span for span in spans if own(text[span.start : span.end], wanted)]
        for judge in self._others:
            yield judge, judge.tagger.spans(text, self._batcher, until, came=came)

    def close(self) -> None:
        """Stop the worker behind the models."""
        self._batcher.close()


def believed(text: str, seen: Sequence[Seen]) -> list[Mention]:
    """Return the mentions that are sure enough for the kind of text they stand in."""
    if not seen:
        return []
    parts = regions(text) if len(text) <= LONGEST_APART else (Region(0, len(text), kind_of(text)),)
    starts = [part.start for part in parts]
    left = []
    for mention, least in seen:
        kind = parts[bisect_right(starts, mention.start) - 1].kind
        stricter = STRICTER.get(kind, 0.0)
        if stricter and is_technical(text[mention.start : mention.end]):
            continue
        if stricter and like_an_identifier(text, mention):
            stricter = 1.0
        if mention.score >= min(STRICTEST, least + stricter):
            left.append(mention)
    return left


def like_an_identifier(text: str, mention: Mention) -> bool:
    """Tell whether a mention begins in lower case, or is joined to what is around as parts of identifiers are."""
    around = text[max(0, mention.start - 2) : mention.end + 2]
    return text[mention.start].islower() or JOINED.search(around) is not None


JOINED: Final = re.compile(r"^.?[._$@/\\\-]\w|[A-Za-z0-9_][._/\\\-(\[=][A-Za-z0-9_)]?$|\($")


def own(words: str, wanted: Callable[[str], bool]) -> bool:
    """Tell whether a span of a mixed text is its model's to judge: Latin alone, or anything with other letters."""
    return not has_others(words) if wanted is has_latin else has_others(words)


def by_rules(text: str) -> Iterator[Mention]:
    """Yield what the rules see in a view's text."""
    plain = text if text.isascii() else simplified(text)
    for rule in (chinese, english, addresses):
        yield from over_blocks(plain, rule)


@cache
def shipped_names(profile: Profile = "accurate", wish: Wish = "auto", threads: int = 0) -> Names:
    """Return the detector with the models that come with Sluice, the same one each time; raises `DetectorError`."""
    return names_of(profile, wish, threads)


def names_of(profile: Profile | None, wish: Wish, threads: int, wanted: Sequence[Wanted] = ()) -> Names:
    """Return the detector with our models, or none of them, and those from elsewhere; raises `DetectorError`."""
    device = choose_device(wish, threads)
    hashed = Judge(*shipped("hashed", device)) if profile else None
    latin = Judge(*shipped("latin", device)) if profile == "accurate" else None
    others = [Judge(*open_foreign(one, device)) for one in wanted]
    pace = GPU_PACE if device.kind == "cuda" else Pace(workers=min(2, device.threads))
    return Names(hashed, latin, Batcher(pace), others=others, device=device)


def shipped(kind: str, device: Device, models: Path = MODELS) -> tuple[Tagger, Mapping[str, float]]:
    """Return one of our models and its thresholds; raises `DetectorError`."""
    manifest = read_manifest(models / kind)
    if kind == "hashed" and device.kind == "cpu":
        device = replace(device, threads=1)  # too small a graph for more than one
    model = Local(kind, manifest.folder / "model.onnx", device, cost=COSTS[kind])
    reader = HashedReader() if kind == "hashed" else PiecesReader(manifest.folder / "tokenizer.json")
    return Tagger(model, reader), manifest.thresholds
