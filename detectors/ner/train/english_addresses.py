"""Made-up addresses in Latin script as each part of the world writes them, from the smallest unit to the country.

Enters: a generator of chance, and what makes streets and towns. Leaves: the lines of an address, none of them real but
by chance. What follows in a text directly (town, postcode, country) is part of it.
"""

from collections.abc import Callable
from random import Random
from typing import Final, Protocol

from detectors.ner.train.lists import own

POSTAL: Final = "ABCDEFGHJKLMNPRSTUWY"
OFTEN: Final = ("us", "us", "us", "uk", "uk", "uk", "in", "in", "in", "au", "ca", "faker", "faker")
"""Shapes that come more often than the others."""

REGIONS: Final = {
    "de": "western", "fr": "western", "nl": "western", "it": "western", "ch": "western", "at": "western",
    "be": "western", "dk": "northern", "no": "northern", "se": "northern", "fi": "northern", "is": "northern",
    "pl": "central", "cs": "central", "hu": "central", "gr": "central", "tr": "central", "ru": "central",
    "ua": "central",
    "mx": "latin", "br": "latin", "ar": "latin", "es": "latin", "pt": "latin",
    "ng": "african", "ke": "african", "za": "african", "gh": "african", "my": "asian", "ph": "asian", "lk": "asian",
}  # fmt: skip
"""Countries by the part of the world whose streets they share here."""


class Ground(Protocol):
    """Whatever names roads and towns of the English-speaking world."""

    def street(self) -> str:
        """Return a road."""
        ...

    def town(self) -> str:
        """Return a town."""
        ...

    def family(self) -> str:
        """Return a family name that a road or a town may be called after."""
        ...


