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
LEAST_MARGIN: Final = 2.0
"""How much less likely a token's second tag must be, in nats, for the token to bound a repair at first."""


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
    """A set of BIOES, BIO or IO tags ready to decode: ours, or those of a model from elsewhere."""

    def __init__(self, tags: Sequence[str]) -> None:
        """Take the tags in the order of the model's outputs: `O`, or a letter of BIOES, a dash and a label."""
        self.tags = tuple(tags)
        self.parts = tuple((tag[0], tag[2:]) for tag in self.tags)
        whole = any(part == "E" for part, _ in self.parts)
        legal = [[_follows(one, other, whole) for other in self.parts] for one in self.parts]
        self._legal = np.array(legal, dtype=bool)
        self._start = np.array([part in ("O", "B", "S") or (part == "I" and not whole) for part, _ in self.parts])
        last = ("O", "E", "S") if whole else ("O", "B", "I", "S")
        self._last = np.array([part in last for part, _ in self.parts])
        self._penalty = np.where(self._legal, 0.0, NEVER).astype(np.float32)

    def best(self, chances: Floats) -> Ints:
        """Return the likeliest legal row of tags for `chances`, log-probabilities [tokens, tags].

        Most of a text is legal as it stands. Only the surroundings of what is not are sought through: as far as the
        tokens on either side that would lose more by a change than the whole repair costs, so that the row stays the
        likeliest of all.
        """
        count = len(chances)
        if not count:
            return np.zeros(0, np.int64)
        row: Ints = chances.argmax(1)
        wrong = np.flatnonzero(~self._legal[row[:-1], row[1:]]).tolist()
        first, last = not self._start[row[0]], not self._last[row[-1]]
        if not (wrong or first or last):
            return row  # the usual case
        if 8 * len(wrong) > count:
            return self._viterbi(chances, row, 0, count)[0]
        two = np.partition(chances, -2, axis=1)[:, -2:]
        margin = two[:, 1] - two[:, 0]
        marks = [*([0] if first else []), *wrong, *([count - 1] if last else [])]
        for begin, end, part in self._repaired(chances, row, margin, marks):
            row[begin:end] = part
        return row

    def _repaired(
        self, chances: Floats, row: Ints, margin: Floats, marks: Sequence[int]
    ) -> list[tuple[int, int, Ints]]:
        """Return the stretches to put in place of those around `marks`: begin, end and tags of each.

        Beside each stretch stands a token that keeps its tag, or the end of the text; no two stretches share one.
        """
        done: list[tuple[int, int, Ints]] = []
        least: list[float] = []
        for mark in marks:
            if done and mark + 1 < done[-1][1]:
                continue
            need, begin, end = LEAST_MARGIN, mark, min(mark + 2, len(row))
            while True:
                while begin > 0 and margin[begin - 1] < need:
                    begin -= 1
                while end < len(row) and margin[end] < need:
                    end += 1
                if done and begin <= done[-1][1]:  # it meets the one before: both become one
                    begin, end, need = min(begin, done[-1][0]), max(end, done[-1][1]), max(need, least[-1])
                    done.pop(), least.pop()
                    continue
                part, loss = self._viterbi(chances, row, begin, end)
                if loss <= need:
                    break
                need = max(loss, 2 * need)
            done.append((begin, end, part))
            least.append(need)
        return done

    def _viterbi(self, chances: Floats, row: Ints, begin: int, end: int) -> tuple[Ints, float]:
        """Return the likeliest legal tags from `begin` to `end` between their neighbours', and what they lose."""
        before = self._penalty[row[begin - 1]] if begin else np.where(self._start, 0, NEVER)
        after = self._penalty[:, row[end]] if end < len(row) else np.where(self._last, 0, NEVER)
        score = chances[begin] + before
        back = np.zeros((end - begin, len(self.tags)), np.int64)
        for place in range(1, end - begin):
            ways = score[:, None] + self._penalty
            back[place] = ways.argmax(0)
            score = ways.max(0) + chances[begin + place]
        score = score + after
        part = [int(score.argmax())]
        for place in range(end - begin - 1, 0, -1):
            part.append(int(back[place, part[-1]]))
        loss = float(chances[begin:end].max(1).sum() - score.max())
        return np.array(part[::-1], np.int64), loss

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
    """Tell whether a token tagged `other` may come after one tagged `one`; `whole` where spans must be closed.

    Where they need not be, `I` may begin a span too, as models that learnt from the first BIO scheme expect.
    """
    part, label = one
    after, label_after = other
    if not whole:
        return True
    if part in ("B", "I"):
        return after in ("I", "E") and label_after == label
    return after not in ("I", "E")


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
