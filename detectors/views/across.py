"""What is cut over texts and is no number: terms, markings, passwords behind their word, keys behind their first line.

Enters: texts in reading order, and which belong together. Leaves: the ends of texts with the beginnings of the next,
for detectors of words to search, where only what goes over a joint counts; the first word of a text where the one
before asks for a password; and the rest of a private key whose beginning the text before holds. Each text is read a
bounded number of times, and only at its ends.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from detectors.entities import ENTITIES
from detectors.interface import Finding, Scan, group_of
from detectors.views.pieces import Piece, Pieces, Place
from detectors.views.seams import TOGETHER, rows_of

KIND: Final = "joined"
ASKED: Final = "asked for"
REACH: Final = 48
"""Characters of the end of one text, and of the beginning of the next."""
SHORT: Final = 12
"""Characters of a text that a word may go through; over longer ones it only begins or ends."""
MOST: Final = 8
"""Texts that one word is looked for in."""
LEAST: Final = 3
"""Characters of a term over a joint: two ideographs stand beside each other by chance."""

PASSWORD: Final = "PASSWORD"
WORDS: Final = frozenset({PASSWORD, "CLASSIFICATION_MARKING"})
PRIVATE_KEY: Final = "PRIVATE_KEY"

MARKED: Final = frozenset({"label:cue", "label:brackets"})
"""Ways in which what stands before a label, or around it, makes it a marking."""

ASKS: Final = re.compile(
    r"(?:密码|口令|密碼|(?<![a-z])(?:pass[ _\-]?(?:word|phrase|code)|passwd|pwd|pw))"
    r"[\"'*`”’]{0,3}\s{0,2}(?:(?:是|为|為|is|was)?\s{0,2}(?:[:=：＝]|->|→)?|(?:是)?(?:多少|什么|啥|哪个)?\s?[?？])"
    r"\s{0,8}[\"'*`“‘]{0,3}\s{0,4}\Z",
    re.IGNORECASE,
)
"""A text that ends with the word and what leads to a value, or asks for one."""
ANSWER: Final = re.compile(r"\s{0,8}[\"'*`“‘]{0,3}([!-~]{4,64}?)[\"'*`”’,.;:，。；]{0,3}(?=\s|[^\x00-\x7f]|\Z)")
LEADS: Final = re.compile(r"(?:[:=：＝→>]|是|为|為|(?i:is|was))[\s\"'*`“‘]{0,12}\Z")
"""How one announces a value; behind a question or the bare word it is all that the next text says."""
CHOSEN: Final = re.compile(r"[0-9]|[#$%^&*+=~]|[@!].")
"""What a password has and the first word of an answer has not: where that is not announced, or goes on, it must."""

FIRST_LINE: Final = re.compile(r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----\s*+")
LONGEST_LINE: Final = 80
BEGUN: Final = re.compile(
    FIRST_LINE.pattern + r"(?:\s*+[A-Z][A-Za-z\-]{2,16}+: [^\n]{1,80}+\n)*+[A-Za-z0-9+/=\s\\]*+\Z"
)
"""The beginning of a key at the end of a text, with no more behind it than fields and lines of a key.

Nothing in it is tried twice: a text of thousands of lines that are all but such takes no longer than it must."""
CUT_LINE: Final = re.compile(r"-{1,5}(?:B(?:E(?:G(?:I(?:N[A-Z0-9 ]{0,40}-{0,4})?)?)?)?)?\Z")
"""What may be the beginning of a first line at the end of a text."""
LONGEST_KEY: Final = 16_384
REST: Final = re.compile(
    r"\s*(?:[A-Z][A-Za-z\-]{2,16}: [^\n]{1,80}\s+){0,3}[A-Za-z0-9+/]{24,}(?:(?:\s|\\[nr]){1,4}[A-Za-z0-9+/]{16,})*"
    r"(?:(?:[\r\n]|\\[nr]){1,2}[A-Za-z0-9+/]{1,15})?={0,2}(?:\s{0,4}-----END [A-Z0-9 ]{0,40}-----)?"
)
"""Lines of a key, as armour has them."""


def asked_of_words(wanted: frozenset[str]) -> frozenset[str]:
    """Return what is looked for in words: what is the company's own, markings, and passwords."""
    return frozenset(one for one in wanted if one not in ENTITIES or one in WORDS)


def across(texts: Sequence[str], groups: Sequence[Hashable | None], *, passwords: bool) -> list[Pieces]:
    """Return what is joined of texts for detectors of words, some of it at a time."""
    made: list[Pieces] = []
    for row in word_rows(texts, groups):
        writing: Pieces | None = None
        for piece in (*runs(texts, groups, row), *(answers(texts, row) if passwords else ())):
            if writing is None or writing.length > TOGETHER:
                writing = Pieces()
                made.append(writing)
            writing.add(piece)
    return made


def word_rows(texts: Sequence[str], groups: Sequence[Hashable | None]) -> Iterator[list[int]]:
    """Yield the texts of each group, and those of all groups, in order; values under keys are in none."""
    told = [n for n, group in enumerate(groups) if group is not None and texts[n] and not group_of(group)[1]]
    yield from rows_of(texts, groups, told).values()
    yield told


