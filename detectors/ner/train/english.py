"""Made-up people with names in Latin letters, of some fifty countries, and every way to write one person.

Enters: a generator of chance. Leaves: people whose forms agree (`Maria Keller`, `Maria`, `Keller`, `KELLER`). Names
come from Faker's lists, each as likely as any other of its country, for a frequent name is learnt soon enough.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from detectors.ner.train.chinese import INITIALS, People, latin
from detectors.ner.train.lists import Words, latin_names, own, part_of

COMMON: Final = (
    "en_US", "en_US", "en_US", "en_US", "en_GB", "en_GB", "en_IN", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL",
)  # fmt: skip
COUNTRIES: Final = {
    "de": ("de_DE", "de_AT", "de_CH"), "fr": ("fr_FR", "fr_CA", "fr_CH"), "es": ("es_ES", "es_MX", "es_AR"),
    "pl": ("pl_PL",), "vi": ("vi_VN", "vn", "vn"), "in": ("en_IN",), "it": ("it_IT",),
    "nl": ("nl_NL",), "tr": ("tr_TR",),
    "pt": ("pt_BR", "pt_PT"), "ng": ("en_NG", "yo_NG", "ig_NG", "ha_NG"), "ke": ("en_KE",),
    "gh": ("tw_GH",), "pk": ("en_PK",), "hu": ("hu_HU",), "fi": ("fi_FI",), "is": ("is_IS",),
    "dk": ("da_DK",), "no": ("no_NO",),
    "se": ("sv_SE",), "cs": ("cs_CZ", "sk_SK"),
}  # fmt: skip
LANDS: Final = {
    "ja": "japanese", "ar": "arabic", "ru": "russian", "ko": "korean", "fa": "persian", "gr": "greek", "th": "thai",
    "ph": "filipino", "my": "malay", "lk": "lankan", "bd": "bengali", "et": "ethiopian", "so": "somali",
    "zw": "zimbabwean", "rw": "rwandan", "ua": "ukrainian", "ge": "caucasian", "rs": "balkan", "il": "hebrew",
    "kz": "kazakh", "vn": "vietnamese",
}  # fmt: skip
"""Lands whose names we list ourselves, as written in Latin letters."""

LISTED: Final = {"pl_PL": "polish families"}
"""Locales of which Faker lists no family names."""

PLAIN: Final = 0.3
"""The share of people whose names are typed without their marks: Munoz, Wojcik."""

UNMARKED: Final = str.maketrans("łŁøØđĐıßæÆðÐþÞ", "lLoOdDisaAdDtT")
"""Letters that do not come apart into one of ours and a mark."""

EASTERN: Final = ("ja", "ko", "zh", "vi_VN", "vn", "hu_HU")
"""Where the family name comes first."""

AT_HOME: Final = 0.4
"""The share of these names that is written so in English, too."""

DOUBLE: Final = ("es_ES", "es_MX", "es_AR", "es_CO", "pt_BR", "pt_PT", "ph")
"""Where people bear two family names."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with a name in Latin letters."""

    first: str
    last: str
    middle: str = ""
    eastern: bool = False
    """Whether the family name comes first at home."""


@cache
def names_of(locale: str, part: str) -> tuple[Words, Words]:
    """Return given and family names of a locale, of one part."""
    land = LANDS.get(locale)
    if land:
        first, last = own("english", f"{land} given names"), own("english", f"{land} families")
        return part_of(first, part), last if land == "korean" else part_of(last, part)
    first, last = latin_names().get(locale, ((), ()))
    if locale in LISTED:
        last = own("english", LISTED[locale])
    return part_of(first, part), part_of(last, part)


@cache
def locales(part: str) -> Words:
    """Return the locales that have names of both kinds."""
    return tuple(one for one in (*latin_names(), *LANDS) if all(names_of(one, part)))


