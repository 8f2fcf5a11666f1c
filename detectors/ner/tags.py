"""Labels as BIOES tags, and the likeliest legal row of them.

Enters: log-probabilities of the tags of each token. Leaves: the spans that the best legal row spells, with the least
probability of a token in it as the score. Viterbi's algorithm (1967) over the transitions that BIOES allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.ner.tokenise import Place

LABELS: Final = ("PERSON", "ORGANIZATION", "LOCATION", "ADDRESS")
TAGS: Final = ("O", *(f"{place}-{label}" for label in LABELS for place in "BIES"))
NEVER: Final = -1e4

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of tokens under one label."""

    start: int
    end: int
    label: str
    score: float


class Scheme:
    """A set of BIOES or BIO tags ready to decode: ours, or those of a model from elsewhere."""

    def __init__(self, tags: Sequence[str]) -> None:
        """Take the tags in the order of the model's outputs: `O`, or a letter of BIOES, a dash and a label."""
        self.tags = tuple(tags)
        self.parts = tuple((tag[0], tag[2:]) for tag in self.tags)
        whole = any(part == "E" for part, _ in self.parts)
        legal = [[_follows(one, other, whole) for other in self.parts] for one in self.parts]
        self._legal = np.array(legal, dtype=bool)
        self._start = np.array([part in ("O", "B", "S") for part, _ in self.parts])
        last = ("O", "E", "S") if whole else ("O", "B", "I", "S")
        self._last = np.array([part in last for part, _ in self.parts])
        self._penalty = np.where(self._legal, 0.0, NEVER).astype(np.float32)

    def best(self, chances: Floats) -> Ints:
        """Return the likeliest legal row of tags for `chances`, log-probabilities [tokens, tags]."""
        if not len(chances):
            return np.zeros(0, np.int64)
        best = chances.argmax(1)
        if self._start[best[0]] and self._last[best[-1]] and self._legal[best[:-1], best[1:]].all():
            return best  # the usual case
        score = chances[0] + np.where(self._start, 0, NEVER)
        back = np.zeros(chances.shape, np.int64)
        for place in range(1, len(chances)):
            ways = score[:, None] + self._penalty
            back[place] = ways.argmax(0)
            score = ways.max(0) + chances[place]
        row = [int((score + np.where(self._last, 0, NEVER)).argmax())]
        for place in range(len(chances) - 1, 0, -1):
            row.append(int(back[place, row[-1]]))
        return np.array(row[::-1], np.int64)

    def spans(self, places: Sequence[Place], row: Ints, chances: Floats) -> list[Span]:
        """Return the spans that a legal row of tags spells over tokens at `places`."""
        found: list[Span] = []
        begun: int | None = None
        for token, tag in enumerate(row.tolist()):
            part, label = self.parts[tag]
            if begun is not None and (part in ("O", "B", "S") or self.parts[row[begun]][1] != label):
                found.append(self._span(places, row, chances, begun, token))
                begun = None
            if part in ("B", "S", "I", "E") and begun is None:
                begun = token
            if part in ("S", "E") and begun is not None:
                found.append(self._span(places, row, chances, begun, token + 1))
                begun = None
        if begun is not None:
            found.append(self._span(places, row, chances, begun, len(row)))
        return found

    def _span(self, places: Sequence[Place], row: Ints, chances: Floats, begin: int, end: int) -> Span:
        least = float(np.exp(chances[np.arange(begin, end), row[begin:end]].min()))
        return Span(places[begin][0], places[end - 1][1], self.parts[row[begin]][1], min(1.0, least))


def _follows(one: tuple[str, str], other: tuple[str, str], whole: bool) -> bool:
    """Tell whether a token tagged `other` may come after one tagged `one`; `whole` where spans must be closed."""
    part, label = one
    after, label_after = other
    if part in ("B", "I") and whole:
        return after in ("I", "E") and label_after == label
    if after in ("I", "E"):
        return part in ("B", "I") and label_after == label
    return True


OURS: Final = Scheme(TAGS)


def tagged(places: Sequence[Place], spans: Sequence[tuple[int, int, str]]) -> Ints:
    """Return the tags of tokens at `places` under labelled `spans`; a token partly inside a span belongs to it.

    A span that overlaps an earlier one, or has a label that is not ours, is left out.
    """
    row = np.zeros(len(places), np.int64)
    number = {tag: place for place, tag in enumerate(TAGS)}
    for start, end, label in spans:
        inside = [token for token, (first, last) in enumerate(places) if first < end and last > start]
        if label not in LABELS or not inside or row[inside].any():
            continue
        if len(inside) == 1:
            row[inside] = number[f"S-{label}"]
        else:
            row[inside] = number[f"I-{label}"]
            row[inside[0]], row[inside[-1]] = number[f"B-{label}"], number[f"E-{label}"]
    return row
