"""Word lists that the rules round the models read: `words/*.yaml`.

Enters: a file of `words/`. Leaves: named lists of words, nothing twice. A list that cannot be read stops the start.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from detectors.interface import DetectorError
from detectors.rulebook import Entry, TextLoader

FOLDER: Final = Path(__file__).with_name("words")
COMMAS: Final = re.compile(r"[,\n]")
BLANKS: Final = re.compile(r"\s")


@cache
def word_lists(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of one file by their names; raises `DetectorError`.

    A list that holds a comma is parted by commas and line breaks, any other one by blanks.
    """
    file = f"{name}.yaml"
    try:
        table = yaml.load((FOLDER / file).read_text(encoding="utf-8"), TextLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DetectorError(f"{file}: cannot be read: reinstall Sluice") from error
    if not isinstance(table, Entry) or table.twice or not all(isinstance(listed, str) for listed in table.values()):
        raise DetectorError(f"{file}: must give each list a name of its own and its words as one text")
    return {key: _parted(listed) for key, listed in table.items()}


def _parted(listed: str) -> tuple[str, ...]:
    split = COMMAS if "," in listed else BLANKS
    return tuple(dict.fromkeys(word.strip() for word in split.split(listed) if word.strip()))


def any_of(words: tuple[str, ...]) -> str:
    """Return a pattern that matches each of `words`, longer ones first; blanks inside match any blanks."""
    longest_first = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"[ \t]+") for word in longest_first) + ")"
