"""What a text says of people and firms besides their names: `she`, `Dear`, a telephone number, 董事长, 说.

Enters: a view's text and the places of names in it. Leaves: whether anything there speaks for one of them. Pure. Who
writes of somebody hardly ever leaves it at the name; who asks about a plant, a tool or a remedy mostly does.
"""

import re
from collections.abc import Iterable
from typing import Final

from detectors.ner.words import any_of, word_lists
from detectors.traditional import simplified

WORDS: Final = word_lists("people")

NEAR: Final = 200
"""Characters before a name and behind it in which it counts that people are spoken of."""

BESIDE: Final = 24
"""Those right before it and right behind it, which may say what somebody is or does."""

SPEAKS: Final = re.compile(
    rf"(?i)\b{any_of(WORDS['near'])}\b|{any_of(WORDS['near_zh'])}|[\w.]@\w|"
    r"(?<![\w.])\+?\(?[0-9]{3,4}\)?[ \-]?[0-9]{3,4}[ \-]?[0-9]{3,5}(?![\w.])"
)
"""Words for people, mail addresses and telephone numbers."""

LEADS: Final = re.compile(
    rf"(?i)(?:\b{any_of((*WORDS['roles'], *WORDS['done']))}[ ,:]+(?:the[ ])?|"
    rf"{any_of((*WORDS['roles_zh'], *WORDS['done_zh']))}[ :]?)\Z"
)
FOLLOWS: Final = re.compile(
    rf"[ ](?:(?:an?|our|the|my)[ ])?{any_of(WORDS['roles'])}\b|"
    rf"(?i:,[ ](?:(?:an?|our|the|my)[ ])?{any_of(WORDS['roles'])}\b)|"
    rf"[ ](?:is|are|was)[ ]an?[ ](?:[a-z]+[ ])?{any_of(WORDS['firms'])}\b|"
    rf"[ ]?{any_of((*WORDS['roles_zh'], *WORDS['does_zh']))}|[:：]|['’]s?[ ]?(?:[?.,;!]|\Z)"
)
"""What somebody is, in small letters behind a name, for a title in capitals mostly is a product's: the Kenwood Chef."""
BEGINS: Final = re.compile(r"(?:\A|\n)[ \t>]*\Z")
CALLED: Final = re.compile(r",[ \n](?![0-9])|[?!]\s*\Z")
"""What stands behind a name that begins a line and calls somebody: Ginny, please … Ginny?"""


def speaks_of_people(text: str, places: Iterable[tuple[int, int]]) -> bool:
    """Tell whether what stands round one of these names, each a start and an end, speaks of people or firms."""
    return any(_speaks(text, start, end) for start, end in places)


def _speaks(text: str, start: int, end: int) -> bool:
    before = simplified(text[max(0, start - NEAR) : start])
    behind = simplified(text[end : end + NEAR])
    return (
        SPEAKS.search(before) is not None
        or SPEAKS.search(behind) is not None
        or LEADS.search(before[-BESIDE:]) is not None
        or FOLLOWS.match(behind) is not None
        or (BEGINS.search(before[-BESIDE:]) is not None and CALLED.match(behind) is not None)
    )
