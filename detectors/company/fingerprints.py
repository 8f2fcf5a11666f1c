"""Finds passages of registered documents and source code in a text.

Enters: texts, and an index of fingerprints. Leaves: where passages stand: what fingerprints cover, and the words beside
it that may be of the document as well, for not each k-gram of it is registered; where one would have to be and is not,
the passage has ended. A finding names the index and a document by its number, never by its name. A passage counts when
enough of it matches, or when it is most of a short document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.allowance import spend
from detectors.company.index_file import Index
from detectors.company.mixing import Mixer, Places, Words, digests_of_hashes, known
from detectors.company.tokens import IDEOGRAPH, Tokens, codes_of, cut, plain, sorts_of
from detectors.company.winnow import PROSE, SHAPES, SOURCE, Shape, grams
from detectors.interface import Finding
from detectors.reading import read_text

PIECE: Final = 1 << 20
"""Characters that are looked at together."""
OVERLAP: Final = 4_096
SHARE: Final = 0.6
"""Of the fingerprints of a short document, so many make it known."""
SHORT: Final = 0.5
"""Of the weight that a passage must have, so much a short document must have at least."""
ENDS: Final = {PROSE.name: re.compile(r"[\n。！？；!?;]"), SOURCE.name: re.compile(r"\n\s*\n")}
"""Where a sentence ends, or a piece of source code."""
HOLE: Final = 4
"""Tokens within a passage that are left to whoever wrote them; fewer are a word that was changed."""
CERTAIN: Final = 0.99


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a passage stands in the text as it is compared."""

    start: int
    end: int
    document: int
    score: float


@dataclass(frozen=True, slots=True)
class Registered:
    """The fingerprints of one shape."""

    shape: Shape
    digests: Words
    documents: NDArray[np.uint32]
    filtered: NDArray[np.uint8]
    counts: NDArray[np.uint32]
    """Fingerprints of each document."""


