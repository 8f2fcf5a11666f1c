"""All words that gates spell out or patterns need, found in one pass over a text.

Enters: words, made of the characters that do at each place or beyond ASCII, and a text that was read. Leaves: where
they stand, and which groups of words a text may have one of. The automaton that is asked is made whole when it is
built: a text of a new kind takes no longer than any other, and none leaves it without memory. It reads symbols, one
byte for a character; what it finds is compared.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, Final

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from detectors.engine import Later
from detectors.needed import Group, Marks, Words, is_common, marks_of
from detectors.normalise import TABLED
from detectors.reading import Reading
from detectors.spelt import Word, rareness
from detectors.syntax import SIGNS_BEYOND

MOST_WAYS: Final = 16
"""Rows of symbols that one word is looked for by; of one that has more a part is."""

PIECE: Final = 1 << 13
"""Characters looked through at a time: what is found in them is held all at once."""


DENSE: Final = PIECE // 8
"""Words in a piece beyond which each counts as standing anywhere in it: no honest text has so many."""


def _symbols() -> bytes:
    """Return what stands for each byte of a skeleton: the cases of a letter are one, and all digits, and all blanks."""
    symbols = bytearray(256)
    signs = (chr(code) for code in range(33, 127) if not chr(code).isalnum())
    letters = map(chr, range(ord("a"), ord("z") + 1))
    for number, members in enumerate((*letters, "0123456789", "\t\n\v\f\r ", *SIGNS_BEYOND, *signs), start=1):
        for byte in (members + members.upper()).encode():
            symbols[byte] = number
    return bytes(symbols)


SYMBOL_OF: Final = _symbols()
"""What stands for each byte; nought for control characters, which no pattern spells out."""
ALIKE: Final = {
    symbol: frozenset(chr(byte) for byte in range(128) if SYMBOL_OF[byte] == symbol) for symbol in set(SYMBOL_OF)
}
"""The characters that a symbol stands for."""
BEYOND_ASCII: Final = range(max(SYMBOL_OF) + 1, 256)
"""Symbols of characters beyond ASCII that stand in words; several may have the same."""

type Found = tuple[int, int, int]
"""The number of a row of symbols, and where it begins and ends."""


class Automaton:
    """Rows of symbols, all found in one pass."""

    def __init__(self, rows: Sequence[bytes]) -> None:
        """Take the rows, each once; none is empty."""
        self.longest: Final = max(map(len, rows), default=1)
        self._find = BytesAhoCorasick(rows, implementation=Implementation.DFA).find_matches_as_indexes if rows else None

    def find(self, data: bytes) -> Iterator[list[Found]]:
        """Yield which rows stand where in each piece of a text, also in each other; in it, not in the piece."""
        if self._find is None:
            return
        if len(data) <= PIECE:
            yield self._find(data, overlapping=True)
            return
        for first in range(0, len(data), PIECE):
            found = self._find(data[first : first + PIECE + self.longest - 1], overlapping=True)
            yield [(number, first + start, first + end) for number, start, end in found if start < PIECE]


class Seen:
    """What a text has of a vocabulary."""

    __slots__ = ("_met", "_rows", "_words")

    def __init__(self, reading: Reading) -> None:
        """Take the text."""
        self._rows: set[int] = set()
        self._met: dict[int, bool] = {}
        self._words = Words(reading)

    def add(self, rows: Iterable[int]) -> None:
        """Add the numbers of rows of symbols that stand in it."""
        self._rows.update(rows)

    def meets(self, needs: Sequence["Needed"]) -> bool:
        """Tell whether the text may have a word of each group."""
        met = self._met
        for one in needs:
            known = met.get(id(one))  # a vocabulary outlives what is seen of it
            if known is None:
                known = met[id(one)] = not self._rows.isdisjoint(one.rows) or self._words.has_one(one.others)
            if not known:
                return False
        return True


class Needed:
    """A group of words, as it is looked for."""

    __slots__ = ("others", "rows")

    def __init__(self, rows: frozenset[int], others: Marks) -> None:
        """Take the rows of symbols of the rarer words, and the common words."""
        self.rows, self.others = rows, others


class Vocabulary[User]:
    """Words, each with those who wait for it, and groups of words."""

    def __init__(
        self, spelt: Mapping[Word, Sequence[User]], literals: Mapping[str, Sequence[User]], groups: Iterable[Group] = ()
    ) -> None:
        """Take words made of the characters of skeletons, words beyond ASCII, and groups of words of both kinds."""
        rarer = {group: [word for word in group if not is_common(word)] for group in groups}
        rare = dict.fromkeys(word for words in rarer.values() for word in words)
        plain: dict[bytes, list[tuple[Any, int, Sequence[User]]]] = {_row(word): [] for word in rare if word.isascii()}
        for word, users in spelt.items():
            place, rows, whole = rows_of(word)
            entry = (None if whole else Later(partial(_written, word)), place, users)
            for row in rows:
                plain.setdefault(row, []).append(entry)
        beyond = [*literals, *(word for word in rare if not word.isascii() and word not in literals)]
        self._table = table_of(beyond)
        others: dict[bytes, list[tuple[str, Sequence[User]]]] = {}
        for literal in beyond:
            entries = others.setdefault(self._symbols(literal), [])
            if literal in literals:
                entries.append((literal.lower(), literals[literal]))
        self._plain, self._others = Automaton(list(plain)), Automaton(list(others))
        self._spelt = tuple(map(tuple, plain.values()))
        self._literals = tuple(map(tuple, others.values()))
        number = {row: at for at, row in enumerate((*plain, *others))}
        self._needed = {
            group: Needed(
                frozenset(number[_row(word) if word.isascii() else self._symbols(word)] for word in words),
                marks_of(tuple(word for word in group if word not in words)),
            )
            for group, words in rarer.items()
        }

    def needed(self, group: Group) -> Needed:
        """Return a group as it is looked for."""
        return self._needed[group]

    def find(self, reading: Reading, seen: Seen) -> Iterator[tuple[int, int, Sequence[User]]]:
        """Yield the start and end of each word in a text, and who waits for it; notes what the text has.

        Where very many stand, the stretch is told in which each is, and some that may not be.
        """
        yield from self._find_spelt(reading.skeleton, seen)
        if reading.codes is not None:
            yield from self._find_literals(reading.text, self._table.take(reading.codes, mode="clip").tobytes(), seen)

    def _find_spelt(self, data: bytes, seen: Seen) -> Iterator[tuple[int, int, Sequence[User]]]:
        for found in self._plain.find(data.translate(SYMBOL_OF)):
            rows = {number for number, _, _ in found}
            seen.add(rows)
            if len(found) > DENSE:
                first = found[0][2] - self._plain.longest
                for _, place, users in (entry for row in rows for entry in self._spelt[row]):
                    yield max(0, first - place), found[-1][2], users
                continue
            for number, start, end in found:
                for written, place, users in self._spelt[number]:
                    if written is None:
                        yield start, end, users
                    elif start >= place and (match := written.match(data, start - place)):
                        yield start - place, match.end(), users

    def _find_literals(self, text: str, symbols: bytes, seen: Seen) -> Iterator[tuple[int, int, Sequence[User]]]:
        above = len(self._spelt)
        for found in self._others.find(symbols):
            rows = {number for number, _, _ in found}
            seen.add(above + row for row in rows)
            if len(found) > DENSE:
                first = max(0, found[0][2] - self._others.longest)
                for _, users in (entry for row in rows for entry in self._literals[row]):
                    yield first, found[-1][2], users
                continue
            for number, start, end in found:
                for word, users in self._literals[number]:
                    if text[start:end].lower() == word:
                        yield start, end, users

    def _symbols(self, word: str) -> bytes:
        codes = np.frombuffer(word.encode("utf-32-le"), np.uint32)
        symbols: bytes = self._table.take(codes, mode="clip").tobytes()
        return symbols


def table_of(words: Iterable[str]) -> Any:
    """Return what stands for each character, the commoner in words the less shared, and at its end for all others."""
    table = np.zeros(TABLED + 1, np.uint8)
    common = Counter(one for word in words for one in word if not one.isascii())
    for rank, (one, _) in enumerate(common.most_common()):
        table[min(ord(one), TABLED)] = BEYOND_ASCII[rank % len(BEYOND_ASCII)]
    table[:128] = np.frombuffer(SYMBOL_OF, np.uint8)[:128]
    return table


def rows_of(word: Word) -> tuple[int, list[bytes], bool]:
    """Return the rarest part of a word that few rows of symbols stand for.

    That is where it begins, its rows, and whether whatever they stand for is the word.
    """
    symbols = [sorted({SYMBOL_OF[ord(one)] for one in element}) for element in word]
    best, first, last, ways, end = -1.0, 0, 0, 1, 0
    for start in range(len(word)):
        while end < len(word) and ways * len(symbols[end]) <= MOST_WAYS:
            ways *= len(symbols[end])
            end += 1
        if end > start:
            if (bits := sum(map(rareness, word[start:end]))) > best:
                best, first, last = bits, start, end
            ways //= len(symbols[start])
        else:
            end = start + 1
    if not last:  # each of its characters may be anything
        first = min(range(len(word)), key=lambda place: len(symbols[place]))
        last = first + 1
    whole = last - first == len(word) and all(
        sum(len(ALIKE[symbol]) for symbol in those) == len(set(element))
        for those, element in zip(symbols, word, strict=True)
    )
    return first, [bytes(row) for row in product(*symbols[first:last])], whole


def _row(word: str) -> bytes:
    return word.encode().translate(SYMBOL_OF)


def _written(word: Word) -> re.Pattern[bytes]:
    """Return a pattern of a word as it may be written."""
    return re.compile("".join(f"[{''.join(f'\\x{ord(one):02x}' for one in element)}]" for element in word).encode())
