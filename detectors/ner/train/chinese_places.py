"""Made-up Chinese firms, authorities, schools, places and addresses of all shapes.

Enters: a generator of chance. Leaves: strings. Names of divisions are real ones; roads, estates and firms are composed.
"""

from functools import cache
from random import Random
from typing import Final

from detectors.ner.train.chinese import given, surnames
from detectors.ner.train.lists import Words, gazetteer, jieba_words, own, part_of

GREAT: Final = 60
"""So many of our list of cities are cities, the rest are their districts."""


@cache
def brands(part: str) -> Words:
    """Return short names of firms of three or more characters: shorter ones are often ordinary words."""
    return part_of((name for name in gazetteer("zh_company") if 2 < len(name) < 8), part)


@cache
def places(part: str) -> Words:
    """Return names of divisions of China."""
    return part_of((name for name in gazetteer("zh_place") if len(name) > 1), part)


@cache
def bodies(part: str) -> Words:
    """Return organisations that jieba's dictionary lists, those with a telling end."""
    words = (
        word
        for word, _, kind in jieba_words()
        if kind == "nt" and len(word) > 3 and word.endswith(own("chinese", "telling ends"))
    )
    return part_of(words, part)


class Places:
    """Makes Chinese organisations, places and addresses."""

    def __init__(self, chance: Random, part: str) -> None:
        """Take all chance from `chance`; `part` says which gazetteer names may be used."""
        self.chance, self.part = chance, part

    def _any(self, section: str) -> str:
        return self.chance.choice(own("chinese", section))

    def place(self, variant: str = "") -> str:
        """Return a place of the wanted kind."""
        chance = self.chance
        if variant == "country" or (variant == "region" and chance.random() < 0.5):
            return self._any("countries")
        if variant == "province":
            name = self._any("provinces")
            return name + (
                "" if name in own("chinese", "divisions that are no province") else chance.choice(("", "", "省"))
            )
        if variant in ("landmark", "station"):
            return self._site(station=variant == "station")
        if variant == "district":
            return self._division("区县街道旗镇乡")
        drawn = chance.random()
        if variant == "city":
            if drawn < 0.4:
                return self._division("市")
            return chance.choice(own("chinese", "cities")[:GREAT]) if drawn < 0.75 else self._any("cities abroad")
        if drawn < 0.25:
            return self._any("cities")
        if drawn < 0.6:
            name = chance.choice(places(self.part))
            return name + chance.choice(places(self.part)) if drawn < 0.28 else name
        return self._any("provinces" if drawn < 0.7 else "countries" if drawn < 0.8 else "cities abroad")

    def _division(self, ends: str) -> str:
        for _ in range(40):
            name = self.chance.choice(places(self.part))
            if name[-1] in ends:
                return name[:-1] if name[-1] == "市" and len(name) > 2 and self.chance.random() < 0.5 else name
        return name

    def _site(self, station: bool) -> str:
        head = self.bare_place() if self.chance.random() < 0.6 else self._any("fine names")
        return head + self._any("stations" if station else "sites")

    def bare_place(self) -> str:
        """Return a division's name without its kind: `杭州` of `杭州市`."""
        if self.chance.random() < 0.3:
            return self.chance.choice(own("chinese", "cities")[:GREAT])
        name = self.chance.choice(places(self.part))
        return name[:-1] if len(name) > 2 and name[-1] in "市县区" else name

    def coined(self) -> str:
        """Return what a firm is called, without its trade."""
        chance = self.chance
        if chance.random() < 0.35:
            return chance.choice(brands(self.part))
        if chance.random() < 0.45:
            return "".join(chance.choice(given(woman=False)[0][:400]) for _ in range(2))
        return self._any("firm starts") + self._any("firm ends")

    def organisation(self, variant: str = "") -> str:
        """Return an organisation of the wanted kind."""
        makers = {
            "dept": lambda: self._any("departments"),
            "gov": self._authority,
            "school": lambda: self.bare_place() + self._any("schools"),
            "hospital": lambda: self.bare_place() + self._any("hospitals"),
            "bank": self._bank,
            "short": self._short,
            "company": self._firm,
        }
        if variant in makers:
            return makers[variant]()
        drawn = self.chance.random()
        if drawn < 0.42:
            return self._firm()
        if drawn < 0.62:
            return self._short()
        if drawn < 0.74:
            return self.chance.choice(bodies(self.part))
        if drawn < 0.82:
            head = self.place("country") if self.chance.random() < 0.4 else self.bare_place()
            return head + self._any("other bodies")
        return makers[self.chance.choice(("gov", "school", "hospital", "bank"))]()

    def _authority(self) -> str:
        where = self.chance.choice(("city", "district", "province", ""))
        return (self.place(where) if self.chance.random() < 0.8 else "") + self._any("offices")

    def _bank(self) -> str:
        chance = self.chance
        own_bank = f"{self.bare_place()}{chance.choice(('银行', '农商行'))}"
        bank = own_bank if chance.random() < 0.1 else self._any("banks")
        branch = f"{self.bare_place()}{chance.choice(('支行', '分行', '营业部'))}"
        return bank + (branch if chance.random() < 0.45 else "")

    def _short(self) -> str:
        drawn = self.chance.random()
        if drawn < 0.15:
            return self._any("famous firms")
        if drawn < 0.45:
            return self.coined() + self._any("trades")
        return self.coined() + (self.chance.choice(("集团", "公司", "")) if drawn < 0.6 else "")

    def _firm(self) -> str:
        chance = self.chance
        where, what, kind = self.bare_place(), self._any("trades"), self._any("firm kinds")
        if kind == "分公司":
            return f"{self.coined()}{what}有限公司{where}分公司"
        drawn = chance.random()
        if drawn < 0.55:
            return f"{where}{chance.choice(('', '', '市'))}{self.coined()}{what}{kind}"
        if drawn < 0.75:
            return f"{self.coined()}（{where}）{what}{kind}"
        return f"{self.coined()}{what}{kind}"

    def road(self) -> str:
        """Return a road."""
        head = self._any("roads") if self.chance.random() < 0.7 else self.bare_place()
        return head + self._any("road ends")

    def _number(self) -> str:
        chance = self.chance
        number = chance.randint(1, chance.choice((30, 200, 2000)))
        plain = f"{number}号"
        odd = (f"{number}-{chance.randint(1, 20)}号", f"{number}弄{chance.randint(1, 60)}号", f"甲{number}号")
        return chance.choice((plain, plain, plain, *odd))

    def _room(self) -> str:
        chance = self.chance
        block, floor, unit = chance.randint(1, 40), chance.randint(1, 33), chance.randint(1, 6)
        flat, letter = f"{floor}{chance.randint(1, 12):02d}", chance.choice("ABCDEF")
        forms = (
            f"{block}号楼", f"{block}号楼{flat}室", f"{block}栋{unit}单元{flat}", f"{block}栋{flat}", f"{flat}室",
            f"{block}幢{unit}单元{flat}室", f"{letter}座{flat}", f"{letter}座{floor}层", f"{floor}楼",
            f"{floor}层{flat}室", f"{block}-{unit}-{flat}", f"{block}号楼{unit}单元{floor}层{chance.choice('东西')}户",
        )  # fmt: skip
        return chance.choice(forms)

    def _estate(self) -> str:
        names, weights = surnames()
        family = self.chance.choices(names, cum_weights=weights)[0]
        head = self._any("fine names") if self.chance.random() < 0.75 else f"{family}家"
        return head + self._any("estate ends")

    def address(self, variant: str = "") -> str:
        """Return an address: `full` from the province or city down, `partial` from the road or the building down."""
        chance = self.chance
        road = self.road() + (self._number() if chance.random() < 0.85 else "")
        estate, room = self._estate(), self._room()
        if variant == "partial":
            corner = f"{self.road()}与{self.road()}{chance.choice(('交叉口', '路口', '交汇处'))}"
            building = estate + room
            return chance.choice((road, road + estate, road + building, building, building, corner, road + room))
        head = chance.choice(gazetteer("zh_area"))
        if chance.random() < 0.12:
            head = f"{self.place('city')}{chance.choice(places(self.part))}"
        drawn = chance.random()
        if drawn < 0.12:
            return head + chance.choice(("", "", " ")) + road
        if variant == "multiline":
            return f"{head}\n{road}\n{estate}{room}"
        village = f"{self.bare_place()}村{chance.randint(1, 20)}组{chance.randint(1, 200)}号"
        body = road + estate + room if drawn < 0.45 else road + room if drawn < 0.72 else estate + room
        gap = " " if chance.random() < 0.06 else ""
        firm = self._short() if chance.random() < 0.05 else ""
        post = f"（邮编{chance.randint(100000, 859999)}）" if chance.random() < 0.03 else ""
        return f"{head}{gap}{body if drawn < 0.86 else village}{firm}{post}"
