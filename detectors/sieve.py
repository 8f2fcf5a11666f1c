"""What tells which of many seekers have anything to look for in a text, and where.

Enters: a reading. Leaves: for each seeker that can find something, the stretches of the text where it can. Words that
gates spell out are looked for by themselves, all else by its shape: by one set that names the patterns in a stretch,
first in long ones, where most texts end, then in the short ones that these are made of.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from detectors.allowance import spend
from detectors.build_cache import kept
from detectors.engine import MEMORY, Later, Which, compiled, compiled_later
from detectors.gates import LONG_TOKEN, Gate, longest_of
from detectors.needed import Group
from detectors.reading import Reading, Span
from detectors.shapes import digits_of, shape_of, shaped
from detectors.spelt import Word, members_of, rarity, words_of
from detectors.syntax import Atom, Choice, read, ways_of
from detectors.vocabulary import Seen, Vocabulary

KEYS: Final = re.compile(LONG_TOKEN.encode())
"""On the engine of the language, which is begun sooner: it takes a bounded number of steps from each place."""

NEAR: Final = 26
"""How far a match may reach of which the whole form is looked for, and not its gate alone."""

ONE_SIGN: Final = re.compile(r"\[\\x([0-7][0-9a-f])\]")
"""A shape that is one sign, which is found sooner by itself."""
LONG, SHORT = 2048, 256
"""Characters of a text that are looked at at a time, and of those again in which much was seen."""
CROWD: Final = 5
"""Digits for which most patterns ask; a text is only looked at where so many stand near each other."""
BLOCK: Final = 256
"""Characters of which the digits are counted."""
DIGIT: Final = b"0"
"""What stands for any digit in the shape of a text."""
FEW: Final = 4
"""Patterns that are looked for one by one where they are known to match."""
EDGE: Final = 1
"""Character beside a match that an edge looks at."""

SEEN: Final = 32
"""How much of the text on either side of a word its gate sees, which is no longer."""

TRIES, TRIES_APART = 32, 256
"""Words around which one seeker's gate is looked for, and one more for so many characters; it is open from the next."""

RARE_SIGNS: Final = frozenset("/|")
"""Signs that are looked for as words are: most texts have few of them."""

RARER: Final = 16.0
"""Bits of a word for which alone a gate is asked that has digits, too."""

type Seeking = tuple[int, int | None]
"""The number of a seeker, and its reach."""

type Part = tuple[int, int, list[int]]
"""Start, end, and the numbers of patterns."""


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
    """RE2 over skeletons that matches in whatever the seeker can find; or empty."""
    needs: tuple[Group, ...] = ()
    """Words of which the text has one of each group, wherever it stands."""
    words: tuple[str, ...] = ()
    """Words that open as well, whatever their case."""
    closer: str = ""
    """RE2 over texts that must match around a word or a text that opens; or empty."""
    sight: int = 0
    """How many characters that matches at most."""


def opening(gate: Gate, reach: int | None, full: str = "", needs: tuple[Group, ...] = ()) -> Opening:
    """Return the opening of a gate."""
    near = gate.token or (reach is not None and reach <= NEAR)
    sight = gate.longest or 0 if gate.closer else 0
    full = full if near else ""
    return Opening(gate.pattern, gate.literals, reach, gate.token, full, needs, gate.words, gate.closer, sight)


@dataclass(frozen=True, slots=True)
class Way:
    """A branch of an opening, as it is looked for."""

    words: tuple[Word, ...] = ()
    """What it spells out; of a branch that is looked for by its shape, nothing."""
    whole: bool = False
    """Whether each of the words opens by itself."""
    shape: str = ""
    """The shape that opens."""
    longest: int | None = None
    """How many characters of a text have it at most; none where there is no telling."""
    digits: int = 0
    """How many of them are digits at least."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A seeker that waits for a word."""

    seeking: Seeking
    gate: Any = None
    """Compiled: what must match around it; none where it is enough by itself."""
    sight: int = SEEN
    """How far around it."""
    of_text: bool = False
    """Whether it matches texts, not skeletons."""

    def is_open(self, reading: Reading, start: int, end: int) -> bool:
        """Tell whether the gate matches in sight of a word that stands there."""
        first, last = max(0, start - self.sight), end + self.sight
        if self.of_text and reading.codes is not None:
            return bool(self.gate.search(reading.text[first:last].encode()))
        return bool(self.gate.search(reading.skeleton, first, last))


class Found:
    """The stretches of a text where seekers can find something."""

    def __init__(self, size: int, wanted: Container[int]) -> None:
        """Take the length of the text, and the seekers that are asked."""
        self.size: Final = size
        self.wanted: Final = wanted
        self.spans: Final[dict[int, list[Span]]] = {}

    def add(self, seekers: Iterable[Seeking], start: int, end: int) -> None:
        """Add what seekers reach from an opening, those that are asked."""
        for number, reach in seekers:
            if number not in self.wanted:
                continue
            if reach is None:
                self.spans[number] = [(0, self.size)]
            else:
                self.spans.setdefault(number, []).append((max(0, start - reach), min(self.size, end + reach)))


