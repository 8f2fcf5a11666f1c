"""One pass over a text that tells which of many seekers have anything to look for, and where.

Enters: a reading. Leaves: for each seeker that can find something, the stretches of the text where it can. The first
look is one alternation of all gates, whose states do not multiply with what was met before, as those of a set do; most
texts end there. A set then names the gates around each place, on a few characters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detectors.engine import MEMORY, Which, compiled
from detectors.gates import LONG_TOKEN, Gate
from detectors.reading import Reading

TAIL: Final = r"[0-9A-Za-z_\-./+=:@]*"
"""The rest of a token: one look is enough for all of it."""

TOKENS: Final = compiled(rf"(?:{LONG_TOKEN})[0-9A-Za-z_\-]*", "long tokens")

MARGIN: Final = 64
"""How much the second look sees on either side of a place."""

STRIDE: Final = 400
"""Characters that one set is asked about: with more of them too many patterns would match at once."""

type Span = tuple[int, int]


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


class Sieve:
    """The gates of many seekers."""

    def __init__(self, openings: Sequence[Iterable[Opening]], memory: int = MEMORY) -> None:
        """Take the openings of each seeker; one of them is enough."""
        gates: dict[str, None] = {}
        closer: dict[str, list[tuple[int, int | None]]] = {}
        self._literals: dict[str, list[tuple[int, int | None]]] = {}
        self._by_token: list[tuple[int, int | None]] = []
        self._always: list[int] = []
        for number, ways in enumerate(openings):
            for way in ways:
                seeker = (number, way.reach)
                if way.pattern:
                    gates[way.pattern] = None
                    closer.setdefault(way.full or way.pattern, []).append(seeker)
                for literal in way.literals:
                    self._literals.setdefault(literal, []).append(seeker)
                if way.token:
                    self._by_token.append(seeker)
                if not way.pattern and not way.literals and not way.token:
                    self._always.append(number)
        self._first = compiled(f"(?:{'|'.join(gates)}){TAIL}", "gates") if gates else None
        self._which = Which(closer, memory)
        self._seekers = tuple(closer.values())
        self._signs: dict[str, list[str]] = {}
        for literal in self._literals:
            self._signs.setdefault(literal[0], []).append(literal)

    def open(self, reading: Reading) -> dict[int, list[Span]]:
        """Return the seekers that can find something, with the stretches of the text where they can, in order."""
        size = len(reading.skeleton)
        found: dict[int, list[Span]] = {number: [(0, size)] for number in self._always}
        if self._first is not None:
            self._by_pattern(self._first, reading.skeleton, found)
        if self._by_token:
            for match in TOKENS.finditer(reading.skeleton):
                _open(self._by_token, match.start(), match.end(), size, found)
        if self._literals and not reading.text.isascii():
            self._by_literal(reading.text, found)
        return {number: merged(spans) for number, spans in found.items()}

    def _by_pattern(self, first: Any, data: bytes, found: dict[int, list[Span]]) -> None:
        for start, end in _places(first, data):
            for gate in self._which.can_match(data[start:end]):
                for number, reach in self._seekers[gate]:
                    # The place has a margin already.
                    beyond = None if reach is None else max(0, reach - MARGIN)
                    _open(((number, beyond),), start, end, len(data), found)

    def _by_literal(self, text: str, found: dict[int, list[Span]]) -> None:
        for sign, literals in self._signs.items():
            if sign not in text:  # far faster than looking for a whole word
                continue
            for literal in literals:
                if all(character in text for character in literal[1:]):
                    place = text.find(literal)
                    while place >= 0:
                        _open(self._literals[literal], place, place + len(literal), len(text), found)
                        place = text.find(literal, place + 1)


def _places(first: Any, data: bytes) -> Iterable[Span]:
    """Yield stretches that have whole matches of all patterns between them, none much longer than a stride."""
    places = [(max(0, match.start() - MARGIN), match.end() + MARGIN) for match in first.finditer(data)]
    for start, end in merged(places):
        at = start
        while end - at > STRIDE + 2 * MARGIN:
            yield at, at + STRIDE
            at += STRIDE - 2 * MARGIN
        yield at, end


def _open(
    seekers: Iterable[tuple[int, int | None]], start: int, end: int, size: int, found: dict[int, list[Span]]
) -> None:
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
