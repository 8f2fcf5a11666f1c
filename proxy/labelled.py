"""What only the word beside it gives away, in a text that is JSON: each value is read behind the key it stands under.

Enters: parts that stand under a key in JSON that a text holds, and what was found in each by itself. Leaves: the same,
with what is found in `key: value`, in the value. Names are not looked for again: models take values as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.interface import Finding, Scan, Searcher
from detectors.ner.tags import LABELS
from proxy.exchange import Part
from proxy.recent import Tail, find_after

TOGETHER: Final = 8192
"""Characters that are read at once, so that what stands in one object is; a longer value stands alone."""


@dataclass(slots=True)
class Sheet:
    """Values read as one text, and where in it each stands."""

    text: str = field(default="", repr=False)
    places: list[tuple[int, int]] = field(default_factory=list)
    """Number of the part, and where it begins."""

    def write(self, number: int, part: Part) -> None:
        """Add a line."""
        self.text += f"{part.label}: "
        self.places.append((number, len(self.text)))
        self.text += part.text + "\n"


def find_in(
    before: Sequence[Tail], finder: Searcher, parts: Sequence[Part], head: int, entities: frozenset[str]
) -> list[Scan]:
    """Return what is found in each part: by itself, spread over them and over what was said before, behind its key."""
    return find_labelled(finder, parts, find_after(before, finder, parts, head, entities), entities)


def find_labelled(
    finder: Searcher, parts: Sequence[Part], scans: Sequence[Scan], entities: frozenset[str]
) -> list[Scan]:
    """Return the scans of the parts, those under keys joined by what their keys give away."""
    done, asked = list(scans), entities - frozenset(LABELS)
    sheets = list(sheets_of(parts)) if asked else []
    if not sheets:
        return done
    for sheet, scan in zip(sheets, finder.find_all([sheet.text for sheet in sheets], asked), strict=True):
        for number, start in sheet.places:
            own, end = done[number], start + len(parts[number].text)
            more = [moved(one, start, end) for one in scan.findings if one.start < end and one.end > start]
            fresh = [
                one for one in more if not any(one.start < old.end and old.start < one.end for old in own.findings)
            ]
            findings = tuple(sorted((*own.findings, *fresh), key=lambda one: (one.start, one.end)))
            done[number] = replace(
                own, findings=findings, unknown=own.unknown | scan.unknown, away=own.away or scan.away
            )
    return done


def sheets_of(parts: Sequence[Part]) -> Iterator[Sheet]:
    """Yield the sheets of the parts that stand under keys, in order."""
    sheet = Sheet()
    for number, part in enumerate(parts):
        if not part.label or not part.text:
            continue
        if sheet.text and len(sheet.text) + len(part.text) > TOGETHER:
            yield sheet
            sheet = Sheet()
        sheet.write(number, part)
    if sheet.text:
        yield sheet


def moved(finding: Finding, start: int, end: int) -> Finding:
    """Return the share of a finding that lies in a value which stands from `start` to `end`."""
    return replace(finding, start=max(finding.start, start) - start, end=min(finding.end, end) - start)
