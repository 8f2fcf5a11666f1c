"""Templates of prompts, filled with made-up names: the spans are exact because the filler writes them.

Enters: `data/templates/*.jsonl` (the format is in its README) and a generator of chance. Leaves: records. One index of
a template is one person or firm in all its forms. A place glued to an address belongs to the address, Chinese places
glued together are one place; an English title stays outside the name, a Chinese one (`王总`) is part of it.
"""

import json
import re
from dataclasses import dataclass
from random import Random
from typing import Final

from detectors.ner.tags import LABELS
from detectors.ner.train.chinese import People, Person, latin
from detectors.ner.train.chinese_news import News
from detectors.ner.train.chinese_places import Places
from detectors.ner.train.english import Latins, Somebody
from detectors.ner.train.english_places import Sites
from detectors.ner.train.fillers import Fillers
from detectors.ner.train.lists import TRAIN, Words
from detectors.ner.train.records import DATA, Labelled, Record, folded, held_back

SLOT: Final = re.compile(r"\{\{([A-Z_]+)(?:#(\d+))?(?::([a-z]+))?(?:@([a-z]+))?\}\}")
HAN: Final = re.compile("[\u3400-\u9fff]")
TENTH: Final = 10
LEGAL: Final = re.compile(
    r",? (?:Inc|LLC|Ltd|Corp|GmbH|AG|SE|PLC|Limited|Company|Corporation|Holdings|Group|Partners LLP|S\.A|SARL|S\.p\.A"
    r"|B\.V|Oy|AB|AS|Pty Ltd|Pvt\. Ltd|& Co"
    r"|Sdn Bhd|Pte\.? Ltd|Co\.,? Ltd|K\.K|A/S|ApS|Oyj|Kft|d\.o\.o|Sp\. z o\.o"
    r"|S\.A\. de C\.V|Ltda|S\.L|S\.R\.L|SAS|NV|BV"
    r"|GmbH & Co\. KG|KG|FZE|W\.L\.L|Private Limited|\((?:Pvt|Pty)\) Ltd|PLLC|P\.C|N\.A|CIC|s\.r\.o)\.?$"
)
FIRM: Final = re.compile("（.*?）|(?:股份|集团)?有限(?:责任)?公司.*|合伙企业.*|集团$")
SETTLED: Final = ("city", "province", "district", "country", "region", "")
"""Kinds of place that belong to an address beside them; a station or landmark does not."""

REPORTS: Final = ("news", "wiki")
IN_CHARACTERS: Final = 0.85
"""The share of Western names that Chinese reports, of these genres, write in Chinese characters."""

REPORTED: Final = 0.35
"""The share of organisations put in place of others that are of those which the news are full of."""

ONE_NAME: Final = frozenset({("given", " ", "family"), ("family", ", ", "given"), ("word", " ", "family")})
"""Variants side by side that are one person's name, and what stands between them."""


@dataclass(frozen=True, slots=True)
class Template:
    """One hand-written prompt with slots."""

    genre: str
    language: str
    """`zh`, `en` or `mix`."""
    text: str


