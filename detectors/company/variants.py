"""Other ways of writing a term: its reading in Latin letters, its initials, its characters kept apart, its plural.

Enters: folded terms, and the ways that count. Leaves: where a text holds a term written so, and which way it is. Pure.
Each way has conditions of its own, so that what merely looks alike is passed over: characters of two words are not
pulled together, and a reading that is too short to mean one thing is not looked for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Final

from detectors.company.table import FIRST_IDEOGRAPH, Table, is_edge

PINYIN, INITIALS, SEPARATED, PLURAL = "pinyin", "initials", "separated", "plural"
SCORES: Final = {PLURAL: 0.95, SEPARATED: 0.9, PINYIN: 0.8, INITIALS: 0.6}

LEAST_READING: Final = 6
"""Letters of a reading: `lina` is a name in every language."""
LEAST_INITIALS: Final = 4
LEAST_LETTERS: Final = 4
"""Letters of a term of an alphabet that may be kept apart."""
MOST_READINGS: Final = 16
"""Readings of one term that are looked for, where its characters have several."""
WIDEST: Final = 3
"""Characters that may stand between two characters of a term."""

TONED: Final = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹ", "aaaaeeeeiiiioooouuuuvvvvvnnn")
LETTERS: Final = re.compile(r"[^\W_]+")
LATIN: Final = re.compile(r"[a-z]+")
SYLLABLE_GAP: Final = re.compile(r"[1-5]?[ '’_.·-]{0,2}")
TONE: Final = re.compile(r"[1-5](?![a-z0-9])")
SENTENCE: Final = frozenset("\n，。；：、！？,;:!?")
SIBILANT: Final = ("s", "x", "z", "ch", "sh")

type Found = tuple[int, int, str]
"""Start, end, and the way of writing."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The letters of a text without what stands between them."""

    text: str = field(repr=False)
    places: list[int] = field(repr=False)
    """Where each of them stands in the text."""


def pack(text: str, kept: re.Pattern[str] = LETTERS) -> Packed:
    """Return what `kept` matches."""
    runs = [run.span() for run in kept.finditer(text)]
    return Packed("".join(text[a:b] for a, b in runs), [place for a, b in runs for place in range(a, b)])


class Variants:
    """Finds terms that are written in other ways."""

    def __init__(self, terms: Iterable[str], ways: frozenset[str]) -> None:
        """Take folded terms, and the ways that count."""
        terms = tuple(terms)
        self._apart: Table[frozenset[int]] = Table(_packed_terms(terms) if SEPARATED in ways else {})
        read = [(term, reading) for term in terms for reading in readings(term)] if {PINYIN, INITIALS} & ways else []
        self._read: Table[frozenset[int]] = Table(_joined(reading for _, reading in read) if PINYIN in ways else {})
        words = {word: INITIALS for _, each in read if (word := initials(each))} if INITIALS in ways else {}
        if PLURAL in ways:
            words |= {word: PLURAL for term in terms for word in plurals(term)}
        self._words: Table[str] = Table(words)

    def find(self, text: str) -> Iterator[Found]:
        """Give where terms stand in a folded text; those of different ways may overlap."""
        if self._words:
            for start, end, way in self._words.spans(text, lambda a, b, _: is_edge(text, a) and is_edge(text, b)):
                yield start, end, way
        if self._apart:
            packed = pack(text)
            for start, end, _ in self._apart.spans(packed.text, _apart(text, packed.places)):
                yield packed.places[start], packed.places[end - 1] + 1, SEPARATED
        if self._read:
            plain = text.translate(TONED)
            packed = pack(plain, LATIN)
            for start, end, _ in self._read.spans(packed.text, _as_read(plain, packed.places)):
                last = packed.places[end - 1] + 1
                yield packed.places[start], last + bool(TONE.match(plain, last)), PINYIN


def readings(term: str) -> list[tuple[str, ...]]:
    """Return how a term of ideographs is read, syllable by syllable, the likeliest first; nothing for other terms."""
    ideographs = sum(character >= FIRST_IDEOGRAPH for character in term)
    if ideographs < 2 or not term.isalnum():
        return []
    from pypinyin import Style, lazy_pinyin, pinyin  # its tables take a moment, and few policies ask for readings

    likeliest = tuple(lazy_pinyin(term, style=Style.NORMAL, v_to_u=False))
    several = pinyin(term, style=Style.NORMAL, heteronym=True) if len(term) <= LEAST_INITIALS else []
    read = dict.fromkeys((likeliest, *islice(product(*several), MOST_READINGS if several else 0)))
    return [syllables for syllables in read if all(LATIN.fullmatch(one.lower()) for one in syllables)]


