"""YAML read as text: a tree of strings with their places, and never a guess at a type.

Enters: the text of a policy. Leaves: nodes, with what is wrong in a `Report`. 18:00 stays text, NO stays text. What
YAML would accept and a reader would misread (duplicate keys, anchors, tags, merge keys, hidden line breaks, invisible
characters in keys) is refused with its place. Hostile text gives problems and nothing else: size and depth are bounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import yaml

from policies import messages
from policies.diagnose import diagnose
from policies.model import Mark, fold
from policies.problem import Report, say

LARGEST = 1024 * 1024
"""Bytes of UTF-8."""
DEEPEST = 20
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Controls, lone surrogates, line breaks that editors hide, and marks that turn the reading direction round."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text."""

    text: str
    mark: Mark
    plain: bool = True
    """Whether it stands without quotes."""

    @property
    def blank(self) -> bool:
        """Whether nothing is written there."""
        return self.plain and not self.text


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Node", ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys with values; no key twice."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something already reported; readers pass over it in silence."""

    mark: Mark


type Node = Scalar | Items | Entries | Unusable


def canonical(text: str) -> str:
    """Return the text without byte order mark and with newlines only, as it is digested and counted."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def read_source(text: str, report: Report) -> Node:
    """Return the root of one YAML document; raises `PolicyError` if it cannot be read at all."""
    text = canonical(text)
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        report.add(Mark(), messages.TOO_LARGE)
        report.stop()
    _refuse_characters(text, report)
    try:
        root = _Builder(yaml.parse(text, Loader=LOADER), report).document()
    except yaml.MarkedYAMLError as error:
        diagnose(error, text.split("\n"), report)
        report.stop()
        raise AssertionError("a syntax error was not reported") from error
    except (yaml.YAMLError, ValueError):  # escapes of impossible characters, in the parser that is written in Python
        report.add(Mark(), messages.BAD_YAML, messages.QUOTE_IT)
        report.stop()
        raise
    if any(problem.message == messages.WIDE_SPACE for problem in report.problems):
        report.stop()  # what such a line belongs to is not what its author sees
    return root


def _refuse_characters(text: str, report: Report) -> None:
    """Report tabs, and what must not stand in any text."""
    fatal = False
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line:
            fatal |= not line[: line.index("\t")].strip()
            report.add(Mark(number, line.index("\t") + 1), messages.TAB, messages.USE_SPACE)
        bad = FORBIDDEN.search(line)
        if bad:
            fatal = True
            code = f"U+{ord(bad.group()):04X}"
            report.add(Mark(number, bad.start() + 1), say(messages.BAD_CHARACTER, code=code), messages.REMOVE_IT)
    if fatal:
        report.stop()


class _Builder:
    """Makes nodes of the parser's events."""

    def __init__(self, events: Iterator[yaml.Event], report: Report) -> None:
        self._events = events
        self._report = report

    def document(self) -> Node:
        root: Node = Unusable(Mark())
        begun = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if begun:
                    self._report.add(_mark(event), messages.SECOND_DOCUMENT, messages.REMOVE_IT)
                    break
                begun, root = True, self._node(next(self._events), 1)
        if not begun:
            self._report.add(Mark(), messages.EMPTY_FILE)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        mark = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            self._report.add(mark, messages.ANCHOR, messages.WRITE_OUT)
            return Unusable(mark)
        if getattr(event, "anchor", None) is not None:
            self._report.add(mark, messages.ANCHOR, messages.WRITE_OUT)
        if getattr(event, "tag", None) is not None:
            self._report.add(mark, messages.TAG, messages.REMOVE_IT)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, mark, plain=not event.style)
        if depth > DEEPEST:
            self._report.add(mark, messages.TOO_DEEP)
            self._report.stop()
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._children(yaml.SequenceEndEvent, depth)), mark)
        return self._entries(mark, depth)

    def _children(self, end: type[yaml.Event], depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield self._node(event, depth + 1)

    def _entries(self, mark: Mark, depth: int) -> Node:
        children = self._children(yaml.MappingEndEvent, depth)
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children, children, strict=True):
            if not isinstance(key, Scalar):
                self._report.add(key.mark, messages.BAD_KEY)
            elif key.plain and key.text == "<<":
                self._report.add(key.mark, messages.MERGE, messages.WRITE_OUT)
            elif fold(key.text) in entries:
                self._twice(key, entries[fold(key.text)][0])
            else:
                entries[fold(key.text)] = (self._clean(key), value)
        return Entries(tuple(entries.values()), mark)

    def _twice(self, key: Scalar, first: Scalar) -> None:
        message = messages.TWICE if key.text == first.text else messages.TWICE_ALIKE
        self._report.add(key.mark, say(message, word=key.text, line=str(first.mark.line)), messages.REMOVE_IT)

    def _clean(self, key: Scalar) -> Scalar:
        """Return the key without what a reader cannot see, which is reported."""
        hidden = next((each for each in key.text if not each.isprintable() and each != "\u3000"), "")
        if hidden:
            code = f"U+{ord(hidden):04X}"
            self._report.add(key.mark, say(messages.INVISIBLE, code=code, word=key.text), messages.RETYPE)
        elif key.text.strip("\u3000") != key.text:
            self._report.add(key.mark, messages.WIDE_SPACE, messages.USE_SPACE)
        seen = "".join(each for each in key.text if each.isprintable()).strip("\u3000")
        return replace(key, text=seen)


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark() if start is None else Mark(start.line + 1, start.column + 1)
