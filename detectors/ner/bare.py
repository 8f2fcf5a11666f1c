"""Names in a text in which nothing else speaks of people or firms: each model must be all but certain there.

Enters: a view's text and mentions of which nothing but our models speaks. Leaves: those that are left of them. Pure.
Plants, cheeses, remedies and tools look like names, and stand in questions, lists and settings; how sure a model must
be there depends on what the name looks like, on what stands right beside it, and on what somebody asks for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from detectors.ner.again import could_be_one
from detectors.ner.believe import FAMILY, FOREIGN, NEVER, SELDOM_GIVEN, how_strange
from detectors.ner.bodies import ENDS_ZH
from detectors.ner.edges import HAN, REGIONS
from detectors.ner.known import can_be_given, has_known_name
from detectors.ner.mention import Mention
from detectors.ner.people import speaks_of_people
from detectors.ner.words import any_of, word_lists
from detectors.traditional import simplified

BY_SHAPE: Final = (("cue:name",), ("cue:nickname",))
"""What speaks for a name that a rule takes for one by its words alone: Herman Miller, 小雪."""

MOST, MOST_PLACES = 12, 60
"""Different names, and places of them, beyond which a text speaks of people whatever else it says."""

LOOKED_AT: Final = 2000
"""Characters at the beginning and at the end of a text where the question stands."""

ASKING: Final = word_lists("asking")
OF_THINGS: Final = re.compile(
    rf"(?im)(?:^|[.!:;][ \t]+|[*#\-][ \t]+)[\"'(]?(?:{any_of(ASKING['politely'])}[ ])?{any_of(ASKING['of_things'])}\b|"
    rf"\b{any_of(ASKING['of_things_anywhere'])}\b|[0-9][ ]?{any_of(ASKING['units'])}\b|"
    r",[ ](?:does|do|is|are|will|would|can)[ ]"
)
OF_THINGS_ZH: Final = re.compile(any_of(ASKING["of_things_zh"]))
OF_PLACES: Final = re.compile(rf"(?i)\b{any_of(ASKING['of_places'])}\b")
PERSONALLY: Final = re.compile(rf"(?i)\b{any_of(ASKING['personally'])}\b")
OF_THINGS_ASKED: Final = re.compile(rf"(?i)\b{any_of(ASKING['of_things_asked'])}\b")

Bars = Mapping[str, float]
"""The least scores by what a name looks like; nought where it needs no more than elsewhere."""

ASKED: Final[Bars] = MappingProxyType({"body": 0.97, "place": 0.99, "person": 0.9, "seldom": 0.985, "strange": NEVER})
"""Chinese names where somebody asks."""
ASKED_OF_A_THING: Final[Bars] = MappingProxyType({**ASKED, "person": 0.99, "seldom": NEVER})
"""The same where somebody asks of a thing."""
TOLD: Final[Bars] = MappingProxyType({"body": 0.0, "place": 0.0, "person": 0.0, "seldom": 0.9, "strange": 0.96})
"""Chinese names where nobody does."""
OF_A_THING: Final[Bars] = MappingProxyType(
    {"body": 0.99, "bodies": 0.7, "small": 0.95, "place": NEVER, "places": 0.97}
    | {"known": 0.9, "full": 0.8, "unknown": 0.995, "strangers": 0.97}
)
"""Names in Latin script where somebody asks of a thing: of one word, and of several."""

FOREIGN_LENGTH, LONGEST_OWN = 3, 4
"""Characters that spell a name from abroad, without a family name of China and with one."""
ENDED: Final = 0.6
"""The least score of a Chinese body or place that ends as one."""

PLACE_ENDS: Final = re.compile("[省市区县镇村乡州路街山河湖江海岛湾港站国桥寺]\\Z")
PROVINCES: Final = frozenset(word_lists("chinese")["provinces"])
KNOWN_PLACES: Final = frozenset(map(str.casefold, REGIONS))
WHERE: Final = re.compile(r"(?i)\b(?:in|from|to|near|at|via|around)[ ](?:the[ ])?\Z")
THERE: Final = 0.7
"""The least score of a place in Latin script behind a word that leads to one."""

ARTICLE: Final = re.compile(r"(?i)(?<![\w'’])an?[ ]\Z")
LONGEST_TITLE: Final = 40
"""Characters before a name in which the title of a work, or the key of a setting, begins."""
TITLE_BEGINS: Final = re.compile("《[^《》\n]*\\Z")
TITLE_ENDS: Final = re.compile("[^《》\n]{0,30}》")
OWN: Final = re.compile(r"(?i)(?<![\w'’])(?:my|our|your|the|an?|this|these)[ ]\Z")
MEASURED: Final = re.compile(rf"(?:[ ]\w+)?,?[ ][0-9][0-9.,]*[ ]?{any_of(ASKING['units'])}\b")
"""What stands behind goods: bundt, 2.4 l."""
LONGEST_NAME: Final = 3
ITEM: Final = re.compile(f"{HAN.pattern}{{2,4}}")
LIST: Final = re.compile(rf"(?<!{HAN.pattern})(?:{ITEM.pattern}、){{2,60}}{ITEM.pattern}")
"""Words of two to four characters with the mark of lists between them; what follows the last one may go on."""
LATIN_ITEM: Final = re.compile(r"[A-Z\u00c0-\u00de][\w'’\-]*(?:[ ][A-Z0-9\u00c0-\u00de][\w'’\-]*){0,2}")
LATIN_LIST: Final = re.compile(
    rf"(?<![\w'’\-])(?:{LATIN_ITEM.pattern}(?:,[ ](?:and[ ]|or[ ])?|[ ](?:and|or|vs)[ ])){{2,60}}{LATIN_ITEM.pattern}"
)
FEW: Final = 0.5
"""The share of a list's members below which the others in it are no names, either."""
LISTED: Final = 0.995
GOODS: Final = re.compile(
    rf"(?:[ ][a-z\-]+)?[ ]{any_of(word_lists('english')['goods'])}\b(?![ ]?['’])|"
    rf"[ ]?{HAN.pattern}{{0,2}}{any_of(ASKING['goods_zh'])}"
)
"""What stands behind the maker's name, or the brand's: Bosch dishwasher."""
TYPE: Final = re.compile(r"[ \-](?:[A-Z][a-z]+|[A-Z]{0,3}[0-9]+)\b(?![ ]?['’])")
"""What stands behind a brand: the name of a product."""
SETTING: Final = re.compile(r"[\"']?\w[\w.\-]*[\"']?[ \t]*[:=][ \t]*[\[]?[\"']\Z")
"""What stands before the value of a setting."""
SET: Final = 0.99
"""The least score of a person whom nobody is known to be called as, there."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know in a text."""

    asked: bool
    """Whether somebody asks at all."""
    latin: bool
    """Whether what stands there in Latin script is asked of as a thing."""
    chinese: Bars
    """The least scores of Chinese names."""
    of_places: bool = False
    """Whether towns and countries are spoken of."""