def runs(texts: Sequence[str], groups: Sequence[Hashable | None], row: Sequence[int]) -> Iterator[Piece]:
    """Yield the joints of a row: the end of a text, short ones behind it, and the beginning of the next long one."""
    whole = len({groups[number] for number in row}) == 1
    place = 0
    while place + 1 < len(row):
        last = place + 1
        while last + 1 < len(row) and last - place + 1 < MOST and len(texts[row[last]]) <= SHORT:
            last += 1
        run = row[place : last + 1]
        place = last
        if whole or len({groups[number] for number in run}) > 1:
            yield from joined(texts, run)


def joined(texts: Sequence[str], run: Sequence[int]) -> Iterator[Piece]:
    """Yield the joint of some texts, as one word and, where words meet, as several."""
    places = [edges(texts, number, first=at == 0, last=at == len(run) - 1) for at, number in enumerate(run)]
    places = [place for place in places if place.start < place.end]
    shares = [texts[place.text][place.start : place.end] for place in places]
    if len(shares) < 2:
        return
    latin = any(is_latin(one[-1]) and is_latin(other[0]) for one, other in pairwise(shares))
    for glue in ("", " ")[: 1 + latin]:
        yield Piece(glue.join(shares), places, KIND, glue=glue, speaks=True)


def edges(texts: Sequence[str], number: int, *, first: bool, last: bool) -> Place:
    """Return the share of a text in a joint: its end, its beginning, or all of it, without the blanks there."""
    text = texts[number]
    start, end = 0, len(text)
    if first:
        start = max(0, len(text) - REACH)
    elif last:
        end = min(REACH, len(text))
    share = text[start:end]
    begin = start if first else start + len(share) - len(share.lstrip())
    return Place(number, begin, max(begin, end if last else start + len(share.rstrip())))


def is_latin(char: str) -> bool:
    """Tell whether a character is a letter or digit of ASCII."""
    return char.isascii() and char.isalnum()


def answers(texts: Sequence[str], row: Sequence[int]) -> Iterator[Piece]:
    """Yield the first word of each text before which somebody asks for a password, or says that it follows."""
    for one, other in pairwise(row):
        end, begin = texts[one][-REACH:], texts[other][: 2 * REACH]
        if ASKS.search(end) is None or (word := ANSWER.match(begin)) is None:
            continue
        alone = word.end() == len(texts[other].rstrip())
        announced = LEADS.search(end) is not None
        if not (alone or announced) or (not (alone and announced) and CHOSEN.search(word[1]) is None):
            continue
        yield Piece(word[1], [Place(other, *word.span(1))], ASKED, "password: ", begin[word.end(1) :], speaks=True)


def counts(shares: Sequence[tuple[int, Finding]], texts: Sequence[str]) -> bool:
    """Tell whether what was found over joints is no chance: a marking, a long word, or all that the texts say.

    Within one text only a marking counts, which the other has led to, or what was asked for.
    """
    (number, first), because = shares[0], {why for _, one in shares for why in one.because}
    if len(shares) == 1:
        return f"view:{ASKED}" in because or not MARKED.isdisjoint(because)
    if first.entity == PASSWORD:  # one is cut, or it is asked for; then it begins the next text
        return first.start > 0 and not ASKS.search(texts[number][-REACH:])
    length = sum(one.end - one.start for _, one in shares)
    told = any(why.startswith("label:") for why in because)
    return length >= LEAST or told or all(one.end - one.start == len(texts[n].strip()) for n, one in shares)


def rests_of_keys(
    texts: Sequence[str], groups: Sequence[Hashable | None], scans: Sequence[Scan]
) -> Iterator[tuple[int, Finding]]:
    """Yield the lines of a key that go on where the text before ends within one, and the beginning of it there."""
    for row in word_rows(texts, groups):
        within = False
        for one, other in pairwise(row):
            begun, start = (len(texts[one]), 0) if within else begins(texts[one], scans[one], texts[other])
            rest = REST.match(texts[other], start, start + LONGEST_KEY) if begun is not None else None
            within = rest is not None and rest.end() == len(texts[other].rstrip())
            if rest is not None and begun is not None:
                yield other, key_at(0 if start else rest.end() - len(rest[0].lstrip()), rest.end())
                if begun < len(texts[one]):
                    yield one, key_at(begun, len(texts[one]))


def begins(text: str, scan: Scan, following: str) -> tuple[int | None, int]:
    """Return where a key begins with which a text ends, and where its first line ends in the text that follows.

    There is none where the text ends with none.
    """
    end = len(text.rstrip())
    at = text.rfind("-----BEGIN ", max(0, len(text) - LONGEST_KEY))
    if at >= 0 and BEGUN.match(text, at):
        return at, 0
    for one in scan.findings:
        if one.entity == PRIVATE_KEY and one.end >= end and "-----END" not in text[one.start : one.end]:
            return one.start, 0
    cut = CUT_LINE.search(text, max(0, len(text) - LONGEST_LINE))
    line = FIRST_LINE.match(text[cut.start() :] + following[:LONGEST_LINE]) if cut else None
    return (cut.start(), line.end() - len(text) + cut.start()) if cut and line else (None, 0)


def key_at(start: int, end: int) -> Finding:
    """Return the share of a private key."""
    return Finding(start, end, PRIVATE_KEY, 0.95, "private-key-cut-over-texts", (f"view:{KIND}",))