class Look:
    """A look at the shape of a text, or of where in it so many digits stand near each other."""

    def __init__(self, ways: Iterable[tuple[Seeking, Way]], memory: int, digits: int = 0) -> None:
        """Take seekers, and the shape that opens each, which has that many digits at least."""
        self._digits: Final = digits
        shapes: dict[str, list[Seeking]] = {}
        longest: list[int | None] = [0]
        self._signs: dict[bytes, list[Seeking]] = {}
        for seeking, way in ways:
            if sign := ONE_SIGN.fullmatch(way.shape):
                self._signs.setdefault(bytes.fromhex(sign[1]), []).append(seeking)
                continue
            shapes.setdefault(way.shape, []).append(seeking)
            longest.append(way.longest)
        self._which = Which(shapes, memory)
        self._each = [Later(partial(compiled, shape, "shape")) for shape in shapes]
        self._seekers = tuple(shapes.values())
        self._unbound = frozenset(
            number for number, seekers in enumerate(self._seekers) if all(reach is None for _, reach in seekers)
        )
        """Patterns whose seekers look through the whole text, wherever in it something is."""
        self._longest = None if None in longest else max(one for one in longest if one is not None)

    def open(self, shape: bytes, found: Found) -> None:
        """Add the seekers that can find something, and where."""
        for sign, seekers in self._signs.items():
            place = shape.find(sign)
            while place >= 0:
                spend()
                found.add(seekers, place, min(place + SHORT, len(shape)))
                place = shape.find(sign, place + SHORT)
        if not self._seekers:
            return
        everywhere = set[int]()
        for start, end, seen in self._seen(shape, found):
            for pattern in self._unbound.intersection(seen) - everywhere:
                everywhere.add(pattern)
                found.add(self._seekers[pattern], start, end)
            patterns = [one for one in seen if one not in self._unbound]
            if len(patterns) <= FEW:
                for pattern in patterns:
                    self._locate(shape, start, end, pattern, found)
                continue
            for first, last, some in self._parts(shape, start, end, SHORT, found):
                for pattern in set(some) - self._unbound:
                    found.add(self._seekers[pattern], first, last + (self._longest or 0))

    def _seen(self, shape: bytes, found: Found) -> Iterator[Part]:
        """Yield the parts of a text in which something may begin, each with its patterns."""
        if not self._digits or self._longest is None:
            yield from self._parts(shape, 0, len(shape), LONG, found)
            return
        for first, last in crowds(shape, self._digits, self._longest):
            yield from self._parts(shape, first, last, LONG, found)

    def _parts(self, shape: bytes, first: int, last: int, size: int, found: Found) -> Iterator[Part]:
        """Yield the parts of a stretch, each with the wanted patterns of which something begins there.

        Each is seen with as much behind it as what begins at its end can have, so that no border cuts anything.
        """
        step = max(1, last - first) if self._longest is None else size
        for start in range(first, last, step):
            spend()
            end = min(start + step, last)
            seen = shape[max(0, start - EDGE) : end + (self._longest or 0) + EDGE]
            matching = self._which.can_match(seen)
            yield (
                start,
                end,
                [one for one in matching if any(number in found.wanted for number, _ in self._seekers[one])],
            )

    def _locate(self, shape: bytes, start: int, end: int, pattern: int, found: Found) -> None:
        """Add the seekers of one pattern, where it matches."""
        behind = self._longest or len(shape)
        while start < end and (match := self._each[pattern].search(shape, start, min(end + behind, len(shape)))):
            spend()
            first = match.start()
            if first >= end:
                return
            start = first + SHORT
            found.add(self._seekers[pattern], first, min(start, end) + behind)


def crowds(shape: bytes, digits: int, longest: int) -> Iterator[Span]:
    """Yield the stretches in which something may begin that has so many digits, and is no longer than the longest."""
    if shape.count(DIGIT) < digits:
        return
    begin = None
    for first in range(0, len(shape), BLOCK):
        if shape.count(DIGIT, first, first + BLOCK + longest) >= digits:
            begin = first if begin is None else begin
        elif begin is not None:
            yield begin, first
            begin = None
    if begin is not None:
        yield begin, len(shape)


