"""Exercises that no template gives: names among chance words, news leads, lists of ordinary words, source code.

Enters: a generator of chance and a filler. Leaves: records. Names must be told from ordinary words in any surroundings,
so the surroundings here are words of a dictionary in no order that means anything; the code is Python's own library.
"""

import re
import sysconfig
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from detectors.ner.train.augment import joined
from detectors.ner.train.chinese import surnames
from detectors.ner.train.fill import Filler
from detectors.ner.train.lists import Words, jieba_words, own
from detectors.ner.train.records import Record, folded

SLOT: Final = re.compile(r"\{(\w+)\}")
SECTIONS: Final = {"post": "posts", "deed": "deeds", "l": "links", "and": "ands"}


@cache
def ordinary() -> tuple[Words, Words, Words]:
    """Return common words, rarer words, and words that begin like a surname, none of them a name."""
    family = set(surnames()[0])
    rows = [
        (word, count) for word, count, kind in jieba_words()
        if not kind.startswith(("nr", "ns", "nt", "nz")) and word.isalpha()
    ]  # fmt: skip
    common = tuple(word for word, count in rows if count >= 300)
    rarer = tuple(word for word, count in rows if 8 <= count < 300 and 1 < len(word) < 5)
    alike = tuple(word for word, count in rows if count >= 8 and word[0] in family and 1 < len(word) < 4)
    return common, rarer, alike


class Drills:
    """Makes exercises in Chinese, and code for both languages."""

    def __init__(self, chance: Random, filler: Filler) -> None:
        """Take all chance from `chance`, names from `filler`."""
        self.chance, self.filler = chance, filler

    def words(self, most: int) -> str:
        """Return some ordinary words in a row."""
        kinds = (*ordinary(), own("chinese", "tempting words"), own("chinese", "links"))
        drawn = self.chance.choices(kinds, (50, 15, 13, 10, 12), k=self.chance.randint(1, most))
        return "".join(map(self.chance.choice, drawn))

    def news(self) -> Record:
        """Return a few clauses in the manner of news, with names among words."""
        parts: list[tuple[str, str]] = []
        for _ in range(self.chance.randint(1, 4)):
            pattern = self.chance.choice(own("chinese", "news"))
            last = 0
            for slot in SLOT.finditer(pattern):
                parts.append((pattern[last : slot.start()], ""))
                parts.append(self._slot(slot.group(1)))
                last = slot.end()
            parts += [(pattern[last:], ""), (self.chance.choice("，，，。。；？！\n"), "")]
        return folded(joined(parts, "zh", "synthetic"))

    def _slot(self, kind: str) -> tuple[str, str]:
        chance, filler = self.chance, self.filler
        if kind == "P":
            person = filler.people.person()
            alone = chance.random() < 0.07 and len(person.given) > 1
            return (person.given[-2:] if alone else person.full), "PERSON"
        if kind == "F":
            return filler.news.foreigner(), "PERSON"
        if kind == "L":
            kind = chance.choice(("", "country", "city", "", "abroad", "sight"))
            reported = filler.news.makers["LOCATION"].get(kind)
            return (reported() if reported else filler.places.place(kind)), "LOCATION"
        if kind == "O":
            return filler.body(), "ORGANIZATION"
        if kind == "w":
            return self.words(7), ""
        section = SECTIONS.get(kind)
        if section:
            return chance.choice(own("chinese", section)), ""
        return (filler.fillers.date(True) if kind == "date" else str(chance.randint(1800, 2020))), ""

    def ordinary(self) -> Record:
        """Return a list or sentence of ordinary words, with no name in it."""
        mark = self.chance.choice(("、", "，", " ", "\n", ""))
        text = mark.join(self.words(3) for _ in range(self.chance.randint(2, 12)))
        return folded(Record(text, (), "zh", "synthetic"))

    def code(self, language: str) -> Record:
        """Return some lines of Python's library, in which nobody is named."""
        lines = code_lines()
        at = self.chance.randrange(len(lines) - 12)
        return folded(Record("\n".join(lines[at : at + self.chance.randint(2, 12)]), (), language, "synthetic"))


@cache
def code_lines() -> Words:
    """Return lines of code of the standard library, without comments and strings of prose."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    kept: list[str] = []
    for name in own("english", "libraries"):
        path = folder / f"{name}.py"
        if not path.exists():
            continue
        code = re.sub(r'("""|\'\'\')[\s\S]*?\1', "", path.read_text("utf-8"))
        lines = code.splitlines()
        kept += [line for line in lines if "#" not in line and line.strip() and re.search(r"[=().:_]", line)]
    return tuple(kept)
