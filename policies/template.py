"""A policy of one's own, made of a shipped one and a few answers.

Enters: the text of a template, and answers. Leaves: the questions it has, and the text with the answers in their
places; comments and everything else stay. Pure. An answer is written as a quoted YAML string, so that nothing anybody
types can become another key.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from policies.decision import Text
from policies.problem import Report
from policies.source import Entries, Node, Scalar, canonical, read_source
from policies.words import canonical as english

HEAD: Final = ("policy", "owner", "effective", "time_zone", "version")
SECTIONS: Final = (*HEAD, "review", "hours")
REVIEW: Final = ("every", "last")
WINDOW: Final = ("days", "from", "to")


@dataclass(frozen=True, slots=True)
class Question:
    """Something that whoever begins a policy is asked."""

    key: str
    """`name`, `owner`, `effective`, `zone`, `reviewed`, `opens` or `closes`."""
    asked: Text
    usual: str
    """What the template says."""
    scalar: Scalar
    """Where the answer goes."""


ASKED: Final = {
    "name": Text("Name of the policy", "政策名称"),
    "owner": Text("Whom people turn to with questions", "员工有疑问时找谁"),
    "effective": Text("First day on which it holds, as 2026-12-01", "从哪一天起生效，如 2026-12-01"),
    "zone": Text("Time zone, as Asia/Shanghai", "时区，如 Asia/Shanghai"),
    "reviewed": Text("When it was last reviewed, as 2026-11-20", "上次复审的日期，如 2026-11-20"),
    "opens": Text("Working hours begin at", "上班时间"),
    "closes": Text("Working hours end at", "下班时间"),
}
PLACES: Final = {"policy": "name", "owner": "owner", "effective": "effective", "time_zone": "zone"}
INSIDE: Final = (("reviewed", "last"), ("opens", "from"), ("closes", "to"))
"""Questions about what stands further in, and their keys there."""


def questions(template: str) -> tuple[Question, ...]:
    """Return what the template leaves to whoever begins with it; raises `PolicyError` for what is no policy."""
    body = canonical(template)
    report = Report("", body)
    root = read_source(body, report)
    report.stop()
    found = dict(_fields(root, SECTIONS))
    asked = [(PLACES[word], found[word]) for word in PLACES if word in found]
    hours = found.get("hours")
    first = hours.entries[0][1] if isinstance(hours, Entries) and hours.entries else None
    inside = dict(_fields(found.get("review"), REVIEW)) | dict(_fields(first, WINDOW))
    asked += [(key, inside[word]) for key, word in INSIDE if word in inside]
    return tuple(Question(key, ASKED[key], node.text, node) for key, node in asked if isinstance(node, Scalar))


def fill(template: str, answers: Mapping[str, str]) -> str:
    """Return the template with the answers, by the keys of its questions; others stay as the template has them."""
    lines = canonical(template).split("\n")
    changes = [(each, answers[each.key]) for each in questions(template) if each.key in answers]
    for question, answer in sorted(changes, key=lambda each: each[0].scalar.mark, reverse=True):
        if answer != question.usual:
            _write(lines, question.scalar, json.dumps(answer, ensure_ascii=False))  # JSON strings are YAML strings
    return "\n".join(lines)


def _write(lines: list[str], scalar: Scalar, written: str) -> None:
    line, start = lines[scalar.mark.line - 1], scalar.mark.column - 1
    end = start + len(scalar.text) + (0 if scalar.plain else 2)
    inside = line[start:end] if scalar.plain else line[start + 1 : end - 1]
    if inside == scalar.text:
        lines[scalar.mark.line - 1] = line[:start] + written + line[end:]


def _fields(node: Node | None, keys: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Entries):
        yield from ((english(key.text, keys), value) for key, value in node.entries)
