"""A name that is all there is in a text, and how sure it must be: least where somebody tells, most where somebody asks.

Enters: a view's text and the mentions that were agreed upon. Leaves: the same, or none. Pure. Who writes of people and
firms mostly names several, or says beside the name what it is; who asks how something is done, compared or cooked often
uses one word that looks like a name. Whatever a rule speaks for stays, and so does all that stands beside it.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from detectors.ner.bare import ASKING, KNOWN_PLACES, both_ends, is_by_shape, vouched
from detectors.ner.believe import BY_HASHED, OURS
from detectors.ner.edges import HAN
from detectors.ner.known import has_known_name
from detectors.ner.mention import Mention
from detectors.ner.words import any_of
from detectors.traditional import simplified

LEAST: Final = 0.7
"""The least score of what a model sees in Chinese where nothing else in the whole text is surer."""

ONE_WORD: Final[Mapping[str, float]] = MappingProxyType({"ORGANIZATION": 0.95, "LOCATION": 0.9, "PERSON": 0.6})
WORDS: Final[Mapping[str, float]] = MappingProxyType(
    {"ORGANIZATION": 0.7, "LOCATION": 0.7, "PERSON": 0.75, "ADDRESS": 0.6}
)
"""The least scores of the only name, in Latin script, of a text in which somebody asks."""

STRANGER: Final = 0.9
"""The same, of a person none of whose names is known."""

PLACE: Final = 0.9
"""The same, of a place in Chinese."""

IN_ENGLISH: Final = re.compile(
    r"(?im)\?|\bvs\b|"
    rf"(?:^|[.!:;][ \t]+|[*#\-][ \t]+)[\"'(]?(?:{any_of(ASKING['politely'])}[ ])?{any_of(ASKING['first'])}\b|"
    rf"\b{any_of(ASKING['anywhere'])}\b"
)
IN_CHINESE: Final = re.compile(any_of(ASKING["chinese"]))


def backed(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions; none of those that nothing but a faint guess of a model speaks for."""
    if not mentions or not all(one.because in OURS or is_by_shape(one) for one in mentions):
        return list(mentions)
    if all(is_faint_chinese(text, one) for one in mentions):
        return []
    only_one = len({text[one.start : one.end].casefold() for one in mentions}) == 1
    if only_one and all(one.score < asked_for(text, one) for one in mentions) and asks(text):
        return []
    return vouched(text, mentions, asks(text))


def is_faint_chinese(text: str, one: Mention) -> bool:
    """Tell whether a mention is a faint guess at a Chinese name."""
    return one.because == BY_HASHED and one.score < LEAST and HAN.match(text, one.start) is not None


def asked_for(text: str, one: Mention) -> float:
    """Return the score that the only name of a text must have where somebody asks."""
    words = text[one.start : one.end]
    if HAN.search(words):
        return PLACE if one.label == "LOCATION" else 0.0
    if one.label == "LOCATION" and words.casefold() in KNOWN_PLACES:
        return 0.0
    if one.label == "PERSON" and not has_known_name(words):
        return STRANGER
    return (WORDS if len(words.split()) > 1 else ONE_WORD).get(one.label, 0.0)


def asks(text: str) -> bool:
    """Tell whether somebody asks for something, at the beginning of a text or at its end."""
    return any(IN_ENGLISH.search(part) or IN_CHINESE.search(simplified(part)) for part in both_ends(text))
