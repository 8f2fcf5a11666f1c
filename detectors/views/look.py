"""A text as somebody reads it who knows its codes: what is decoded, spelt out and turned round, layer by layer.

Enters: a text. Leaves: texts to be searched in its stead, each with the place in the original, and the places of what
cannot be read. Most texts have no sign of any code, and are seen to have none at little cost. What makes too much work,
or lies too deep, is closed, never passed over.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from detectors.reading import Reading, read_text
from detectors.views.beneath import beneath
from detectors.views.budget import DEPTH, Budget, Exceeded
from detectors.views.codes import codes, untouched
from detectors.views.columns import columns
from detectors.views.letters import letters
from detectors.views.manifests import manifests
from detectors.views.markup import markup
from detectors.views.numbers import numbers
from detectors.views.opaque import armoured
from detectors.views.parted import parted
from detectors.views.pieces import Pieces
from detectors.views.shifted import shifted
from detectors.views.signs import seen
from detectors.views.written import written

type Span = tuple[int, int]

TURNED: Final = re.compile("\u202e([^\u202c\n]{2,})\u202c?")
"""What is shown from right to left against its nature."""


@dataclass(frozen=True, slots=True)
class Child:
    """A text that another holds in a code."""

    text: str = field(repr=False)
    start: int
    """Of the whole code in the original."""
    end: int
    kind: str
    """The codes, the outermost first."""


@dataclass(slots=True)
class Sight:
    """What there is to see in a text beside what stands there."""

    children: list[Child] = field(default_factory=list)
    pieces: Pieces = field(default_factory=Pieces)
    """Its hidden numbers."""
    rows: Pieces = field(default_factory=Pieces)
    """Its rows of letters."""
    cells: Pieces = field(default_factory=Pieces)
    """The cells of its tables and lists, behind their headings."""
    closed: list[Span] = field(default_factory=list)
    """Places of what cannot be read."""


def look(text: str, budget: Budget | None = None) -> Sight:
    """Return what there is to see in a text."""
    sight = Sight()
    reading = read_text(text)
    try:
        budget = budget or Budget()
        for match in TURNED.finditer(text) if "\u202e" in text else ():
            turned = match[1][::-1]
            budget.spend(len(turned))
            sight.children.append(Child(turned, *match.span(), "bidi"))
            _enter(sight, turned, read_text(turned), _always(match.span()), "bidi ", budget, 1)
        _enter(sight, text, reading, reading.view.span, "", budget, 0)
    except Exceeded:
        sight.closed.append((0, len(text)))
    return sight


def _enter(
    sight: Sight, text: str, reading: Reading, place: Callable[[int, int], Span], kinds: str, budget: Budget, depth: int
) -> None:
    """Add what a text holds; `place` tells where a stretch of its reading stands in the original."""
    may_hold = reading.made(seen)
    for view, add, pieces in (
        ("numbers", numbers, sight.pieces),
        ("", written, sight.pieces),
        ("parted", parted, sight.pieces),
        ("markup", markup, sight.rows),
        ("", letters, sight.rows),
        ("", columns, sight.cells),
        ("beneath", beneath, sight.cells),
        ("manifests", manifests, sight.cells),
    ):
        if not view or view in may_hold:
            add(reading, pieces, place, kinds)
    if depth:
        shifted(reading, sight.rows, place, kinds)
    if "armoured" in may_hold:
        sight.closed += (place(*span) for span in armoured(reading.text))
    found = [(code, place(code.start, code.end)) for code in codes(reading, budget)]
    found += [
        (code, place(code.start, code.end) if depth else (code.start, code.end))
        for code in untouched(text, reading, budget)
    ]
    for code, span in found:
        if code.text is None or depth >= DEPTH:
            sight.closed.append(span)
            continue
        kind = f"{kinds}{code.kind}"
        sight.children.append(Child(code.text, *span, kind))
        _enter(sight, code.text, read_text(code.text), _always(span), f"{kind} ", budget, depth + 1)


def _always(span: Span) -> Callable[[int, int], Span]:
    """Return what tells one place for all: a part of a code cannot be taken out of it."""
    return lambda _start, _end: span
