"""Scans values together with their keys: some are only given away by the key, such as `password: …`.

Enters: parts, some of them values under keys or texts of files that hold such values, and what was found in each by
itself. Leaves: the same, with what is found in `key: value`, in the value. What is found never reaches from a value
into keys or neighbours, nor from one cell of a row into the next: these are not the person's, and with them gone nobody
can read the rest. Names are not looked for again: models take values as they are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from detectors.agree import has_form
from detectors.headings import line
from detectors.interface import Finding, Scan, Searcher
from detectors.ner.tags import LABELS
from detectors.repeats import found_again
from detectors.typed import JOINTS, several_passwords
from proxy.adapters.prompt import SCHEMA_WORD
from proxy.documents.settings_file import values
from proxy.exchange import Field, Part
from proxy.known import known_again, may_hold
from proxy.recent import Asked, Earlier, find_after

TOGETHER: Final = 8192
"""Characters that are scanned at once: enough for the values of one object to be scanned together."""

LONGEST: Final = 512
"""Characters of a value that are read behind its key: what a key gives away is shorter, and begins there."""

CELL: Final = re.compile(r"[^\t\s](?:[^\t]*[^\t\s])?")
"""What stands between two tabs."""

LONGEST_PASSWORD: Final = 64
"""Characters of a value that is a password as a whole, with all its words."""

MASK: Final = "*"
"""What no rule takes for a value."""


@dataclass(slots=True)
class Sheet:
    """Values read as one text, and where in it each stands."""

    text: str = field(default="", repr=False)
    places: list[tuple[int, int, Field]] = field(default_factory=list)
    """Where a value begins, the number of its part, and its place in that."""

    def write(self, number: int, value: str, place: Field) -> None:
        """Add a line."""
        written, begins = line(place.label, value)
        self.places.append((len(self.text) + begins, number, place))
        self.text += written + "\n"


def find_in(
    before: Earlier, finder: Searcher, parts: Sequence[Part], head: int, entities: frozenset[str]
) -> list[Scan]:
    """Return the findings in each part: of the part alone, of values split over parts and earlier requests, of values
    with their keys, and of further occurrences of values found here or in an earlier request."""
    found = find_after(before, finder, parts, head, entities)
    labelled = find_labelled(finder, parts, [within(*both) for both in zip(parts, found, strict=True)], entities)
    if isinstance(before, Asked) and may_hold(parts, entities):
        labelled = known_again(parts, labelled, before.known(), before.key, entities)
    again = found_again([part.text for part in parts], labelled)
    return [within(*both) for both in zip(parts, again, strict=True)]


def find_labelled(
    finder: Searcher, parts: Sequence[Part], scans: Sequence[Scan], entities: frozenset[str]
) -> list[Scan]:
    """Return the scans of the parts, those under keys joined by what their keys give away."""
    done, asked = list(scans), entities - frozenset(LABELS)
    sheets = list(sheets_of(parts, scans)) if asked else []
    if not sheets:
        return done
    for sheet, scan in zip(sheets, finder.find_all([sheet.text for sheet in sheets], asked), strict=True):
        findings = sorted(scan.findings, key=lambda one: one.start)
        starts = [one.start for one in findings]
        at = 0
        for start, number, place in sheet.places:
            value = parts[number].text[place.start : place.end]
            end = start + min(len(value), LONGEST)
            while at < len(findings) and findings[at].end <= start:
                at += 1
            near = findings[at : bisect_left(starts, end, at)]
            more = [each for one in near if one.end > start for each in moved(one, start, end, place, value)]
            if more or scan.unknown or scan.away:
                done[number] = joined(done[number], more, scan)
    return done


def joined(own: Scan, more: Sequence[Finding], scan: Scan) -> Scan:
    """Return a scan with what is found behind keys, as far as it is new."""
    fresh = [one for one in more if not any(old.start <= one.start and one.end <= old.end for old in own.findings)]
    findings = tuple(sorted((*own.findings, *fresh), key=lambda one: (one.start, one.end)))
    return replace(own, findings=findings, unknown=own.unknown | scan.unknown, away=own.away or scan.away)


def sheets_of(parts: Sequence[Part], scans: Sequence[Scan]) -> Iterator[Sheet]:
    """Yield the sheets of the values that stand under keys which say something, in order.

    What is an identifier as a whole is masked: whatever its key says of it, it goes as one piece already.
    """
    sheet = Sheet()
    for number, (part, scan) in enumerate(zip(parts, scans, strict=True)):
        for place in fields_of(part):
            value = part.text[place.start : min(place.end, place.start + LONGEST)]
            if not place.label or not value.strip():
                continue
            if is_known(value, part, scan):
                value = MASK * len(value)
            if sheet.text and len(sheet.text) + len(value) > TOGETHER:
                yield sheet
                sheet = Sheet()
            sheet.write(number, value, place)
    if sheet.text:
        yield sheet


def is_known(value: str, part: Part, scan: Scan) -> bool:
    """Tell whether a value is all of its part, one word, and an identifier as a whole."""
    return (
        value == part.text
        and not any(map(str.isspace, value))
        and any((one.start, one.end) == (0, len(value)) and one.entity not in LABELS for one in scan.findings)
    )


def fields_of(part: Part) -> Sequence[Field]:
    """Return the values of a part: all of it under a key, those of a file, or those of settings that a text is."""
    held = part.fields or (values(part.text, "") if "\n" in part.text and not part.program else ())
    return (Field(0, len(part.text), part.label), *held) if part.label else held


def moved(finding: Finding, start: int, end: int, place: Field, value: str) -> Iterator[Finding]:
    """Yield the share of a finding that lies in a value which stands from `start` to `end`; a password is all of it.

    Where the value is several passwords, each is one of its own.
    """
    spans = [(max(finding.start, start) - start, min(finding.end, end) - start)]
    short = len(value) <= LONGEST_PASSWORD and "\n" not in value.strip()
    if finding.entity == "PASSWORD" and place.label == "password" and short:
        spans = each_of(value)
    for first, last in spans:
        yield replace(finding, start=place.start + first, end=place.start + last)


def each_of(value: str) -> list[tuple[int, int]]:
    """Return where the passwords stand that a value is made of: all of it, unless there are several."""
    first, last = len(value) - len(value.lstrip()), len(value.rstrip())
    if not several_passwords(value[first:last]):
        return [(first, last)]
    joints = [(first, first), *(one.span() for one in JOINTS.finditer(value, first, last)), (last, last)]
    return [(before, after) for (_, before), (after, _) in pairwise(joints)]


def within(part: Part, scan: Scan) -> Scan:
    """Return what was found in a part, cut at the borders of its values, and of the cells of its tables."""
    if not scan.findings or not (part.bounded or "\t" in part.text):
        return scan
    found = (share for one in scan.findings for share in (shares(part, one) if part.bounded else (one,)))
    return replace(scan, findings=tuple(share for one in found for share in in_cells(part.text, one)))


def in_cells(text: str, finding: Finding) -> Iterator[Finding]:
    """Yield the shares of a finding in the cells of a row; what goes over several lines is no row."""
    held = text[finding.start : finding.end]
    if "\t" not in held or "\n" in held:
        yield finding
        return
    for cell in CELL.finditer(held):
        yield replace(finding, start=finding.start + cell.start(), end=finding.start + cell.end())


def shares(part: Part, finding: Finding) -> Iterator[Finding]:
    """Yield the shares of a finding in the values of a file; what is found in a key counts where a person named it."""
    first = bisect_right(part.fields, finding.start, key=lambda one: one.end)
    touched = part.fields[first : bisect_left(part.fields, finding.end, first, key=lambda one: one.start)]
    for one in touched:
        yield replace(finding, start=max(one.start, finding.start), end=min(one.end, finding.end))
    key = part.text[finding.start : finding.end]
    if not touched and has_form(finding) and SCHEMA_WORD.fullmatch(key) is None:
        yield finding
