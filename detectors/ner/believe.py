"""How sure a model must be of a name, by what speaks for it and by the kind of text it stands in.

Enters: a view's text, and what models see in it with the least score for it. Leaves: the mentions that are sure enough.
Pure. A name that people are known to bear needs the least; any other one more; and in code, logs and settings, where
identifiers look like names, a single unknown word is none at all, and nothing is that is written as identifiers are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from detectors.allowance import spend
from detectors.kind import Kind, Region, regions
from detectors.ner.bodies import is_led
from detectors.ner.known import can_be_given, has_known_name, is_ordinary
from detectors.ner.mention import Mention
from detectors.ner.script import has_latin, has_others
from detectors.ner.words import any_of, word_lists
from detectors.technical import is_technical
from detectors.traditional import simplified

BY_HASHED: Final = ("model:hashed",)
OURS: Final = (BY_HASHED, ("model:latin",))
"""What speaks for the mentions of our own models, whose strengths are known here."""

Seen = tuple[Mention, float]
"""What a model sees, and the least score it must have in prose."""

STRICTER: Final[Mapping[Kind, float]] = MappingProxyType({Kind.CODE: 0.35, Kind.LOG: 0.35, Kind.CONFIG: 0.3})
"""What is added to a threshold by kind of text."""

UNKNOWN: Final = 0.2
"""What is added for a person none of whose names is known."""

TECHNICAL: Final = 0.25
"""What is added in prose that is full of the signs of technique."""

IN_LATIN: Final[Mapping[str, float]] = MappingProxyType(
    {"PERSON": 0.5, "ORGANIZATION": 0.75, "LOCATION": 0.65, "ADDRESS": 0.45}
)
"""The least scores of what the hashed model sees in Latin script: its thresholds are those for Chinese."""

STRICTEST: Final = 0.97
"""No threshold is raised beyond this."""
ORDINARY: Final = 0.99
"""The least score of a Chinese person or body whose name is an ordinary word; towns are called so at times."""
NO_WORDS: Final = frozenset({"PERSON", "ORGANIZATION"})
STRANGE: Final = 0.9
"""The least score of a Chinese person who bears no family name, or half of whose name is an ordinary word."""
LONGEST_OWN_NAME: Final = 4
TWO_STRANGE: Final = 0.8
"""The same, of two characters, which are a given name or a nickname at times."""
SELDOM_GIVEN: Final = 0.85
"""The least score of a Chinese person whose given name holds a character that seldom is in one: 石英表, 文雅点."""
TOO_LONG: Final = 0.97
"""The least score of a Chinese person with more than three characters behind one that is a family name: 康乾盛世."""
IN_COMPANY: Final = 0.6
"""The least score of a person who is called strangely, beside another name that is sure."""
BODY_IN_COMPANY: Final = 0.7
"""The same, of a body whose name is an ordinary word of three characters or more: 路透社, 参议院."""
BESIDE: Final = 60
"""Characters that may stand between the two."""
ALONE: Final[Mapping[str, float]] = MappingProxyType({"ORGANIZATION": 0.65, "LOCATION": 0.6})
"""The least scores of a single word in Latin script: names of tools and goods look like these."""
CHINESE: Final = word_lists("chinese")
FAMILY: Final = re.compile(any_of((*CHINESE["double_surnames"], *CHINESE["surnames"], *CHINESE["rare_surnames"])))
TITLED: Final = (*CHINESE["titles"], *(title[0] for title in CHINESE["short_titles"]), *CHINESE["called"])
"""What a Chinese name may end in that is no given name."""
NICK: Final = re.compile("[小老阿大]|(.)\\1")
FOREIGN: Final = frozenset("".join(CHINESE["foreign_characters"]))
"""Characters that spell names from abroad."""

TECHNIQUE: Final = 0.97
"""The least score of a body or a place in Latin script, seen by the hashed model, that is called as a tool is."""

NEVER: Final = 2.0

BLOCK: Final = 4000
"""Characters that are told apart into kinds at once; only where a model sees something."""

AROUND: Final = 200
SIGNS: Final = re.compile(
    r"https?://\S+|`|\w_\w|\w\(|::|[a-z][A-Z]|\w[=<>~!]=|[0-9]\.[0-9]+\.[0-9]|\.(?:py|js|json|md|rst|txt|toml|yaml|org/|io/|com/)|"
    r"[|{}\[\]]|\*\*"
)
MARK: Final = re.compile(r"[`_(:=.|{}\[\]*]")
HUMP: Final = re.compile("[a-z][A-Z]")
"""One of these is in every sign: they are counted first, which is much quicker."""

MANY_SIGNS: Final = 6

JOINED: Final = re.compile(r"^.?[._$@/\\\-:][^\W_]|[^\W_][._/\\\-:][^\W]$|_")
"""Letters before or behind a name, with what joins the parts of identifiers between."""

CALLS: Final = frozenset("([=")
"""What stands right behind a function, a list or a variable."""

CREDIT: Final = re.compile(
    r"(?i)©|\(c\)|\b(?:copyrights?|authors?|maintainers?|contributors?|contributed|written|maintained|developed|ported|"
    r"implemented|reported|reviewed|signed-off|co-authored|thanks|thank|credits?|courtesy|inspired|by)\b"
)
"""What code says of people, on the line where it names them."""

LONGEST_LINE: Final = 120
MAIL: Final = re.compile(r"\"?[ \t]*[<(][^<>()\s]{1,64}@")


def believed(text: str, seen: Sequence[Seen]) -> list[Mention]:
    """Return the mentions that are sure enough where they stand; beside a sure one, strange Chinese names need less."""
    kinds = Kinds(text)
    asked = [needed(text, one, least, kinds.at(one.start)) for one, least in seen]
    sure = sorted(one.start for (one, _), least in zip(seen, asked, strict=True) if one.score >= least)
    return [
        one
        for (one, low), least in zip(seen, asked, strict=True)
        if one.score >= least or (sure and one.score >= in_company(text, one, low, least) and has_company(one, sure))
    ]


def in_company(text: str, one: Mention, low: float, least: float) -> float:
    """Return the score that a strange Chinese name must have beside a sure one; `least` is what it must have alone."""
    words = text[one.start : one.end]
    if one.because != BY_HASHED or has_latin(words) or not legible(words) or least > ORDINARY:
        return least
    if one.label == "ORGANIZATION" and len(words) > 2 and is_ordinary(words):
        return max(low, BODY_IN_COMPANY)
    if one.label == "PERSON" and not is_ordinary(words) and FOREIGN.issuperset(simplified(words)):
        return min(least, max(low, IN_COMPANY))
    return least


def has_company(one: Mention, sure: Sequence[int]) -> bool:
    """Tell whether a sure mention begins near a mention; `sure` is where they begin, in order."""
    at = bisect_left(sure, one.start - BESIDE)
    return at < len(sure) and sure[at] <= one.end + BESIDE


def needed(text: str, one: Mention, least: float, kind: Kind) -> float:
    """Return the score that a mention must have; of a model from elsewhere no more than before, but in code."""
    words = text[one.start : one.end]
    stricter = STRICTER.get(kind, 0.0)
    if one.because not in OURS:
        return NEVER if stricter and is_code(text, one, credited=False) else min(STRICTEST, least + stricter)
    if not has_latin(words):
        if not legible(words):
            return NEVER
        if one.label in NO_WORDS and is_ordinary(words):
            return ORDINARY
        if is_ordinary(words):
            return STRICTEST
        strange = how_strange(words) if one.label == "PERSON" else 0.0
        return min(STRICTEST, max(least + stricter, strange))
    if one.because == BY_HASHED and not has_others(words):
        least = max(least, IN_LATIN.get(one.label, least))
    return in_latin(text, one, least, kind)


def how_strange(words: str) -> float:
    """Return the least score of Chinese words that look little like a person's name; nought where they look like one.

    They bear no family name, half of them is an ordinary word, they are too long, or no child is given such a name.
    """
    words = simplified(words)
    if "·" in words or words.endswith(TITLED):
        return 0.0
    family = FAMILY.match(words)
    halves = len(words) == 3 and is_ordinary(words[1:])
    if 3 <= len(words) <= LONGEST_OWN_NAME and (family is None or is_ordinary(words[:2]) or halves):
        return STRANGE
    if FOREIGN.issuperset(words):
        return 0.0
    if family is None:
        return TWO_STRANGE if len(words) == 2 and not NICK.match(words) else 0.0
    if len(words) > 3 and len(family.group()) == 1:
        return TOO_LONG
    return 0.0 if len(words) > 3 or can_be_given(words[family.end() :]) else SELDOM_GIVEN


def in_latin(text: str, one: Mention, least: float, kind: Kind) -> float:
    """Return the score that a mention in Latin script must have: a known name the least."""
    words = text[one.start : one.end]
    single = len(words.split()) == 1
    known = has_known_name(words)
    unknown = one.label == "PERSON" and not known
    if (single and is_quoted_code(text, one)) or (unknown and one.because == BY_HASHED and words.islower()):
        return NEVER
    least += UNKNOWN * unknown
    bodily = one.because == BY_HASHED and one.label in ("ORGANIZATION", "LOCATION")
    if bodily and not (known or words.islower()) and is_technical(words):
        least = max(least, TECHNIQUE)
    if kind in STRICTER:
        credited = known and is_credited(text, one)
        doubtful = unknown and (kind is not Kind.LOG or words.isupper())
        if is_code(text, one, credited) or (single and (doubtful or one.because == BY_HASHED) and not credited):
            return NEVER
        least += 0.0 if credited else STRICTER[kind]
    elif (single or one.label != "PERSON") and not known and is_full_of_signs(text, one):
        if is_technical(words):
            return NEVER
        least += TECHNICAL
    if single and one.because != BY_HASHED and not (one.label == "ORGANIZATION" and is_led(text, one.start)):
        least = max(least, ALONE.get(one.label, least))
    return min(STRICTEST, least)


def is_quoted_code(text: str, one: Mention) -> bool:
    """Tell whether a word is between backticks or joined to a digit, or in small letters in a path or a chain."""
    before, behind = text[max(0, one.start - 1) : one.start], text[one.end : one.end + 1]
    if "`" in (before, behind) or (one.label != "ADDRESS" and (before.isdigit() or behind.isdigit())):
        return True
    around = text[max(0, one.start - 2) : one.end + 2]
    return text[one.start].islower() and JOINED.search(around) is not None


def is_code(text: str, one: Mention, credited: bool) -> bool:
    """Tell whether a mention in code is technique: a word of it, or written as identifiers are."""
    words = text[one.start : one.end]
    if is_technical(words) or JOINED.search(text[max(0, one.start - 2) : one.end + 2]):
        return True
    if text[one.end : one.end + 1] in CALLS:
        return True
    return words[0].islower() and not credited


def legible(words: str) -> bool:
    """Tell whether the models have learnt the script: Chinese, or one that has capital letters."""
    return any("\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af" or letter.isupper() for letter in words)


def is_credited(text: str, one: Mention) -> bool:
    """Tell whether the line speaks of people: an author, a copyright, thanks, or a mail address behind the name."""
    begin = max(text.rfind("\n", 0, one.start) + 1, one.start - LONGEST_LINE)
    return CREDIT.search(text, begin, one.start) is not None or MAIL.match(text, one.end) is not None


def is_full_of_signs(text: str, one: Mention) -> bool:
    """Tell whether a mention in prose stands among marks of technique."""
    around = text[max(0, one.start - AROUND) : one.end + AROUND]
    if len(MARK.findall(around)) + len(HUMP.findall(around)) < MANY_SIGNS:
        return False  # of most prose
    return sum(1 for _ in SIGNS.finditer(around)) >= MANY_SIGNS


class Kinds:
    """The kinds of a text's parts, told apart block by block, and only where somebody asks."""

    def __init__(self, text: str) -> None:
        """Take the text."""
        self._text = text
        self._starts = list(borders(text))
        self._known: dict[int, tuple[Region, ...]] = {}

    def at(self, place: int) -> Kind:
        """Return the kind of text that stands at `place`."""
        number = bisect_right(self._starts, place) - 1
        start = self._starts[number]
        if number not in self._known:
            spend()
            end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
            self._known[number] = regions(self._text[start:end])
        parts = self._known[number]
        return parts[bisect_right([part.start for part in parts], place - start) - 1].kind


def borders(text: str) -> Iterator[int]:
    """Yield where the blocks begin: between lines, where there are any."""
    start = 0
    while start < len(text):
        yield start
        end = start + BLOCK
        line = text.rfind("\n", start + BLOCK // 2, end)
        start = line + 1 if line >= 0 else end
