"""Names in a text in which nothing else speaks of people or firms: each model must be all but certain there.

Enters: a view's text and mentions of which nothing but our models speaks. Leaves: those that are left of them. Pure.
Plants, cheeses, remedies and tools look like names, and stand in questions, lists and settings; how sure a model must
be there depends on what the name looks like, on what stands right beside it, and on what somebody asks for.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from detectors.ner.again import could_be_one
from detectors.ner.believe import FAMILY, FOREIGN, NEVER, SELDOM_GIVEN, how_strange
from detectors.ner.bodies import ENDS_ZH
from detectors.ner.edges import HAN, REGIONS
from detectors.ner.known import has_known_name
from detectors.ner.mention import Mention
from detectors.ner.people import speaks_of_people
from detectors.ner.words import any_of, word_lists
from detectors.traditional import simplified

MOST: Final = 12
"""Different names beyond which a text speaks of people whatever else it says."""

LOOKED_AT: Final = 2000
"""Characters at the beginning and at the end of a text where the question stands."""

ASKING: Final = word_lists("asking")
OF_THINGS: Final = re.compile(
    rf"(?im)(?:^|[.!:;][ \t]+|[*#\-][ \t]+)[\"'(]?(?:{any_of(ASKING['politely'])}[ ])?{any_of(ASKING['of_things'])}\b|"
    rf"\b{any_of(ASKING['of_things_anywhere'])}\b|[0-9][ ]?{any_of(ASKING['units'])}\b|"
    r",[ ](?:does|do|is|are|will|would|can)[ ]"
)
OF_THINGS_ASKED: Final = re.compile(rf"(?i)\b{any_of(ASKING['of_things_asked'])}\b")

Bars = Mapping[str, float]
"""The least scores by what a name looks like; nought where it needs no more than elsewhere."""

ASKED: Final[Bars] = MappingProxyType({"body": 0.97, "place": 0.99, "person": 0.9, "seldom": 0.985, "strange": NEVER})
"""Chinese names where somebody asks."""
TOLD: Final[Bars] = MappingProxyType({"body": 0.0, "place": 0.0, "person": 0.0, "seldom": 0.9, "strange": 0.96})
"""Chinese names where nobody does."""
OF_A_THING: Final[Bars] = MappingProxyType(
    {"body": 0.99, "bodies": 0.7, "small": 0.95, "place": 0.98, "places": 0.8}
    | {"known": 0.9, "full": 0.75, "unknown": 0.995, "strangers": 0.97}
)
"""Names in Latin script where somebody asks of a thing: of one word, and of several."""

FOREIGN_LENGTH: Final = 3
ENDED: Final = 0.6
"""The least score of a Chinese body or place that ends as one."""

PLACE_ENDS: Final = re.compile("[省市区县镇村乡州路街山河湖江海岛湾港站国桥寺]\\Z")
PROVINCES: Final = frozenset(word_lists("chinese")["provinces"])
KNOWN_PLACES: Final = frozenset(map(str.casefold, REGIONS))
WHERE: Final = re.compile(r"(?i)\b(?:in|from|to|near|at|via|around)[ ](?:the[ ])?\Z")
BEFORE: Final = 12
THERE: Final = 0.7
"""The least score of a place in Latin script behind a word that leads to one."""

ARTICLE: Final = re.compile(r"(?i)(?<![\w'’])an?[ ]\Z")
MEASURED: Final = re.compile(rf"(?:[ ]\w+)?,?[ ][0-9][0-9.,]*[ ]?{any_of(ASKING['units'])}\b")
"""What stands behind goods: bundt, 2.4 l."""
ITEM: Final = re.compile(f"{HAN.pattern}{{2,4}}")
LIST: Final = re.compile(rf"(?<!{HAN.pattern})(?:{ITEM.pattern}、){{2,60}}{ITEM.pattern}")
"""Words of two to four characters with the mark of lists between them; what follows the last one may go on."""
GOODS: Final = re.compile(
    rf"(?:[ ][a-z\-]+)?[ ]{any_of(word_lists('english')['goods'])}\b(?![ ]?['’])|"
    rf"[ ]?{HAN.pattern}{{0,2}}{any_of(ASKING['goods_zh'])}"
)
"""What stands behind the maker's name, or the brand's: Bosch dishwasher."""
SETTING: Final = re.compile(r"[\"']?\w[\w.\-]*[\"']?[ \t]*[:=][ \t]*[\[]?[\"']\Z")
"""What stands before the value of a setting."""
LONGEST_KEY: Final = 40
SET: Final = 0.99
"""The least score of a person whom nobody is known to be called as, there."""


def vouched(text: str, mentions: Sequence[Mention], asked: bool) -> list[Mention]:
    """Return the mentions that are left, `asked` where somebody asks for something.

    All of them, where something speaks of people or where one person or body is sure enough.
    """
    places = {text[one.start : one.end].casefold(): (one.start, one.end) for one in mentions}
    if not mentions or len(places) > MOST or speaks_of_people(text, ((one.start, one.end) for one in mentions)):
        return list(mentions)
    mentions = unlisted(text, mentions)
    of_things = asks_of_things(text, asked)
    sure = [one for one in mentions if one.score >= bar(text, one, asked, of_things)]
    return list(mentions) if any(one.label in ("PERSON", "ORGANIZATION") for one in sure) else sure


def unlisted(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions without the persons in lists that hold something that is no name: 玉露、熊童子、生石花."""
    starts = {one.start: one for one in mentions}
    no_names: set[Mention] = set()
    for run in LIST.finditer(simplified(text)):
        items = [item.span() for item in ITEM.finditer(run.string, *run.span())]
        if all(start in starts or could_be_one(run.string[start:end]) for start, end in items):
            continue
        no_names.update(starts[start] for start, _ in items if start in starts and starts[start].label == "PERSON")
    return [one for one in mentions if one not in no_names]