class Fingerprints:
    """A detector made of an index of documents."""

    def __init__(self, entity: str, index: Index) -> None:
        """Take the entity that passages are, and an opened index of the form `fingerprints`."""
        self._entity, self._name = entity, index.name
        self._key, self._mixer = index.key, Mixer(index.key)
        self._registered = [
            Registered(
                shape, *(index.arrays[f"{shape.name}-{what}"] for what in ("digests", "documents", "filter", "counts"))
            )
            for shape in SHAPES
        ]

    @property
    def name(self) -> str:
        """Name of the index."""
        return f"fingerprint:{self._name}"

    @property
    def entities(self) -> frozenset[str]:
        """The one entity of its passages."""
        return frozenset({self._entity})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return where registered passages stand."""
        if self._entity not in entities:
            return ()
        view = read_text(text).view
        findings = []
        for one in united(self._passages(plain(view.text))):
            start, end = view.span(one.start, one.end)
            because = (self.name, f"document:{one.document}")
            findings.append(Finding(start, end, self._entity, one.score, self.name, because))
        return tuple(findings)

    def _passages(self, text: str) -> Iterator[Passage]:
        for offset in range(0, max(1, len(text)), PIECE):
            spend()
            piece = text[offset : offset + PIECE + OVERLAP]
            codes = codes_of(piece)
            sorts = sorts_of(codes)
            for registered in self._registered:
                if len(registered.digests):
                    tokens = cut(piece, codes, registered.shape.manner, sorts)
                    for one in self._look(piece, tokens, registered):
                        yield Passage(one.start + offset, one.end + offset, one.document, one.score)

    def _look(self, text: str, tokens: Tokens, registered: Registered) -> Iterator[Passage]:
        shape = registered.shape
        if len(tokens) < shape.size:
            return
        mixed = grams(tokens, self._mixer, shape.size)
        made = digests_of_hashes(self._key, mixed)
        places = np.flatnonzero(known(self._mixer, registered.filtered, made))
        made = made[places]
        firsts = np.searchsorted(registered.digests, made, "left")
        there = np.flatnonzero(registered.digests[np.minimum(firsts, len(registered.digests) - 1)] == made)
        lasts = np.searchsorted(registered.digests, made[there], "right")
        by_document: dict[int, list[int]] = {}
        for at, last in zip(there.tolist(), lasts.tolist(), strict=True):
            spend()
            for document in registered.documents[firsts[at] : last].tolist():
                by_document.setdefault(document, []).append(int(places[at]))
        if by_document:
            weights = _weights(tokens)
            for document, matches in by_document.items():
                copied = Copied(mixed, shape.window, frozenset(matches))
                yield from _of_document(text, tokens, weights, registered, document, matches, copied)


@dataclass(frozen=True, slots=True)
class Copied:
    """Which k-grams of a text can be of a document, by the rule that its fingerprints were chosen by."""

    mixed: Words
    """The hash of each k-gram of the text, by which the least in a window was kept."""
    window: int
    matches: frozenset[int]
    """Where fingerprints of the document begin."""

    def goes_on(self, gram: int, start: int, first: int, last: int) -> bool:
        """Tell whether `gram` may be copied, as those from `first` to `last` are; `start` begins the window to judge.

        The least of a window was registered, if the document has all of the window. Where the least is no fingerprint
        of it, the window reaches beyond the passage: on the side of `gram`, unless the least lies on the other one.
        """
        hashes = self.mixed[max(0, start) : start + self.window]
        if gram in self.matches or len(hashes) < self.window:
            return True
        least = start + self.window - 1 - int(hashes[::-1].argmin())
        return least in self.matches or (least > last if gram < first else least < first)

    @staticmethod
    def all_kept(group: Sequence[int], window: int) -> bool:
        """Tell whether each k-gram matches, as of a short document, so that the passage ends where they do."""
        return len(group) > window and len(set(group)) == group[-1] - group[0] + 1


def _of_document(
    text: str,
    tokens: Tokens,
    weights: Places,
    registered: Registered,
    document: int,
    matches: Sequence[int],
    copied: Copied,
) -> Iterator[Passage]:
    """Give the passages of one document, whose fingerprints begin at the tokens `matches`, in order."""
    shape = registered.shape
    few = SHARE * int(registered.counts[document])
    begin = 0
    for number in range(1, len(matches) + 1):
        if number < len(matches) and matches[number] - matches[number - 1] <= shape.reach:
            continue
        group = matches[begin:number]
        begin = number
        weight = _covered(weights, group, shape.size)
        whole = len(set(group)) >= max(1.0, few) and weight >= SHORT * shape.least
        if weight >= shape.least or whole:
            score = CERTAIN if whole else min(CERTAIN, 0.6 + 0.2 * weight / shape.least)
            for start, end in _stretches(text, tokens, group, shape, copied):
                yield Passage(start, end, document, round(score, 3))


def _weights(tokens: Tokens) -> Places:
    """Return the running weight of the tokens."""
    heavy = (sorts_of(tokens.packed) & IDEOGRAPH) != 0
    sums = np.zeros(len(tokens.packed) + 1, np.int64)
    np.cumsum(1 + heavy, out=sums[1:])
    return sums[tokens.starts]


def _covered(weights: Places, group: Sequence[int], size: int) -> int:
    """Return the weight of all tokens that the k-grams of a group cover."""
    weight, reached = 0, 0
    for start in group:
        weight += int(weights[start + size] - weights[max(start, reached)])
        reached = start + size
    return weight


def _stretches(
    text: str, tokens: Tokens, group: Sequence[int], shape: Shape, copied: Copied
) -> Iterator[tuple[int, int]]:
    """Yield the spans of a passage, several where other text is interspersed."""
    runs: list[list[int]] = []
    for gram in group:
        if runs and gram <= runs[-1][1] + shape.size:
            runs[-1][1] = gram
        else:
            runs.append([gram, gram])
    grown = [_beside(text, tokens, first, last, shape, copied, group) for first, last in runs]
    joined = grown[:1]
    for first, last in grown[1:]:
        if first - joined[-1][1] < HOLE:
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    for first, last in joined:
        yield int(tokens.places[tokens.starts[first]]), int(tokens.places[tokens.starts[last] - 1]) + 1


def _beside(
    text: str, tokens: Tokens, first: int, last: int, shape: Shape, copied: Copied, group: Sequence[int]
) -> tuple[int, int]:
    """Return the first token of a run of k-grams and the one behind it, with what beside them may be of the document.

    No more than the window allows, and not beyond the end of a sentence.
    """
    starts, places = tokens.starts, tokens.places

    def parted(token: int) -> bool:
        gap = text[places[starts[token] - 1] + 1 : places[starts[token]]]
        return ENDS[shape.name].search(gap) is not None

    begin, end = first, last + shape.size
    if Copied.all_kept(group, shape.window):
        return begin, end
    for _ in range(shape.window - 1):
        if begin == 0 or parted(begin) or not copied.goes_on(begin - 1, begin - 1, first, group[-1]):
            break
        begin -= 1
    for _ in range(shape.window - 1):
        if (
            end == len(tokens)
            or parted(end)
            or not copied.goes_on(end - shape.size + 1, end - shape.size + 2 - shape.window, group[0], last)
        ):
            break
        end += 1
    return begin, end


def united(passages: Iterator[Passage]) -> list[Passage]:
    """Return the passages in order, those that overlap made one; the likeliest document gives its number."""
    joined: list[Passage] = []
    for one in sorted(passages, key=lambda each: (each.start, -each.end)):
        if joined and one.start < joined[-1].end:
            best = max(joined[-1], one, key=lambda each: (each.score, -each.document))
            joined[-1] = Passage(joined[-1].start, max(joined[-1].end, one.end), best.document, best.score)
        else:
            joined.append(one)
    return joined
