"""What was found once is found wherever else it stands: a value that only words beside it gave away, bare elsewhere.

Enters: the texts of one request, and what was found in each. Leaves: the same, with the other places of those values. A
settings file tells what a password is, the code that an agent reads next has it bare. Only what hardly means anything
else is looked for: letters and figures mixed, or many figures; never a word. Pure; nothing is kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from detectors.agree import NAMES
from detectors.interface import Finding, Scan
from detectors.typed import TECHNICAL
from detectors.views.through import joined, new

NO_VALUES: Final = NAMES | {"CLASSIFICATION_MARKING", "DATE_OF_BIRTH", "IP_ADDRESS", "MAC_ADDRESS", "PRIVATE_KEY"}
"""What means something else elsewhere, or has its own way to be found again."""

SHORTEST: Final = 6
FEWEST_FIGURES: Final = 8
"""Figures of a number that is the same one wherever it stands."""
LONGEST: Final = 256
FEW: Final = 64
"""Values that are sooner looked for one by one; a text without any of them is not cut into its words."""

RUN: Final = re.compile("[A-Za-z0-9]+")
BECAUSE: Final = "repeated"

type Known = Mapping[str, list[tuple[int, str, Finding]]]
"""The first run of letters and figures of each value → how far in it stands, the value, and what it was found as."""


def found_again(texts: Sequence[str], scans: Sequence[Scan]) -> list[Scan]:
    """Return the scans with the other places of the values in them."""
    known = values_of(texts, scans)
    if not known:
        return list(scans)
    few = tuple(known) if len(known) <= FEW else ()
    return [
        scan if few and not any(run in text for run in few) else joined(scan, new(scan, places(text, known)))
        for text, scan in zip(texts, scans, strict=True)
    ]


def values_of(texts: Sequence[str], scans: Sequence[Scan]) -> Known:
    """Return the values that are the same wherever they stand, by the surest finding of each."""
    best: dict[str, Finding] = {}
    for text, scan in zip(texts, scans, strict=True):
        for one in scan.findings:
            if one.entity in NO_VALUES or not SHORTEST <= one.end - one.start <= LONGEST:
                continue
            value = text[one.start : one.end]
            if tells_itself(value) and (value not in best or best[value].score < one.score):
                best[value] = one
    known: dict[str, list[tuple[int, str, Finding]]] = {}
    for value, one in best.items():
        if run := RUN.search(value):
            known.setdefault(run[0], []).append((run.start(), value, one))
    return known


def tells_itself(value: str) -> bool:
    """Tell whether a value hardly means anything else where it stands again."""
    if any(map(str.isspace, value)) or not value.isascii() or TECHNICAL.fullmatch(value):
        return False
    figures = sum(map(str.isdigit, value))
    return figures >= FEWEST_FIGURES or (figures > 0 and any(map(str.isalpha, value)))


def places(text: str, known: Known) -> Iterator[Finding]:
    """Yield where known values stand in a text, each by itself and not as a part of a longer word."""
    for run in RUN.finditer(text):
        for before, value, one in known.get(run[0], ()):
            start = run.start() - before
            end = start + len(value)
            if start >= 0 and text.startswith(value, start) and not goes_on(text, start, end):
                yield replace(one, start=start, end=end, because=(*one.because, BECAUSE))


def goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether letters or figures go on over an edge of a stretch."""
    before, behind = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return any(len(edge) == 2 and RUN.fullmatch(edge) is not None for edge in (before, behind))
