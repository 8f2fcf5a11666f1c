"""Finds secrets of a person's earlier requests again where they come without their context, by keyed digests.

Enters: texts with their scans, and a person's key. Leaves: marks of the secrets in them to be kept, and later the
places where those stand in other texts. A mark is two keyed digests, lengths, and what the rule said: whoever reads one
without the key learns how long a secret is. Only what hardly means anything else is marked. Pure; the value is never
kept.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final

from detectors.interface import Finding, Scan
from detectors.repeats import LONGEST, SHORTEST, goes_on, tells_itself
from detectors.views.through import joined, new
from proxy.exchange import Part

SECRETS: Final = frozenset({"API_KEY", "PASSWORD"})
FIGURE: Final = re.compile("[0-9]")
LOOKED_AT: Final = re.compile("(?<![A-Za-z0-9])[A-Za-z]*+[0-9][A-Za-z0-9]*+")
"""A whole run of letters and figures that has a figure."""
MOST: Final = 64
"""Marks of one request."""
MOST_SHAPES: Final = 32
"""Ways in which known secrets may stand round one run: wherever that stands, each costs a digest. The latest count."""
BECAUSE: Final = "found in an earlier request"


@dataclass(frozen=True, slots=True)
class Mark:
    """A secret that was found, without the secret."""

    run: str
    """Keyed digest of its longest run of letters and figures that has a figure, by which it is looked for."""
    size: int
    """Characters of that run."""
    before: int
    """Characters of the secret before that run."""
    value: str
    """Keyed digest of all of it."""
    length: int
    """Characters of the secret."""
    entity: str
    score: float
    rule: str

    def plain(self) -> Sequence[Any]:
        """Return it as JSON has it."""
        return astuple(self)


type Known = dict[tuple[int, str], dict[tuple[int, int], dict[str, Mark]]]
"""A run's size and digest → the characters before it and of the whole → the digest of that → the mark."""


def marks_of(parts: Sequence[Part], scans: Sequence[Scan], key: bytes) -> tuple[Mark, ...]:
    """Return the marks of the secrets in the texts of a request, the surest finding of each, `MOST` of them."""
    best: dict[str, Finding] = {}
    for part, scan in zip(parts, scans, strict=True):
        for one in scan.findings:
            if one.entity not in SECRETS or not SHORTEST <= one.end - one.start <= LONGEST or BECAUSE in one.because:
                continue  # what is only known again makes nothing be known for longer
            value = part.text[one.start : one.end]
            if worth_knowing(value) and (value not in best or best[value].score < one.score):
                best[value] = one
    surest = sorted(best.items(), key=lambda item: -item[1].score)[:MOST]
    return tuple(mark_of(value, one, key) for value, one in surest)


def worth_knowing(value: str) -> bool:
    """Tell whether a secret hardly means anything else where it stands days or topics later: no figures alone."""
    return tells_itself(value) and any(map(str.isalpha, value))


def mark_of(value: str, found: Finding, key: bytes) -> Mark:
    """Return the mark of a secret, which has a figure."""
    run = max(LOOKED_AT.finditer(value), key=lambda one: len(one[0]))
    start, size = run.start(), len(run[0])
    return Mark(
        digest(key, run[0]), size, start, digest(key, value), len(value), found.entity, found.score, found.detector
    )


def digest(key: bytes, value: str) -> str:
    """Return the keyed digest of a value (BLAKE2b, 80 bits, hexadecimal)."""
    return hashlib.blake2b(value.encode(), key=key[:64], digest_size=10, person=b"sluice known").hexdigest()


def may_hold(parts: Sequence[Part], entities: frozenset[str]) -> bool:
    """Tell whether secrets are wanted and the texts may hold a marked one: all marked ones have a digit."""
    return not entities.isdisjoint(SECRETS) and any(FIGURE.search(part.text) for part in parts)


def known_again(
    parts: Sequence[Part], scans: Sequence[Scan], marks: Sequence[Mark], key: bytes, entities: frozenset[str]
) -> list[Scan]:
    """Return the scans of the texts with the places of known secrets of some entities in them."""
    known: Known = {}
    for mark in reversed(marks):
        if mark.entity in entities:
            shapes = known.setdefault((mark.size, mark.run), {})
            shape = (mark.before, mark.length)
            if shape in shapes or len(shapes) < MOST_SHAPES:
                shapes.setdefault(shape, {}).setdefault(mark.value, mark)
    if not known:
        return list(scans)
    sizes = frozenset(size for size, _ in known)
    return [
        joined(scan, new(scan, places(part.text, known, sizes, key))) for part, scan in zip(parts, scans, strict=True)
    ]


def places(text: str, known: Known, sizes: frozenset[int], key: bytes) -> Iterator[Finding]:
    """Yield where known secrets stand in a text, each by itself and not as a part of a longer word."""
    for run in LOOKED_AT.finditer(text):
        size = run.end() - run.start()
        if size not in sizes:
            continue
        for (before, length), marks in known.get((size, digest(key, run[0])), {}).items():
            start = run.start() - before
            end = start + length
            if start < 0 or end > len(text) or goes_on(text, start, end) or not text[start:end].isascii():
                continue
            if mark := marks.get(digest(key, text[start:end])):
                yield Finding(start, end, mark.entity, mark.score, mark.rule, (f"rule:{mark.rule}", BECAUSE))
