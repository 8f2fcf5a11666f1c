"""Persons in English by what stands beside them: a role, a meeting, initials of a citation, `bin`, a turn of a talk.

Enters: a block of a view's text. Leaves: mentions. Pure. Capitals alone make no name here: the words beside it must say
what it is, and what is a word of everyday must be a name that people bear.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.bodies import NO_BODIES
from detectors.ner.known import folded, has_known_name, is_common
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists
from detectors.technical import is_technical

ENGLISH: Final = word_lists("english")
NOT_NAMES: Final = frozenset((*ENGLISH["not_names"], *ENGLISH["keys"], *ENGLISH["data_keys"]))
UPPER: Final = "A-Z\u00c0-\u00de"
LETTER: Final = "A-Za-z\u00c0-\u024f"
WORD: Final = rf"[{UPPER}][{LETTER}'’\-]*[a-z\u00df-\u024f](?![\w@])"
NAME: Final = rf"{WORD}(?:[ ]{WORD}){{0,2}}"
EDGE: Final = r"(?<![\w'’\-]['’\-])"
"""No name begins inside a word: without that each part of a word of many would be read to its end."""
SCORE: Final = 0.8

ROLE: Final = any_of(word_lists("people")["persons"])
BEFORE: Final = re.compile(rf"(?<![\w.])(?:[Oo]ur|[Mm]y|[Hh]is|[Hh]er|[Tt]heir)[ ](?:[a-z]+[ ])?{ROLE}[ ]({NAME})")
BEHIND: Final = re.compile(rf"(?<![\w./@\-]){EDGE}({NAME}),[ ](?:our|my|his|her|their)[ ](?:[a-z]+[ ]){{0,2}}{ROLE}\b")
"""What somebody is: our plumber Pete; Jenkins, our plumber."""

MET: Final = re.compile(
    rf"(?i:\b{any_of(word_lists('people')['occasions'])}[ ](?:w/|with))[ ]({NAME})(?:[ ]?(?:&|and|\+)[ ]?({NAME}))?"
)
"""Whom somebody meets: Lunch w/ Tendai & Rufus."""

LINKED: Final = re.compile(
    rf"(?<![\w@./\-]){EDGE}({WORD}(?:[ ]{WORD}){{0,2}}[ ](?:bin|binti|bte|ibn|bint|s/o|d/o|ap)[ ]{WORD}(?:[ ]{WORD})?)"
)

CITED: Final = re.compile(
    rf"(?<![\w.]){EDGE}((?:(?:van|von|de|da|di|del|la|le|den|der)[ ]){{0,2}}{WORD}(?:[ ]{WORD})?[ ][A-Z]{{1,3}})"
    "(?=[,.;])"
)
RUN: Final = re.compile(r"[,;][ ]|\.[ ]")
YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}[;:.,)]")
AS_FAR: Final = 250
"""Characters behind authors in which their work's year stands."""

MAILED: Final = re.compile(
    rf"(?<![\w@./\-]){EDGE}({WORD}(?:[ ]{WORD}){{1,3}})\"?[ \t]*[<(\[][ ]?(?:mailto:)?([A-Za-z0-9][\w.+\-]{{1,63}})@"
)
"""Somebody with their own mail address behind: Tanaka Hiroshi (hiroshi.tanaka@…)."""

BITS: Final = re.compile("[a-z]+")
LEAST_LETTERS: Final = 3
"""What a name and a mail address must share of a word."""

SMALL_TURN: Final = re.compile(r"(?m)^[ \t>*\-]{0,8}(?:\[?[0-9:.]{4,8}\]?[ ])?([a-z]{2,15}):[ ](?=\S+(?:[ ?!.,\n]|\Z))")
"""Who speaks, in a talk without capitals."""

TURN: Final = re.compile(rf"(?m)^[ \t>*\-]{{0,8}}(?:\[?[0-9:.]{{4,8}}\]?[ ])?({WORD}(?:[ ]{WORD})?):[ ](?=\S)")
FEWEST_TURNS: Final = 3
LEAST_KNOWN: Final = 2


def beside(text: str) -> Iterator[Mention]:
    """Yield the persons whom something beside them speaks for in a block."""
    for pattern, cue in ((BEFORE, "role"), (BEHIND, "role"), (MET, "meeting"), (LINKED, "link")):
        for match in pattern.finditer(text):
            for group in range(1, pattern.groups + 1):
                if match.group(group) and can_be(match.group(group)):
                    yield Mention(*match.span(group), "PERSON", SCORE, (f"cue:{cue}",))
    if "@" in text:
        yield from mailed(text)
    yield from cited(text)
    yield from speakers(text)
    yield from small_speakers(text)


def mailed(text: str) -> Iterator[Mention]:
    """Yield whose mail address is made of their own name; an address that a team shares is nobody's."""
    for match in MAILED.finditer(text):
        words = [word for word in folded(match.group(1)).split() if len(word) >= LEAST_LETTERS]
        bits, whole = set(BITS.findall(match.group(2).lower())), "".join(BITS.findall(match.group(2).lower()))
        shared = [word for word in words if word in bits or (len(word) > LEAST_LETTERS and word in whole)]
        if shared and can_be(match.group(1)) and (len(shared) > 1 or has_known_name(match.group(1))):
            yield Mention(*match.span(1), "PERSON", SCORE, ("cue:mail",), firm=True)


def cited(text: str) -> Iterator[Mention]:
    """Yield the authors of a work with their initials behind: Kiptoo JM, van den Heuvel R."""
    run: list[re.Match[str]] = []
    for match in (*CITED.finditer(text), None):
        if run and (match is None or RUN.fullmatch(text, run[-1].end(), match.start()) is None):
            if len(run) > 1 and YEAR.search(text, run[-1].end(), run[-1].end() + AS_FAR):
                for one in run:
                    yield Mention(*one.span(1), "PERSON", SCORE, ("cue:cited",), firm=True)
            run = []
        if match is not None and not is_common(match.group(1).split()[0]):
            run.append(match)


def speakers(text: str) -> Iterator[Mention]:
    """Yield those whose turns a talk is made of, where two of them bear known names."""
    turns = [turn for turn in TURN.finditer(text) if turn.group(1).casefold() not in NOT_NAMES]
    if len(turns) < FEWEST_TURNS or len({one.group(1) for one in turns if has_known_name(one.group(1))}) < LEAST_KNOWN:
        return
    for turn in turns:
        if can_be(turn.group(1)):
            yield Mention(*turn.span(1), "PERSON", SCORE, ("cue:speaker",))


def small_speakers(text: str) -> Iterator[Mention]:
    """Yield the known names that turns begin with in small letters, where two such people talk and one speaks again."""
    turns = [
        turn for turn in SMALL_TURN.finditer(text) if has_known_name(turn.group(1)) and not is_technical(turn.group(1))
    ]
    names = {turn.group(1) for turn in turns}
    if len(turns) >= FEWEST_TURNS and LEAST_KNOWN <= len(names) < len(turns):
        for turn in turns:
            yield Mention(*turn.span(1), "PERSON", SCORE, ("cue:speaker",), firm=True)


def can_be(words: str) -> bool:
    """Tell whether words in capitals can be somebody's name: a known one, or none of everyday's words."""
    parts = words.split()
    if parts[0].casefold() in NOT_NAMES or any(part.casefold() in NO_BODIES for part in parts):
        return False
    return has_known_name(words) or not (any(map(is_common, parts)) or is_technical(words))
