"""What `sluice scan` shows a person at a terminal: the lines with what was found in them, in colour.

Enters: what came of each text. Leaves: styled lines. What stands in a file is shown and never obeyed: control
characters are written out. Values are masked before they come here, unless they were asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from detectors.decode_text import UTF8
from detectors.entities import ENTITIES
from policies import decision
from proxy.cli.common import clean_line
from proxy.cli.reasons import because
from proxy.cli.scan_forms import plain
from proxy.cli.scan_look import Looked, Row, Sight

STRONG: Final = 0.8
MIDDLING: Final = 0.5
NOT_LOOKED_FOR: Final = decision.Text("could not be looked for", "无法检测")
NOT_LOOKED_INTO: Final = decision.Text("not looked into", "未能检查")
UNKNOWN: Final = decision.Text("{} unknown, which is not the same as clean", "{} 个不确定，不等于没有问题")
NO_TEXT: Final = decision.Text("{} left out because they are no text", "{} 个不是文本，已略过")
LINKS: Final = decision.Text("{} left out because they are links or devices", "{} 个是链接或设备，已略过")
GUESSED: Final = decision.Text("{} not in UTF-8", "{} 个不是 UTF-8")


@dataclass(slots=True)
class Sum:
    """What came of all texts, counted."""

    files: int = 0
    """Looked into."""
    with_findings: int = 0
    findings: int = 0
    unknown: int = 0
    """Files that could not be looked into, not for everything, or not all of them; folders that could not be listed."""
    binary: int = 0
    links: int = 0
    guessed: int = 0
    """Files that were read in an encoding that was guessed."""
    refused: int = 0
    """Files that were named themselves and could not be looked into."""
    hit: bool = False
    """Whether the file that is being told has findings; it is told part by part."""

    def add(self, looked: Looked) -> None:
        """Count one text."""
        self.files += not looked.inner and (looked.partly or not looked.failed)
        before = looked.inner and self.hit
        self.hit = before or bool(looked.sights)
        self.with_findings += self.hit and not before
        self.findings += len(looked.sights)
        self.binary += looked.left_out
        self.unknown += looked.unsure and not looked.left_out
        self.guessed += looked.encoding != UTF8
        self.refused += looked.named and looked.failed and not looked.partly

    def line(self, language: str = "en") -> str:
        """Return it as one line."""
        counts = (
            (self.unknown, UNKNOWN),
            (self.binary, NO_TEXT),
            (self.links, LINKS),
            (self.guessed, GUESSED),
        )
        told = [text.in_language(language).format(count) for count, text in counts if count]
        if language == "zh":
            found = f"在 {self.with_findings} 个中发现 {self.findings} 处" if self.findings else "没有发现"
            return "；".join([f"检查了 {self.files} 个文件，{found}", *told])
        found = f"{_number(self.findings, 'finding')}" + (f" in {self.with_findings}" if self.findings else "")
        return "; ".join([f"{_number(self.files, 'file')} looked into", found, *told])


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def view(looked: Looked, language: str, explain: bool = False) -> Iterator[Text]:
    """Give a file with its findings; nothing for one without."""
    if looked.left_out or not (looked.sights or looked.unsure):
        return
    head = Text(plain(looked.name), style="bold underline")
    if looked.encoding != UTF8 and not looked.failed:
        head.append(f"  {looked.encoding}", style="not bold not underline dim")
    yield head
    width = len(str(max((row.line for row in looked.rows), default=0))) + 2
    for row in looked.rows:
        yield _line(row, looked.sights, width)
        for number in _ending(row, looked.sights):
            yield _told(looked.sights[number], language, explain, width)
    for entity in sorted(looked.unknown):
        yield Text(f"  {entity}: {NOT_LOOKED_FOR.in_language(language)}", style="bold magenta")
    for one in looked.closed:
        yield Text(f"  {one.line}:{one.column}: {one.told.in_language(language)}", style="bold magenta")
    if looked.failed:
        told = NOT_LOOKED_INTO.in_language(language)
        yield Text(f"  {told}: {looked.problem.in_language(language)}", style="bold magenta")
    yield Text()


def _line(row: Row, sights: Sequence[Sight], width: int) -> Text:
    line = Text.assemble((f"{row.line:>{width}} │ ", "dim"))
    for piece in row.pieces:
        best = max((sights[number].finding.score for number in piece.sights), default=0.0)
        style = f"{colour(best)} reverse" if piece.sights else "dim" if piece.inside else ""
        line.append(clean_line(piece.text.replace("\t", "  ")), style=style)
    return line


def _ending(row: Row, sights: Sequence[Sight]) -> list[int]:
    """Return the findings that begin in this line."""
    return sorted({number for piece in row.pieces for number in piece.sights if sights[number].line == row.line})


def _told(sight: Sight, language: str, explain: bool, width: int) -> Text:
    one = sight.finding
    line = Text.assemble((f"{'':>{width}} │ ", "dim"), f"{sight.column}: ", (one.entity, f"bold {colour(one.score)}"))
    if one.entity in ENTITIES:
        name = ENTITIES[one.entity]
        line.append(f" {name.zh if language == 'zh' else name.en}")
    line.append(f"  {one.score:.2f} {one.detector}", style="dim")
    if explain:
        line.append(f"  {because(one, language)}", style="italic")
    return line


def colour(score: float) -> str:
    """Return the colour of a finding: the surer, the warmer."""
    return "red" if score >= STRONG else "yellow" if score >= MIDDLING else "cyan"
