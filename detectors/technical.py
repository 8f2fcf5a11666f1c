"""Technical words: what looks like a name in code, logs and settings, and is none.

Enters: words that a detector took for a name. Leaves: whether they are an identifier by their shape, or stand in
`tables/technical.yaml`. Only for text that is code, a log or configuration: in a letter `Phoenix` is a city.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from detectors.interface import DetectorError
from detectors.rulebook import TextLoader

TABLE: Final = Path(__file__).parent / "tables" / "technical.yaml"
PARTED: Final = re.compile("[,\n]")

IDENTIFIER: Final = re.compile(
    r"""(?x)
    \w* [a-z0-9] _ \w+ | _+ \w+ | \w+ _+                       # snake_case, _private
    | [a-z]+ [0-9]* (?: [A-Z] [a-z0-9]+ )+ [A-Z]*              # camelCase
    | (?: [A-Z] [a-z0-9]+ ){2,} (?: [A-Z]{2,} )?               # PascalCase
    | [A-Z]{3,} [a-z0-9]+ (?: [A-Z] [a-z0-9]+ )*               # HTTPServer
    | [A-Z0-9]+ (?: _ [A-Z0-9]+ )+                             # CONSTANT_CASE
    | [A-Za-z_$] [\w$]* (?: (?: \. | :: | -> | / | \\ | \# ) [\w$]+ )+ (?: \( \) )?     # dotted, paths, a.b()
    | [\w.]+ \( .* \)? | [\w.\[\]]+ \]                         # calls and places in a list
    | [@$%&\#] [\w.]+ | -{1,2} [a-z] [\w\-]*                   # decorators, variables, options
    | [a-z0-9]+ (?: - [a-z0-9]+ )+                             # names of packages
    | v? [0-9]+ (?: \. [0-9]+ )+ \w* | [0-9a-f]{7,64} | (?=\w*[0-9]) [A-Za-z]+ [0-9]+ \w*      # versions, digests, md5
    """
)
"""Spelling of identifiers. `McDonald` and `DeShawn` are names, so camel case alone says little: see `NAMES`."""

NAMES: Final = re.compile(r"(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|O|Fitz|St)[A-Z][a-z]+")
"""Names of people that are written in camel case."""


@cache
def words() -> frozenset[str]:
    """Return the technical words, in lower case; raises `DetectorError`."""
    try:
        table = yaml.load(TABLE.read_text(encoding="utf-8"), TextLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DetectorError(f"{TABLE.name}: cannot be read: reinstall Sluice") from error
    if not isinstance(table, dict) or not all(isinstance(listed, str) for listed in table.values()):
        raise DetectorError(f"{TABLE.name}: must give each list a name and its words as one text")
    listed = (word.strip().casefold() for one in table.values() for word in PARTED.split(one))
    return frozenset(word for word in listed if word)


def is_technical(name: str) -> bool:
    """Tell whether a name found in code, a log or settings is a technical word or an identifier.

    Of several words each must be one.
    """
    plain = name.strip().strip("\"'`,.;:!?")
    if not plain:
        return True
    if plain.casefold() in words():
        return True
    parts = plain.split()
    return all(part.casefold() in words() or _identifier(part) for part in parts)


def _identifier(word: str) -> bool:
    return bool(IDENTIFIER.fullmatch(word)) and not NAMES.fullmatch(word)
