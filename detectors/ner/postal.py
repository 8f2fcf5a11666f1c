"""Postal addresses that begin with no plain door and road: flats, houses by name, boxes, camps, doors of India.

Enters: a block of a view's text. Leaves: mentions. Pure. Each needs what only an address ends in (a postcode, a PIN
code, a ward), or the words of a box or a camp; a name before it stays outside. What comes before a code is looked at
only there, and no character twice.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists

UPPER: Final = "A-Z\u00c0-\u00de"
LETTER: Final = "A-Za-z\u00c0-\u024f"
ENGLISH: Final = word_lists("english")
TOWN: Final = rf"[{UPPER}][{LETTER}'’.\-]{{1,24}}"
BREAK: Final = r"(?:,[ ]?\n?|\n)"
"""What parts the lines of an address, which may stand on one line of the text or on several."""

STREETS: Final = frozenset(ENGLISH["streets"])
INDIAN: Final = frozenset(ENGLISH["indian_parts"])
HOUSES: Final = frozenset(ENGLISH["houses"])
WORDS: Final = re.compile("[a-z]+")
UNIT: Final = re.compile(
    r"(?:flat|apt|apartment|unit|suite|ste|level|floor|room|villa|office|shop|block|plot|house|lot|no)\.?[ ]?"
    r"#?(?:[0-9][0-9a-z]{0,5}|[a-z][0-9]{0,5})\b|[0-9]{1,2}(?:st|nd|rd|th)[ ]floor\b|ground[ ]floor\b|#?[0-9]",
    re.I,
)
WITHIN: Final = re.compile(rf"(?<=[ ])[0-9]{{1,5}}[A-Za-z]?[ ](?=[{UPPER}])")
"""A door behind somebody's name."""

LONGEST_HOUSE: Final = 3
"""Words of a house's name: The Old Rectory."""

LONGEST: Final = 200
"""Characters that an address may have before its code."""

CAMP: Final = re.compile(
    r"(?:(?:PSC|CMR|Unit)[ ][0-9]{1,5},?[ ]Box[ ][0-9]{1,5}"
    rf"|US(?:NS|S|CGC)[ ]{TOWN}(?:[ ]{TOWN})?)(?:,[ ]?\n?|[ ]|\n)"
    r"(?:APO|FPO|DPO),?[ ]A[AEP][ ][0-9]{5}(?:-[0-9]{4})?\b"
)
"""Where soldiers and sailors of the USA have their post sent."""

BOX: Final = re.compile(
    r"(?<![\w.])(?:P\.?[ ]?O\.?[ ]?(?:Box|BOX)|Post Office Box|Postfach|Private Bag)[ ](?:No\.?[ ]?)?"
    r"[0-9][0-9 ]{0,6}(?<! )\b"
    rf"(?:{BREAK}{TOWN}(?:[ ]{TOWN}){{0,2}})?"
    r"(?:,?[ ](?:[A-Z]{2}[ ])?[0-9]{4,6}(?:-[0-9]{4})?\b|[ ][A-Z]{2}[0-9]{1,2}[ ][0-9][A-Z]{2}\b)?"
    rf"(?:{BREAK}(?:{any_of(tuple(map(str.upper, ENGLISH['short_countries'])))})\b)?"
)

JAPANESE: Final = re.compile(
    rf"(?<![\w\-])[0-9]{{1,3}}(?:-[0-9]{{1,3}}){{1,2}},?[ ]{TOWN}(?:,[ ]{TOWN}){{0,2}},[ ]"
    rf"[A-Z][a-z]+-(?:ku|shi|cho|gun)\b(?:,[ ]{TOWN}(?:[ ]{TOWN})?)?(?:[ ][0-9]{{3}}-[0-9]{{4}}\b)?(?:,[ ]Japan\b)?"
)
"""Blocks, the quarter, the ward and the town."""