class Sieve:
    """The gates of many seekers."""

    def __init__(self, openings: Sequence[Iterable[Opening]], memory: int = MEMORY) -> None:
        """Take the openings of each seeker; one of them is enough."""
        words: dict[Word, list[Waiting]] = {}
        literals: dict[str, list[Waiting]] = {}
        shapes: list[tuple[Seeking, Way]] = []
        by_token: dict[str, list[Seeking]] = {}
        self._always: list[Seeking] = []
        openings = [tuple(ways) for ways in openings]
        for seeking, way in (((number, way.reach), way) for number, ways in enumerate(openings) for way in ways):
            if not (way.pattern or way.literals or way.token or way.words):
                self._always.append((seeking[0], None))
            if way.token:
                by_token.setdefault(way.full if way.reach else "", []).append(seeking)
            closer = (
                Waiting(seeking, compiled_later(way.closer, "gate"), way.sight + EDGE, True) if way.closer else None
            )
            for literal in (*way.literals, *(word for word in way.words if not word.isascii())):
                literals.setdefault(literal, []).append(closer or Waiting(seeking))
            for word in way.words:
                if word.isascii():
                    words.setdefault(tuple(map(cased, word)), []).append(closer or Waiting(seeking))
            for branch in sought(way.pattern, way.full) if way.pattern else ():
                if not branch.words:
                    shapes.append((seeking, branch))
                    continue
                waiting = Waiting(seeking, None if branch.whole else compiled_later(way.pattern, "gate"))
                for spelt in branch.words:
                    words.setdefault(spelt, []).append(closer or waiting)
        groups = {group: None for ways in openings for way in ways for group in way.needs}
        self._words = Vocabulary(words, literals, groups)
        self._needs = [tuple(tuple(map(self._words.needed, way.needs)) for way in ways) for ways in openings]
        many = [one for one in shapes if one[1].digits >= CROWD and one[1].longest is not None]
        few = [one for one in shapes if one[1].digits < CROWD or one[1].longest is None]
        self._looks = [Look(few, memory), Look(many, memory, CROWD)]
        self._by_token = tuple(by_token.values())
        self._which_token = Which(by_token, memory)
        self._sight = max((reach or 0 for seekers in self._by_token for _, reach in seekers), default=0)

    def open(
        self, reading: Reading, wanted: Container[int], by_shape: Mapping[int, Sequence[Span]] | None = None
    ) -> dict[int, list[Span]]:
        """Return the wanted seekers that can find something, with the stretches of the text where they can.

        What `shapes` tells of the text's skeleton may be given.
        """
        found = Found(len(reading.skeleton), wanted)
        known = self.shapes(reading, wanted) if by_shape is None else by_shape
        found.spans.update((number, [*spans]) for number, spans in known.items())
        seen = Seen(reading)
        tries: dict[int, int] = {}
        most = TRIES + len(reading.skeleton) // TRIES_APART
        for start, end, waiting in self._words.find(reading, seen):
            spend()
            for one in waiting:
                number = one.seeking[0]
                if number not in wanted:
                    continue
                if one.gate is None:
                    found.add((one.seeking,), start, end)
                    continue
                tried = tries[number] = tries.get(number, 0) + 1
                if tried < most:
                    spend()
                    if one.is_open(reading, start, end):
                        found.add((one.seeking,), start, end)
                elif tried == most:
                    found.add((one.seeking,), start, found.size)
        return {
            number: merged(spans) for number, spans in found.spans.items() if any(map(seen.meets, self._needs[number]))
        }

    def shapes(self, reading: Reading, wanted: Container[int]) -> dict[int, list[Span]]:
        """Return what of this is known by the skeleton of a text alone, without its words."""
        data = reading.skeleton
        found = Found(len(data), wanted)
        found.add(self._always, 0, 0)
        shape = shape_of(data)
        for look in self._looks:
            look.open(shape, found)
        for start, end in reading.tokens if self._by_token else ():
            spend()
            if KEYS.search(data, start, end):
                for pattern in self._which_token.can_match(data[max(0, start - self._sight) : end + self._sight]):
                    found.add(self._by_token[pattern], start, end)
        return found.spans


@kept
def sought(pattern: str, full: str) -> tuple[Way, ...]:
    """Return how the branches of an opening are looked for; `full` matches in whatever the seeker can find."""
    ways = []
    for gate in ways_of(read(pattern)):
        spelt = words_of(gate)
        if spelt is None and (signs := signs_of(gate)) and not digits_of(gate) and (longest_of(gate) or SEEN) < SEEN:
            ways.append(Way(signs))
        elif spelt is None or (rarity(spelt[0]) < RARER and digits_of(gate)):
            form = read(full) if full else gate
            ways.append(Way(shape=shaped(form), longest=longest_of(form), digits=digits_of(form)))
        else:
            ways.append(Way(spelt[0], spelt[1]))
    return tuple(ways)


def signs_of(gate: Choice) -> tuple[Word, ...]:
    """Return rare signs of which whatever a gate of one branch matches has one; nothing where there are none."""
    for item in gate.branches[0]:
        if isinstance(item.part, Atom) and item.least and not item.part.edge:
            members = members_of(item.part.text)
            if members and members <= RARE_SIGNS:
                return tuple((sign,) for sign in sorted(members))
    return ()


def cased(letter: str) -> str:
    """Return both cases of a letter of ASCII, and any other character as it is."""
    return letter if letter.lower() == letter.upper() else letter.upper() + letter.lower()


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
