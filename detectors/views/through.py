"""Ask about texts through their views, and bring what is found back to where it stands.

Enters: texts with what was found in them as they stand, and a way to ask. Leaves: scans with what their views show,
too. What cannot be told of a view cannot be told of its text.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from detectors.abreast import rows
from detectors.agree import NAMES, Spans, agree, has_form, merge
from detectors.allowance import allowed, is_over
from detectors.interface import CannotTell, Finding, Scan
from detectors.redact import LONGEST, PLACEHOLDER
from detectors.views.across import PASSWORD, PRIVATE_KEY, across, asked_of_words, counts, rests_of_keys
from detectors.views.codes import AMONG
from detectors.views.look import Sight, look
from detectors.views.numbers import ENTITIES
from detectors.views.pieces import Pieces
from detectors.views.seams import KEY, keyed_texts, seams

MAIL: Final = "EMAIL_ADDRESS"
KEYS: Final = frozenset({"API_KEY", MAIL})
"""What is no beginning or end of something else."""
OPEN: Final = frozenset({*KEYS, PASSWORD})
"""What has no end of its own: the first word of whatever follows reads as more of it."""
WORD: Final = r"(?:(?:[A-Z]?[a-z]{2,}){1,3}|[A-Z]?[a-z]|[A-Z]+|[0-9]{1,4})"
PLAIN_WORD: Final = re.compile(rf"[\W_]*(?:{WORD}(?:[\-/.,:;=?'()_]{{1,3}}{WORD})*+)?[\W_]*", re.ASCII)
"""A word, a year, a path or such: nothing that is drawn or chosen to be secret."""

NOTHING: Final = Sight()

type Ask = Callable[[Sequence[str], frozenset[str]], Iterable[Scan]]
type AskSeams = Callable[[Sequence[str], frozenset[str], bool], Iterable[Scan]]


def through_views(texts: Sequence[str], scans: Sequence[Scan], wanted: frozenset[str], ask: Ask) -> list[Scan]:
    """Return the scans with what is found through the views of each text."""
    bare = nothing_to_see(texts)
    sights = [NOTHING if number in bare else _looked(text) for number, text in enumerate(texts)]
    result = [
        scan if sight else replace(scan, unknown=scan.unknown | wanted)
        for scan, sight in zip(scans, sights, strict=True)
    ]
    hidden = [(place, child) for place, sight in enumerate(sights) if sight for child in sight.children]
    told = ask([child.text for _, child in hidden], wanted) if hidden else ()
    for (place, child), scan in zip(hidden, told, strict=True):
        result[place] = joined(
            result[place],
            (
                replace(one, start=child.start, end=child.end, because=(*one.because, f"view:{child.kind}"))
                for one in scan.findings
                if not (one.entity in NAMES and is_chance(child.kind))
            ),
            scan.unknown,
        )
    numbered = [
        (place, rest)
        for place, sight in enumerate(sights)
        if sight and sight.pieces.cores and (rest := sight.pieces.without(result[place].findings)).cores
    ]
    lettered = [(place, sight.rows) for place, sight in enumerate(sights) if sight and sight.rows.cores]
    tabled = [(place, sight.cells) for place, sight in enumerate(sights) if sight and sight.cells.cores]
    for many, entities in ((numbered, wanted & ENTITIES), (lettered, wanted - NAMES), (tabled, wanted - NAMES)):
        for place, found, unknown in of_pieces(many, entities, ask):
            result[place] = joined(result[place], new(result[place], (one for _, one in found)), unknown)
    return [
        replace(scan, opaque=(*scan.opaque, *sight.closed)) if sight and sight.closed else scan
        for scan, sight in zip(result, sights, strict=True)
    ]


def is_chance(kind: str) -> bool:
    """Tell whether models see names in a view by chance alone: any list of figures can be read as bytes."""
    return kind.startswith("hex") and kind.endswith(AMONG)


def nothing_to_see(texts: Sequence[str]) -> frozenset[int]:
    """Return which of the texts that can be read with others have nothing to see beside what stands there."""
    found = set[int]()
    for row in rows(texts):
        sight = _looked(row.text)
        if sight is None:
            continue
        spans = [(child.start, child.end) for child in sight.children] + sight.closed
        for pieces in (sight.pieces, sight.rows, sight.cells):
            spans += [(place.start, place.end) for core in pieces.cores for place in core.places]
        seen = {place for span in spans for place in row.touched(*span)}
        found.update(number for place, number in enumerate(row.numbers) if place not in seen)
    return frozenset(found)


def _looked(text: str) -> Sight | None:
    """Return what there is to see in a text; none where that takes more work or time than there is."""
    try:
        with allowed(len(text)):
            return look(text)
    except CannotTell:
        return None


def through_seams(
    texts: Sequence[str],
    groups: Sequence[Hashable | None],
    scans: Sequence[Scan],
    wanted: frozenset[str],
    ask: AskSeams,
) -> list[Scan]:
    """Return the scans with what is spread over several texts of one group.

    What cannot be told of some seams cannot be told of the texts that they join. Of values under keys only what has a
    form counts, so that nothing else is looked for. Where nobody waits any more nothing is joined.
    """
    if is_over():
        return [
            scan if group is None else replace(scan, unknown=scan.unknown | wanted)
            for scan, group in zip(scans, groups, strict=True)
        ]
    result = list(scans)
    alone = keyed_texts(groups)
    joints = seams(texts, groups, whole_keys(texts, alone, scans)) if wanted else []
    for under in (False, True):
        several = [one.pieces for one in joints if one.keyed is under]
        told = ask([pieces.text for pieces in several], wanted, under) if several else ()
        found: dict[int, list[Finding]] = {}
        unknown: dict[int, frozenset[str]] = {}
        for pieces, scan in zip(several, told, strict=True):
            text = pieces.text  # whose words around are searched where they stand: a key's first line makes nothing one
            unled = (one for one in scan.findings if one.entity != PRIVATE_KEY or not text.startswith("-", one.start))
            for shares in pieces.shares(tuple(unled)):
                if only_follows(shares, texts, scans) or holds_placeholder(shares, texts):
                    continue
                if alone.isdisjoint(number for number, _ in shares) or goes_over(shares, scans):
                    for number, one in shares:
                        found.setdefault(number, []).append(one)
            for number in {place.text for core in pieces.cores for place in core.places} if scan.unknown else ():
                unknown[number] = unknown.get(number, frozenset()) | scan.unknown
        for number in found.keys() | unknown.keys():
            result[number] = joined(result[number], found.get(number, ()), unknown.get(number, frozenset()))
    return through_words(texts, groups, result, wanted, ask)


def through_words(
    texts: Sequence[str], groups: Sequence[Hashable | None], scans: list[Scan], wanted: frozenset[str], ask: AskSeams
) -> list[Scan]:
    """Return the scans with the words and keys that are cut over several texts."""
    result = list(scans)
    words = asked_of_words(wanted)
    several = across(texts, groups, passwords=PASSWORD in words) if words else []
    for pieces, scan in zip(several, ask([one.text for one in several], words, False) if several else (), strict=True):
        for shares in pieces.shares(scan.findings):
            no_joint = only_follows(shares, texts, scans) or holds_placeholder(shares, texts)
            if shares and counts(shares, texts) and not no_joint:
                for number, one in shares:
                    result[number] = joined(result[number], (one,))
        for number in {place.text for core in pieces.cores for place in core.places} if scan.unknown else ():
            result[number] = joined(result[number], (), scan.unknown)
    if PRIVATE_KEY in wanted:
        for number, one in rests_of_keys(texts, groups, result):
            result[number] = joined(result[number], (one,))
    return result


def whole_keys(texts: Sequence[str], alone: Iterable[int], scans: Sequence[Scan]) -> frozenset[int]:
    """Return which values under keys are a key or an address as a whole.

    Joined to others one could only be a longer one, each share of which is found already.
    """
    return frozenset(
        number
        for number in alone
        if any(
            own.entity in KEYS and own.start == 0 and own.end == len(texts[number]) >= KEY
            for own in scans[number].findings
        )
    )


def only_follows(shares: Sequence[tuple[int, Finding]], texts: Sequence[str], scans: Sequence[Scan]) -> bool:
    """Tell whether what has no end of its own stands in one text already, beside words of other ones' sentences.

    A word before an address of mail may be its beginning where it is all that its text says, and one behind it its end
    where it also is no plain word.
    """
    if not shares or shares[0][1].entity not in OPEN:
        return False
    whole = [
        any(share.entity == own.entity and share.start < own.end and own.start < share.end for own in findings)
        for share, findings in ((share, scans[number].findings) for number, share in shares)
    ]
    for at, (number, share) in enumerate(shares):
        words = texts[number][share.start : share.end].strip()
        plain = PLAIN_WORD.fullmatch(words) is not None
        if share.entity == MAIL:
            plain = texts[number].strip() != words or (plain and any(whole[:at]))
        if not whole[at] and not plain:
            return False
    return any(whole)


def holds_placeholder(shares: Sequence[tuple[int, Finding]], texts: Sequence[str]) -> bool:
    """Tell whether what was put together has some of a placeholder in it: its value was taken out as a whole, and goes
    on in no other text."""
    for number, share in shares:
        first = max(0, share.start - LONGEST)
        for ours in PLACEHOLDER.finditer(texts[number], first, share.end + LONGEST):
            if ours.start() < share.end and share.start < ours.end():
                return True
    return False


def goes_over(shares: Sequence[tuple[int, Finding]], scans: Sequence[Scan]) -> bool:
    """Tell whether what was put together of values under keys goes over their borders: it has a form, and no share of
    it is all of that in itself."""
    return all(
        has_form(share) and not any(own.entity == share.entity and covers(own, share) for own in scans[number].findings)
        for number, share in shares
    )


def covers(own: Finding, share: Finding) -> bool:
    """Tell whether one finding holds another."""
    return own.start <= share.start and share.end <= own.end


def of_pieces(
    many: Sequence[tuple[int, Pieces]], wanted: frozenset[str], ask: Ask
) -> Iterable[tuple[int, list[tuple[int, Finding]], frozenset[str]]]:
    """Yield for each text put together its number, what is found of its cores, and what cannot be told."""
    if not many or not wanted:
        return
    for (number, pieces), scan in zip(many, ask([pieces.text for _, pieces in many], wanted), strict=True):
        yield number, pieces.back(scan.findings), scan.unknown


def new(scan: Scan, found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what is not found yet where it stands; what a text says plainly needs no view."""
    known: dict[str, Spans] = {}
    for one in found:
        spans = known.get(one.entity)
        if spans is None:
            spans = known[one.entity] = Spans([other for other in scan.findings if other.entity == one.entity])
        if not spans.hold(one.start, one.end):
            yield one


def joined(scan: Scan, more: Iterable[Finding], unknown: frozenset[str] = frozenset()) -> Scan:
    """Return a scan with more in it."""
    found = tuple(more)
    if not found and not unknown:
        return scan
    return replace(scan, findings=agree(merge((*scan.findings, *found))), unknown=scan.unknown | unknown)
