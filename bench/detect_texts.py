"""Texts that detection is timed on: prose without anything to find, the same with five things in it, and prompts.

Enters: the openly licensed sentences that the models' training and development data is made of. Leaves: texts of given
length. They are only timed here, never scored.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

DATA = Path(__file__).parents[1] / "detectors" / "ner" / "train" / "data"
SOURCES = {
    "en": (
        "uner_en_ewt/train.jsonl.gz",
        "gum_ccby/train.jsonl.gz",
        "wikigold/train.jsonl.gz",
    ),
    "zh": ("uner_zh_gsdsimp/train.jsonl.gz",),
}
HITS = {
    "en": (
        "mail wang.fang@example.org",
        "card 4111 1111 1111 1111",
        "call +1 212 555 2368",
        "host 10.20.30.40",
        "IBAN DE89 3704 0044 0532 0130 00",
    ),
    "zh": (
        "邮箱wang.fang@example.org",
        "银行卡4111111111111111",
        "手机13912345678",
        "主机10.20.30.40",
        "身份证11010519491231002X",
    ),
}
Sample = tuple[str, list[tuple[int, int, str]]]


def samples(language: str) -> Iterator[Sample]:
    """Yield sentences with the names in them."""
    for source in SOURCES[language]:
        with gzip.open(DATA / source, "rt", encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                yield entry["text"], [(start, end, label) for start, end, label in entry["spans"]]


def clean(
    language: str, length: int, count: int, hits: Callable[[str], int], passes: Callable[[str], bool]
) -> list[str]:
    """Return `count` texts of `length` characters, of sentences in which `hits` finds nothing, that `passes` takes."""
    kept: list[str] = []
    text = ""
    for sentence, _ in samples(language):
        if hits(sentence):
            continue
        text += sentence + (" " if language == "en" else "")
        if len(text) >= length:
            if not hits(text[:length]) and passes(text[:length]):
                kept.append(text[:length])
            text = ""
        if len(kept) == count:
            break
    return kept


def cut(language: str, length: int) -> list[str]:
    """Return everything cut into texts of `length` characters, whatever is in them."""
    text = (" " if language == "en" else "").join(sentence for sentence, _ in samples(language))
    return [text[start : start + length] for start in range(0, len(text) - length + 1, length)]


def with_hits(language: str, text: str) -> str:
    """Return a text of the same length with five things to find, spread over it."""
    sign = ". " if language == "en" else "，"
    parts = [f"{sign}{hit}{sign}" for hit in HITS[language]]
    room = len(text) - sum(map(len, parts))
    step = room // len(parts)
    pieces = [text[number * step : (number + 1) * step] + part for number, part in enumerate(parts)]
    return "".join(pieces) + text[len(parts) * step : room]


def prompts(language: str, length: int, count: int) -> list[str]:
    """Return texts as people send them: prose with its names, and in every second one something else to find."""
    text = (" " if language == "en" else "").join(sentence for sentence, _ in samples(language))
    cut = [text[number * length : (number + 1) * length] for number in range(count)]
    sign = ". " if language == "en" else "，"
    for number in range(0, count, 2):
        hit = sign + HITS[language][number // 2 % len(HITS[language])] + sign
        cut[number] = cut[number][: length // 2] + hit + cut[number][length // 2 + len(hit) :]
    return cut
