"""What stands in place of a value that must not be put back: a mask, its kind in words, or nothing.

Enters: the value, what it is, and how much of it may show. Leaves: the words to write instead. Pure. A mask keeps the
shape of the class and never more than a part of the value; what is no plain value (several findings in one) shows
nothing at all. Nothing written here has the form of a placeholder, so nothing of it is ever restored.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from detectors.entities import ENTITIES, Entity

type Treatment = Literal["placeholder", "mask", "generalise", "drop"]

STRICTNESS: Final[tuple[Treatment, ...]] = ("placeholder", "mask", "generalise", "drop")
"""Loosest first: of findings that overlap, the strictest treatment counts for all that they cover."""

STAR: Final = "*"
SECRET_MASK: Final = STAR * 8
"""What a secret shows: not even its length."""
SECRETS: Final = frozenset({"API_KEY", "PASSWORD", "PRIVATE_KEY", "CRYPTO"})


class Shown(NamedTuple):
    """How many letters and digits of a value a mask leaves readable."""

    head: int
    tail: int


SHOWN: Final = {
    "PHONE_NUMBER": Shown(3, 4),
    "CREDIT_CARD": Shown(0, 4),
    "IBAN_CODE": Shown(2, 4),
    "US_BANK_NUMBER": Shown(0, 4),
    "CN_BANK_ACCOUNT": Shown(0, 4),
    "CN_ID_CARD": Shown(1, 1),
    "CN_VEHICLE_PLATE": Shown(1, 1),
    "PERSON": Shown(1, 0),
}
"""By entity; every other one shows nothing but its separators."""

SEPARATORS: Final = frozenset(" -./:+()@_,;·—－（）：／．\u3000")
"""Characters of a shape; all others are part of the value."""

HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN: Final = re.compile("[A-Za-zÀ-ɏ]")


def strictest(treatments: Iterable[str]) -> Treatment:
    """Return the strictest of `treatments`, `placeholder` where there are none; raises `ValueError` for a strange one.

    Their names may be given as any string.
    """
    return STRICTNESS[max((STRICTNESS.index(one) for one in map(known, treatments)), default=0)]


def known(word: str) -> Treatment:
    """Return the treatment called `word`; raises `ValueError`."""
    for one in STRICTNESS:
        if word == one:
            return one
    raise ValueError("a value is treated as placeholder, mask, generalise or drop")


def instead(treatment: Treatment, entity: str, value: str, *, plain: bool, language: str, name: Entity | None) -> str:
    """Return what is written for `value`; `plain` says that one finding covers exactly it.

    `name` is how people call the entity, where the house has no word for it; `language` is `zh` or `en`.
    """
    if treatment == "mask":
        return mask(entity, value) if plain else SECRET_MASK
    if treatment == "generalise":
        return generalise(entity, language, name)
    return ""


def mask(entity: str, value: str) -> str:
    """Return `value` in its shape with stars for all but what its class may show: `138****8000`."""
    if entity in SECRETS:
        return SECRET_MASK
    if entity == "EMAIL_ADDRESS":
        return mask_address(value)
    if entity == "PERSON":
        # A Chinese name shows its surname, others the initial of each word.
        return initial(value) if HAN.search(value) else " ".join(map(initial, value.split(" ")))
    shown = SHOWN.get(entity, Shown(0, 0))
    places = [at for at, char in enumerate(value) if char.isalnum()]
    few = len(places) <= shown.head + shown.tail
    if few or 2 * (shown.head + shown.tail) > len(places) + 3:  # too short for its class: most of it would show
        shown = Shown(0, 0)
    readable = {*places[: shown.head], *(places[-shown.tail :] if shown.tail else ())}
    return "".join(char if at in readable or char in SEPARATORS else STAR for at, char in enumerate(value))


def mask_address(value: str) -> str:
    """Return an e-mail address with one letter of its name, and its domain."""
    name, at, domain = value.rpartition("@")
    known_form = at and len(name) > 1 and name[0].isalnum() and all(c.isalnum() or c in ".-" for c in domain)
    return f"{name[0]}***@{domain}" if known_form else stars(value)


def initial(word: str) -> str:
    """Return a word by its first letter."""
    return word[0] + stars(word[1:]) if len(word) > 1 and word[0].isalnum() else stars(word)


def stars(value: str) -> str:
    """Return the shape of `value` and nothing else."""
    return "".join(char if char in SEPARATORS else STAR for char in value)


def generalise(entity: str, language: str, name: Entity | None = None) -> str:
    """Return what the value is, in words: `[电话号码]`, `[telephone number]`."""
    named = ENTITIES.get(entity) or name
    words = (named.zh if language == "zh" else named.en) if named else entity.replace("_", " ").lower()
    plain = "".join(char for char in words if char not in "[]" and unicodedata.category(char)[0] != "C")
    return f"[{plain}]"


def language_of(text: str) -> str:
    """Return `zh` where a text has at least half as many Chinese characters as Latin letters, else `en`."""
    chinese = len(HAN.findall(text))
    return "zh" if chinese and 2 * chinese >= len(LATIN.findall(text)) else "en"


def gap(before: str, after: str) -> str:
    """Return what keeps two characters (or none) apart once a value between them is dropped.

    Letters and digits that meet could make a value that nobody looked for; Chinese characters join as they do.
    """
    return " " if joins(before) and joins(after) else ""


def joins(char: str) -> bool:
    """Return whether `char` could be part of one word or number with its neighbour."""
    return char.isalnum() and not HAN.match(char)
