"""One pass over a text that tells which of many seekers have anything to look for, and where.

Enters: a reading. Leaves: for each seeker that can find something, the stretches of the text where it can. The first
look is an alternation of gates, whose states do not multiply with what was met before, as those of a set do; most texts
end there. A set then names the patterns around each place, on a few characters.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detectors.engine import MEMORY, Offsets, Which, compiled
from detectors.gates import LONG_TOKEN, Gate
from detectors.reading import Reading

TAIL: Final = r"[0-9A-Za-z_\-./+=:@]*"
"""The rest of a token: one look is enough for all of it."""

TOKENS: Final = compiled(r"[0-9A-Za-z+/_\-]{16,}", "long tokens")
COUNTS: Final = re.compile(r"\[[^\]]*-[^\]]*\]|\\[dsw]|\{")
"""Classes with ranges, and repetitions: what makes an engine remember where it is in many ways."""

WORD_EDGE: Final = "(?:^|[^A-Za-z0-9])"

KEYS: Final = compiled(LONG_TOKEN, "long tokens")

MARGIN: Final = 64
"""How much the second look sees on either side of a place."""

STRIDE: Final = 400
"""Characters that one set is asked about: with more of them too many patterns would match at once."""

NOTHING: Final = r"[^\x00-\x{10ffff}]"

type Span = tuple[int, int]
type Seeking = tuple[int, int | None]
"""The number of a seeker, and its reach."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to open a seeker's gate."""

    pattern: str
    """RE2 over skeletons, or empty."""
    literals: tuple[str, ...]
    """Texts beyond ASCII, each of which opens as well."""
    reach: int | None
    """How many characters on either side of the opening a match may reach; none for the whole text."""
    token: bool = False
    """Whether a long token opens, too; without any of the three, it is always open."""
    full: str = ""
    """RE2 over skeletons that matches in whatever the seeker can find, where that is within `MARGIN`; or empty."""


def opening(gate: Gate, reach: int | None, full: str = "") -> Opening:
    """Return the opening of a gate."""
    return Opening(
        gate.pattern, gate.literals, reach, gate.token, full if reach is not None and reach <= MARGIN else ""
    )


@dataclass(frozen=True, slots=True)
class Look:
    """A first look for some gates, and a closer one around each place."""

    first: Any
    """Compiled: all gates as alternatives."""
    which: Which
    seekers: tuple[tuple[Seeking, ...], ...]
    """Who is opened by each pattern of the closer look."""

    def places(self, data: bytes) -> list[Span]:
        """Return where any of the gates match."""
        return [match.span() for match in self.first.finditer(data)]

    def closer(self, data: bytes, places: Iterable[Span], found: dict[int, list[Span]]) -> None:
        """Ask around each place which patterns match there."""
        for start, end in _stretches(places):
            for pattern in self.which.can_match(data[start:end]):
                for number, reach in self.seekers[pattern]:
                    # The place has a margin already.
                    beyond = None if reach is None else max(0, reach - MARGIN)
                    _open(((number, beyond),), start, end, len(data), found)


def look(ways: Iterable[tuple[int, Opening]], memory: int) -> Look | None:
    """Return the look for some openings that have a gate or a full pattern; none when there are none."""
    gates: dict[str, None] = {}
    closer: dict[str, list[Seeking]] = {}
    for number, way in ways:
        if way.pattern:
            gates[way.pattern] = None
        closer.setdefault(way.full or way.pattern, []).append((number, way.reach))
    if not closer:
        return None
    first = compiled(f"(?:{'|'.join(gates) or NOTHING}){TAIL}", "gates")
    return Look(first, Which(closer, memory), tuple(tuple(seekers) for seekers in closer.values()))


class Sieve:
    """The gates of many seekers."""

    def __init__(self, openings: Sequence[Iterable[Opening]], memory: int = MEMORY) -> None:
        """Take the openings of each seeker; one of them is enough."""
        every = [(number, way) for number, ways in enumerate(openings) for way in ways]
        gated = [(number, way) for number, way in every if way.pattern or way.full]
        # Two looks: what is spelt out and what is counted have few states apart, and their product together.
        self._spelt = look([one for one in gated if _spells(one[1])], memory)
        self._counted = look([one for one in gated if not _spells(one[1])], memory)
        self._tokens = any(way.token for _, way in every)
        self._by_token = [(number, way.reach) for number, way in every if way.token and not way.full]
        self._always = [number for number, way in every if not way.pattern and not way.literals and not way.token]
        self._literals: dict[str, list[Seeking]] = {}
        for number, way in every:
            for literal in way.literals:
                self._literals.setdefault(literal, []).append((number, way.reach))
        self._words = compiled("|".join(map(re.escape, self._literals)) or NOTHING, "literals")
        self._signs: dict[str, list[str]] = {}
        for literal in self._literals:
            self._signs.setdefault(literal[0], []).append(literal)

    def open(self, reading: Reading, tokens: Sequence[Span] | None = None) -> dict[int, list[Span]]:
        """Return the seekers that can find something, with the stretches of the text where they can, in order.

        `tokens` are the long tokens of the reading, where somebody knows them already.
        """
        data, size = reading.skeleton, len(reading.skeleton)
        found: dict[int, list[Span]] = {number: [(0, size)] for number in self._always}
        keys: list[Span] = []
        if self._tokens:
            known = long_tokens(reading) if tokens is None else tokens
            keys = [span for span in known if KEYS.search(data, *span)]
        for start, end in keys:
            _open(self._by_token, start, end, size, found)
        if self._spelt:
            self._spelt.closer(data, self._spelt.places(data), found)
        if self._counted:
            self._counted.closer(data, [*self._counted.places(data), *keys], found)
        if self._literals and not reading.text.isascii():
            self._by_literal(reading.text, found)
        return {number: merged(spans) for number, spans in found.items()}

    def _by_literal(self, text: str, found: dict[int, list[Span]]) -> None:
        data = text.encode()
        offsets = Offsets(data, text)
        for match in self._words.finditer(data):
            # A word may begin inside another: at each place all of them are tried.
            for place in range(offsets.character(match.start()), offsets.character(match.end())):
                for literal in self._signs.get(text[place], ()):
                    if text.startswith(literal, place):
                        _open(self._literals[literal], place, place + len(literal), len(text), found)


def long_tokens(reading: Reading) -> list[Span]:
    """Return where tokens stand that are longer than words: keys, digests, codes, paths."""
    return [match.span() for match in TOKENS.finditer(reading.skeleton)]


def _spells(way: Opening) -> bool:
    """Tell whether the gate is words and signs spelt out, without anything that counts."""
    return bool(way.pattern) and not way.full and not COUNTS.search(way.pattern.removeprefix(WORD_EDGE))


def _stretches(places: Iterable[Span]) -> Iterable[Span]:
    """Yield stretches that have whole matches of all patterns between them, none much longer than a stride."""
    for start, end in merged([(max(0, start - MARGIN), end + MARGIN) for start, end in places]):
        at = start
        while end - at > STRIDE + 2 * MARGIN:
            yield at, at + STRIDE
            at += STRIDE - 2 * MARGIN
        yield at, end


def _open(seekers: Iterable[Seeking], start: int, end: int, size: int, found: dict[int, list[Span]]) -> None:
    for number, reach in seekers:
        spans = found.setdefault(number, [])
        spans.append((0, size) if reach is None else (max(0, start - reach), min(size, end + reach)))


def merged(spans: list[Span]) -> list[Span]:
    """Return the spans in order, those that overlap or touch made one."""
    if len(spans) < 2:
        return spans
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
