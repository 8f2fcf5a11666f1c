"""Finds passages of registered documents and source code in a text.

Enters: texts, and an index of fingerprints. Leaves: where passages stand, from their first to their last matching
words. A finding names the index and a document by its number, never by its name. A passage counts when enough of it
matches, or when it is most of a short document.
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
from detectors.normalise import normalise

PIECE: Final = 1 << 20
"""Characters that are looked at together."""
OVERLAP: Final = 4_096
SHARE: Final = 0.6
"""Of the fingerprints of a short document, so many make it known."""
SHORT: Final = 0.5
"""Of the weight that a passage must have, so much a short document must have at least."""
ENDS: Final = {PROSE.name: re.compile(r"[\n。！？；!?;]"), SOURCE.name: re.compile(r"\n\s*\n")}
"""Where a sentence ends, or a piece of source code."""
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
        view = normalise(text)
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
        made = digests_of_hashes(self._key, grams(tokens, self._mixer, shape.size))
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
                yield from _of_document(text, tokens, weights, registered, document, matches)


def _of_document(
    text: str, tokens: Tokens, weights: Places, registered: Registered, document: int, matches: Sequence[int]
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
            start, end = _sentences(text, tokens, group[0], group[-1] + shape.size, shape)
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


def _sentences(text: str, tokens: Tokens, first: int, last: int, shape: Shape) -> tuple[int, int]:
    """Return from where to where a passage stands, with the rest of its first and last sentence.

    What lies before the first fingerprint and behind the last may well be of the document, but is too short to tell.
    """
    starts, places = tokens.starts, tokens.places

    def parted(token: int) -> bool:
        gap = text[places[starts[token] - 1] + 1 : places[starts[token]]]
        return ENDS[shape.name].search(gap) is not None

    for _ in range(shape.window - 1):
        if first == 0 or parted(first):
            break
        first -= 1
    for _ in range(shape.window - 1):
        if last == len(tokens) or parted(last):
            break
        last += 1
    return int(places[starts[first]]), int(places[starts[last] - 1]) + 1


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
