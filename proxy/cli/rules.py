"""`sluice rules`: do the rules find what their examples promise, and which rules are there?

Enters: files of rules, or none for the shipped ones. Leaves: every example that is not found as marked, and every
counterexample that is. Each goes through the same engine that prompts go through, one rule at a time. Examples are
made up, so they may be shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from detectors.interface import CannotTell
from detectors.patterns import CHECKS, NOT_RULES, RULES, Patterns
from detectors.rulebook import CLOSING, OPENING, SOFT, Rule, load_rules
from proxy.errors import SettingsError

SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file and the rules in it."""

    file: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """An example or counterexample that does not come out as the rule says."""

    file: str
    rule: str
    kind: str
    """`example` or `counterexample`."""
    number: int
    """Which one of the rule, from 1."""
    text: str
    problem: str

    @property
    def line(self) -> str:
        """For people: where it is, what is wrong, and the text on a line of its own."""
        return f"{self.file}: {self.rule}: {self.kind} {self.number}: {self.problem}\n    {self.text}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of all examples."""

    rules: int = 0
    examples: int = 0
    counterexamples: int = 0
    failures: tuple[Failure, ...] = field(default=())


def shelves(paths: Sequence[Path]) -> Iterator[Shelf]:
    """Yield the rules of each file, or of each file in a folder; the shipped ones where none is named.

    Raises `SettingsError` for a folder without rules, `DetectorError` for a rule that cannot be read.
    """
    for path in paths or shipped():
        if not path.is_dir():
            yield Shelf(str(path) if paths else path.name, load_rules(path, CHECKS))
            continue
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise SettingsError(f"{path}: no file of rules ({', '.join(SUFFIXES)}) is in this folder")
        for file in files:
            yield Shelf(str(file), load_rules(file, CHECKS))


def shipped() -> list[Path]:
    """Return the files of the rules that come with Sluice."""
    return sorted(path for path in RULES.glob("*.yaml") if path.name not in NOT_RULES)


def check(books: Sequence[Shelf]) -> Checked:
    """Run all examples and counterexamples."""
    failures = [failure for book in books for rule in book.rules for failure in _failures(book.file, rule)]
    rules = [rule for book in books for rule in book.rules]
    return Checked(
        len(rules),
        sum(len(rule.examples) for rule in rules),
        sum(len(rule.counterexamples) for rule in rules),
        tuple(failures),
    )


def summary(checked: Checked) -> str:
    """Return how it went, as one line."""
    failed = f"{len(checked.failures)} failed" if checked.failures else "all as marked"
    return f"{checked.rules} rules, {checked.examples} examples, {checked.counterexamples} counterexamples: {failed}"


def as_plain(checked: Checked) -> dict[str, Any]:
    """Return it as plain values."""
    return asdict(checked)


def _failures(file: str, rule: Rule) -> Iterator[Failure]:
    alone = Patterns([rule])
    for number, example in enumerate(rule.examples, start=1):
        text, span = marked(example)
        problem = _problem(alone, rule, text, [span])
        if problem:
            yield Failure(file, rule.id, "example", number, example.replace(SOFT, ""), problem)
    for number, example in enumerate(rule.counterexamples, start=1):
        text = example.replace(SOFT, "")
        problem = _problem(alone, rule, text, [])
        if problem:
            yield Failure(file, rule.id, "counterexample", number, text, problem)


def marked(example: str) -> tuple[str, tuple[int, int]]:
    """Return the text of an example without its marks, and where they stood."""
    text = example.replace(SOFT, "")
    start, end = text.index(OPENING), text.index(CLOSING) - len(OPENING)
    return text.replace(OPENING, "").replace(CLOSING, ""), (start, end)


def _problem(alone: Patterns, rule: Rule, text: str, wanted: list[tuple[int, int]]) -> str:
    try:
        found = sorted((one.start, one.end) for one in alone.find(text, frozenset({rule.entity})))
    except CannotTell as error:
        return f"the engine gave up: {error}"
    if found == wanted:
        return ""
    told = ", ".join(f"{start}-{end}" for start, end in found) or "nothing"
    if not wanted:
        return f"found at {told}, and nothing should be"
    start, end = wanted[0]
    return f"{told} is found, and {start}-{end} should be"


def row(rule: Rule) -> str:
    """Return a rule as one line for people."""
    context = rule.context
    near = ""
    if context is not None:
        kind = "needs" if context.required else f"{context.raises:.2f} with"
        near = f"{kind} {'/'.join(context.words[:4])}{'/…' if len(context.words) > 4 else ''}"
    return f"{rule.id:34} {rule.entity:30} {rule.score:.2f}  {rule.check or '–':24} {near}".rstrip()


def plain(rule: Rule, file: str) -> dict[str, Any]:
    """Return a rule as plain values."""
    context = rule.context
    return {
        "id": rule.id,
        "entity": rule.entity,
        "file": file,
        "score": rule.score,
        "check": rule.check or None,
        "context": None
        if context is None
        else {
            "words": list(context.words),
            "within": context.within,
            "required": context.required,
            "raises": context.raises,
        },
        "examples": len(rule.examples),
        "counterexamples": len(rule.counterexamples),
    }
