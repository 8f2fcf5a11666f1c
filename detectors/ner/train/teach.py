"""Teaches a shipped tagger its second question, and chooses how sure it must be of an answer.

Enters: the folder of a model that knows names. Leaves: the same folder, whose graph also answers where a secret is
told, with a threshold and scores in its manifest. It takes minutes, and `--only teach` does it alone: so more sentences
can be taught without training names again.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

import onnx

from detectors.ner.hashed import Hashed
from detectors.ner.mention import Mention
from detectors.ner.pieces import Pieces
from detectors.ner.tags import SECRET, SECRETS, Span
from detectors.ner.told import told
from detectors.ner.train.encode import Row, hashed_rows, latin_rows
from detectors.ner.train.graft import bare, grafted, taps
from detectors.ner.train.head import Read, fit, ranges
from detectors.ner.train.lists import DEVELOP, TRAIN, jieba_words
from detectors.ner.train.manifest import digests
from detectors.ner.train.measure import Tagger, written
from detectors.ner.train.progress import log
from detectors.ner.train.records import Record, folded, training
from detectors.ner.train.rounds import Rounds
from detectors.ner.train.told import Teller, record
from detectors.ner.train.told import written as sentences

STEPS: Final = tuple(step / 20 for step in range(6, 19))
"""Thresholds to choose from."""

MOST_IN_PROMPTS: Final = 0.005
"""The share of everyday harmless prompts in which a secret may be seen."""

MOST_IN_NEIGHBOURS: Final = 0.03
"""The same of sentences that were written to be taken for telling one: the same words, and other numbers."""

MEASURED: Final = 3000
"""Texts that the ranges of what enters the head's products are measured on."""

