"""Word lists that names are made of: our own, and those gathered from other projects.

Enters: files of `data/lists/` (its README says whose they are) and `data/gazetteers/`. Leaves: tuples of words.
`part_of` keeps one word in ten apart, by its own digest, so that development prompts are filled with names that no
training prompt holds.
"""

import gzip
import json
import zlib
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from detectors.ner.train.records import DATA, Record

LISTS: Final = DATA / "lists"
TRAIN: Final = "train"
DEVELOP: Final = "develop"
TENTH: Final = 10
Words = tuple[str, ...]


def part_of(words: Iterable[str], part: str) -> Words:
    """Return the words of one part: nine in ten to train on, one in ten to develop with."""
    kept = (word for word in dict.fromkeys(words) if word)
    return tuple(
        word for word in kept if (zlib.crc32(word.encode("utf-8", "replace")) % TENTH == 0) == (part == DEVELOP)
    )


@cache
def _sections(file: str) -> dict[str, Words]:
    """Read a file of sections: a name in square brackets, then words parted by bars and line breaks."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in (LISTS / f"{file}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            sections.setdefault(name, []).extend(word.replace("_", " ") for word in line.split("|"))
    return {name: tuple(words) for name, words in sections.items()}


def own(file: str, section: str) -> Words:
    """Return our own words of a section, in the order in which they stand; one named twice comes twice."""
    return _sections(file)[section]


@cache
def gazetteer(name: str) -> Words:
    """Return the entries of `data/gazetteers/NAME.txt.gz`."""
    with gzip.open(DATA / "gazetteers" / f"{name}.txt.gz", "rt", encoding="utf-8") as lines:
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _table(name: str) -> list[list[str]]:
    with gzip.open(LISTS / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines]


def _json(name: str) -> Any:
    with gzip.open(LISTS / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


@cache
def jieba_words() -> tuple[tuple[str, int, str], ...]:
    """Return words of jieba's dictionary: word, frequency, part of speech."""
    return tuple((word, int(count), kind) for word, count, kind in _table("words"))


@cache
def given_characters() -> tuple[tuple[str, int, int], ...]:
    """Return characters of Chinese given names with how many men and women bear them: ngender's table."""
    return tuple((character, int(men), int(women)) for character, men, women in _table("given"))


@cache
def latin_names() -> dict[str, tuple[Words, Words]]:
    """Return given and family names in Latin letters by Faker's locale."""
    return {locale: (tuple(given), tuple(family)) for locale, (given, family) in _json("names_latin").items()}


@cache
def towns_and_states() -> tuple[Words, Words]:
    """Return towns of several countries, and the states of the USA."""
    table = _json("towns")
    return tuple(table["towns"]), tuple(table["states"])


def mentions(records: Iterable[Record]) -> dict[tuple[str, str], Words]:
    """Return what the data itself names, by label and language."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for record in records:
        for start, end, label in record.spans:
            mention = record.text[start:end]
            if 1 < len(mention) < 40 and "\n" not in mention:
                found.setdefault((label, record.language), {})[mention] = None
    return {key: tuple(value) for key, value in found.items()}
