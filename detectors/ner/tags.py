"""Labels as BIOES tags, and the likeliest legal row of them.

Enters: logits of the tags of each token, or their log-probabilities: what they have in common with all tags of a token
decides nothing. Leaves: the spans that the best legal row spells, with the least probability of a token in it as the
score. Viterbi's algorithm (1967) over the transitions that BIOES allows, and only where they were not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.ner.tokenise import Place

LABELS: Final = ("PERSON", "ORGANIZATION", "LOCATION", "ADDRESS")
TAGS: Final = ("O", *(f"{place}-{label}" for label in LABELS for place in "BIES"))
SECRET: Final = "PASSWORD"
"""What the second question is about: a password, a code or a key that a sentence tells."""

SECRET_TAGS: Final = ("O", *(f"{place}-{SECRET}" for place in "BIES"))
NEVER: Final = -1e4
LEAST_MARGIN: Final = 2.0
"""How much less likely, in nats, a row must be that differs beyond a repair, at first."""


Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of tokens under one label."""

    start: int
    end: int
    label: str
    score: float


@dataclass(slots=True)
class Repair:
    """A stretch of tokens round some that are not legal, and their tags in its place."""

    begin: int
    end: int
    first: int
    """The first token of those that are not legal."""
    last: int
    """One past the last of them."""
    least: float = LEAST_MARGIN
    """What a row must lose that differs beyond the stretch."""
    part: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def joined(self, other: "Repair") -> "Repair":
        """Return one stretch of this and the next one."""
        begin, end = min(self.begin, other.begin), max(self.end, other.end)
        return Repair(begin, end, self.first, other.last, max(self.least, other.least))


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
        self._named = np.array([part != "O" for part, _ in self.parts])
        self._penalty = np.where(self._legal, 0.0, NEVER).astype(np.float32)

    def best(self, logits: Floats) -> Ints:
        """Return the likeliest legal row of tags for logits [tokens, tags].

        Most of a text is legal as it stands. Only the surroundings of what is not are sought through: as far on either
        side as a row that still differs there would have lost more than the whole repair costs, so that the row stays
        the likeliest of all.
        """
        count = len(logits)
        if not count:
            return np.zeros(0, np.int64)
        row: Ints = logits.argmax(1)
        wrong = np.flatnonzero(~self._legal[row[:-1], row[1:]]).tolist()
        first, last = not self._start[row[0]], not self._last[row[-1]]
        if not (wrong or first or last):
            return row  # the usual case
        if 8 * len(wrong) > count:
            return self._viterbi(logits, row, 0, count)[0]
        two = np.partition(logits, -2, axis=1)[:, -2:].astype(np.float64)
        losses = np.concatenate([[0.0], np.cumsum(two[:, 1] - two[:, 0])])
        marks = [*([0] if first else []), *wrong, *([count - 1] if last else [])]
        for one in self._repaired(logits, row, losses, marks):
            row[one.begin : one.end] = one.part
        return row

    def _repaired(self, logits: Floats, row: Ints, losses: NDArray[np.float64], marks: Sequence[int]) -> list["Repair"]:
        """Return what to put in place of the stretches around `marks`, none of which meet.

        `losses` say what all tokens before each one lose at least, together, where none of them keeps its tag. A row
        that differs beyond a stretch differs from the mark on: where it met the old one it would stay with it.
        """
        done: list[Repair] = []
        for mark in marks:
            if done and mark + 1 < done[-1].end:
                continue
            one = Repair(mark, min(mark + 2, len(row)), mark, min(mark + 2, len(row)))
            while True:
                while one.begin > 0 and losses[one.first] - losses[one.begin - 1] < one.least:
                    one.begin -= 1
                while one.end < len(row) and losses[one.end + 1] - losses[one.last] < one.least:
                    one.end += 1
                if done and one.begin <= done[-1].end:
                    one = done.pop().joined(one)
                    continue
                one.part, loss = self._viterbi(logits, row, one.begin, one.end)
                if loss <= one.least:
                    break
                one.least = max(loss, 2 * one.least)
            done.append(one)
        return done

    def _viterbi(self, logits: Floats, row: Ints, begin: int, end: int) -> tuple[Ints, float]:
        """Return the likeliest legal tags from `begin` to `end` between their neighbours', and what they lose."""
        before = self._penalty[row[begin - 1]] if begin else np.where(self._start, 0, NEVER)
        after = self._penalty[:, row[end]] if end < len(row) else np.where(self._last, 0, NEVER)
        chances = logits[begin:end].astype(np.float64)
        chances -= chances.max(1, keepdims=True)  # or long sums would have no digits left
        score = chances[0] + before
        back = np.zeros((end - begin, len(self.tags)), np.int64)
        for place in range(1, end - begin):
            ways = score[:, None] + self._penalty
            back[place] = ways.argmax(0)
            score = ways.max(0) + chances[place]
        score = score + after
        part = [int(score.argmax())]
        for place in range(end - begin - 1, 0, -1):
            part.append(int(back[place, part[-1]]))
        return np.array(part[::-1], np.int64), -float(score.max())

    def spans(self, places: Sequence[Place], row: Ints, logits: Floats) -> list[Span]:
        """Return the spans that a legal row of tags spells over tokens at `places`."""
        named = np.flatnonzero(self._named[row])
        if not len(named):
            return []
        tags = row[named]
        sure = np.exp(log_softmax(logits[named])[np.arange(len(named)), tags]).tolist()
        found: list[Span] = []
        first = last = -1
        part = label = ""
        least = 1.0
        for token, tag, chance in zip(named.tolist(), tags.tolist(), sure, strict=True):
            before = label
            part, label = self.parts[tag]
            if first >= 0 and (token > last + 1 or part in ("B", "S") or label != before):
                found.append(Span(places[first][0], places[last][1], before, least))
                first = -1
            if first < 0:
                first, least = token, 1.0
            last, least = token, min(least, chance)
            if part in ("S", "E"):
                found.append(Span(places[first][0], places[last][1], label, least))
                first = -1
        if first >= 0:
            found.append(Span(places[first][0], places[last][1], label, least))
        return found


def log_softmax(logits: Floats) -> Floats:
    """Return log-probabilities of logits [tokens, tags]."""
    chances: Floats = logits - logits.max(1, keepdims=True)
    chances -= np.log(np.exp(chances).sum(1, keepdims=True))
    return chances


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
SECRETS: Final = Scheme(SECRET_TAGS)
BOTH: Final = (OURS, SECRETS)
"""Of the two questions that our models answer: what is named, and where a secret is told."""


def tagged(places: Sequence[Place], spans: Sequence[tuple[int, int, str]], scheme: Scheme = OURS) -> Ints:
    """Return the tags of tokens at `places` under labelled `spans`; a token partly inside a span belongs to it.

    A span that overlaps an earlier one, or has a label that the scheme does not know, is left out.
    """
    row = np.zeros(len(places), np.int64)
    number = {tag: place for place, tag in enumerate(scheme.tags)}
    for start, end, label in spans:
        inside = [token for token, (first, last) in enumerate(places) if first < end and last > start]
        if f"S-{label}" not in number or not inside or row[inside].any():
            continue
        if len(inside) == 1:
            row[inside] = number[f"S-{label}"]
        else:
            row[inside] = number[f"I-{label}"]
            row[inside[0]], row[inside[-1]] = number[f"B-{label}"], number[f"E-{label}"]
    return row