def initials(syllables: tuple[str, ...]) -> str:
    """Return the first letters of a reading, where they are enough to mean something."""
    return "".join(one[0] for one in syllables).lower() if len(syllables) >= LEAST_INITIALS else ""


def plurals(term: str) -> tuple[str, ...]:
    """Return how an English term is written of several."""
    if len(term) < LEAST_LETTERS or not (term[-1].isascii() and term[-1].isalpha()):
        return ()
    if term.endswith("y"):
        return f"{term[:-1]}ies", f"{term}s"
    return (f"{term}es",) if term.endswith(SIBILANT) else (f"{term}s",)


def _packed_terms(terms: Iterable[str]) -> Mapping[str, frozenset[int]]:
    """Return the letters of each term, with the places at which it is parted itself."""
    found = {}
    for term in terms:
        packed = pack(term)
        least = 2 if any(one >= FIRST_IDEOGRAPH for one in packed.text) else LEAST_LETTERS
        if len(packed.text) >= least:
            places = packed.places
            found[packed.text] = frozenset(n for n in range(1, len(places)) if places[n] != places[n - 1] + 1)
    return found


def _joined(syllables: Iterable[tuple[str, ...]]) -> Mapping[str, frozenset[int]]:
    """Return readings in one piece, with the places between their syllables."""
    found: dict[str, frozenset[int]] = {}
    for reading in syllables:
        for spelt in {tuple(one.lower() for one in reading), tuple(one.lower().replace("v", "u") for one in reading)}:
            joined = "".join(spelt)
            ends = [sum(map(len, spelt[:number])) for number in range(1, len(spelt))]
            if len(joined) >= LEAST_READING:
                found[joined] = found.get(joined, frozenset()) | frozenset(ends)
    return found


def _apart(text: str, places: list[int]) -> Callable[[int, int, frozenset[int]], bool]:
    """Return what tells whether the letters from one place to another are a term whose characters are kept apart."""

    def accepts(start: int, end: int, joints: frozenset[int]) -> bool:
        first, last = places[start], places[end - 1] + 1
        if not (is_edge(text, first) and is_edge(text, last)):
            return False
        gaps = {n: text[places[start + n - 1] + 1 : places[start + n]] for n in range(1, end - start)}
        gaps = {n: gap for n, gap in gaps.items() if gap}
        if not gaps and not joints:
            return False  # as it is written, which is no variant
        if any(len(gap) > WIDEST for gap in gaps.values()):
            return False
        if end - start == 2:
            return _two(text, first, last, gaps[1])
        if len(gaps) == end - start - 1:
            return True
        inner = [(gap, text[places[start + n]]) for n, gap in gaps.items() if n not in joints]
        return all(_may_part(gap, after >= FIRST_IDEOGRAPH) for gap, after in inner)

    return accepts


def _two(text: str, first: int, last: int, gap: str) -> bool:
    """Tell whether two characters with `gap` between them are one term: 机 密 by itself is, 计算机 密码 is not."""
    if not SENTENCE.isdisjoint(gap):
        return False
    beside = (text[first - 1 : first], text[last : last + 1])
    return not gap.isspace() or all(not one.isalnum() for one in beside)


def _may_part(gap: str, ideograph: bool) -> bool:
    """Tell whether `gap` may stand at one place of a term whose other characters stand together."""
    if not SENTENCE.isdisjoint(gap):
        return False
    return ideograph or not any(one.isspace() for one in gap)


def _as_read(text: str, places: list[int]) -> Callable[[int, int, frozenset[int]], bool]:
    """Return what tells whether letters are a reading: whole words, parted only between syllables."""

    def accepts(start: int, end: int, ends: frozenset[int]) -> bool:
        first, last = places[start], places[end - 1] + 1
        if first and LATIN.match(text[first - 1]):
            return False
        if not (is_edge(text, last) or TONE.match(text, last)):
            return False
        for number in range(1, end - start):
            gap = text[places[start + number - 1] + 1 : places[start + number]]
            if gap and not (number in ends and SYLLABLE_GAP.fullmatch(gap)):
                return False
        return True

    return accepts
