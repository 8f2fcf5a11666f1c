"""The word lists of other projects, gathered once into `data/lists/`: `python -m detectors.ner.train.gather`.

Enters: the packages Faker, jieba and ngender (all MIT), pinned in `requirements.txt`. Leaves: `names_latin.json.gz`,
`towns.json.gz`, `words.tsv.gz` and `given.tsv.gz`. Training and its tests read only those files, so that neither
depends on a package's next edition.
"""

import csv
import gzip
import importlib
import importlib.util
import json
import unicodedata
from pathlib import Path
from typing import Final

from detectors.ner.train.lists import LISTS, own

LONGEST: Final = 4
"""Characters of an ordinary word worth keeping; organisations may be longer."""


def main() -> None:
    """Write the four files."""
    names = {locale: pair for locale in _locales("faker locales") if all(pair := _names(locale))}
    _write("names_latin.json.gz", json.dumps(names, ensure_ascii=False))
    towns = [
        town
        for locale in _locales("faker locales of towns")
        for name in ("cities", "city_names", "regions")
        for town in _listed(locale, name)
    ]
    states = _listed("en_US", "states")
    _write("towns.json.gz", json.dumps({"towns": list(dict.fromkeys(towns)), "states": states}, ensure_ascii=False))
    _write("words.tsv.gz", "\n".join(_words()))
    _write("given.tsv.gz", "\n".join(_given()))


def _locales(section: str) -> list[str]:
    return [one.replace("-", "_") for one in own("english", section)]


def _write(name: str, text: str) -> None:
    with (LISTS / name).open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(text.encode())


def _names(locale: str) -> tuple[list[str], list[str]]:
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    except ImportError:
        return [], []
    given: list[str] = []
    family: list[str] = []
    for name in dir(provider):
        if name.startswith("first_name") and not name.endswith(("_est", "_rus")):
            given += _values(getattr(provider, name))
        elif name.startswith("last_name"):
            family += _values(getattr(provider, name))
    return list(filter(_latin, dict.fromkeys(given))), list(filter(_latin, dict.fromkeys(family)))


def _values(raw: object) -> list[str]:
    if isinstance(raw, dict | list | tuple | set):
        return [str(one).strip() for one in (sorted(raw) if isinstance(raw, set) else raw) if isinstance(one, str)]
    return []


def _latin(name: str) -> bool:
    bare = [letter for letter in name if letter not in " '-.’"]
    return bool(bare) and "{" not in name and all(unicodedata.name(one, "").startswith("LATIN") for one in bare)


def _listed(locale: str, attribute: str) -> list[str]:
    raw = getattr(importlib.import_module(f"faker.providers.address.{locale}").Provider, attribute, ())
    if raw and isinstance(raw, list | tuple) and isinstance(raw[0], list | tuple):
        raw = [str(part) for row in raw for part in row]
    return [one for one in _values(raw) if len(one) < 25]


def _words() -> list[str]:
    """Return jieba's words of use here: ordinary ones, names of persons, organisations."""
    family = set(own("chinese", "surnames"))
    folder = Path(str(importlib.import_module("jieba").__file__)).parent
    rows = [line.split() for line in (folder / "dict.txt").read_text("utf-8").splitlines()]
    kept = []
    for word, count, kind in (row for row in rows if len(row) == 3):
        person = kind in ("nr", "nrfg") and len(word) == 3 and word[0] in family and int(count) >= 3
        body = kind == "nt" and len(word) > 3 and int(count) >= 3
        common = kind[0] in "nvaditlmrfsb" and not kind.startswith(("nr", "ns", "nt", "nz"))
        if person or body or (common and len(word) <= LONGEST and int(count) >= 8 and not word.isascii()):
            kept.append(f"{word}\t{count}\t{kind}")
    return kept


def _given() -> list[str]:
    package = importlib.util.find_spec("ngender")
    assert package and package.origin
    with (Path(package.origin).parent / "charfreq.csv").open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines))[1:]
    return ["\t".join(row) for row in rows if len(row) == 3 and len(row[0]) == 1]


if __name__ == "__main__":
    main()
