"""Made-up Chinese people: names of today and of older days, of China's peoples, of its neighbours and of the West.

Enters: a generator of chance. Leaves: people whose every form agrees (`王建国`, `王总`, `老王`, `Wang Jianguo`).
Surnames follow their order of frequency, given names the characters that people bear, flattened for variety.
"""

import itertools
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from pypinyin import Style, lazy_pinyin

from detectors.ner.train.lists import Words, given_characters, own, part_of

DOUBLED: Final = "媛婷佳丽欢乐甜圆娜莎莉宝贝豆瑶蓉琳萌洋阳明亮"
"""Last characters of given names that friends say twice."""

DOTS: Final = "···•."
INITIALS: Final = "ABCDEFGHJKLMNPRSTW"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a family name and a given name, in Chinese characters."""

    family: str
    given: str
    kind: str = "han"
    """`han`, `abroad` or `peoples`: whether surname and given name part as Chinese ones do."""

    @property
    def full(self) -> str:
        """Return the whole name."""
        return self.family + self.given


@cache
def surnames() -> tuple[Words, tuple[float, ...]]:
    """Return surnames, and weights running up, that fall with rank more gently than the real ones."""
    single, compound = own("chinese", "surnames"), own("chinese", "compound surnames")
    weights = [1 / (rank + 8) ** 0.85 for rank in range(len(single))] + [0.004] * len(compound)
    return single + compound, tuple(itertools.accumulate(weights))


@cache
def given(woman: bool) -> tuple[Words, tuple[float, ...]]:
    """Return characters of given names, and weights running up."""
    rows = [(character, women if woman else men) for character, men, women in given_characters()]
    rows = sorted(rows, key=lambda row: -row[1])[:1500]
    return tuple(row[0] for row in rows), tuple(itertools.accumulate(max(row[1], 1) ** 0.6 for row in rows))


@cache
def cantonese() -> dict[str, str]:
    """Return how some surnames are written in Hong Kong."""
    return dict(pair.split("=") for pair in own("chinese", "cantonese surnames"))


class People:
    """Makes Chinese people, one after another."""

    def __init__(self, chance: Random, part: str) -> None:
        """Take all chance from `chance`; `part` says whose names may be used."""
        self.chance, self.part = chance, part

    def person(self) -> Person:
        """Return somebody: mostly of Han name, sometimes from elsewhere."""
        drawn = self.chance.random()
        while drawn < 0.86:
            person = self._han()
            if part_of([person.full], self.part):
                return person
        if drawn < 0.90:
            return self._neighbour()
        if drawn < 0.93:
            return self.of_peoples()
        return Person("", self.foreign(), "abroad")

    def _han(self) -> Person:
        chance = self.chance
        names, weights = surnames()
        family = chance.choices(names, cum_weights=weights)[0]
        characters, heavy = given(chance.random() < 0.5)
        first = chance.choices(characters, cum_weights=heavy)[0]
        if chance.random() < 0.22:
            return Person(family, first)
        if chance.random() < 0.06:
            return Person(family, first * 2)
        rare = chance.random() < 0.25
        second = chance.choice(characters[:700]) if rare else chance.choices(characters, cum_weights=heavy)[0]
        if chance.random() < 0.01:  # a mother's surname in the middle
            first = chance.choices(names, cum_weights=weights)[0]
        return Person(family, first + second)

    def _neighbour(self) -> Person:
        land = "japanese" if self.chance.random() < 0.6 else "korean"
        family = self.chance.choice(own("chinese", f"{land} families"))
        return Person(family, self.chance.choice(own("chinese", f"{land} given names")), "abroad")

    def of_peoples(self) -> Person:
        """Return somebody of one of China's peoples."""
        names = own("chinese", "names of peoples of China")
        first = self.chance.choice(names)
        if self.chance.random() < 0.6:
            return Person("", f"{first}{self.chance.choice(DOTS[:4])}{self.chance.choice(names)}", "peoples")
        return Person("", first + (self.chance.choice(names) if self.chance.random() < 0.3 else ""), "peoples")

    def foreign(self) -> str:
        """Return a Western name in Chinese characters: `克林顿`, `乔治·布什`, `弗·伊·列宁`."""
        chance = self.chance
        drawn = chance.random()
        if drawn < 0.5:
            return self.word()
        first = chance.choice(own("chinese", "western given names")) if chance.random() < 0.6 else self.word()
        dot = chance.choice(DOTS)
        if drawn < 0.58:
            return f"{chance.choice(INITIALS)}{dot if dot != '·' else '.'}{self.word()}"
        middle = f"{self.word()}{dot}" if drawn > 0.94 else ""
        return f"{first}{dot}{middle}{self.word()}"

    def word(self) -> str:
        """Return one word of a Western name."""
        chance = self.chance
        if chance.random() < 0.12:
            return chance.choice(own("chinese", "western given names"))
        count = chance.choices((0, 1, 2, 3), (30, 40, 22, 8))[0]
        middle = "".join(chance.choice(own("chinese", "middle syllables")) for _ in range(count))
        first, last = own("chinese", "first syllables"), own("chinese", "last syllables")
        return chance.choice(first) + middle + chance.choice(last)

    def title(self, person: Person) -> str:
        """Return surname and role: `王总`, `李老师`; now and then the whole name with it."""
        role = self.chance.choice(own("chinese", "roles"))
        if role == "老":
            return f"{person.family or person.given[:1]}老"
        if person.kind != "han" or (self.chance.random() < 0.12 and len(role) > 1):
            return person.full + (role if len(role) > 1 else "先生")
        return person.family + role

    def nick(self, person: Person) -> str:
        """Return what friends and colleagues say: `小张`, `老周`, `阿强`, `婷婷`."""
        if person.kind != "han":
            return person.given.split("·")[0]
        last = person.given[-1]
        doubled = last in DOUBLED and self.chance.random() < 0.4
        form = "{l}{l}" if doubled else self.chance.choice(own("chinese", "nicknames"))
        made = form.format(f=person.family, l=last, g=person.given)
        return made if len(made) > 1 else person.family + person.given

    def romanised(self, person: Person) -> str:
        """Return the name in Latin letters, in one of the ways that people write it; of a foreigner, another's."""
        family, first = latin(person if person.kind == "han" else self._han())
        chance = self.chance
        if person.family in cantonese() and chance.random() < 0.15:
            family = cantonese()[person.family]
            one, two = (chance.choice(own("chinese", "cantonese syllables")).capitalize() for _ in range(2))
            first = chance.choice([f"{one} {two}", f"{one}-{two.lower()}", f"{one}{two.lower()}"])
        elif chance.random() < 0.06:
            first = chance.choice(own("chinese", "taiwanese given names"))
        if not family:
            return first
        together = first.replace(" ", "").replace("-", "").capitalize()
        forms = [
            f"{family} {first}", f"{family} {first}", f"{first} {family}", f"{first} {family}", f"{family}{first}",
            f"{family}, {first}", f"{family} {together}", f"{first[0]}. {family}", f"{family}, {first[0]}.",
        ]  # fmt: skip
        return chance.choice(forms)

    def form(self, person: Person, variant: str) -> str:
        """Return the name in the wanted form."""
        special = {"title": self.title, "nick": self.nick, "pinyin": self.romanised}.get(variant)
        if special:
            return special(person)
        family, first = latin(person)
        chance = self.chance
        if variant == "given":
            return person.given if len(person.given) > 1 or not person.family else person.full
        if variant == "family":
            return person.family or person.given
        if variant == "lower":
            forms = (f"{family}{first}", f"{first}.{family}", f"{family} {first}", f"{family}_{first}")
            return chance.choice(forms).lower().strip(" ._")
        if variant == "upper":
            forms = (f"{family} {first}", f"{family}{first}", f"{family}/{first}", f"{family}, {first}")
            return chance.choice(forms).upper().strip(" /,")
        if variant == "initials":
            letters = "".join(one[:1] for one in (family, first) if one).upper()
            return chance.choice((letters + first[1:2].upper(), f"{family[:1] or first[:1]}. {first}", letters))
        return person.full


@cache
def reading(text: str) -> tuple[str, ...]:
    """Return the pinyin syllables of a text without tones."""
    return tuple(one.replace("ü", "v") for one in lazy_pinyin(text, style=Style.NORMAL))


def latin(person: Person) -> tuple[str, str]:
    """Return family and given name in pinyin, each as one capitalised word."""
    return "".join(reading(person.family)).capitalize(), "".join(reading(person.given.replace("·", ""))).capitalize()
