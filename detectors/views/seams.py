"""Values spread over several texts of one person: parts of a message, fields of a form, turns of a conversation.

Enters: texts in reading order, and which belong together. Leaves: the ends of texts joined to the beginnings or ends of
the next, for detectors to search. Only what goes over a joint counts, and each text loses its own share of it. The
texts in full were searched by themselves: here little is looked at, and nothing where no value can be broken.
"""

import re
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from detectors.interface import ANSWERING, group_of
from detectors.views.numbers import NUMERALS, READ
from detectors.views.pieces import Piece, Pieces, Place

KIND: Final = "joined"
FARTHEST: Final = 4
"""Texts that one value is looked for in."""

LONGEST: Final = 120
"""Characters of the share of one text."""

AROUND: Final = 40
"""Characters before and after that may say what a value is."""

TOGETHER: Final = 8192
"""Characters that are put together, so that what was searched once is known again where more has been said."""

SPELT_OUT: Final = "".join(NUMERALS)
TOKEN: Final = rf"[0-9A-Za-z_.@+\-/=０-９{SPELT_OUT}]"
TAIL: Final = re.compile(rf"({TOKEN}+)\Z|({TOKEN}*[0-9A-Za-z_@+\-/=０-９{SPELT_OUT}])[\s,.;:，。；：、…）)\"'”]*\Z")
HEAD: Final = re.compile(rf"({TOKEN}+)|\s+({TOKEN}+)")
"""The second group is what does not touch the edge of its text; there only a number may go on."""

LONGER: Final = 16
"""Digits of two shares that may go on as one number."""

FEWEST: Final = 6
"""Digits without which nothing is joined but addresses of mail, and what is as long as a key."""
KEY: Final = 16
SPELT: Final = 14
"""Texts of one character that are read as one: as many as a short card or a longer address of mail has."""


@dataclass(frozen=True, slots=True)
class Share:
    """A stretch at the end or the beginning of a text."""

    place: Place
    text: str
    ends: bool
    """Whether it does not touch the edge of its text, so that only a number may go on beyond."""


@dataclass(slots=True)
class Joined:
    """Some joints of texts."""

    pieces: Pieces
    keyed: bool = True
    """Whether all of them are of values under keys of their own."""


def seams(texts: Sequence[str], groups: Sequence[Hashable | None], whole: Container[int] = frozenset()) -> list[Joined]:
    """Return what is joined of texts, some of it at a time; those of no group are passed over.

    What is joined first stays the same where texts are added at the end, as turns are to a conversation. `whole` are
    values under keys that are no part of a longer one.
    """
    under = keyed_texts(groups)
    rows = rows_of(texts, groups, range(len(texts)))
    made: list[Joined] = []
    for pieces in (*(joints(texts, row, under, whole) for row in rows.values()), borders(texts, groups, under, whole)):
        writing: Joined | None = None
        for piece in pieces:
            if writing is None or writing.pieces.length > TOGETHER:
                writing = Joined(Pieces())
                made.append(writing)
            writing.pieces.add(piece)
            writing.keyed &= all(place.text in under for place in piece.places)
    return made


def rows_of(
    texts: Sequence[str], groups: Sequence[Hashable | None], numbers: Iterable[int]
) -> dict[Hashable, list[int]]:
    """Return which of some texts belong together, in order; those of no group are in none."""
    rows: dict[Hashable, list[int]] = {}
    for number in numbers:
        if groups[number] is not None and texts[number]:
            rows.setdefault(group_of(groups[number])[0], []).append(number)
    return rows


