"""What is known of words: names that people bear, in Latin letters, Chinese words that are no names, and keys.

Enters: words. Leaves: whether one of them is in the list. Pure, but for `words/names.txt`, `words/ordinary.txt`,
`words/common.txt` and `words/given.txt`, which are read once; a list that cannot be read stops the start.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from detectors.interface import DetectorError
from detectors.ner.words import FOLDER
from detectors.plausible import drawn
from detectors.traditional import simplified

NAMES: Final = FOLDER / "names.txt"
"""Given and family names that hardly are anything else, folded."""

ORDINARY: Final = FOLDER / "ordinary.txt"
"""Words in simplified characters."""

COMMON: Final = FOLDER / "common.txt"
"""English words, in small letters."""

GIVEN: Final = FOLDER / "given.txt"
"""Characters that Chinese given names are made of, simplified."""

PART: Final = re.compile(r"[^\W\d_]{3,}")

BLANK: Final = re.compile(r"\s")
HUMP: Final = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")
"""What of a key may be read as a word."""
SHORTEST_DRAWN, LONGEST_DRAWN = 8, 512


@cache
def listed(file: Path) -> frozenset[str]:
    """Return the words of a file, one a line; raises `DetectorError`."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DetectorError(f"{file.name}: cannot be read: reinstall Sluice") from error
    return frozenset(line for line in lines if line and not line.startswith("#"))


def folded(name: str) -> str:
    """Return `name` in small letters and without the marks on them: Řehůřek and rehurek are one."""
    if name.isascii():
        return name.lower()
    return "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)).lower()


def has_known_name(words: str) -> bool:
    """Tell whether one of `words` is a name that people bear; of a word with hyphens it all, or each part, must be."""
    names = listed(NAMES)
    return any(
        word in names or ((parts := PART.findall(word)) and all(part in names for part in parts))
        for word in folded(words).split()
    )


def is_drawn(text: str) -> bool:
    """Tell whether a text is one key or password drawn at random: no name is in it, and no model need read it.

    It goes to and fro between letters and figures, and none of its letters spell a name that people bear.
    """
    if not (SHORTEST_DRAWN <= len(text) <= LONGEST_DRAWN) or not text.isascii() or BLANK.search(text):
        return False
    return drawn(text) and not any(part.lower() in listed(NAMES) for part in HUMP.findall(text))


def is_ordinary(word: str) -> bool:
    """Tell whether a Chinese word, in either script, is one that is no name."""
    return simplified(word) in listed(ORDINARY)


def can_be_given(name: str) -> bool:
    """Tell whether each character, simplified, is one that Chinese given names often hold."""
    return listed(GIVEN).issuperset(name)


def is_common(word: str) -> bool:
    """Tell whether an English word, whatever its case, is one that people use without meaning a name."""
    word = word.lower()
    return word in listed(COMMON) or (word.endswith("s") and word[:-1] in listed(COMMON))