class Addresses:
    """Makes addresses of one country or another."""

    def __init__(self, chance: Random, ground: Ground) -> None:
        """Take all chance from `chance`, and English roads and towns from `ground`."""
        self.chance, self.ground = chance, ground
        self.shapes: dict[str, Callable[[], list[str]]] = {
            "us": self._american, "mil": self._military, "faker": self._faker, "uk": self._british,
            "ca": self._canadian, "au": self._australian, "in": self._indian, "asian": self._asian,
            "sg": self._singaporean, "cn": self._chinese, "ja": self._japanese,
            "ae": self._gulf, "african": self._african, "latin": self._latin,
            "northern": lambda: self._after("northern"), "central": lambda: self._after("central"),
            "western": self._western,
        }  # fmt: skip

    def lines(self, country: str = "") -> list[str]:
        """Return the lines of an address, of a country if one is wanted; an unknown one may be any."""
        shape = REGIONS.get(country, country)
        if shape not in self.shapes:
            shape = self.chance.choice((*OFTEN, *self.shapes))
        return [line for line in self.shapes[shape]() if line]

    def _any(self, section: str) -> str:
        return self.chance.choice(own("english", section))

    def _number(self, *most: int) -> str:
        return str(self.chance.randint(1, self.chance.choice(most or (40, 400))))

    def _maybe(self, text: str, share: float = 0.5) -> str:
        return text if self.chance.random() < share else ""

    def _digits(self, count: int) -> str:
        return f"{self.chance.randint(0, 10**count - 1):0{count}d}"

    def _letter(self) -> str:
        return self.chance.choice(POSTAL)

    def _american(self) -> list[str]:
        unit = self.chance.choice(("Apt", "Apt.", "Unit", "Ste", "Suite", "#", "Fl", "Bldg", "Lot", "Rm"))
        number = self.chance.choice((self._number(99, 999, 9999), f"{self._number(30)}{self.chance.choice('ABC')}"))
        inside = self._maybe(f"{unit}{'' if unit == '#' else ' '}{number}", 0.35)
        compass = self._maybe(self.chance.choice(("N", "S", "E.", "W.", "NE", "SW")) + " ", 0.25)
        road = self.chance.choice(
            (self.ground.street(), f"County Road {self._number(900)}", f"{self._any('numbered streets')} St")
        )
        if self.chance.random() < 0.6:
            road = self.ground.street()
        code = self._digits(5) + self._maybe(f"-{self._digits(4)}", 0.12)
        state = self.chance.choice((", ", ", ", " ")) + self._any("states")
        first = f"{self._number(99, 999, 9999, 19999)} {compass}{road}"
        rest = f"{self.ground.town()}{state} {code}"
        tail = self._maybe(self.chance.choice(("USA", "United States", "US")), 0.1)
        joined = (
            [f"{first}{self.chance.choice((', ', ' '))}{inside}"]
            if inside and self.chance.random() < 0.7
            else [first, inside]
        )
        return [*joined, rest, tail]

    def _military(self) -> list[str]:
        box, state = self._number(9999), self.chance.choice(("AA", "AE", "AP"))
        first = self.chance.choice(
            (
                f"PSC {self._digits(4)}, Box {box}", f"Unit {self._digits(4)} Box {box}",
                f"USNS {self.ground.family()}", f"USS {self.ground.family()}", f"USCGC {self.ground.family()}",
                f"CMR {self._digits(3)}, Box {box}",
            )
        )  # fmt: skip
        return [first, f"{self.chance.choice(('APO', 'FPO', 'DPO'))} {state} {self._digits(5)}"]

    def _faker(self) -> list[str]:
        """Return what Faker makes of the USA: a family name for a road, a town composed of names."""
        ends = self._any("faker street ends") if self.chance.random() < 0.75 else self._any("streets").rstrip(".")
        unit = self._maybe(self.chance.choice((f" Suite {self._digits(3)}", f" Apt. {self._digits(3)}")), 0.5)
        start = self._maybe(self._any("faker town starts") + " ", 0.6)
        name = self.ground.family()
        town = (
            f"{start}{name}{self._any('faker town ends')}" if self.chance.random() < 0.7 else f"{start or 'New '}{name}"
        )
        number = self._digits(self.chance.choice((3, 4, 5)))
        return [f"{number} {self.ground.family()} {ends}{unit}", f"{town}, {self._any('states')} {self._digits(5)}"]

    def _british(self) -> list[str]:
        drawn, chance = self.chance.random(), self.chance
        road = (
            f"{self._number()}{self._maybe(chance.choice('abAB'), 0.1)}{self._maybe(',', 0.1)} {self.ground.street()}"
        )
        if drawn < 0.2:
            first = [
                f"{chance.choice(('Flat', 'Apt', 'Apartment'))} {self._number(60)}, {self._any('house names')}",
                road,
            ]
        elif drawn < 0.35:
            first = [f"Flat {self._number(30)}{self._maybe('A', 0.2)}", road]
        elif drawn < 0.5:
            first = [self._any("house names"), self.ground.street()]
        elif drawn < 0.62:
            first = [f"Unit {self._number(30)}{self._maybe('B', 0.3)}", self._any("estates")]
        elif drawn < 0.7:
            first = [f"{chance.choice(('1st', '2nd', '3rd', '4th', 'Ground'))} Floor", road]
        else:
            first = [road]
        outer = f"{self._letter()}{self._maybe(self._letter(), 0.7)}{self._number(28)}"
        code = f"{outer} {chance.randint(1, 9)}{self._letter()}{self._letter()}"
        county = self._maybe(self._any("counties"), 0.3)
        last = chance.choice(([f"{self.ground.town()} {code}"], [self.ground.town(), code], [self.ground.town()]))
        if county:
            last = [self.ground.town(), f"{county} {code}"]
        return [*first, *last, self._maybe("UK", 0.06)]

    def _canadian(self) -> list[str]:
        code = f"{self._letter()}{self._digits(1)}{self._letter()} {self._digits(1)}{self._letter()}{self._digits(1)}"
        french = f"{self._number(9999)} {self._any('western streets')}"
        road = f"{self._maybe(self._number(40) + '-', 0.2)}{self._number(400, 9999)} {self.ground.street()}"
        unit = self._maybe(
            self.chance.choice((f"Unit {self._number(40)}", f"app. {self._number(30)}", f"Suite {self._number(900)}")),
            0.3,
        )
        first = french if self.chance.random() < 0.15 else road
        comma = self.chance.choice((", ", " "))
        return [
            f"{first}{self._maybe(', ') if unit else ''}" if not unit else f"{first}, {unit}",
            f"{self.ground.town()}{comma}{self._any('provinces')} {code}",
        ]

    def _australian(self) -> list[str]:
        unit = self._maybe(
            self.chance.choice(
                (
                    f"{self._number(40)}/",
                    f"Level {self._number(40)}, ",
                    f"Unit {self._number(40)}, ",
                    f"Shop {self._number(20)}, ",
                )
            ),
            0.45,
        )
        first = f"{unit}{self._number(99, 400)} {self.ground.street()}"
        return [
            first,
            f"{self.ground.town()} {self._any('australian states')} {self._digits(4)}",
            self._maybe("Australia", 0.1),
        ]

    def _indian(self) -> list[str]:
        chance, number = self.chance, self._number(40, 900)
        wing = chance.choice("ABCDE")
        house = chance.choice(
            (
                f"No. {number}/{self._number(9)}", f"#{number}", f"SCO {number}",
                f"H.No. {self._number(9)}-{self._number(9)}-{self._number(400)}", f"Plot {number}",
                f"Flat No. {self._number(999)}", f"{wing}-{self._number(999)}", f"Plot No. {number}",
                f"Block {wing}, Flat {self._number(1400)}", f"Door No. {number}", f"{number}", f"House No. {number}",
            )
        )  # fmt: skip
        building = self._maybe(self._any("indian buildings"), 0.45)
        road = self._maybe(self._any("indian roads"), 0.6)
        landmark = self._maybe(
            chance.choice(("Near", "Opp.", "Behind"))
            + chance.choice((" SBI Bank", " Bus Stand", " Railway Station", " Post Office")),
            0.1,
        )
        city = chance.choice(
            (
                "Chennai",
                "Mumbai",
                "Bengaluru",
                "Hyderabad",
                "Pune",
                "New Delhi",
                "Kolkata",
                "Jaipur",
                "Kochi",
                self.ground.town(),
            )
        )
        code = f"{chance.randint(1, 8)}{self._digits(2)}{chance.choice(('', ' '))}{self._digits(3)}"
        last = f"{city}{chance.choice((' - ', ' ', '-', ', '))}{code}" if chance.random() < 0.75 else city
        first = f"{house}{', ' if building else ''}{building}"
        return [first, road, landmark, self._any("indian quarters"), last, self._maybe(self._any("indian states"), 0.3)]

    def _asian(self) -> list[str]:
        lead = self._maybe(
            self.chance.choice(
                (f"Level {self._number(40)}, ", f"Unit {self._number(40)}-{self._number(20)}, ", "No. ", "Lot ")
            ),
            0.4,
        )
        return [
            f"{lead}{self._number(99, 900)}{self._maybe(',', 0.3)} {self._any('asian streets')}",
            self._any("asian towns"),
        ]

    def _singaporean(self) -> list[str]:
        unit = f"#{self._digits(2)}-{self._digits(2)}"
        block = self._maybe("Blk ", 0.3)
        road = f"{block}{self._number(400)} {self._any('asian streets')} {unit}"
        return [
            road,
            self._maybe(self.ground.family() + self.chance.choice((" Tower", " Plaza", " Building")), 0.3),
            f"Singapore {self._digits(6)}",
        ]

    def _chinese(self) -> list[str]:
        room = self.chance.choice(
            (f"Room {self._number(2600)}", f"{self._number(30)}F", f"Unit {self._number(40)}", f"Rm. {self._digits(4)}")
        )
        building = self._maybe(
            self.chance.choice(
                (f"Building {self._number(20)}", f"Block {self.chance.choice('ABC')}", f"Tower {self._number(3)}")
            )
        )
        road = f"{self._maybe('No. ', 0.8)}{self._number(999)} {self._any('chinese roads')}"
        return [
            self._maybe(room, 0.7),
            building,
            road,
            self._any("chinese towns"),
            self._maybe(self.chance.choice(("China", "P.R. China")), 0.4),
        ]

    def _japanese(self) -> list[str]:
        blocks = "-".join(self._number(5, 20, 30) for _ in range(3))
        return [f"{blocks} {self._any('japanese quarters')}", self._any("japanese wards"), self._maybe("Japan", 0.3)]

    def _gulf(self) -> list[str]:
        drawn = self.chance.random()
        if drawn < 0.3:
            box = self.chance.choice(("PO Box", "P.O. Box"))
            return [
                f"{box} {self._number(99999)}",
                self._any("gulf towns"),
                self._maybe(self.chance.choice(("KSA", "UAE", "Qatar")), 0.3),
            ]
        house = self.chance.choice(
            (
                f"Villa {self._number(90)}",
                f"Flat {self._number(900)}",
                f"Office {self._number(2000)}",
                f"Bldg {self._number(400)}",
            )
        )
        road = self.chance.choice(
            (
                f"Street {self._number(40)}{self.chance.choice(('', 'A', 'C'))}",
                f"{self.ground.family()} Tower",
                f"Road {self._number(4000)}",
                f"Block {self._number(12)}",
            )
        )
        return [house, road, self._any("gulf quarters"), self._any("gulf towns")]

    def _african(self) -> list[str]:
        lead = self.chance.choice(("Plot ", "", "", "No. ", "Stand ", "House "))
        return [
            f"{lead}{self._number(40, 400)}{self._maybe(',', 0.2)} {self._any('african roads')}",
            self._any("african towns"),
        ]

    def _latin(self) -> list[str]:
        inside = self._maybe(
            self.chance.choice(
                (
                    f", {self._number(9)}º {self.chance.choice(('A', 'B', 'izq.', 'dcha.'))}",
                    f", Int. {self._number(20)}",
                    f", apto {self._number(120)}",
                    f", piso {self._number(12)}",
                    " bis",
                )
            ),
            0.35,
        )
        joint = self.chance.choice((" ", ", ", " No. ", " # "))
        return [
            f"{self._any('latin streets')}{joint}{self._number(99, 3000)}{inside}",
            self._maybe(self._any("latin quarters"), 0.35),
            self._any("latin towns"),
        ]

    def _after(self, region: str) -> list[str]:
        """Return an address whose number follows its road."""
        inside = self._maybe(
            self.chance.choice(
                (
                    "A",
                    "b",
                    f"/{self._number(40)}",
                    f" m. {self._number(40)}",
                    f", {self._number(6)}. sal",
                    f", {self._number(9)}. em. {self._number(9)}",
                )
            ),
            0.3,
        )
        return [
            f"{self._any(f'{region} streets')} {self._number(30, 200)}{inside}",
            self._any(f"{region} towns"),
            self._maybe(self._any("countries"), 0.15),
        ]

    def _western(self) -> list[str]:
        road, number = (
            self._any("western streets"),
            self._number(30, 200) + self._maybe(self.chance.choice("abc"), 0.12),
        )
        french = road.startswith(("Rue", "Avenue", "Chemin", "Place"))
        first = f"{number}{self.chance.choice((' ', ', '))}{road}" if french else f"{road} {number}"
        return [first, self._any("western towns"), self._maybe(self._any("countries"), 0.15)]
