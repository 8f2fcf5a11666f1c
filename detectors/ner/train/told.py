"""Sentences in which a secret is told, and neighbours in which none is: what the second question is learnt from.

Enters: the sentences of `data/told/` (its README says how they are marked). Leaves: records with spans under the label
`SECRET`. A sentence is never read twice alike: its secret is exchanged for another that is made like it, and numbers
beside it for other numbers, so that what is learnt is how secrets are told and not which.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from detectors.ner.tags import SECRET
from detectors.ner.train.lists import DEVELOP, TENTH
from detectors.ner.train.records import DATA, Record, held_back
from detectors.rulebook import MARKED, SOFT

HAN: Final = re.compile("[\u3400-\u9fff]")
RUNS: Final = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]+")
FIGURES: Final = re.compile(r"\d[\d #*./-]*|[#*][\d #*./-]+")
NUMBER: Final = re.compile(r"\d+")
WORDS: Final = re.compile(r"[A-Za-z'’]+(?:[ _.-][A-Za-z'’]+)*")

DIGITS_EN: Final = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh", "double"]
DIGITS_ZH: Final = "零一二三四五六七八九幺〇"
TENS: Final = ["teen", "ty", "hundred", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SPOKEN: Final = re.compile(rf"(?i)(?:{'|'.join(DIGITS_EN)})(?:[ -](?:{'|'.join((*DIGITS_EN, *TENS))}))*")
"""Digits as people say them."""

SIGNS: Final = "!@#$%&*_-.?+"

KEPT: Final = 0.15
"""The share of secrets that stay as they were written."""
OTHERS: Final = 0.15
"""The share that any other secret of the same language takes the place of."""
RENUMBERED: Final = 0.5
"""The share of sentences whose other numbers are exchanged."""
LOWERED: Final = 0.12
SHOUTED: Final = 0.03
BARE: Final = 0.12
"""Shares of sentences in small letters, in capitals, and without the stop at their end."""
JOINED: Final = 0.3
"""The share of sentences that follow another in one text."""


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence as it was written."""

    parts: tuple[tuple[str, bool], ...] = field(repr=False)
    """Its stretches in order, and whether each is a secret."""
    language: str
    """`zh` where there is Chinese in it, else `en`."""

    @property
    def secrets(self) -> list[str]:
        """Return what it tells."""
        return [part for part, secret in self.parts if secret]


def parsed(line: str) -> Told:
    """Return a line of the data as a sentence."""
    whole = line.replace("\\n", "\n").replace(SOFT, "")
    parts = [(part, bool(at % 2)) for at, part in enumerate(MARKED.split(whole)) if part]
    return Told(tuple(parts), "zh" if HAN.search(whole) else "en")


def written(part: str) -> list[Told]:
    """Return the sentences of one part; one in ten is kept to develop with."""
    lines = [line for path in sorted((DATA / "told").glob("*.txt")) for line in path.read_text("utf-8").splitlines()]
    kept = dict.fromkeys(line for line in lines if line.strip() and not line.startswith("#"))
    return [parsed(line) for line in kept if held_back(line, TENTH) == (part == DEVELOP)]


def record(parts: Iterable[tuple[str, bool]], language: str) -> Record:
    """Return the stretches as one text with its secrets labelled."""
    text = ""
    spans: list[tuple[int, int, str]] = []
    for part, secret in parts:
        if secret:
            spans.append((len(text), len(text) + len(part), SECRET))
        text += part
    return Record(text, tuple(spans), language, "told")


