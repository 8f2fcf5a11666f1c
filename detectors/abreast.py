"""Batches of short plain texts, scanned in one pass: for the values of an export the fixed cost of a scan dominates.

Enters: texts. Leaves: rows. A row joins texts without escapes, quotes, brackets and line breaks into one, with gaps so
wide that no pattern reaches from one into the next and no context word counts for its neighbour; and it maps findings
back to their texts. A finding that spans a gap all the same is dropped, and the texts it touches are scanned alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.interface import Finding

PLAIN: Final = re.compile(r"[0-9A-Za-z@._+\-!#$*,:/ ]{1,256}")
"""A text whose reading does not depend on its neighbours."""
PLAIN_CHINESE: Final = re.compile("[0-9A-Za-z@._+\\-!#$*,:/ \u4e00-\u9fff]{1,256}")

GAP: Final = "\n" * 256 + "~" + "\n" * 256
"""Wider than any rule's context window; the sign in its middle ends a match that runs on over white space."""

LONGEST: Final = 1 << 16
"""Characters of a row, at most."""

FEWEST: Final = 4
"""Fewer texts than this are not worth the gaps of a row."""


@dataclass(slots=True)
class Row:
    """Texts that are scanned as one."""

    numbers: list[int] = field(default_factory=list)
    """Their indices in the list they came in, in order."""
    starts: list[int] = field(default_factory=list)
    """Offset in the row at which each begins."""
    ends: list[int] = field(default_factory=list)
    text: str = field(default="", repr=False)

    def owner(self, start: int, end: int) -> int | None:
        """Return the position in `numbers` of the text that holds the whole span, or None where none does."""
        place = bisect_right(self.starts, start) - 1
        return place if place >= 0 and end <= self.ends[place] else None

    def touched(self, start: int, end: int) -> range:
        """Return the positions in `numbers` of the texts that the span may overlap."""
        return range(max(0, bisect_right(self.starts, start) - 1), bisect_right(self.starts, max(start, end - 1)))

    def shares(self, findings: Sequence[Finding]) -> Iterator[tuple[int, tuple[Finding, ...]]]:
        """Yield the index of each text with its findings, offsets its own; not the texts that a finding spans."""
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
    """Yield rows of the texts that can share one; texts with Chinese characters have rows of their own."""
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
    """Yield the row with its text, if it has enough texts to be worth it."""
    if len(row.numbers) >= FEWEST:
        row.text = GAP.join(texts[number] for number in row.numbers)
        yield row
