"""Finds the other occurrences of values already found: what only its context gave away may stand bare elsewhere.

Enters: the texts of one request, and the findings in each. Leaves: the same, with the other occurrences. A settings
file names a password, the code that an agent reads next has it bare. Only values that hardly mean anything else are
looked for: letters and digits mixed, or many digits; never a word. Pure; nothing is kept.
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
"""Entities whose values mean something else elsewhere, or are found again by other means."""

SHORTEST: Final = 6
FEWEST_FIGURES: Final = 8
"""Digits from which on a number is taken for the same one wherever it stands."""
LONGEST: Final = 256
FEW: Final = 64
"""Values that are sooner looked for one by one; a text without any of them is not cut into its words."""

RUN: Final = re.compile("[A-Za-z0-9]+")
BECAUSE: Final = "repeated"

type Known = Mapping[str, list[tuple[int, str, Finding]]]
"""First run of letters and digits of each value → its offset in the value, the value, and its finding."""


def found_again(texts: Sequence[str], scans: Sequence[Scan]) -> list[Scan]:
    """Return the scans with the other occurrences of their values added."""
    known = values_of(texts, scans)
    if not known:
        return list(scans)
    few = tuple(known) if len(known) <= FEW else ()
    return [
        scan if few and not any(run in text for run in few) else joined(scan, new(scan, places(text, known)))
        for text, scan in zip(texts, scans, strict=True)
    ]


def values_of(texts: Sequence[str], scans: Sequence[Scan]) -> Known:
    """Return the distinctive values, each with its finding of the highest score."""
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
    """Tell whether a value is distinctive: it hardly means anything else where it occurs again."""
    if any(map(str.isspace, value)) or not value.isascii() or TECHNICAL.fullmatch(value):
        return False
    figures = sum(map(str.isdigit, value))
    return figures >= FEWEST_FIGURES or (figures > 0 and any(map(str.isalpha, value)))


def places(text: str, known: Known) -> Iterator[Finding]:
    """Yield the occurrences of known values in a text, as whole words only."""
    for run in RUN.finditer(text):
        for before, value, one in known.get(run[0], ()):
            start = run.start() - before
            end = start + len(value)
            if start >= 0 and text.startswith(value, start) and not goes_on(text, start, end):
                yield replace(one, start=start, end=end, because=(*one.because, BECAUSE))


def goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether a span cuts a word: letters or digits continue over one of its edges."""
    before, behind = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return any(len(edge) == 2 and RUN.fullmatch(edge) is not None for edge in (before, behind))
