"""Markings by which a company says how confidential something is.

Enters: labels as the policy names them, then texts; a property of a file, its header and footer are texts of their own.
Leaves: where a marking stands. Pure. A label is an ordinary word too (机密, Confidential): it counts where it stands as
a marking does, after a cue, in brackets, or on a line of its own, and not in the midst of a sentence.
"""

import re
from collections.abc import Sequence
from typing import Final

from detectors.allowance import spend
from detectors.company.tokens import plain
from detectors.interface import DetectorError, Finding
from detectors.normalise import normalise
from detectors.reading import read_text
from detectors.rulebook import ENTITY_NAME
from detectors.titles import listed, title_behind

CUE: Final = re.compile(
    r"(?:密级标识|密级|保密级别|保密等级|涉密等级|涉密级别|定密|保密期限|文件级别|信息分类|信息分级|数据分级|数据级别|安全级别|敏感级别|分类分级"
    r"|(?:document |data |information |security )?(?:classification|classified|sensitivity|confidentiality)"
    r"(?: (?:label|level|marking))?|security level|protective marking|marking|label|tlp)"
    r"\s*(?:[:=]|为|是|as\b|is\b|-)\s*[\"'“‘【《\[(<]*\s*$"
)
"""Before a label, in a folded text: whoever writes this says how confidential something is."""
OPENED: Final = "【[(（《<〔「『"
CLOSED: Final = "】])）》>〕」』"
DECORATION: Final = re.compile(r"[\s*=_~#>|·•★☆◆■□●—–\-]*")
DURATION: Final = re.compile(r"\s*[★☆]\s*(?:\d{1,2}\s*(?:年|个月)|长期|启封|解密|$)?")
"""After a label: the national marking, as 机密★10年."""
HEADING: Final = re.compile(
    r"\s*(?:[-–—|·•/:,;]{1,2}\s*)?(?:注意保存|严禁外传|请勿外传|不得外传|请勿转发|do not|not for|for internal"
    r"|internal use)"
)
"""After a label: what must not be done with the paper. Beside it, a title makes it a marking, see `titles`."""
LONGEST_HEADING: Final = 60
BEFORE: Final = 60
BEHIND: Final = 200
"""Characters on either side of a label that are looked at: a line may be the whole text."""
SCORES: Final = {"cue": 0.95, "marking": 0.95, "brackets": 0.85, "line": 0.85, "heading": 0.7}


class Labels:
    """A detector made of a list of labels."""

    def __init__(self, name: str, entity: str, labels: Sequence[str]) -> None:
        """Take the list's name, the entity its labels are, and the labels; raises `DetectorError` for unusable ones."""
        folded = {plain(normalise(label).text).strip() for label in labels}
        if not ENTITY_NAME.fullmatch(entity) or not all(len(one) > 1 for one in folded):
            raise DetectorError(f"{name}: labels have two characters at least, and an entity of capital letters")
        self._name, self._entity = name, entity
        longest_first = sorted(folded, key=lambda one: (-len(one), one))
        self._labels = re.compile("|".join(_pattern(one) for one in longest_first) or "(?!)")

    @property
    def name(self) -> str:
        """Name of the list."""
        return self._name

    @property
    def entities(self) -> frozenset[str]:
        """The one entity of the list."""
        return frozenset({self._entity})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return where labels stand as markings."""
        if self._entity not in entities:
            return ()
        view = read_text(text).view
        folded = plain(view.text)
        findings = []
        for found in self._labels.finditer(folded):
            spend()
            how = _stands(folded, found.start(), found.end())
            if how:
                start, end = view.span(found.start(), found.end())
                findings.append(Finding(start, end, self._entity, SCORES[how], self._name, (f"label:{how}",)))
        return tuple(findings)


def _pattern(label: str) -> str:
    body = r"\s+".join(map(re.escape, label.split()))
    first = r"(?<![a-z0-9])" if label[0].isascii() and label[0].isalnum() else ""
    return first + body + (r"(?![a-z0-9])" if label[-1].isascii() and label[-1].isalnum() else "")


def _stands(text: str, start: int, end: int) -> str:
    """Return in what way a word stands as a marking; an empty string where it is a word like others."""
    stop = text.find("\n", end, end + BEHIND)
    after = text[end : end + BEHIND if stop < 0 else stop]
    before = text[max(0, start - BEFORE) : start].rpartition("\n")[2]
    if CUE.search(before):
        return "cue"
    if DURATION.match(after):
        return "marking"
    if before and after and before[-1] in OPENED and after[0] == CLOSED[OPENED.index(before[-1])]:
        return "brackets"
    if len(before) + len(after) > LONGEST_HEADING:
        return ""
    begin = text.rfind("\n", 0, start) + 1  # of a line only once: what follows the label is all but over
    if not DECORATION.fullmatch(text, begin, start):
        return ""
    if DECORATION.fullmatch(after):
        return "line"
    titled = title_behind(text, end) and not listed(text, start, end)
    return "heading" if titled or HEADING.match(after) else ""
