"""Made-up organisations, places and addresses in Latin script, of the shapes of many countries.

Enters: a generator of chance, and what the data itself names. Leaves: strings. A street-level address holds its town
and postcode where they follow it; a town alone is a place.
"""

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Final

from detectors.ner.train.english import names_of
from detectors.ner.train.english_addresses import POSTAL, Addresses
from detectors.ner.train.lists import Words, own, part_of, towns_and_states

OF_THE_WORLD: Final = 0.5
"""The share of whole addresses that are shaped as one country has them; the others are of any mixture."""


TRADE_PLACES: Final = ("trade place starts", "trade place nouns", "kinds of trade places", "trade place nouns")


@cache
def families(part: str) -> Words:
    """Return family names that firms, towns and streets are called after."""
    british, german = names_of("en_GB", part)[1][:300], names_of("de_DE", part)[1][:200]
    return names_of("en_US", part)[1] + british + german


@cache
def towns(part: str) -> Words:
    """Return towns that Faker lists for several countries."""
    return part_of(towns_and_states()[0], part)


class Sites:
    """Makes organisations, places and addresses in Latin script."""

    def __init__(self, chance: Random, part: str, known: dict[tuple[str, str], Words]) -> None:
        """Take all chance from `chance`; `known` are the data's own mentions by label and language."""
        self.chance, self.part = chance, part
        self.known = {label: part_of(known.get((label, "en"), ()), part) for label in ("ORGANIZATION", "LOCATION")}
        self.addresses = Addresses(chance, self)

    def _any(self, section: str) -> str:
        return self.chance.choice(own("english", section))

    def family(self) -> str:
        """Return a family name that firms, towns and streets are called after."""
        return self.chance.choice(families(self.part))

    def town(self) -> str:
        """Return a town, real or composed."""
        drawn = self.chance.random()
        if drawn < 0.4:
            return self._any("cities")
        if drawn < 0.6:
            return self.chance.choice(towns(self.part))
        family = self.family()
        return family + self._any("town ends") if drawn < 0.85 else self._any("town starts") + family

    def place(self, variant: str = "") -> str:
        """Return a place of the wanted kind."""
        makers: dict[str, Callable[[], str]] = {
            "country": lambda: self._any("countries"),
            "city": self.town,
            "province": lambda: self.chance.choice(towns_and_states()[1]),
            "region": lambda: self._any("regions"),
            "district": self._district,
            "landmark": self._landmark,
            "station": self._station,
        }
        if variant in makers:
            return makers[variant]()
        drawn = self.chance.random()
        if drawn < 0.3 and self.known["LOCATION"]:
            return self.chance.choice(self.known["LOCATION"])
        if drawn < 0.75:
            return f"{self.town()}, {self._any('states')}" if drawn > 0.72 else self.town()
        return makers[self.chance.choice(("country", "country", "province", "region", "district"))]()

    def _district(self) -> str:
        composed = self.family() + self._any("district ends")
        return self.chance.choice((composed, f"{self.town()}{self._any('district ends')}", self._any("districts")))

    def _landmark(self) -> str:
        return f"{self.family() if self.chance.random() < 0.5 else self.town()} {self._any('sites')}"

    def _station(self) -> str:
        return f"{self.family() if self.chance.random() < 0.5 else self.town()} {self._any('stations')}"

    def _coined(self) -> str:
        drawn = self.chance.random()
        if drawn < 0.45:
            return self.family()
        if drawn < 0.85:
            return self._any("coined starts") + self._any("coined ends")
        return "".join(self.chance.choice("ABCDEFGHIKLMNOPRSTVWXZ") for _ in range(self.chance.choice((3, 3, 4))))

    def organisation(self, variant: str = "") -> str:
        """Return an organisation of the wanted kind."""
        makers: dict[str, Callable[[], str]] = {
            "dept": self._department,
            "gov": self._authority,
            "school": self._school,
            "hospital": self._hospital,
            "bank": self._bank,
            "short": self._short,
            "lower": lambda: self._short().lower(),
            "company": self._firm,
        }
        if variant in makers:
            return makers[variant]()
        drawn = self.chance.random()
        if drawn < 0.22 and self.known["ORGANIZATION"]:
            return self.chance.choice(self.known["ORGANIZATION"])
        if drawn < 0.6:
            return self._firm()
        kind = self.chance.choice(
            ("short", "short", "short", "gov", "school", "hospital", "bank", "company", "company")
        )
        return makers[kind]()

    def _department(self) -> str:
        return self._any("departments" if self.chance.random() < 0.6 else "departments in short")

    def _abroad(self) -> str:
        """Return a firm or a school with the words or the legal form of another country."""
        if self.chance.random() < 0.45:
            own_word = self._any("words abroad")
            return f"{own_word} {self.chance.choice((self.family(), self.town(), self._coined()))}"
        return f"{self._coined()} {self._any('trades')} {self._any('legal forms abroad')}"

    def _trade_place(self) -> str:
        """Return a shop, an inn, a practice: `The Tin Lantern`, `Keller Plumbing`, `Lucky Dragon Grill`."""
        start, noun, kind, other = (self._any(one) for one in TRADE_PLACES)
        family, town = self.family(), self.town()
        forms = (
            f"{start} {noun}", f"{start} {noun} {kind}", f"{family} {kind}", f"{family}'s {kind}",
            f"{town} {kind}", f"{family} & {self.family()} {kind}", f"{noun} {kind}", f"{family} & Daughters",
            f"{noun} & {other}",
        )  # fmt: skip
        return self.chance.choice(forms)

    def _body(self) -> str:
        """Return a council, a club, a paper: `Fife County Council`, `The Keller Gazette`."""
        body, start = self._any("bodies of the public"), self.town() if self.chance.random() < 0.7 else self.family()
        return f"{'The ' if self.chance.random() < 0.1 else ''}{start} {body}"

    def _authority(self) -> str:
        if self.chance.random() < 0.4:
            return self._body()
        return self._any("ministries") if self.chance.random() < 0.45 else f"{self.town()} {self._any('offices')}"

    def _school(self) -> str:
        town, family = self.town(), self.family()
        forms = (
            f"University of {town}", f"{town} University", f"{family} High School", f"{family} College",
            f"{town} Elementary School", f"{family} Business School", f"{family} Academy", f"St. {family} School",
            f"TU {town}", f"{town} Institute of Technology", f"St {family}'s College", f"{family} Primary School",
            f"{family} State University", f"{town} Community College", f"{self._any('words abroad')} {town}",
            f"{family} School of Medicine", f"UC {town}", f"{town} Grammar School", f"{town} Polytechnic",
        )  # fmt: skip
        return self.chance.choice(forms)

    def _hospital(self) -> str:
        town, family = self.town(), self.family()
        forms = (
            f"{town} General Hospital", f"St. {family} Hospital", f"{family} Memorial Hospital", f"{family} Dental",
            f"{town} NHS Trust", f"{family} House Surgery", f"{town} Care Home", f"{family} Hospice",
            f"{family} Children's Hospital", f"St {family}'s", f"{town} Fertility Clinic", f"{town} Health Centre",
            f"{town} Medical Center", f"{family} Clinic", f"Royal {town} Infirmary", f"Klinikum {town}",
        )  # fmt: skip
        return self.chance.choice(forms)

    def _bank(self) -> str:
        town, family = self.town(), self.family()
        forms = (
            f"{family} Bank", f"Bank of {town}", f"{family} Savings Bank", f"First National Bank of {town}",
            f"Sparkasse {town}", f"{town} Credit Union", f"{family} & {self.family()}",
        )  # fmt: skip
        return self._any("banks") if self.chance.random() < 0.6 else self.chance.choice(forms)

    def _short(self) -> str:
        drawn = self.chance.random()
        if drawn < 0.2:
            return self._any("famous firms")
        if drawn < 0.4:
            return self._trade_place()
        return self._coined() if drawn < 0.75 else f"{self._coined()} {self._any('trades')}"

    def _firm(self) -> str:
        drawn = self.chance.random()
        if drawn < 0.3:
            return self._abroad() if drawn < 0.15 else self._trade_place() if drawn < 0.22 else self._body()
        one, two, end, trade = self._coined(), self.family(), self._any("legal forms"), self._any("trades")
        forms = (
            f"{one} {trade}", f"{one} {end}", f"{one} {trade} {end}", f"{one}, {end}", f"{one} & {two}",
            f"{one} and Sons", f"{one}-{two}", f"{one}, {two} and {self.family()}", f"{one} {trade} {end}",
            f"{self.town()} {trade} {end}", f"{one} {trade}, {end}",
            f"{one} {trade} ({self._any('countries')}) {end}", f"{one} {self._any('trade place nouns')} {end}",
        )  # fmt: skip
        return self.chance.choice(forms)

    def street(self) -> str:
        """Return a road of the English-speaking world."""
        heads = (self._any("street names"), self.family(), self.family(), self._any("numbered streets"))
        compass = self.chance.choice(("N ", "S ", "E ", "W ", "North ", "West ")) if self.chance.random() < 0.12 else ""
        return f"{compass}{self.chance.choice(heads)} {self._any('streets')}"

    def _line(self) -> str:
        chance = self.chance
        number = str(chance.randint(1, chance.choice((40, 400, 9999))))
        drawn = chance.random()
        if drawn < 0.62:
            return f"{number}{chance.choice(('', '', '', ',', 'A'))} {self.street()}"
        if drawn < 0.74:
            return f"{self._any('german streets')} {number}{chance.choice(('', '', 'a', 'b'))}"
        if drawn < 0.82:
            return f"{number}{chance.choice((' ', ', ', ' bis '))}{self._any('french streets')}"
        if drawn < 0.9:
            return f"{self._any('other streets')} {number}{chance.choice(('', '', ', 2º A', '/4', ' m. 3'))}"
        if drawn < 0.96:
            head = chance.choice(("Flat ", "House No. ", "#", "Plot ", ""))
            return f"{head}{number}, {self._any('indian localities')}"
        return f"{chance.choice(('PO Box ', 'P.O. Box ', 'P. O. Box '))}{number}"

    def _unit(self) -> str:
        number, letter = self.chance.randint(1, 999), self.chance.choice("ABCDEF")
        forms = (
            f"Apt. {number}", f"Apt {number}", f"Suite {number}", f"Ste {number}", f"Unit {number}", f"#{number}",
            f"Floor {number % 40 + 1}", f"Flat {number % 60 + 1}", f"Apartment {number % 90}{letter}", f"Room {number}",
            f"Bldg {letter}", f"{number % 40 + 1}th floor",
        )  # fmt: skip
        return self.chance.choice(forms)

    def _tail(self) -> str:
        chance = self.chance
        town, code, state = self.town(), f"{chance.randint(501, 99950):05d}", self._any("states")
        one, two, three, four = (chance.choice(POSTAL) for _ in range(4))
        british = f"{one}{two}{chance.randint(1, 28)} {chance.randint(1, 9)}{three}{four}"
        whole = chance.choice(towns_and_states()[1])
        forms = (
            f"{town}, {state} {code}", f"{town}, {state} {code}", f"{town} {state} {code}", f"{town}, {whole} {code}",
            f"{town} {british}", f"{town}, {british}", f"{code} {town}", f"{code} {town}", f"{town} {code}", town,
            f"{town} {code[:4]}", f"{town}, {state} {code}-{chance.randint(1000, 9999)}", f"{town}, {state}",
            f"{town} - {code}{chance.randint(0, 9)}", f"{code[:4]} {one}{two} {town}",
        )  # fmt: skip
        return chance.choice(forms) + (f", {self._any('countries')}" if chance.random() < 0.15 else "")

    def address(self, variant: str = "", country: str = "") -> str:
        """Return an address: `full`, `partial` (road, building, room) or `multiline`, of a country if one is wanted."""
        chance = self.chance
        if country or (variant != "partial" and chance.random() < OF_THE_WORLD):
            lines = self.addresses.lines(country)
            if variant == "partial":
                return lines[0]
            whole = variant == "multiline" or chance.random() < 0.15
            return "\n".join(lines) if whole else chance.choice((", ", ", ", ", ", " ")).join(lines)
        line, unit = self._line(), self._unit()
        if variant == "partial":
            corner = f"{self.street()} and {self.street()}"
            forms = (
                line, line, line, f"{line}, {unit}", f"{unit}, {line}", unit, f"the corner of {corner}", corner,
                self.street(), f"{self.place('landmark')}, {unit}", f"{chance.randint(1, 999)} {self.street()}",
            )  # fmt: skip
            return chance.choice(forms)
        room = chance.random()
        if room < 0.25:
            line = f"{line}{chance.choice((', ', ' ', ', '))}{unit}"
        elif room < 0.3:
            line = f"{unit}, {line}"
        if variant == "multiline" or chance.random() < 0.15:
            if chance.random() < 0.5:
                line = line.replace(", Apt", "\nApt").replace(", Suite", "\nSuite")
            return f"{line}\n{self._tail()}"
        return f"{line}{chance.choice((', ', ', ', ', ', ' ', ' - '))}{self._tail()}"