def vouched(text: str, mentions: Sequence[Mention], asked: bool) -> list[Mention]:
    """Return the mentions that are left, `asked` where somebody asks for something.

    All of them, where something speaks of people or where one person or body is sure enough.
    """
    names = {text[one.start : one.end].casefold() for one in mentions}
    if not 0 < len(mentions) <= MOST_PLACES or len(names) > MOST:
        return list(mentions)
    if speaks_of_people(text, ((one.start, one.end) for one in mentions)):
        return list(mentions)
    mentions = unlisted(text, mentions)
    question = what_is_asked(text, asked)
    strange = strange_lists(text) if question.latin else []
    sure = [one for one in mentions if one.score >= max(bar(text, one, question), listed(text, one, strange))]
    return list(mentions) if any(one.label in ("PERSON", "ORGANIZATION") for one in sure) else sure


def is_by_shape(one: Mention) -> bool:
    """Tell whether only its words speak for a name; where a form has a key for it, its edges are certain."""
    return one.because in BY_SHAPE and not one.firm


def unlisted(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions without the persons in lists that hold something that is no name: 玉露、熊童子、生石花."""
    starts = {one.start: one for one in mentions}
    no_names: set[Mention] = set()
    if "、" not in text:
        return list(mentions)
    for run in LIST.finditer(simplified(text)):
        items = [item.span() for item in ITEM.finditer(run.string, *run.span())]
        if all(start in starts or is_like_a_name(run.string[start:end]) for start, end in items):
            continue
        no_names.update(starts[start] for start, _ in items if start in starts and starts[start].label == "PERSON")
    return [one for one in mentions if one not in no_names]


def strange_lists(text: str) -> list[tuple[int, int]]:
    """Return where the lists are that hold few names which people bear: Dimir, Boros, Golgari."""
    found = []
    for run in LATIN_LIST.finditer(text):
        items = LATIN_ITEM.findall(run.group())
        if sum(map(has_known_name, items)) < FEW * len(items):
            found.append(run.span())
    return found


def listed(text: str, one: Mention, strange: Sequence[tuple[int, int]]) -> float:
    """Return the score that a member of such a list must have; a known name in full no more than elsewhere."""
    words = text[one.start : one.end]
    inside = one.label == "PERSON" and any(start <= one.start < end for start, end in strange)
    return LISTED if inside and not (" " in words and has_known_name(words)) else 0.0


def is_like_a_name(words: str) -> bool:
    """Tell whether a member of a list, in simplified characters, can be a person: by both parts of the name."""
    family = FAMILY.match(words)
    return family is not None and could_be_one(words) and can_be_given(words[family.end() : LONGEST_NAME])


def both_ends(text: str) -> tuple[str, ...]:
    """Return where in a text a question stands: its beginning and its end, or all of a shorter one."""
    return (text,) if len(text) <= 2 * LOOKED_AT else (text[:LOOKED_AT], text[-LOOKED_AT:])


def what_is_asked(text: str, asked: bool) -> Question:
    """Return what somebody wants to know, `asked` where a question or a task stands at all."""
    parts = both_ends(text)
    of_things = any(OF_THINGS.search(part) for part in parts) or (
        asked and any(OF_THINGS_ASKED.search(part) or HAN.search(part) or not PERSONALLY.search(part) for part in parts)
    )
    of_places = any(OF_PLACES.search(part) for part in parts)
    if any(OF_THINGS_ZH.search(simplified(part)) for part in parts):
        return Question(True, of_things, ASKED_OF_A_THING, of_places)
    return Question(asked, of_things, ASKED if asked else TOLD, of_places)


def bar(text: str, one: Mention, question: Question) -> float:
    """Return the score that a name must have where nothing speaks of people."""
    words = text[one.start : one.end]
    before = text[max(0, one.start - LONGEST_TITLE) : one.start]
    if is_by_shape(one):
        return NEVER if question.asked else 0.0
    if TITLE_BEGINS.search(before) and TITLE_ENDS.match(text, one.end):
        return NEVER
    if one.label != "ADDRESS" and (MEASURED.match(text, one.end) or GOODS.match(text, one.end)):
        return NEVER
    if HAN.search(words):
        return in_chinese(simplified(words), one.label, question.chinese)
    if question.latin and one.label == "PERSON" and ARTICLE.search(before):
        return NEVER
    if one.label == "PERSON" and " " not in words and not has_known_name(words) and SETTING.search(before):
        return SET
    if is_cut(text, one) and (question.latin or OWN.search(before)):
        return NEVER
    if not question.latin or (question.of_places and one.label == "LOCATION"):
        return 0.0
    return in_latin(words, one.label, before)


def is_cut(text: str, one: Mention) -> bool:
    """Tell whether another word in capitals, or a model's number, belongs to a single word: Rowan Felted Tweed."""
    word = text[one.start : one.end]
    return TYPE.match(text, one.end) is not None and word.istitle() and " " not in word


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
    family = FAMILY.match(words)
    spelt = FOREIGN.issuperset(words) and len(words) >= (FOREIGN_LENGTH if family is None else LONGEST_OWN)
    return bars["strange" if spelt else "person"]


def in_latin(words: str, label: str, before: str) -> float:
    """Return what a name in Latin script must have where somebody asks of a thing."""
    several = " " in words
    if label == "ORGANIZATION":
        return OF_A_THING["small" if several and words.islower() else "bodies" if several else "body"]
    if label == "LOCATION":
        if words.casefold() in KNOWN_PLACES:
            return 0.0
        return THERE if WHERE.search(before) else OF_A_THING["places" if several else "place"]
    if label != "PERSON":
        return 0.0
    if has_known_name(words):
        return OF_A_THING["full" if several else "known"]
    return OF_A_THING["strangers" if several else "unknown"]