def unmarked(name: str) -> str:
    """Return a name as people type it whose keyboard has no marks: `Nunez` of `Núñez`."""
    apart = unicodedata.normalize("NFD", name.translate(UNMARKED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@cache
def short_forms() -> dict[str, str]:
    """Return what friends make of some given names."""
    return dict(pair.split("=") for pair in own("english", "short forms"))


class Latins:
    """Makes people with names in Latin letters."""

    def __init__(self, chance: Random, part: str) -> None:
        """Take all chance from `chance`; `part` says whose names may be used."""
        self.chance, self.part = chance, part
        self.people = People(chance, part)

    def somebody(self, country: str = "") -> Somebody:
        """Return somebody, of a country if one is wanted."""
        chance = self.chance
        if country == "zh" or (not country and chance.random() < 0.07):
            family, given = latin(self.people.person())
            return Somebody(given.capitalize(), family or given.capitalize(), eastern=bool(family))
        known = locales(self.part)
        if country in COUNTRIES or country in known:
            locale = chance.choice(COUNTRIES.get(country, (country,)))
        else:
            locale = chance.choice(COMMON if chance.random() < 0.55 else known)
        first, last = names_of(locale if locale in known else "en_US", self.part)
        middle = chance.choice(first) if chance.random() < 0.06 else f"{chance.choice(INITIALS)}."
        family = chance.choice(last)
        drawn = chance.random()
        if drawn < 0.04:
            family = f"{family}-{chance.choice(last)}"
        elif drawn < 0.3 and locale in DOUBLE:
            family = f"{family} {chance.choice(('', '', 'de ', 'y '))}{chance.choice(last)}"
        elif drawn < 0.07:
            family = self._led(family)
        drawn = chance.random()
        second = f"-{chance.choice(first)}" if drawn < 0.02 else f" {chance.choice(first)}" if drawn < 0.05 else ""
        given = chance.choice(first) + second
        if chance.random() < PLAIN:
            given, family = unmarked(given), unmarked(family)
        return Somebody(given, family, middle, locale in EASTERN)

    def _led(self, family: str) -> str:
        """Return the family name with what some are led by: `van der Meer`, `O'Keefe`."""
        particle = self.chance.choice(own("english", "particles"))
        return f"{particle}{'' if particle.endswith("'") else ' '}{family}"

    def full(self, one: Somebody) -> str:
        """Return first and last name, as it is mostly written."""
        drawn = self.chance.random()
        if one.eastern and self.chance.random() < AT_HOME:
            return f"{one.last} {one.first}"
        if drawn < 0.86 or not one.middle:
            return f"{one.first} {one.last}"
        if drawn < 0.93:
            return f"{one.first} {one.middle} {one.last}"
        if drawn < 0.96:
            return f"{one.first[0]}. {one.last}"
        if drawn < 0.97:
            return f"{one.last}, {one.first}"
        return f"{one.first} {one.last}{self.chance.choice((' Jr.', ' III', ' Sr.'))}"

    def form(self, one: Somebody, variant: str) -> str:
        """Return the name in the wanted form; a title stays outside of it (see `honorific`)."""
        plain = {
            "given": one.first, "family": one.last, "title": one.last, "sorted": f"{one.last}, {one.first}",
            "givenlow": one.first.lower(), "familylow": one.last.lower(), "dotted": f"{one.first} {one.last[0]}.",
        }  # fmt: skip
        if variant in plain:
            return plain[variant]
        ways = {
            "nick": self.nick,
            "lower": self.lower,
            "upper": self.upper,
            "initials": self.initials,
            "cited": self.cited,
            "quoted": self.quoted,
        }
        if variant in ways:
            return ways[variant](one)
        if variant == "word":
            return self.chance.choice(own("english", "names that are words"))
        if variant == "pinyin":
            return self.people.romanised(self.people.person())
        return self.full(one)

    def nick(self, one: Somebody) -> str:
        """Return what friends say."""
        other = self.chance.choice(own("english", "nicknames")) if self.chance.random() < 0.4 else one.first
        return short_forms().get(one.first, other)

    def lower(self, one: Somebody) -> str:
        """Return the name as people type who use no capitals."""
        return (one.first if self.chance.random() < 0.33 else f"{one.first} {one.last}").lower()

    def upper(self, one: Somebody) -> str:
        """Return the name as forms and systems print it."""
        forms = (f"{one.first} {one.last}", f"{one.last} {one.first}", f"{one.last}, {one.first}")
        return self.chance.choice(forms).upper()

    def initials(self, one: Somebody) -> str:
        """Return the name shortened."""
        first, last = one.first[0], one.last[0]
        forms = [
            f"{first}.{last}.",
            f"{first}{last}",
            f"{first}. {one.last}",
            f"{first}. {last}.",
            f"{first} {one.last}",
        ]
        if len(one.middle) == len("M."):
            forms.append(f"{first}. {one.middle} {one.last}")
        return self.chance.choice(forms)

    def quoted(self, one: Somebody) -> str:
        """Return the name with what friends say in the middle."""
        before, after = self.chance.choice(('""', "''", "()", "“”"))
        return f"{one.first} {before}{self.nick(one)}{after} {one.last}"

    def cited(self, one: Somebody) -> str:
        """Return the name as lists of references have it."""
        first, middle = one.first[0], one.middle[:1] if self.chance.random() < 0.4 else ""
        letters = f"{first}. {middle}." if middle else f"{first}."
        last = one.last
        return self.chance.choice(
            (f"{last} {first}{middle}", f"{last} {first}.", f"{last}, {letters}", f"{letters} {last}")
        )

    def honorific(self) -> str:
        """Return a title with the blank after it; as in all the open sets, it is no part of the name."""
        return self.chance.choice(own("english", "titles")) + " "
