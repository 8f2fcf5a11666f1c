"""Who and what Chinese news is full of: people from abroad and of the stage, media, clubs, ministries, listed firms.

Enters: a generator of chance. Leaves: strings. Some are the real names that everybody has read, for a newspaper repeats
these; the others are made up of the same syllables, so that unknown ones are known by their sound.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from detectors.ner.train.chinese import People
from detectors.ner.train.chinese_places import Places
from detectors.ner.train.lists import own, part_of

DOTS: Final = "····•・"
WELL_KNOWN: Final = 0.3
"""The share of foreigners whom everybody has read of."""


class News:
    """Makes people, bodies and places of the news, one after another."""

    def __init__(self, chance: Random, part: str, people: People, places: Places) -> None:
        """Take all chance from `chance`; `part` says which names of the lists may be used."""
        self.chance, self.part = chance, part
        self._people, self._places = people, places
        self.makers: dict[str, dict[str, Callable[[], str]]] = {
            "PERSON": {
                "foreign": self.foreigner, "surname": self.surname, "asian": self.asian, "peoples": self.of_peoples,
                "star": self.star, "netname": self.net_name,
            },
            "ORGANIZATION": {
                "agency": lambda: self._any("agencies"), "media": self.media, "club": self.club,
                "nba": lambda: self._any("american clubs"), "esports": lambda: self._any("teams in e-sports"),
                "national": self.team, "ministry": self.ministry, "abroad": self.abroad,
                "listed": lambda: self._any("listed"), "foreignfirm": lambda: self._any("firms abroad"),
                "campus": lambda: self._any("schools in short"), "studio": self.studio,
            },
            "LOCATION": {"abroad": lambda: self._any("sights abroad"), "sight": lambda: self._any("sights at home")},
        }  # fmt: skip

    def _any(self, section: str) -> str:
        return self.chance.choice(part_of(own("news", section), self.part))

    def body(self) -> str:
        """Return any of these bodies."""
        return self.makers["ORGANIZATION"][self.chance.choice(sorted(self.makers["ORGANIZATION"]))]()

    def surname(self) -> str:
        """Return a foreigner's name of one word: `克林顿`, `普里马科夫`."""
        drawn = self.chance.random()
        if drawn < WELL_KNOWN:
            return self._any("foreigners")
        if drawn < 0.72:
            return self._sounded()
        return self._people.word()

    def _sounded(self) -> str:
        chance = self.chance
        begin = "syllables that begin" if chance.random() < 0.6 else "first syllables"
        first = chance.choice(own("news" if begin == "syllables that begin" else "chinese", begin))
        middle = chance.choice(own("chinese", "middle syllables")) if chance.random() < 0.35 else ""
        return first + middle + chance.choice(own("news", "syllables that end"))

    def foreigner(self) -> str:
        """Return a foreigner in one word or several: `耶·苏哈诺夫`, `弗朗西斯科·加西亚`, now and then undotted."""
        chance = self.chance
        drawn = chance.random()
        if drawn < 0.42:
            return self.surname()
        first = chance.choice(own("chinese", "western given names")) if chance.random() < 0.65 else self._people.word()
        last, dot = self.surname().rpartition("·")[2], chance.choice(DOTS)
        if drawn < 0.52:
            return f"{chance.choice(own('news', 'initials in characters'))}{dot}{last}"
        if drawn < 0.56:
            return f"{chance.choice('ABCDEFGHJKLMNPRSTW')}{chance.choice('··.')}{last}"
        if drawn < 0.62:
            return first + last
        if drawn < 0.70:
            return f"{first}{dot}{self._people.word()}{dot}{last}"
        return f"{first}{dot}{last}"

    def asian(self) -> str:
        """Return somebody of Japan, Korea, Viet Nam."""
        chance = self.chance
        if chance.random() < 0.35:
            return self._any(chance.choice(("japanese people", "korean and vietnamese people")))
        land = "japanese" if chance.random() < 0.6 else "korean"
        return chance.choice(own("chinese", f"{land} families")) + chance.choice(own("chinese", f"{land} given names"))

    def of_peoples(self) -> str:
        """Return somebody of one of China's peoples."""
        return self._any("peoples") if self.chance.random() < 0.6 else self._people.of_peoples().full

    def star(self) -> str:
        """Return somebody whom everybody has read of, sometimes by what fans say."""
        return self._any("nicknames of stars" if self.chance.random() < 0.25 else "stars")

    def net_name(self) -> str:
        """Return how somebody calls himself on the net."""
        words = own("news", "net words")
        form = self.chance.choice(own("news", "net names"))
        given = self._people.person().given[-1:]
        return form.format(n=given, w=self.chance.choice(words), d=self.chance.randint(1, 999))

    def media(self) -> str:
        """Return a newspaper, a channel or a site."""
        return self._any(self.chance.choice(("papers", "papers", "agencies", "sites")))

    def club(self) -> str:
        """Return a club, mostly of football."""
        return self._any("clubs")

    def team(self) -> str:
        """Return the team of a country, a province or a town: `中国队`, `辽宁男篮`."""
        drawn = self.chance.random()
        where = "country" if drawn < 0.6 else "province" if drawn < 0.85 else ""
        home = self.chance.choice(own("chinese", "cities")[:60]) if not where else self._places.place(where)
        return home.removesuffix("省") + self.chance.choice(own("news", "teams"))

    def ministry(self) -> str:
        """Return an authority as the news call it: `国务院新闻办`, `海淀公安分局`."""
        return self._any("national bodies")

    def abroad(self) -> str:
        """Return a body abroad or of several countries: `哥伦比亚国防部`, `安理会`, `社民党`."""
        if self.chance.random() < 0.6:
            return self._any("foreign bodies")
        return self._places.place("country") + self.chance.choice(own("news", "bodies of a country"))

    def studio(self) -> str:
        """Return a small body that bears the name of a person or a coined one: `卓伟工作室`."""
        head = self._people.person().full if self.chance.random() < 0.4 else self._places.coined()
        return head + self.chance.choice(own("news", "studios"))