TALK: Final = re.compile(r"(?i)passw|\bpwd|密码|口令|\bpin\b|token|api.?key|secret|passcode|验证码|sk-|ghp_|AKIA")
"""Texts that were written for names and may tell a secret, which nobody has marked there."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """How much is taught."""

    languages: tuple[str, ...]
    times: int
    """How often a sentence is told in a round, each time otherwise."""
    others: int
    """Texts of the training for names beside them, in which nothing is told."""
    rounds: int
    """Rounds that are made; then they come again."""
    steps: int
    seed: int = 1


LESSONS: Final = {
    "hashed": Lesson(("zh", "en"), times=2, others=5000, rounds=3, steps=4000),
    "latin": Lesson(("en",), times=2, others=3500, rounds=2, steps=2600),
}


def teach(kind: str, folder: Path, lesson: Lesson | None = None) -> None:
    """Give the model in `folder` a head for secrets, and write it into its graph and manifest."""
    lesson = lesson or LESSONS[kind]
    file = folder / "model.onnx"
    model = bare(onnx.load(file))
    read = partial(Read, model, taps(model))
    head = fit(reads(kind, folder, lesson, read), lesson.steps, seed=lesson.seed)
    measured = round_of(kind, lesson, lesson.rounds)[:MEASURED]
    onnx.save(grafted(model, head, ranges(head, read(rows(kind, folder, measured)))), file)
    threshold, figures = judged(kind, folder, lesson.languages)
    log(f"{kind}: secrets from {threshold}: {figures}")
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["thresholds"][SECRET] = threshold
    manifest["trained_on"]["secrets"] = figures
    manifest["sha256"] = digests(folder)
    path.write_text(f"{json.dumps(manifest, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def reads(kind: str, folder: Path, lesson: Lesson, read: Callable[[Sequence[Row]], Read]) -> Iterator[Read]:
    """Yield the rounds of a lesson as the graph reads them, again and again."""
    made: list[Read] = []
    for number in range(lesson.rounds):
        records = round_of(kind, lesson, number)
        made.append(read(rows(kind, folder, records)))
        log(f"{kind}: round {number} of secrets, {len(records)} texts")
        yield made[-1]
    yield from cycle(made)


def rows(kind: str, folder: Path, records: Sequence[Record]) -> list[Row]:
    """Return records as rows for one tagger, with the tags of the second question."""
    if kind == "hashed":
        return hashed_rows(records, Hashed(), SECRETS)
    return latin_rows(records, Pieces(folder / "tokenizer.json"), SECRETS)


def round_of(kind: str, lesson: Lesson, number: int) -> list[Record]:
    """Return what one round reads: sentences told anew, and texts in which nothing is told."""
    chance = Random(f"{lesson.seed} secrets {number}")
    learnt = [one for one in sentences(TRAIN) if one.language in lesson.languages]
    teller = Teller(chance, learnt, english_words(), chinese_words())
    quiet = [
        Record(one.text, (), one.language, one.source)
        for one in Rounds(kind, lesson.seed).records(number)
        if not TALK.search(one.text)
    ]
    return [*map(folded, teller.round(lesson.times)), *chance.sample(quiet, min(lesson.others, len(quiet)))]


def english_words() -> list[str]:
    """Return words that passwords can be made of, from the open sets."""
    words = Counter(word for one in training(("en",)) for word in re.findall(r"\b[a-z]{3,10}\b", one.text))
    return [word for word, count in words.items() if count >= 3]


def chinese_words() -> list[str]:
    """Return Chinese words of two characters that people use."""
    return [word for word, count, kind in jieba_words() if len(word) == 2 and count > 200 and kind[0] in "navi"]


def judged(kind: str, folder: Path, languages: Sequence[str]) -> tuple[float, dict[str, int]]:
    """Return the threshold for secrets, and what is found with it in the development sentences.

    The lowest one with which hardly any prompt is hit that people wrote to develop names with, and few of the harmless
    neighbours. Where none is so low, the highest.
    """
    own = languages[0]  # the hashed tagger is for Chinese
    kept = [folded(record(one.parts, one.language)) for one in sentences(DEVELOP) if one.language == own]
    harmless = [Record(one.text, (), own, one.source) for one in written(own) if not TALK.search(one.text)]
    tagger = Tagger(kind, folder / "model.onnx", folder / "tokenizer.json" if kind == "latin" else None)
    telling, neighbours, prompts = (
        Judged(texts, tagger.secrets(texts), kind)
        for texts in ([one for one in kept if one.spans], [one for one in kept if not one.spans], harmless)
    )

    def few(least: float) -> bool:
        return neighbours.share(least) <= MOST_IN_NEIGHBOURS and prompts.share(least) <= MOST_IN_PROMPTS

    least = next((step for step in STEPS if few(step)), STEPS[-1])
    return least, {
        "values": sum(len(one.spans) for one in telling.texts),
        "found": telling.found(least),
        "neighbours": len(neighbours.texts),
        "neighbours hit": neighbours.hit(least),
        "prompts": len(prompts.texts),
        "prompts hit": prompts.hit(least),
    }


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts and what a model sees in them, as the product would take it."""

    texts: Sequence[Record] = field(repr=False)
    seen: Sequence[Sequence[Span]] = field(repr=False)
    kind: str

    def taken(self, least: float) -> Iterator[list[Mention]]:
        """Yield for each text the secrets that are taken with a threshold."""
        because = (f"model:{self.kind}",)
        for one, spans in zip(self.texts, self.seen, strict=True):
            mentions = [Mention(span.start, span.end, span.label, span.score, because) for span in spans]
            yield told(one.text, [(mention, least) for mention in mentions])

    def hit(self, least: float) -> int:
        """Return in how many texts something is taken."""
        return sum(map(bool, self.taken(least)))

    def share(self, least: float) -> float:
        """Return in which share of them."""
        return self.hit(least) / len(self.texts)

    def found(self, least: float) -> int:
        """Return how many of the labelled secrets are covered as a whole."""
        return sum(
            any(mention.start <= start and end <= mention.end for mention in taken)
            for one, taken in zip(self.texts, self.taken(least), strict=True)
            for start, end, _ in one.spans
        )
