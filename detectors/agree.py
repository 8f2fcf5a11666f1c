"""Make findings of numbers and findings of names agree where they overlap.

Enters: the findings of one text, those of one entity merged already. Leaves: the findings that stand. Pure. A number
that its pattern or check digits prove is what it is; a name that a model saw in a part of it is not. What is cut off
a name here is always covered by the finding that it was cut for, so nothing that was found is left uncovered.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from operator import attrgetter
from typing import Final

from detectors.interface import Finding

NAMES: Final = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})
"""What models see in running text."""

IN_ORDER: Final = attrgetter("start", "end", "entity", "score", "detector")
"""Findings in their own order, told without asking each pair of them."""

HIDDEN: Final = ("inside:", "view:")
"""What begins a reason of something that a code holds: it stands in the place of the whole code, as all else in it."""

ELSEWHERE: Final = (*HIDDEN, "repeated")
"""What begins a reason that says where something was seen, and nothing for what it is."""

FORMLESS: Final = frozenset(
    {"check:framework_secret", "check:mixed_key", "check:mixed_password", "check:one_time_code", "check:pair_password"}
    | {"check:quoted_password", "check:random_key", "check:real_password", "check:real_token", "check:signed_password"}
    | {"check:lettered_password", "check:paired_password", "check:password_of_words", "check:told_password"}
    | {"check:typed_password", "check:unquoted_password", "check:asked_password", "check:bracketed_password"}
    | {"check:code_sent", "check:mixed_code", "check:named_password", "check:phrase_password"}
    | {"check:chosen_password", "check:password_by_looks", "check:security_answer"}
    | {"check:opening_code", "check:several_strange", "check:strange_password"}
)
"""Checks of what has no form of its own: it is known by the word before it."""

SEEN: Final = frozenset({"model:hashed", "model:latin"})
"""What speaks for a password that only our own models see: it is known by its sentence."""

PROVEN: Final = 0.5
"""The least score of an identifier that stands against a name, where no check digit speaks for it."""


def has_form(finding: Finding) -> bool:
    """Tell whether something is known by its form, and not alone by a word that stands before it."""
    if is_seen(finding):
        return False
    checks = [why for why in finding.because if why.startswith("check:")]
    return not checks or not FORMLESS.issuperset(checks)


def is_seen(finding: Finding) -> bool:
    """Tell whether nothing but our own models speaks for a password."""
    if finding.entity != "PASSWORD":
        return False
    why = [one for one in finding.because if not one.startswith(ELSEWHERE)]
    return bool(why) and SEEN.issuperset(why)


def is_hidden(finding: Finding) -> bool:
    """Tell whether something stands in the place of a whole code that holds it, beside all else that this holds."""
    return any(why.startswith(HIDDEN) for why in finding.because)


def settled(length: int, findings: Sequence[Finding]) -> bool:
    """Tell whether identifiers cover a whole text, so that no name in it would stand."""
    return Spans(sorted(one for one in findings if _stands(one))).behind(0, length) >= length


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings sorted, with overlapping ones of the same entity made one that covers them all."""
    merged: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=IN_ORDER):
        row = merged.setdefault(finding.entity, [])
        if row and finding.start < row[-1].end:
            best = max(row[-1], finding, key=lambda one: one.score)
            end = max(row[-1].end, finding.end)
            because = tuple(dict.fromkeys((*row[-1].because, *finding.because)))
            row[-1] = Finding(row[-1].start, end, finding.entity, best.score, best.detector, because)
        else:
            row.append(finding)
    return tuple(sorted((finding for row in merged.values() for finding in row), key=IN_ORDER))


def agree(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, sorted, without names inside identifiers and with names cut back to the edge of one.

    A name that holds a whole identifier keeps it: an address its postcode. A place inside an address is part of it. A
    password that models alone see gives way to an identifier likewise. A name beside it stays: neither is proven, and a
    policy may want the one and leave out the other for its low score.
    """
    if any(map(is_seen, findings)):
        findings = beside_identifiers(findings)
    if all(one.entity not in NAMES for one in findings):
        return tuple(sorted(findings, key=IN_ORDER))
    proven = Spans([one for one in findings if _stands(one)])
    addresses = Spans([one for one in findings if one.entity == "ADDRESS"])
    left: list[Finding] = []
    for one in findings:
        if one.entity not in NAMES or is_hidden(one):
            left.append(one)
            continue
        cut = _cut_back(one, proven)
        if cut is not None and not (one.entity != "ADDRESS" and addresses.hold(cut.start, cut.end)):
            left.append(cut)
    return tuple(sorted(left, key=IN_ORDER))


def beside_identifiers(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with passwords that models alone see cut back to the edges of identifiers."""
    proven = Spans([one for one in findings if _stands(one)])
    cut = [_cut_back(one, proven) if is_seen(one) and not is_hidden(one) else one for one in findings]
    return [one for one in cut if one is not None]


def _stands(finding: Finding) -> bool:
    """Tell whether a finding is an identifier that stands against what models see."""
    if finding.entity in NAMES or is_seen(finding):
        return False
    return finding.score >= PROVEN or any(reason.startswith("check:") for reason in finding.because)


class Spans:
    """The places of some findings, which may overlap, for questions that take no longer where they are many."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Take findings in order."""
        self._starts = [one.start for one in findings]
        self._furthest = [*accumulate((one.end for one in findings), max)]
        """For each of them, how far it and those before it reach."""

    def hold(self, start: int, end: int) -> bool:
        """Tell whether one of them holds a whole stretch."""
        before = bisect_right(self._starts, start)
        return before > 0 and self._furthest[before - 1] >= end

    def behind(self, place: int, limit: int) -> int:
        """Return where whatever covers the character at `place` ends, with what goes on from there before `limit`."""
        number = bisect_right(self._furthest, place)
        while place < limit and number < len(self._starts) and self._starts[number] <= place:
            place = self._furthest[number]
            number = bisect_right(self._furthest, place, number)
        return place

    def front(self, place: int) -> int:
        """Return where the first of those begins that cover the character before `place`."""
        number = bisect_left(self._furthest, place)
        return min(place, self._starts[number]) if number < len(self._starts) else place


def _cut_back(name: Finding, proven: Spans) -> Finding | None:
    """Return what is left of a name beside the identifiers that reach into it; nothing where one covers it all."""
    start, end = proven.behind(name.start, name.end), proven.front(name.end)
    if start >= end:
        return None
    return name if (start, end) == (name.start, name.end) else replace(name, start=start, end=end)
