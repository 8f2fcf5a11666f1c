"""Make findings of numbers and findings of names agree where they overlap.

Enters: the findings of one text, those of one entity merged already. Leaves: the findings that stand. Pure. A number
that its pattern or check digits prove is what it is; a name that a model saw in a part of it is not. What is cut off
a name here is always covered by the finding that it was cut for, so nothing that was found is left uncovered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from detectors.interface import Finding

NAMES: Final = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})
"""What models see in running text."""

PROVEN: Final = 0.5
"""The least score of an identifier that stands against a name, where no check digit speaks for it."""


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings sorted, with overlapping ones of the same entity made one that covers them all."""
    merged: dict[str, list[Finding]] = {}
    for finding in sorted(findings):
        row = merged.setdefault(finding.entity, [])
        if row and finding.start < row[-1].end:
            best = max(row[-1], finding, key=lambda one: one.score)
            end = max(row[-1].end, finding.end)
            because = tuple(dict.fromkeys((*row[-1].because, *finding.because)))
            row[-1] = Finding(row[-1].start, end, finding.entity, best.score, best.detector, because)
        else:
            row.append(finding)
    return tuple(sorted(finding for row in merged.values() for finding in row))


def agree(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, sorted, without names inside identifiers and with names cut back to the edge of one.

    A name that holds a whole identifier keeps it: an address its postcode. A place inside an address is part of it.
    """
    proven = [one for one in findings if one.entity not in NAMES and _proven(one)]
    addresses = [one for one in findings if one.entity == "ADDRESS"]
    left: list[Finding] = []
    for one in findings:
        if one.entity not in NAMES:
            left.append(one)
            continue
        cut = _cut_back(one, proven)
        if cut is not None and not (one.entity != "ADDRESS" and any(_holds(other, cut) for other in addresses)):
            left.append(cut)
    return tuple(sorted(left))


def _proven(finding: Finding) -> bool:
    return finding.score >= PROVEN or any(reason.startswith("check:") for reason in finding.because)


def _holds(outer: Finding, inner: Finding) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _cut_back(name: Finding, proven: Sequence[Finding]) -> Finding | None:
    """Return what is left of a name beside the identifiers that reach into it; nothing where one covers it all."""
    start, end = name.start, name.end
    for one in proven:
        if one.start <= start < one.end:
            start = one.end
        if one.start < end <= one.end:
            end = one.start
    if start >= end:
        return None
    return name if (start, end) == (name.start, name.end) else replace(name, start=start, end=end)
