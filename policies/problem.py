"""What is wrong in a policy, where, and what to write instead, in English and Chinese.

Values and their rendering; nothing is read here. A problem shows the line it stands in, so that a reader needs no other
tool; characters that a terminal would obey or hide are never shown as they are.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from detectors.entities import meant_by
from policies.decision import Text
from policies.model import Mark, fold
from policies.words import alias, in_chinese

MOST_PROBLEMS = 200
"""After so many, reading stops: the file is something else than a policy."""
SHOWN = 110
"""Longest piece of a source line that is shown."""
WORD_SHOWN = 60


KEY = re.compile("‹([^‹›]*)›")
"""In a message: words of the language, to be shown as the file writes them."""
WORD = re.compile("[A-Za-z0-9_]+")


class PolicyError(Exception):
    """The policy cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: Iterable["Problem"]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return self.render()

    def render(self, language: str = "en") -> str:
        """Return all problems for people, in `en` or `zh`."""
        return "\n".join(problem.render(language) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in code points."""
    message: Text
    """What is wrong."""
    hint: Text = field(default_factory=Text)
    """What to write instead; may be empty."""
    source: str = field(default="", repr=False)
    """The line it stands in; may hold the company's terms."""

    def render(self, language: str = "en") -> str:
        """Return `file:line:column: message`, the line with a caret under the place, and the hint."""
        rendered = [f"{self.file}:{self.line}:{self.column}: {self.message.in_language(language)}"]
        if self.source.strip():
            first = max(0, self.column - 1 - SHOWN // 2)
            shown = self.source[first : first + SHOWN]
            before = shown[: self.column - 1 - first]
            rendered += ["    " + "".join(map(_visible, shown)), "    " + "".join(map(_blank, before)) + "^"]
        hint = self.hint.in_language(language)
        return "\n".join([*rendered, f"    {hint}"] if hint else rendered)


class Report:
    """Collects the problems of one source."""

    def __init__(self, file: str, source: str, more: Iterable[tuple[str, str]] = ()) -> None:
        """`more` are name and text of the other files, where a policy is a folder of them."""
        self.file = file
        self.problems: list[Problem] = []
        texts = {"": source, file: source, **dict(more)}
        self._lines = {name: text.split("\n") for name, text in texts.items()}
        self._chinese = {name: in_chinese(text) for name, text in texts.items()}

    def add(self, mark: Mark, message: Text, hint: Text | None = None) -> None:
        """Note a problem; raises `PolicyError` when there are too many to be worth reading on."""
        self.note(self.problem(mark, message, hint))

    def problem(self, mark: Mark, message: Text, hint: Text | None = None) -> Problem:
        """Return a problem with the line it stands in, without noting it."""
        lines = self._lines.get(mark.file, [])
        line = lines[mark.line - 1] if mark.line <= len(lines) else ""
        chinese = self._chinese.get(mark.file, False)
        told, advice = (as_written(each, chinese) for each in (message, hint or Text()))
        return Problem(mark.file or self.file, mark.line, mark.column, told, advice, line)

    def note(self, problem: Problem) -> None:
        """Note a problem of another file; raises as `add` does."""
        self.problems.append(problem)
        if len(self.problems) >= MOST_PROBLEMS:
            self.stop()

    def stop(self) -> None:
        """Raise `PolicyError` if there is any problem."""
        if self.problems:
            raise PolicyError(
                sorted(self.problems, key=lambda each: (each.file != self.file, each.file, each.line, each.column))
            )


def say(template: Text, **parts: str | Text) -> Text:
    """Fill the template's places in both languages; what comes from a file is made visible and cut to length."""
    texts = {key: part if isinstance(part, Text) else Text(clip(part), clip(part)) for key, part in parts.items()}
    en = template.en.format(**{key: text.in_language("en") for key, text in texts.items()})
    return Text(
        en[:1].upper() + en[1:],
        template.zh.format(**{key: text.in_language("zh") for key, text in texts.items()}),
    )


def key_of(word: str) -> str:
    """Return a word of the language so that a message shows it as the file writes its keys, in Chinese or English."""
    return f"‹{word}›"


def keys_of(words: Iterable[str]) -> Text:
    """Return several words of the language, or entities, likewise."""
    marked = [key_of(word) for word in words]
    return Text(", ".join(marked), "、".join(marked))


def as_written(told: Text, chinese: bool = False) -> Text:
    """Return the text with the words of the language as a file has them."""
    return Text(*(KEY.sub(lambda found: _as_in_file(found[1], chinese), each) for each in (told.en, told.zh)))


def _as_in_file(words: str, chinese: bool) -> str:
    return WORD.sub(lambda found: alias(found[0]), words) if chinese else words


def clip(word: str) -> str:
    """Return a word from a file fit to be shown: no line breaks, nothing invisible, not endless."""
    shown = "".join(each if each.isprintable() else f"<U+{ord(each):04X}>" for each in word[:WORD_SHOWN])
    return shown + ("…" if len(word) > WORD_SHOWN else "")


def nearest(word: str, choices: Iterable[str], likeness: float = 0.6) -> str:
    """Return the choice that looks most like `word`, or an empty string; their order means nothing."""
    choices = list(choices)
    if (meant := meant_by(word)) in choices:  # PHONE looks like no entity, and everybody knows what it means
        return meant
    if not word.isascii() and (held := [choice for choice in choices if word in choice]):
        return held[0]  # 身份证 means 居民身份证号 before another country's
    by_fold = {fold(choice): choice for choice in sorted(choices, reverse=True)}
    near = difflib.get_close_matches(fold(word[:WORD_SHOWN]), sorted(by_fold), n=1, cutoff=likeness)
    return by_fold[near[0]] if near else ""


def _visible(character: str) -> str:
    if character == "\t":
        return "→"
    return character if character.isprintable() or character == "\u3000" else "\ufffd"


def _blank(character: str) -> str:
    """Return as many blanks as a terminal gives the character."""
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
