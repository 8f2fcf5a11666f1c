"""What names say of each other: found once, found again; listed with names, a name; seen in two senses, one sense.

Enters: a view's text and mentions that do not overlap. Leaves: more mentions, or the same under one label. Pure. Of a
person who was named in full, a part that stands alone is that person too.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from detectors.company.table import Table
from detectors.ner.bodies import NO_BODIES, PHRASE
from detectors.ner.edges import HAN, STOP
from detectors.ner.known import has_known_name, is_ordinary
from detectors.ner.mention import Mention
from detectors.ner.words import word_lists

SURE: Final = 0.9
"""The least score of a person who is found again elsewhere."""
AGAIN: Final = 0.8

ONE_SENSE: Final = frozenset({"PERSON", "ORGANIZATION", "LOCATION"})
PART: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_])){2,}")
BEFORE: Final = re.compile(r"[\w./\\@#$\-]")
BEHIND: Final = re.compile(r"[\w/\\@\-(=\[]|\.[^\W_]|::")
"""What joins a name in Latin letters to a longer word, or to an identifier."""

FAMILY: Final = frozenset(word_lists("chinese")["surnames"])

LISTED: Final = 0.75
LEAST_KNOWN: Final = 2
MOST_OF_LIST: Final = 0.75
"""Persons that a list must hold for the others in it to be some, and what part of it must be able to be."""

LEAST_FROM: Final = 0.7
FROM: Final = re.compile(r",?[ ](?:from|at|of)[ ](?:the[ ])?(?=[A-Z\u00c0-\u00de])")
"""What stands between a person and where they work."""

WORD: Final = r"[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'\-]+"
MEMBER: Final = rf"(?:(?![和及与])[\u3400-\u9fff]){{2,4}}|{WORD}(?:[ ]{WORD}){{0,2}}"
PARTED: Final = r"(?:[ ]?(?:\([^()\n]{1,20}\))?[ ]?[、,;/&][ ]?(?:and[ ]|&[ ])?|[ ](?:and|y|und|et)[ ]|[和及与])"
ITEM: Final = re.compile(MEMBER)
ALONE: Final = r"[A-Za-z0-9_\u3400-\u9fff]"
LIST: Final = re.compile(rf"(?<!{ALONE})(?:{MEMBER})(?:{PARTED}(?:{MEMBER})){{2,60}}(?!{ALONE})")
NO_ENDS: Final = ("部", "组", "处", "科", "局", "等", "司", "室", "院", "店", "市", "区", "县", "省")
"""Characters that end a body or a place rather than a name."""


def repeated(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the other places of persons who are named surely somewhere in the text."""
    names = {name: one.label for one in mentions for name in told(text, one)}
    starts = [one.start for one in mentions]

    def is_another(place: int, end: int, _: str) -> bool:
        at = bisect_left(starts, end)
        return (at == 0 or mentions[at - 1].end <= place) and stands_alone(text, place, end)

    return [
        Mention(place, end, "PERSON", AGAIN, ("cue:repeated",))
        for place, end, _ in (Table(names).spans(text, is_another) if names else ())
    ]


def stands_alone(text: str, place: int, end: int) -> bool:
    """Tell whether a name is no part of a longer word."""
    return bool(HAN.match(text, place)) or not (BEFORE.match(text[place - 1 : place]) or BEHIND.match(text, end))


def told(text: str, one: Mention) -> Iterator[str]:
    """Yield how else a person may be called who is named here surely: in full, and by a part of a full name."""
    name = text[one.start : one.end]
    if one.label != "PERSON" or one.score < SURE:
        return
    if HAN.match(name):
        if len(name) >= 2 and len(set(name)) >= 2:
            yield name
        if len(name) == 3 and name[0] in FAMILY and not is_ordinary(name[1:]):
            yield name[1:]
    elif name[0].isupper() and len(name) >= 4 and has_known_name(name):
        yield name
        parts = PART.findall(name)
        if len(parts) > 1:
            yield from (part for part in parts if part.istitle() and has_known_name(part))


def companions(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the other members of lists of which most are persons."""
    persons = {(one.start, one.end) for one in mentions if one.label == "PERSON"}
    if len(persons) < LEAST_KNOWN:
        return []
    starts = [one.start for one in mentions]
    found = []
    for run in LIST.finditer(text):
        items = [item.span() for item in ITEM.finditer(text, *run.span())]
        known = sum(item in persons for item in items)
        alike = [item for item in items if item not in persons and could_be_one(text[item[0] : item[1]])]
        if known < LEAST_KNOWN or known + len(alike) < MOST_OF_LIST * len(items):
            continue
        for start, end in alike:
            at = bisect_left(starts, end)
            if at == 0 or mentions[at - 1].end <= start:
                found.append(Mention(start, end, "PERSON", LISTED, ("cue:list",)))
    return found


def employers(text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield what stands in capitals where people are from: Anna from Fjordklinikken, Tom at Secura Doors."""
    starts = [one.start for one in mentions]
    for one in mentions:
        if one.label != "PERSON" or one.score < LEAST_FROM or (link := FROM.match(text, one.end)) is None:
            continue
        phrase = PHRASE.match(text, link.end())
        at = bisect_left(starts, link.end())
        if phrase is None or (at < len(starts) and starts[at] < phrase.end()):
            continue
        if not (has_known_name(phrase.group()) or phrase.group().split()[0].casefold() in NO_BODIES):
            yield Mention(*phrase.span(), "ORGANIZATION", LEAST_FROM, ("cue:from",))


def could_be_one(words: str) -> bool:
    """Tell whether a member of a list of persons can be one itself."""
    if HAN.match(words):
        return words[0] in FAMILY and words not in STOP["PERSON"] and not words.endswith(NO_ENDS)
    return has_known_name(words)


def one_sense(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, those of the same words under the label that speaks loudest for them all."""
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in mentions:
        if one.label in ONE_SENSE:
            votes[text[one.start : one.end]][one.label] += one.score + one.firm
            if one.label == "PERSON" and one.score >= SURE and not HAN.match(text, one.start):
                for part in set(PART.findall(text[one.start : one.end])[1:]):
                    votes[part]["PERSON"] += one.score / 2
    return [one if one.firm or one.label not in ONE_SENSE else _said(one, text, votes) for one in mentions]


def _said(one: Mention, text: str, votes: Mapping[str, Mapping[str, float]]) -> Mention:
    """Return a mention under the label that speaks loudest for its words."""
    label = _loudest(votes[text[one.start : one.end]])
    return one if label == one.label else replace(one, label=label)


def _loudest(votes: Mapping[str, float]) -> str:
    if len(votes) == 1:
        return next(iter(votes))
    return max(sorted(votes), key=lambda label: votes[label])
