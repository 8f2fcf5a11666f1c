"""Short plain texts read in one pass: the values of an export, each of which costs more to begin with than to read.

Enters: texts. Leaves: rows of those among them that hold no escapes, quotes, brackets nor line breaks, each a text in
which they stand so far apart that no pattern reaches from one into the next and no word speaks for its neighbour; and
the way back. What goes over a gap all the same is nobody's answer: those texts are read by themselves.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.interface import Finding

PLAIN: Final = re.compile(r"[0-9A-Za-z@._+\-!#$*,:/ ]{1,256}")
"""What reads as it stands, whatever stands beside it."""
PLAIN_CHINESE: Final = re.compile("[0-9A-Za-z@._+\\-!#$*,:/ \u4e00-\u9fff]{1,256}")

GAP: Final = "\n" * 256 + "~" + "\n" * 256
"""More than the farthest that a rule looks for a word; the sign ends whatever goes on over white space."""

LONGEST: Final = 1 << 16
"""Characters of a row."""

FEWEST: Final = 4
"""Texts for which a row is worth its gaps."""


@dataclass(slots=True)
class Row:
    """Texts that are read as one."""

    numbers: list[int] = field(default_factory=list)
    """Which they are, in order."""
    starts: list[int] = field(default_factory=list)
    """Where each begins in the row."""
    ends: list[int] = field(default_factory=list)
    text: str = field(default="", repr=False)

    def owner(self, start: int, end: int) -> int | None:
        """Return the place in the row of the text that holds a stretch; none where no single one does."""
        place = bisect_right(self.starts, start) - 1
        return place if place >= 0 and end <= self.ends[place] else None

    def touched(self, start: int, end: int) -> range:
        """Return the places of the texts that a stretch may lie in."""
        return range(max(0, bisect_right(self.starts, start) - 1), bisect_right(self.starts, max(start, end - 1)))

    def shares(self, findings: Sequence[Finding]) -> Iterator[tuple[int, tuple[Finding, ...]]]:
        """Yield the number of each text with its findings; not of those that something goes over."""
        own: list[list[Finding] | None] = [[] for _ in self.numbers]
        for one in findings:
            place = self.owner(one.start, one.end)
            if place is None:
                for other in self.touched(one.start, one.end):
                    own[other] = None
            elif (found := own[place]) is not None:
                start = self.starts[place]
                found.append(replace(one, start=one.start - start, end=one.end - start))
        yield from (
            (number, tuple(found)) for number, found in zip(self.numbers, own, strict=True) if found is not None
        )


def rows(texts: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of the texts that may be read with others; those with Chinese characters stand in their own."""
    if len(texts) < FEWEST:
        return
    plain = [number for number, text in enumerate(texts) if PLAIN.fullmatch(text)]
    others = [n for n, text in enumerate(texts) if not text.isascii() and PLAIN_CHINESE.fullmatch(text)]
    for numbers in (plain, others):
        row, length = Row(), 0
        for number in numbers:
            if length + len(texts[number]) > LONGEST:
                yield from finished(row, texts)
                row, length = Row(), 0
            row.numbers.append(number)
            row.starts.append(length)
            row.ends.append(length + len(texts[number]))
            length = row.ends[-1] + len(GAP)
        yield from finished(row, texts)


def finished(row: Row, texts: Sequence[str]) -> Iterator[Row]:
    """Yield a row with its text, where it is worth it."""
    if len(row.numbers) >= FEWEST:
        row.text = GAP.join(texts[number] for number in row.numbers)
        yield row