class Teller:
    """Tells sentences anew."""

    def __init__(self, chance: Random, sentences: Sequence[Told], words: Sequence[str], chinese: Sequence[str]) -> None:
        """Take all chance from `chance`, and words that secrets are made of: of Latin letters, and Chinese ones."""
        self.chance, self.words, self.chinese = chance, words, chinese
        self.sentences = sentences
        self.pool: dict[str, list[str]] = defaultdict(list)
        for one in sentences:
            self.pool[one.language] += one.secrets

    def round(self, times: int) -> Iterator[Record]:
        """Yield each sentence `times` times, never alike, some of them behind another one."""
        order = [one for one in self.sentences for _ in range(times)]
        self.chance.shuffle(order)
        before: dict[str, list[tuple[str, bool]]] = {}
        for one in order:
            parts = self.varied(one)
            if self.chance.random() < JOINED and (earlier := before.pop(one.language, None)):
                parts = [
                    *earlier,
                    (self.chance.choice("\n\n \n" if one.language == "en" else "\n\n。，"), False),
                    *parts,
                ]
            elif self.chance.random() < JOINED:
                before[one.language] = parts
                continue
            yield record(parts, one.language)
        for language, parts in before.items():
            yield record(parts, language)

    def varied(self, one: Told) -> list[tuple[str, bool]]:
        """Return the stretches of a sentence with other secrets and other numbers, in another dress."""
        chance = self.chance
        renumbered = chance.random() < RENUMBERED
        met: dict[str, str] = {}
        parts: list[tuple[str, bool]] = []
        for part, secret in one.parts:
            if secret:
                parts.append((met.setdefault(part, self.another(part, one.language)), True))
            else:
                parts.append((NUMBER.sub(self._renumbered, part) if renumbered else part, False))
        drawn = chance.random()
        if drawn < LOWERED:
            parts = [(part if secret else part.lower(), secret) for part, secret in parts]
        elif drawn < LOWERED + SHOUTED:
            parts = [(part if secret else part.upper(), secret) for part, secret in parts]
        last, secret = parts[-1]
        if not secret and last[-1:] in ".。!！" and len(last) > 1 and chance.random() < BARE:
            parts[-1] = (last[:-1], False)
        return parts

    def another(self, value: str, language: str) -> str:
        """Return a secret made like `value`."""
        drawn = self.chance.random()
        if drawn < KEPT:
            return value
        if drawn < KEPT + OTHERS:
            return self.chance.choice(self.pool[language])
        if FIGURES.fullmatch(value):
            return NUMBER.sub(self._figures, value)
        if HAN.search(value):
            return self._chinese(value)
        if SPOKEN.fullmatch(value):
            return re.sub("[A-Za-z]+", lambda _: self.chance.choice(DIGITS_EN), value)
        if WORDS.fullmatch(value):
            return re.sub("[A-Za-z'’]+", self._word, value)
        return "".join(self._run(run) for run in RUNS.findall(value))

    def _figures(self, run: re.Match[str]) -> str:
        length = len(run.group())
        if length in (4, 6) and self.chance.random() < 0.25:  # what people choose
            year = str(self.chance.randint(1950, 2026))
            return self.chance.choice(
                (
                    year,
                    f"{self.chance.randint(1, 28):02}{self.chance.randint(1, 12):02}",
                    "1234",
                    "0000",
                    "2580",
                    "8888",
                )
            )[:length].ljust(length, self.chance.choice("0189"))
        if length >= 3 and self.chance.random() < 0.15:
            length = max(3, length + self.chance.choice((-1, 1)))
        return "".join(self.chance.choice("0123456789") for _ in range(length))

    def _renumbered(self, run: re.Match[str]) -> str:
        number = run.group()
        if len(number) == 1:
            return self.chance.choice("123456789") if number != "0" else number
        first = (
            number[0]
            if number[0] == "0" or (len(number) == 4 and number[:2] in ("19", "20"))
            else self.chance.choice("123456789")
        )
        return first + "".join(self.chance.choice("0123456789") for _ in number[1:])

    def _word(self, match: re.Match[str]) -> str:
        return like(match.group(), self.chance.choice(self.words))

    def _run(self, run: str) -> str:
        chance = self.chance
        if run.isdigit():
            length = max(1, len(run) + chance.choice((-1, 0, 0, 0, 1)))
            return "".join(chance.choice("0123456789") for _ in range(length))
        if not run.isalpha():
            return "".join(chance.choice(SIGNS) if sign in SIGNS and chance.random() < 0.5 else sign for sign in run)
        if len(run) >= 3 and (run.islower() or run.istitle() or run.isupper()) and chance.random() < 0.7:
            return like(run, chance.choice(self.words))
        return "".join(
            chance.choice("abcdefghjkmnpqrstuvwxyz").upper()
            if letter.isupper()
            else chance.choice("abcdefghjkmnpqrstuvwxyz")
            for letter in run
        )

    def _chinese(self, value: str) -> str:
        if all(sign in DIGITS_ZH or not HAN.match(sign) for sign in value):
            return "".join(self.chance.choice(DIGITS_ZH) if sign in DIGITS_ZH else sign for sign in value)
        if self.chance.random() < 0.5:
            return self.chance.choice([one for one in self.pool["zh"] if HAN.search(one)])
        return "".join(self.chance.choice(self.chinese) for _ in range(max(1, len(value) // 2)))


def like(word: str, other: str) -> str:
    """Return another word in the letters, small or capital, of a word."""
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other.capitalize() if word[:1].isupper() else other
