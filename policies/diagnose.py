"""Why YAML's parser gave up, in words of a policy.

Enters: the parser's error and the lines. Leaves: problems in a `Report`, at least one. Many broken policies were typed
with a Chinese input method, whose colons and spaces YAML does not know; the parser complains of them one line too late.
"""

import re

import yaml

from policies import messages
from policies.decision import Text
from policies.model import Mark
from policies.problem import Report, say

WORD = r"""^\s*(?:-\s+)*([^\s"'#：:{\[][^"'#：:]*"""
WIDE_COLON = re.compile(WORD + "：)")
WIDE_COLON_AFTER_KEYWORD = re.compile(r"^\s*(?:-\s+)*[a-z_]+：")
WIDE_SPACE_AFTER_COLON = re.compile(WORD + ":)\u3000")
GLUED_COLON = re.compile(WORD + r":)[^\s/]")
WIDE_COMMA_BEFORE_KEY = re.compile(r"[，、]\s*[^\s\"',:：，、{}\[\]]+(?:：|:\s)")
WIDE_INDENT = re.compile("[ \u3000]*\u3000")


def diagnose(error: yaml.MarkedYAMLError, lines: list[str], report: Report) -> None:
    """Report what is wrong at or just before the place where the parser stopped."""
    at, opened = _place(error.problem_mark, lines), _place(error.context_mark, lines)
    if any(each.line in (at.line, at.line - 1) for each in report.problems):
        return  # a tab there has been reported, and is the reason
    near = [number for number in sorted({at.line - 1, at.line, opened.line}) if 1 <= number <= len(lines)]
    flow = "flow" in (error.context or "")
    if _wide_indents(near, lines, report) or (flow and _wide_comma(opened, at, lines, report)):
        return
    if not _colons(near, lines, report):
        report.add(*_sort(error.problem or "", error.context or "", at, opened))


def _wide_indents(near: list[int], lines: list[str], report: Report) -> bool:
    indented = [number for number in near if WIDE_INDENT.match(lines[number - 1]) and lines[number - 1].strip()]
    for number in indented:
        report.add(Mark(number, lines[number - 1].index("\u3000") + 1), messages.WIDE_SPACE, messages.USE_SPACE)
    return bool(indented)


def _wide_comma(opened: Mark, at: Mark, lines: list[str], report: Report) -> bool:
    """Report a full-width comma meant to part the entries of a list or mapping in brackets."""
    places = [at] if lines[at.line - 1][at.column - 1 : at.column] in ("，", "、") else []
    for number in range(opened.line, at.line + 1):
        match = WIDE_COMMA_BEFORE_KEY.search(lines[number - 1], opened.column if number == opened.line else 0)
        places += [Mark(number, match.start() + 1)] if match else []
    for place in places[:1]:
        report.add(place, messages.WIDE_COMMA_BETWEEN, messages.USE_COMMA)
    return bool(places)


def _colons(near: list[int], lines: list[str], report: Report) -> bool:
    """Report colons that YAML does not take for colons: near the place, and after each word that looks like a key."""
    found = False
    for number, line in enumerate(lines, start=1):
        wide = WIDE_COLON.match(line) if number in near or WIDE_COLON_AFTER_KEYWORD.match(line) else None
        spaced = WIDE_SPACE_AFTER_COLON.match(line) if number in near else None
        match, message = (wide, messages.WIDE_COLON) if wide else (spaced, messages.WIDE_SPACE_AFTER)
        if match:
            found = True
            report.add(Mark(number, match.end(1)), say(message, word=line.strip()), messages.USE_COLON)
    if found:
        return True
    for number in near:
        match = GLUED_COLON.match(lines[number - 1])
        if match:
            found = True
            message = say(messages.GLUED_COLON, word=lines[number - 1].strip())
            report.add(Mark(number, match.end(1)), message, messages.USE_COLON)
    return found


def _sort(problem: str, context: str, at: Mark, opened: Mark) -> tuple[Mark, Text, Text]:
    """Tell the kind of a syntax error from the parser's words, which are much the same in both of PyYAML's parsers."""
    if "mapping values are not allowed" in problem:
        return at, messages.BAD_INDENT, messages.QUOTE_IT
    if "could not find expected ':'" in problem:
        return opened, messages.NO_COLON, messages.USE_COLON
    if "flow" in context or ("quoted scalar" in context and "end of stream" in problem):
        return opened, messages.NOT_CLOSED, messages.CLOSE_IT
    if "cannot start any token" in problem:
        return at, messages.BAD_START, messages.QUOTE_START
    return at, messages.BAD_YAML, messages.QUOTE_IT


def _place(mark: yaml.Mark | None, lines: list[str]) -> Mark:
    if mark is None:
        return Mark()
    return Mark(min(mark.line + 1, len(lines)), mark.column + 1)