def joints(
    texts: Sequence[str], row: Sequence[int], under: frozenset[int], whole: Container[int] = frozenset()
) -> Iterator[Piece]:
    """Yield each joint of some texts that a value may go over; `under` are the texts with keys of their own."""
    yield from single(texts, row)
    tails = [None if number in whole else share(texts, number, TAIL) for number in row]
    heads = [None if number in whole else share(texts, number, HEAD) for number in row]
    for place, tail in enumerate(tails):
        if tail is None or (place and goes_on(tails[place - 1], tail)):
            continue
        before = texts[row[place]][max(0, tail.place.start - AROUND) : tail.place.start]
        if place and len(before) < AROUND and row[place] not in under:
            before = texts[row[place - 1]][-AROUND:] + " " + before
        near = slice(place + 1, place + FARTHEST)
        for shares in dict.fromkeys((*chains(tail, heads[near]), *chains(tail, tails[near]))):
            core = "".join(one.text for one in shares)
            if may_hold(core):
                after = texts[shares[-1].place.text][shares[-1].place.end :][:AROUND]
                yield Piece(core, [one.place for one in shares], KIND, before + " ", " " + after)


def borders(
    texts: Sequence[str], groups: Sequence[Hashable | None], under: frozenset[int], whole: Container[int]
) -> Iterator[Piece]:
    """Yield the joints between neighbours of different groups: of instructions and what a person says first.

    What a model has said is a neighbour, too, over which a value goes from one turn into the next; and beside those
    there is nothing between the others.
    """
    told = [number for number, group in enumerate(groups) if group is not None and texts[number]]
    said = [number for number in told if group_of(groups[number])[0] != ANSWERING]
    for one, other in pairwise(said):
        if groups[one] != groups[other] and one not in under and other not in under:
            yield from joints(texts, (one, other), under, whole)
    if len(said) < len(told):
        free = [number for number in told if number not in under]
        for piece in joints(texts, free, under, whole):
            if len({groups[place.text] for place in piece.places}) > 1:
                yield piece


def keyed_texts(groups: Sequence[Hashable | None]) -> frozenset[int]:
    """Return which texts are values under keys of their own: the words before one say nothing of the next."""
    return frozenset(number for number, group in enumerate(groups) if group_of(group)[1])


def single(texts: Sequence[str], row: Sequence[int]) -> Iterator[Piece]:
    """Yield what texts of one character each spell together, where they may spell more than a telephone number.

    Of fewer, numbers from one to nine that somebody counts in a list look like one too often.
    """
    for short, numbers in groupby(row, lambda number: len(texts[number]) == 1):
        run = tuple(numbers)
        core = "".join(texts[number] for number in run)
        if short and len(run) >= SPELT and may_hold(core):
            before = texts[run[0] - 1][-AROUND:] if run[0] else ""
            yield Piece(core, [Place(number, 0, 1) for number in run], KIND, before + " ")


def share(texts: Sequence[str], number: int, pattern: re.Pattern[str]) -> Share | None:
    """Return the share of a text that may be a part of a value."""
    text = texts[number]
    if pattern is HEAD:
        match, shift = HEAD.match(text[:LONGEST]), 0
    else:
        shift = max(0, len(text) - LONGEST)
        match = TAIL.search(text[shift:])
    if not match:
        return None
    group = match.lastindex or 1
    start, end = (shift + one for one in match.span(group))
    return Share(Place(number, start, end), match[group].translate(READ), ends=group == 2)


def goes_on(before: Share | None, tail: Share) -> bool:
    """Tell whether a share is the middle of a longer number, so that no other begins there."""
    return (
        before is not None and before.text.isdigit() and tail.text.isdigit() and len(before.text + tail.text) < LONGER
    )


def chains(tail: Share, following: Sequence[Share | None]) -> Iterator[tuple[Share, ...]]:
    """Yield a share with one, two and three of those that follow it without a gap."""
    chain = [tail]
    for one in following:
        if one is None or (chain[-1].ends and not (chain[-1].text[-1].isdigit() and one.text[0].isdigit())):
            return
        chain.append(one)
        yield tuple(chain)


def may_hold(core: str) -> bool:
    """Tell whether joined shares can be a value that is looked for."""
    if "@" in core:
        return "." in core
    digits = sum(map(str.isdigit, core))
    return digits >= FEWEST or (len(core) >= KEY and (digits > 0 or sum(map(str.isupper, core)) >= KEY // 2))
