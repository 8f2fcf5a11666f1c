"""`sluice rules`: do the rules find what their examples promise, and which rules are there?

Enters: files of rules, or none for the shipped ones. Leaves: every example that is not found as marked, and every
counterexample that is, as `detectors.prove` finds them. Examples are made up, so they may be shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from detectors.patterns import NOT_RULES, RULES, own_rules
from detectors.presidio import TABLE, Gated
from detectors.prove import Failure, prove, prove_recognizers
from detectors.rulebook import Rule
from detectors.slips import Slips
from policies.decision import Text
from proxy.errors import SettingsError

SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file and the rules in it."""

    file: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A failure, and the file that promised otherwise."""

    file: str
    failure: Failure

    @property
    def told(self) -> Text:
        """For people: where it is, what is wrong, and the text on a line of its own."""
        text = f"\n    {self.failure.text}"
        return Text(f"{self.file}: {self.failure}{text}", f"{self.file}：{self.failure.in_chinese()}{text}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of all examples."""

    rules: int = 0
    examples: int = 0
    counterexamples: int = 0
    failures: tuple[Broken, ...] = ()


def shelves(paths: Sequence[Path]) -> Iterator[Shelf]:
    """Yield the rules of each file, or of each file in a folder; the shipped ones where none is named.

    Raises `SettingsError` for a folder without rules, and behind all files `DetectorError` with every slip in them.
    """
    slips = Slips()
    for name, file in _files(paths):
        with slips:
            yield Shelf(name, own_rules(file))
    slips.stop()


def _files(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Yield each file of rules, and how it is called."""
    for path in paths or shipped():
        if not path.is_dir():
            yield str(path) if paths else path.name, path
            continue
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise SettingsError(
                f"{path}: no file of rules ({', '.join(SUFFIXES)}) is in this folder",
                f"{path}：此目录中没有规则文件（{'、'.join(SUFFIXES)}）",
            )
        for file in files:
            yield str(file), file


def shipped() -> list[Path]:
    """Return the files of the rules that come with Sluice."""
    return sorted(path for path in RULES.glob("*.yaml") if path.name not in NOT_RULES)


def check(books: Sequence[Shelf], recognizers: Sequence[Gated] = ()) -> Checked:
    """Run all examples and counterexamples of rules, and those of the entries of Presidio's table."""
    failures = [Broken(book.file, failure) for book in books for failure in prove(book.rules)]
    failures += [Broken(TABLE.name, failure) for failure in prove_recognizers(recognizers)]
    proven = [(rule.examples, rule.counterexamples) for book in books for rule in book.rules]
    proven += [(one.examples, one.counterexamples) for one in recognizers]
    return Checked(
        len(proven),
        sum(len(examples) for examples, _ in proven),
        sum(len(counterexamples) for _, counterexamples in proven),
        tuple(failures),
    )


def summary(checked: Checked) -> Text:
    """Return how it went, as one line."""
    failed = Text("all as marked", "全部与标记相符")
    if checked.failures:
        failed = Text(f"{len(checked.failures)} failed", f"{len(checked.failures)} 个不符")
    return Text(
        f"{checked.rules} rules, {checked.examples} examples, {checked.counterexamples} counterexamples: {failed.en}",
        f"{checked.rules} 条规则，{checked.examples} 个例子，{checked.counterexamples} 个反例：{failed.zh}",
    )


def as_plain(checked: Checked) -> dict[str, Any]:
    """Return it as plain values."""
    failures = [{"file": one.file, **asdict(one.failure)} for one in checked.failures]
    return {**asdict(checked), "failures": failures}


def row(rule: Rule) -> Text:
    """Return a rule as one line for people."""
    context = rule.context
    line = f"{rule.id:34} {rule.entity:30} {rule.score:.2f}  {rule.check or '–':24}"
    if context is None:
        return Text(line.rstrip())
    words = f"{'/'.join(context.words[:4])}{'/…' if len(context.words) > 4 else ''}"
    if context.required:
        return Text(f"{line} needs {words}", f"{line} 附近须有 {words}")
    return Text(f"{line} {context.raises:.2f} with {words}", f"{line} 附近有时 {context.raises:.2f}：{words}")


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
