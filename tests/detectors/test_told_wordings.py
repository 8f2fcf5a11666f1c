"""Secrets are found in the sentences that people tell them in, by rules and models, and hardly where none is."""

from functools import cache
from typing import Final

import yaml

from detectors.find import Finder, shipped_detectors
from detectors.interface import Finding
from detectors.prove import marked
from tests.detectors.test_wordings import CASES, SECRETS, half, rows
from tests.rows import each

WANTED: Final = SECRETS | {"PERSON"}
"""Models are asked along with names only."""

UNSEEN: Final = {"en": 92, "zh": 107}
"""Of the 151 English and 149 Chinese sentences that nobody looked at, so many at least: what was reached, less 3."""

OTHERS: Final = {"en": 42, "zh": 53, "later": 84, "fresh": 35}
"""The same of sentences that rules were not mended by (even ones, fresh ones) or were (later ones), less two."""

MOST_FALSE: Final = {"unseen-harmless": 9, "harmless": 7}
"""Of 300 and of 418 harmless ones, so many may be hit: what was reached, and two more."""


LISTS: Final = {
    "figures in a line": "求平均值：" + " ".join(str(1000 + number * 7919 % 9000) for number in range(300)),
    "figures in a column": "sum up\n" + "\n".join(str(1000 + number * 7919 % 9000) for number in range(60)),
    "a table": "month,a,b\n" + "\n".join(f"2020-08,{1000 + number * 7919 % 9000},{number}" for number in range(60)),
}


@cache
def finder() -> Finder:
    return Finder(shipped_detectors())


def found(text: str) -> list[Finding]:
    scan = finder().find(text, WANTED)
    assert not scan.unknown
    return [one for one in scan.findings if one.entity in SECRETS]


def is_whole(text: str) -> bool:
    plain, spans = marked(text)
    seen = found(plain)
    return all(any(one.start <= start and end <= one.end for one in seen) for start, end in spans)


def is_chinese(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)


def secrets(name: str) -> list[str]:
    return [text for entity, text in rows(name) if entity == "SECRET"]


def test_of_sentences_that_nobody_looked_at_most_are_found() -> None:
    unseen = secrets("unseen")
    counts = {"en": 0, "zh": 0}
    for text in unseen:
        counts["zh" if is_chinese(text) else "en"] += is_whole(text)
    assert all(counts[language] >= least for language, least in UNSEEN.items()), counts
    assert len(unseen) == 300


@each(("name", "least"), OTHERS.items())
def test_models_find_what_rules_do_not(name: str, least: int) -> None:
    texts = secrets(name)
    if name in ("en", "zh"):
        texts = [text for entity, text in half(rows(name), even=True) if entity == "SECRET"]
    assert sum(map(is_whole, texts)) >= least


@each(("name", "most"), MOST_FALSE.items())
def test_harmless_sentences_are_hardly_hit(name: str, most: int) -> None:
    texts = yaml.safe_load((CASES / f"typed-{name}.yaml").read_text("utf-8"))
    assert sum(bool(found(text.replace("¦", ""))) for text in texts) <= most
    assert len(texts) >= 300


@each(("name", "text"), LISTS.items())
def test_in_lists_of_figures_no_model_sees_anything_however_they_are_read(name: str, text: str) -> None:
    assert finder().find(text, WANTED).findings == (), name
