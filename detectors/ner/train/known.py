"""The lists that the rules know names and words by, written once: `python -m detectors.ner.train.known`.

Enters: the word lists and the open sets of this folder. Leaves: `words/names.txt`, given and family names in Latin
letters without those that are words as well (Best, Page, Hope would vouch for anything), `words/ordinary.txt`, Chinese
words of two to four characters that are no names, `words/given.txt`, characters of Chinese given names, and
`words/common.txt`, English words that stand in small letters.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from detectors.ner.known import COMMON as COMMON_FILE
from detectors.ner.known import GIVEN, NAMES, ORDINARY, folded
from detectors.ner.train.english import LANDS, LISTED, unmarked
from detectors.ner.train.lists import given_characters, jieba_words, latin_names, own
from detectors.ner.train.records import ENGLISH, read

LEAST: Final = 3
"""Letters of a name that says something."""

OFTEN: Final = 3
"""How often a word stands in small letters, not as a name, for it to be an ordinary one."""

COMMON: Final = 100
"""How often a Chinese word is counted in jieba's dictionary for it to be an ordinary one."""

PHRASE: Final = 8
"""The same of a word of four characters, which hardly ever is a name."""

PEOPLE: Final = frozenset({"关露", "周济", "周恩来", "张佑才", "池际尚", "程志", "许三品", "顾源"})
"""Whom jieba's dictionary takes for other words than names."""

MOST_GIVEN: Final = 1000
"""Characters of given names that are kept, those that most people bear."""

WORDS_TOO: Final = frozenset(own("english", "names that are words or things"))
"""Names of our own lists that are words, goods or places as well, though no open set says so."""

SMALL: Final = re.compile(r"(?<![^\W\d_])[^\W\d_A-Z]+(?![^\W\d_])")
LOWER: Final = "multiconer/train_en"
"""The set that is in small letters as a whole, and says nothing of case."""


def counted() -> tuple[Counter[str], Counter[str]]:
    """Return how often words stand in small letters where nothing is named, and how often in names."""
    small: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for name in ENGLISH:
        for record in read(name) if name != LOWER else ():
            rest = record.text
            for start, end, _ in sorted(record.spans, reverse=True):
                named.update(rest[start:end].lower().split())
                rest = rest[:start] + rest[end:]
            small.update(SMALL.findall(rest))
    return small, named


def no_names() -> frozenset[str]:
    """Return the words that stand in small letters where no person is named."""
    return frozenset(word for word, count in counted()[0].items() if count >= OFTEN)


def names() -> set[str]:
    """Return given and family names, folded."""
    borne = {folded(name) for pair in latin_names().values() for part in pair for name in part}
    ours = {folded(form) for name in listed_by_us() for form in (name, unmarked(name))} - WORDS_TOO
    known = {name for name in borne if len(name) >= LEAST and name.isalpha()}
    known |= {name for name in ours if len(name) >= LEAST and name.replace("-", "").isalpha()}
    return known - no_names()


def listed_by_us() -> set[str]:
    """Return the names of lands that Faker has none of, each word of them: Sato, Min-jun, Nguyen."""
    sections = list(LISTED.values())
    sections += [f"{land} {kind}" for land in LANDS.values() for kind in ("given names", "families")]
    return {word for section in sections for name in own("english", section) for word in name.split()}


def ordinary() -> set[str]:
    """Return Chinese words that are no names."""
    return {
        word for word, count, kind in jieba_words()
        if 2 <= len(word) <= 4 and count >= (PHRASE if len(word) == 4 else COMMON)
        and not kind.startswith(("nr", "ns", "nt")) and word not in PEOPLE
    }  # fmt: skip


def given() -> set[str]:
    """Return the characters that most Chinese given names are made of."""
    ranked = sorted(given_characters(), key=lambda row: (-row[1] - row[2], row[0]))
    return {character for character, _, _ in ranked[:MOST_GIVEN]}


def common() -> set[str]:
    """Return English words of three letters or more that seldom are a name or part of one."""
    small, named = counted()
    return {
        word for word, count in small.items()
        if count >= OFTEN and count >= named[word] and len(word) >= LEAST and word.isascii() and word.isalpha()
    }  # fmt: skip


def write(file: Path, whose: str, listed: Iterable[str]) -> None:
    """Write one list, a word a line, sorted."""
    head = f"# {whose}. Written by `python -m detectors.ner.train.known`.\n"
    file.write_text(head + "\n".join(sorted(listed)) + "\n", encoding="utf-8")


def main() -> None:
    """Write the lists."""
    write(NAMES, "Names in Latin letters, folded, from Faker 40.63.0 (MIT) and our own lists", names())
    write(ORDINARY, "Chinese words that are no names, from jieba 0.42.1 (MIT)", ordinary())
    write(GIVEN, "Characters of Chinese given names, from ngender 0.1.1 (MIT)", given())
    write(COMMON_FILE, "English words that stand in small letters in the open training sets (see train/data)", common())


if __name__ == "__main__":
    main()
