"""A folder of files made one policy: sections united, and whatever stands twice refused with both its places.

Enters: name and text of each file. Leaves: one tree whose marks name their file, and who answers for each file. Pure.
The files are equals: their order means nothing, and no file can take back what another says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from policies import messages, phrases
from policies.decision import Text
from policies.model import Mark, fold
from policies.problem import PolicyError, Problem, Report, say
from policies.read import Reader
from policies.source import Entries, Items, Node, Scalar, read_source
from policies.words import canonical

LISTS: Final[Mapping[str, Text]] = {"rules": messages.RULES, "tests": messages.RULES}
SECTIONS: Final[Mapping[str, Text]] = {
    "hours": messages.HOURS,
    "groups": messages.GROUP,
    "services": messages.SERVICES,
    "data_classes": messages.CLASS,
    "notices": phrases.NOTICE,
    "quotas": phrases.QUOTA,
}
OWNER: Final = "owner"
BASE: Final = "policy"
"""The key by which the file that speaks for the whole folder is known."""

OF_THE_BASE: Final = frozenset(
    {"version", "approved_by", "effective", "review", "record", "time_zone", "otherwise", "purpose"}
)
"""What only the base may say: it holds for everybody, and a department could loosen it for all."""

type Statement = tuple[Scalar, Node]


@dataclass(frozen=True, slots=True)
class Merged:
    """All files as one."""

    root: Node
    owners: Mapping[str, Node]
    """Who answers for each file that is not the base."""


def read_files(files: Sequence[tuple[str, str]]) -> list[Node]:
    """Return the tree of each file, with marks that name it; raises `PolicyError` with what is wrong in all of them."""
    problems: list[Problem] = []
    roots: list[Node] = []
    for name, text in files:
        report = Report(name, text)
        try:
            root = read_source(text, report)
            roots.append(_placed(root, name))
            report.stop()
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(problems)
    return roots


def merge(read: Reader, roots: Iterable[Node], keys: Sequence[str]) -> Merged:
    """Return the files merged into one; what is defined in two of them is reported."""
    together: dict[str, list[Statement]] = {}
    owners: dict[str, Node] = {}
    for root in roots:
        statements = [(canonical(key.text, keys), (key, value)) for key, value in read.entries(root, messages.POLICY)]
        base = any(word == BASE for word, _ in statements)
        for word, (key, value) in statements:
            if word == OWNER and not base:
                if key.mark.file in owners:
                    _twice(read, key, key)
                owners[key.mark.file] = value
            elif not base and word in OF_THE_BASE:
                read.report.add(key.mark, say(phrases.ONLY_IN_BASE, word=key.text), messages.REMOVE_IT)
            else:
                together.setdefault(word, []).append((key, value))
    entries = [each for word, statements in together.items() for each in _united(read, word, statements)]
    return Merged(Entries(tuple(entries), Mark()), owners)


def _united(read: Reader, word: str, statements: list[Statement]) -> Iterator[Statement]:
    """Give one statement in the place of those of all files."""
    (key, value), *others = statements
    if others and word in LISTS:
        items = [item for _, node in statements for item in read.items(node, LISTS[word])]
        yield key, Items(tuple(items), value.mark)
    elif others and word in SECTIONS:
        entries: dict[str, Statement] = {}
        for _, node in statements:
            for name, content in read.entries(node, SECTIONS[word]):
                if fold(name.text) in entries:
                    _twice(read, name, entries[fold(name.text)][0])
                else:
                    entries[fold(name.text)] = (name, content)
        yield key, Entries(tuple(entries.values()), value.mark)
    else:
        yield key, value
        for again, _ in others:
            _twice(read, again, key)


def _twice(read: Reader, again: Scalar, first: Scalar) -> None:
    message = say(phrases.IN_TWO_FILES, word=again.text, file=PurePath(first.mark.file).name, line=str(first.mark.line))
    read.report.add(again.mark, message, messages.REMOVE_IT)


def _placed(node: Node, file: str) -> Node:
    """Return the tree with marks that name the file."""
    mark = replace(node.mark, file=file)
    if isinstance(node, Items):
        return Items(tuple(_placed(each, file) for each in node.items), mark)
    if isinstance(node, Entries):
        placed = (
            (replace(key, mark=replace(key.mark, file=file)), _placed(value, file)) for key, value in node.entries
        )
        return Entries(tuple(placed), mark)
    return replace(node, mark=mark)
