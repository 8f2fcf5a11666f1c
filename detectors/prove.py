"""Do rules and recognizers find what their examples promise, and nothing in their counterexamples?

Enters: rules, or entries of Presidio's table. Leaves: what does not hold, in words. Each goes through the engine that
prompts go through, one at a time. Examples are made up, so they may be shown.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from detectors.combined import Combined
from detectors.interface import CannotTell
from detectors.patterns import Patterns
from detectors.presidio import Gated, Presidio
from detectors.rulebook import MARKED, SOFT, Rule

EXAMPLE: Final = "example"
COUNTEREXAMPLE: Final = "counterexample"
IN_CHINESE: Final = {EXAMPLE: "例子", COUNTEREXAMPLE: "反例"}
HAN: Final = re.compile("[\u4e00-\u9fff]")
NONE: Final = ("there is none", "一个都没有")
NONE_IN_CHINESE: Final = ("none of the examples is in Chinese", "没有中文例子")


@dataclass(frozen=True, slots=True)
class Failure:
    """One example or counterexample that does not come out as it says."""

    rule: str
    kind: str
    """`example` or `counterexample`."""
    number: int
    """Which one of the rule, from 1."""
    text: str
    problem: str
    chinese: str
    """The problem in Chinese."""

    def __str__(self) -> str:
        """Return where it is and what is wrong."""
        return f"{self.rule}: {self.kind} {self.number}: {self.problem}"

    def in_chinese(self) -> str:
        """Return the same in Chinese."""
        return f"{self.rule}：第 {self.number} 个{IN_CHINESE[self.kind]}：{self.chinese}"


def prove(rules: Iterable[Rule]) -> list[Failure]:
    """Return the failures of rules; none is what one hopes for."""
    return [
        failure
        for rule in rules
        for failure in _failures(rule.id, Patterns([rule]), rule.examples, rule.counterexamples)
    ]


def prove_recognizers(recognizers: Iterable[Gated]) -> list[Failure]:
    """Return the failures of Presidio's recognizers; an entry without an example, or one in Chinese, is one, too."""
    return [failure for gated in recognizers for failure in (*_lacking(gated), *_failures_of(gated))]


def _failures_of(gated: Gated) -> Iterator[Failure]:
    return _failures(gated.name, Presidio([gated]), gated.examples, gated.counterexamples)


def _lacking(gated: Gated) -> Iterator[Failure]:
    """Yield what an entry has no example of."""
    if not any(HAN.search(example) for example in gated.examples):
        problem = NONE_IN_CHINESE if gated.examples else NONE
        yield Failure(gated.name, EXAMPLE, len(gated.examples) + 1, "", *problem)
    if not gated.counterexamples:
        yield Failure(gated.name, COUNTEREXAMPLE, 1, "", *NONE)


def marked(example: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of an example without its marks, and where what they enclose stands in that."""
    text = example.replace(SOFT, "")
    spans = [(one.start() - 2 * place, one.end() - 2 * place - 2) for place, one in enumerate(MARKED.finditer(text))]
    return MARKED.sub(r"\1", text), spans


def _failures(name: str, alone: Combined, examples: Iterable[str], counterexamples: Iterable[str]) -> Iterator[Failure]:
    for number, example in enumerate(examples, start=1):
        text, spans = marked(example)
        problem = _problem(alone, text, spans)
        if problem:
            yield Failure(name, EXAMPLE, number, text, *problem)
    for number, example in enumerate(counterexamples, start=1):
        text = example.replace(SOFT, "")
        problem = _problem(alone, text, [])
        if problem:
            yield Failure(name, COUNTEREXAMPLE, number, text, *problem)


def _problem(alone: Combined, text: str, wanted: list[tuple[int, int]]) -> tuple[str, str] | None:
    """Return what is wrong, in English and in Chinese, or None."""
    try:
        found = sorted((one.start, one.end) for one in alone.find(text, alone.entities))
    except CannotTell as reason:
        return f"cannot tell: {reason}", f"无法判断：{reason}"
    if found == wanted:
        return None
    english = f"found {_quoted(text, found)}, not {_quoted(text, wanted)}"
    return english, f"识别到{_quoted_zh(text, found)}，而应为{_quoted_zh(text, wanted)}"


def _quoted(text: str, spans: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"“{text[start:end]}”" for start, end in spans) or "nothing"


def _quoted_zh(text: str, spans: Iterable[tuple[int, int]]) -> str:
    return "、".join(f"“{text[start:end]}”" for start, end in spans) or "（无）"
