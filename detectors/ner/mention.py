"""What models and rules say of a text before they have agreed: mentions, and the stretches that rules look at.

Pure. Rules look at a long text block by block, so that none of them holds the interpreter for long; blocks overlap, and
what begins near a torn edge is left to the one of the two blocks that shows it whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from detectors.allowance import spend

BLOCK: Final = 4000
OVERLAP: Final = 240
TORN: Final = 120
"""Characters of a block, those it shares with the next, and those after a torn edge at which nothing counts."""


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A stretch of a text under a label, and what speaks for it."""

    start: int
    end: int
    label: str
    score: float
    because: tuple[str, ...] = ()
    """As in a finding: `model:hashed`, `cue:联系人`."""
    firm: bool = False
    """Whether its edges are certain: a form says where a name begins and ends."""


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text in overlapping blocks with their places, parted between lines where there are any."""
    start = 0
    while True:
        end = start + BLOCK
        if end >= len(text):
            yield start, text[start:]
            return
        line = text.rfind("\n", start + BLOCK // 2, end)
        end = line + 1 if line >= 0 else end
        yield start, text[start:end]
        start = end if line >= 0 else end - OVERLAP


def over_blocks(text: str, rule: Callable[[str], Iterable[Mention]]) -> list[Mention]:
    """Return what `rule` sees in the blocks of `text`, each thing once."""
    found: set[Mention] = set()
    for place, block in blocks(text):
        spend()
        first = TORN if place > 0 and text[place - 1] != "\n" else 0
        whole = place + len(block) == len(text) or block.endswith("\n")
        last = len(block) if whole else len(block) - OVERLAP + TORN
        for one in rule(block):
            if first <= one.start < last:
                found.add(replace(one, start=place + one.start, end=place + one.end) if place else one)
    return sorted(found)