def templates(language: str, part: str) -> list[Template]:
    """Return the templates of a language (mixed ones count as Chinese); one in ten is kept to develop with.

    Lines that do not parse are passed over: the files may be growing while a training runs.
    """
    found: dict[str, Template] = {}
    for path in sorted((DATA / "templates").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            try:
                row = json.loads(line)
                template = Template(str(row.get("genre", "")), str(row["lang"]), str(row["text"]))
            except (ValueError, KeyError, TypeError):
                continue
            if (template.language == "en") == (language == "en") and held_back(template.text, TENTH) == (part != TRAIN):
                found[template.text] = template
    return list(found.values())


class Filler:
    """Fills templates."""

    def __init__(self, chance: Random, part: str, known: dict[tuple[str, str], Words]) -> None:
        """Take all chance from `chance` and names from `part`; `known` are the data's own mentions."""
        self.chance = chance
        self.people, self.places = People(chance, part), Places(chance, part)
        self.news = News(chance, part, self.people, self.places)
        self.latins, self.sites = Latins(chance, part), Sites(chance, part, known)
        self.fillers = Fillers(chance)

    def fill(self, template: Template) -> Record:
        """Return one record of `template`, folded."""
        page = _Page(self, template)
        last = 0
        for slot in SLOT.finditer(template.text):
            page.write(template.text[last : slot.start()])
            page.slot(slot)
            last = slot.end()
        page.write(template.text[last:])
        spans = merged(page.text, page.spans)
        language = "en" if template.language == "en" else "zh"
        return folded(Record(page.text, spans, language, "synthetic"))

    def another(self, label: str, language: str, instead_of: str) -> str:
        """Return a mention of the same label that could stand there, of like script and case."""
        chinese = language == "zh" and bool(HAN.search(instead_of))
        if label == "PERSON":
            one = self.people.foreign() if chinese and "·" in instead_of else self._person_like(chinese, instead_of)
        elif label == "ORGANIZATION":
            one = self.body() if chinese else self.sites.organisation()
        elif label == "LOCATION":
            one = self.places.place() if chinese else self.sites.place()
        else:
            one = self.places.address() if chinese else self.sites.address()
        return one.lower() if instead_of.islower() else one

    def body(self) -> str:
        """Return a Chinese organisation of any kind."""
        return self.news.body() if self.chance.random() < REPORTED else self.places.organisation()

    def _person_like(self, chinese: bool, instead_of: str) -> str:
        if chinese:
            return self.people.person().full
        one = self.latins.somebody()
        if " " in instead_of.strip():
            return self.latins.full(one)
        return one.first if self.chance.random() < 0.6 else one.last


class _Page:
    """One template being filled."""

    def __init__(self, filler: Filler, template: Template) -> None:
        self.filler, self.template = filler, template
        self.text = ""
        self.spans: list[tuple[int, int, str, str]] = []
        self.met: dict[tuple[str, str], object] = {}
        suffix = template.genre.rpartition("/")[2] if "/" in template.genre else ""
        self.country = suffix

    def write(self, text: str, label: str = "", variant: str = "") -> None:
        if label and text.strip():
            self.spans.append((len(self.text), len(self.text) + len(text), label, variant))
        self.text += text

    def slot(self, slot: re.Match[str]) -> None:
        kind, index, variant = slot.group(1), slot.group(2) or "", slot.group(3) or ""
        chinese = self._chinese(slot)
        reported = self.filler.news.makers.get(kind, {}).get(variant) if chinese else None
        if reported is not None:
            self.write(self._kept(f"{kind}{variant}", index, reported), kind, variant)
        elif kind not in LABELS:
            self.write(self._kept(kind, index, lambda: self.filler.fillers.make(kind, chinese)))
        elif kind == "PERSON":
            self._person(index, variant, chinese, slot.group(4) or self.country)
        else:
            self.write(self._thing(kind, index, variant, chinese, slot.group(4) or ""), kind, variant)

    def _kept(self, kind: str, index: str, make: "object") -> str:
        assert callable(make)
        if not index:
            return str(make())
        return str(self.met.setdefault((kind, index), make()))

    def _chinese(self, slot: re.Match[str]) -> bool:
        if self.template.language != "mix":
            return self.template.language == "zh"
        around = SLOT.sub("", self.template.text[max(0, slot.start() - 40) : slot.start()])[-3:]
        after = SLOT.sub("", self.template.text[slot.end() : slot.end() + 40])[:3]
        return bool(HAN.search(around + after))

    def _person(self, index: str, variant: str, chinese: bool, country: str) -> None:
        filler = self.filler
        if chinese and variant == "western":
            self.write(self._western(index), "PERSON")
            return
        if not chinese:
            one = self.met.get(("SOMEBODY", index)) if index else None
            if not isinstance(one, Somebody):
                one = filler.latins.somebody(country)
            if index:
                self.met["SOMEBODY", index] = one
            if variant == "title":
                self.write(filler.latins.honorific())
                first = one.first if filler.chance.random() < 0.12 else ""
                self.write(f"{first} {one.last}".strip(), "PERSON")
            else:
                self.write(filler.latins.form(one, variant), "PERSON")
            return
        person = self.met.get(("PERSON", index)) if index else None
        if not isinstance(person, Person):
            person = filler.people.person()
        if index:
            self.met["PERSON", index] = person
        self.write(filler.people.form(person, variant), "PERSON")

    def _western(self, index: str) -> str:
        filler = self.filler
        if filler.chance.random() < (IN_CHARACTERS if self.template.genre in REPORTS else 0.3):
            return str(self._kept("FOREIGN", index, filler.news.foreigner))
        one = filler.latins.somebody()
        name = one.first if filler.chance.random() < 0.5 else f"{one.first} {one.last}"
        if filler.chance.random() < 0.15:
            name = f"{one.first} {latin(filler.people.person())[0] or one.last}"
        return str(self._kept("WESTERN", index, lambda: name))

    def _thing(self, kind: str, index: str, variant: str, chinese: bool, country: str) -> str:
        filler = self.filler
        maker = filler.places if chinese else filler.sites
        if kind == "ADDRESS" and not chinese:
            address = self._kept(f"{kind}{variant}", index, lambda: filler.sites.address(variant, country))
            return {"lower": address.lower, "upper": address.upper}.get(variant, lambda: address)()
        if kind == "ADDRESS":
            return self._kept(f"{kind}{variant}", index, lambda: maker.address(variant))
        if kind == "LOCATION":
            name = self._kept(f"{kind}{variant}", index, lambda: maker.place("" if variant == "lower" else variant))
            return name.lower() if variant == "lower" else name
        if index and variant in ("", "company", "short"):
            whole = self._kept("FIRM", index, lambda: maker.organisation("company"))
            return short(whole, filler.chance) if variant == "short" else whole
        return self._kept(f"{kind}{variant}", index, lambda: maker.organisation(variant))


def short(firm: str, chance: Random) -> str:
    """Return what people call a firm: `宏达科技` of `杭州宏达科技有限公司`, `Acme` of `Acme Foods Ltd.`"""
    if HAN.search(firm):
        bare = FIRM.sub("", firm) or firm
        return bare[-4:] if len(bare) > 6 and chance.random() < 0.7 else bare
    bare = LEGAL.sub("", LEGAL.sub("", firm)) or firm
    return bare.split(" ")[0] if chance.random() < 0.3 and len(bare.split(" ")[0]) > 3 else bare


def merged(text: str, spans: list[tuple[int, int, str, str]]) -> tuple[Labelled, ...]:
    """Join what one mention is: glued Chinese places, a settlement beside an address, the two halves of a name."""
    rows: list[tuple[int, int, str, str]] = []
    for start, end, label, variant in spans:
        if rows:
            first, last, before, kind = rows[-1]
            gap = text[last:start]
            pair = {before, label}
            place = variant if label == "LOCATION" else kind
            if before == label == "LOCATION" and not gap and HAN.search(text[first:last]):
                rows[-1] = (first, end, label, kind)
                continue
            if pair == {"LOCATION", "ADDRESS"} and gap in ("", " ", ", ", "，") and place in SETTLED:
                rows[-1] = (first, end, "ADDRESS", "")
                continue
            if before == label == "PERSON" and (kind, gap, variant) in ONE_NAME:
                rows[-1] = (first, end, label, "full")
                continue
        rows.append((start, end, label, variant))
    return tuple(_bare(text, start, end, label) for start, end, label, _ in rows)


def _bare(text: str, start: int, end: int, label: str) -> Labelled:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end, label