def asks_of_things(text: str, asked: bool) -> bool:
    """Tell whether somebody asks how a thing is made, used, told apart or compared."""
    parts = (text,) if len(text) <= 2 * LOOKED_AT else (text[:LOOKED_AT], text[-LOOKED_AT:])
    return any(
        OF_THINGS.search(part) or (asked and (OF_THINGS_ASKED.search(part) or HAN.search(part))) for part in parts
    )


def bar(text: str, one: Mention, asked: bool, of_things: bool) -> float:
    """Return the score that a name must have where nothing speaks of people."""
    words = text[one.start : one.end]
    if one.label != "ADDRESS" and (MEASURED.match(text, one.end) or GOODS.match(text, one.end)):
        return NEVER
    if HAN.search(words):
        return in_chinese(simplified(words), one.label, ASKED if asked else TOLD)
    if of_things and one.label == "PERSON" and ARTICLE.search(text[max(0, one.start - 4) : one.start]):
        return NEVER
    if one.label == "PERSON" and len(words.split()) == 1 and not has_known_name(words) and is_set(text, one.start):
        return SET
    return in_latin(text, one) if of_things else 0.0


def is_set(text: str, start: int) -> bool:
    """Tell whether a place begins the value of a setting, in quotation marks."""
    return SETTING.search(text[max(0, start - LONGEST_KEY) : start]) is not None


def in_chinese(words: str, label: str, bars: Bars) -> float:
    """Return what a name in simplified characters must have."""
    if label == "ORGANIZATION":
        return ENDED if ENDS_ZH.search(words) else bars["body"]
    if label == "LOCATION":
        return ENDED if PLACE_ENDS.search(words) or words in PROVINCES else bars["place"]
    if label != "PERSON":
        return 0.0
    strange = how_strange(words)
    if strange:
        return bars["seldom" if strange == SELDOM_GIVEN else "strange"]
    spelt = len(words) >= FOREIGN_LENGTH and FOREIGN.issuperset(words) and not FAMILY.match(words)
    return bars["strange" if spelt else "person"]


def in_latin(text: str, one: Mention) -> float:
    """Return what a name in Latin script must have where somebody asks of a thing."""
    words = text[one.start : one.end]
    several = len(words.split()) > 1
    if one.label == "ORGANIZATION":
        return OF_A_THING["small" if several and words.islower() else "bodies" if several else "body"]
    if one.label == "LOCATION":
        if words.casefold() in KNOWN_PLACES:
            return 0.0
        there = WHERE.search(text[max(0, one.start - BEFORE) : one.start])
        return THERE if there else OF_A_THING["places" if several else "place"]
    if one.label != "PERSON":
        return 0.0
    if has_known_name(words):
        return OF_A_THING["full" if several else "known"]
    return OF_A_THING["strangers" if several else "unknown"]