POSTCODE: Final = re.compile(r"(?<=[ \n])[A-Z]{1,2}[0-9][0-9A-Z]?[ ][0-9][A-Z]{2}(?![0-9A-Za-z])")
CAPITAL: Final = rf"[{UPPER}0-9#][\w'’./\-]{{0,24}}"
CAPITALS: Final = rf"(?:{CAPITAL}(?:[ ](?:of[ ]|the[ ]|le[ ]|on[ ])?{CAPITAL}){{0,4}})"
BEFORE: Final = re.compile(rf"(?<![\w.,\-/])(?:{CAPITALS}{BREAK}){{1,4}}{CAPITALS},?[ \n]\Z")
"""Words in capitals that a British postcode comes behind."""

PIN: Final = re.compile(r"(?<![0-9.,\-/])[1-9][0-9]{2}[ ]?[0-9]{3}(?![0-9]|[.,][0-9])")
DOOR: Final = (
    r"(?:(?:(?:H|D)\.?[ ]?No|House No|Flat No|Flat|Plot No|Plot|Door No|Shop No|No|SCO|Block)\.?[ ]?"
    r"#?[0-9A-Za-z][0-9A-Za-z/\-]{0,16}"
    r"|#[ ]?[0-9][0-9A-Za-z/\-]{0,8}|[A-Z]-?[0-9]{1,4}(?:/[0-9]{1,4})?|[0-9]{1,4}(?:/[0-9]{1,4})?[A-Z]?)"
)
PIECE: Final = r"[A-Za-z0-9(][\w'’./\-()]{0,30}(?:[ ][\w'’./\-()]{1,30}){0,5}"
DOOR_BEFORE: Final = re.compile(rf"(?<![\w.,\-/#]){DOOR}(?:[ ]{PIECE})?(?:,[ ]?\n?{PIECE}){{1,7}}(?:[ ]?[\-–,])?[ ]?\Z")
"""A door of India and what leads from it to the town, that a PIN code comes behind."""

STATE: Final = re.compile(rf",[ ](?:{any_of(tuple(map(str.title, ENGLISH['indian_states'])))})\b")
SIGNS: Final = (
    (CAMP, "box", ("PO ", "PO,")), (BOX, "box", ("ox", "OX", "ach", "Bag")),
    (JAPANESE, "ward", ("-ku", "-shi", "-cho", "-gun")),
)  # fmt: skip
"""What is in every text that a pattern finds something in."""

PARTED: Final = re.compile(r"[,\n]+[ ]?")


def postal(text: str) -> Iterator[Mention]:
    """Yield the addresses of a block that begin otherwise than with a door and a road."""
    for pattern, cue, signs in SIGNS:
        for match in pattern.finditer(text) if any(sign in text for sign in signs) else ():
            yield Mention(*match.span(), "ADDRESS", 0.85, (f"cue:{cue}",), firm=pattern is not BOX)
    last = 0
    for code in POSTCODE.finditer(text):
        led = BEFORE.search(text, max(last, code.start() - LONGEST), code.start())
        last = code.end()
        if led is not None and (start := begins(text, led.start(), code.start())) is not None:
            yield Mention(start, code.end(), "ADDRESS", 0.85, ("cue:postcode",), firm=True)
    last = 0
    for code in PIN.finditer(text):
        led = DOOR_BEFORE.search(text, max(last, code.start() - LONGEST), code.start())
        last = code.end()
        if led is not None and not INDIAN.isdisjoint(WORDS.findall(led.group().casefold())):
            state = STATE.match(text, code.end())
            yield Mention(led.start(), state.end() if state else code.end(), "ADDRESS", 0.85, ("cue:PIN",), firm=True)


def begins(text: str, start: int, end: int) -> int | None:
    """Return where the address begins in words in capitals before a postcode; nothing where none speaks of a road.

    It begins with a flat, a door or a house by name, or with the road. What stands before these is somebody's name.
    """
    for place in (start, *(border.end() for border in PARTED.finditer(text, start, end))):
        piece = PARTED.split(text[place:end], 1)[0].rstrip()
        if (door := WITHIN.search(piece)) is not None and not UNIT.match(piece):
            return place + door.start()
        words = piece.casefold().split()
        if not words or UNIT.match(piece) or words[-1].strip(".") in STREETS:
            return place if words else None
        if words[-1] in HOUSES:
            house = piece.rfind(" of ") + len(" of ") if " of " in piece else 0
            if len(piece[house:].split()) <= LONGEST_HOUSE:
                return place + house
    return None
