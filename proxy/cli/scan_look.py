"""One text → what `sluice scan` tells of it, ready for every form of output.

Enters: a text. Leaves: findings with line and column, and the lines around them with every value masked, unless values
were asked for. A text that could not be read is unknown, never clean.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from detectors.decode_text import UTF8
from detectors.find import Finder
from detectors.interface import Finding, Scan
from policies.decision import Text
from proxy.errors import of_the_system

MASK: Final = "█"
MOST_MASK: Final = 24
AROUND: Final = 60
"""Characters of a long line that are shown on each side of a finding."""
MOST_LINES: Final = 6
"""Lines of a finding over several lines that are shown."""

NONE: Final = Text()
NO_TEXT: Final = Text("it is no text", "不是文本文件")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of every text."""

    wanted: frozenset[str]
    least: float = 0.0
    """The lowest score that is told."""
    floors: Mapping[str, float] = field(default_factory=dict)
    """The same of single entities, as the policy's data classes ask for it."""
    show: bool = False
    """Whether values may be told."""
    lines: bool = False
    """Whether the lines around findings are wanted."""
    most: int = 0
    """The largest file that is looked into, in bytes; nought for any."""
    encoding: str = ""
    """What files are written in, where it need not be guessed."""
    ocr: bool = False
    """Whether pictures are read."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A finding and where a person looks for it."""

    finding: Finding
    line: int
    column: int
    end_line: int
    end_column: int
    value: str = field(default="", repr=False)
    """Only where values were asked for."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A stretch of a text that nobody can read, and where a person looks for it."""

    start: int
    end: int
    line: int
    column: int

    @property
    def told(self) -> Text:
        """What is said of it."""
        count = self.end - self.start
        return Text(
            f"could not be read: {count} characters are encrypted, packed or noise",
            f"无法读取：{count} 个字符已加密、打包或为杂乱数据",
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: outside of all findings, or inside of some."""

    text: str = field(repr=False)
    inside: bool = False
    sights: tuple[int, ...] = ()
    """Numbers of the findings it belongs to; none of those that are not told."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with findings in it, cut to what is near them."""

    line: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one text."""

    name: str
    sights: tuple[Sight, ...] = ()
    unknown: frozenset[str] = frozenset()
    closed: tuple[Closed, ...] = ()
    """What stands in it and could not be read."""
    rows: tuple[Row, ...] = ()
    encoding: str = UTF8
    problem: Text = NONE
    """Why it, or some of it, could not be looked into; empty where it was."""
    partly: bool = False
    """Whether the problem is that of some bytes only; the rest was looked into."""
    binary: bool = False
    """Whether the problem is that it is no text."""
    named: bool = False
    """Whether it was named itself, not found in a folder."""
    inner: bool = False
    """Whether it is a further part of a file of which a part was told before."""

    @property
    def failed(self) -> bool:
        """Whether it, or some of it, could not be looked into."""
        return bool(self.problem.en)

    @property
    def unsure(self) -> bool:
        """Whether something in it is not known: no finding there does not mean that nothing is there."""
        return bool(self.unknown or self.closed or self.failed)

    @property
    def left_out(self) -> bool:
        """Whether it is a picture, an archive or a program in a folder: counted, and not told one by one."""
        return self.binary and not self.named


Mark = tuple[int, int, int | None]
"""Start and end of a finding in a line, and its number where it is told."""


class Lines:
    """From offsets to lines and columns, both from 1."""

    def __init__(self, text: str) -> None:
        """Take the text; a line ends with a line feed."""
        self.starts = [0]
        while place := text.find("\n", self.starts[-1]) + 1:
            self.starts.append(place)

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def look(finder: Finder, wish: Wish, name: str, text: str, encoding: str = UTF8) -> Looked:
    """Return what is found in a text."""
    return seen(wish, name, text, finder.find(text, wish.wanted), encoding)


def seen(wish: Wish, name: str, text: str, scan: Scan, encoding: str = UTF8) -> Looked:
    """Return what is told of a scan."""
    lines = Lines(text) if scan.findings or scan.opaque else None
    sights = []
    for finding in scan.findings:
        if lines is not None and finding.score >= max(wish.least, wish.floors.get(finding.entity, 0.0)):
            start, end = lines.place(finding.start), lines.place(finding.end)
            value = text[finding.start : finding.end] if wish.show else ""
            sights.append(Sight(finding, *start, *end, value))
    rows = tuple(_rows(text, lines, scan, sights, wish.show)) if wish.lines and lines and sights else ()
    closed = tuple(Closed(start, end, *lines.place(start)) for start, end in scan.opaque) if lines else ()
    return Looked(name, tuple(sights), scan.unknown, closed, rows, encoding)


def too_large(size: str) -> Text:
    """Say that a file is too large."""
    return Text(f"it has {size}, more than --max-size allows", f"大小为 {size}，超过 --max-size 的限制")


def unreadable(reason: str) -> Text:
    """Say that a file cannot be read."""
    return Text(f"it cannot be read: {reason}", f"无法读取：{of_the_system(reason)}")


def unlisted(reason: str) -> Text:
    """Say that a folder cannot be listed."""
    return Text(f"it cannot be listed: {reason}", f"无法列出目录：{of_the_system(reason)}")


def not_in(encoding: str) -> Text:
    """Say that a file is not written in `encoding`, or in none that can be told."""
    if encoding:
        return Text(f"it is not in {encoding}", f"不是 {encoding} 编码")
    return Text("its encoding cannot be told; name it with --encoding", "无法判断编码，请用 --encoding 指定")


def lost(count: int, encoding: str) -> Text:
    """Say that some bytes of a text are no characters."""
    what = "1 byte of it, which is" if count == 1 else f"{count} bytes of it, which are"
    return Text(
        f"{what} no character in {encoding}; all the rest was",
        f"其中 {count} 个字节不是 {encoding} 字符；其余内容已检查",
    )


def no_text_but_called_so() -> Text:
    """Say that what a text file should be holds something else."""
    return Text(
        "its name is that of a text, but it holds zero bytes or is a program; name its encoding with --encoding",
        "文件名像文本，但含有零字节或是程序；可用 --encoding 指定编码",
    )


def _rows(text: str, lines: Lines, scan: Scan, sights: list[Sight], show: bool) -> Iterator[Row]:
    """Yield the lines that told findings stand in; all findings are masked in them, told or not."""
    numbers = {sight.finding: number for number, sight in enumerate(sights)}
    marks: dict[int, list[Mark]] = {line: [] for sight in sights for line in _span(sight)}
    for one in scan.findings:
        for line in range(lines.place(one.start)[0], lines.place(one.end - 1)[0] + 1):
            if line in marks:
                marks[line].append((one.start, one.end, numbers.get(one)))
    starts = [*lines.starts, len(text) + 1]
    for line in sorted(marks):
        first, last = starts[line - 1], starts[line] - 1
        inside = [(max(start, first), min(end, last), number) for start, end, number in marks[line]]
        yield Row(line, tuple(_pieces(text, first, last, inside, show)))


def _span(sight: Sight) -> Iterable[int]:
    return range(sight.line, min(sight.end_line + 1, sight.line + MOST_LINES))


def _pieces(text: str, first: int, last: int, marks: list[Mark], show: bool) -> Iterator[Piece]:
    """Cut a line where findings begin and end, and leave out what is far from all of them."""
    cuts = sorted({first, last, *(place for start, end, _ in marks for place in (start, end))})
    for start, end in pairwise(cuts):
        inside = [number for one, other, number in marks if one <= start and end <= other]
        stretch = text[start:end]
        if not inside:
            yield Piece(_near(stretch.rstrip("\r"), at_begin=start == first, at_end=end == last))
        else:
            masked = stretch if show else MASK * min(len(stretch), MOST_MASK)
            yield Piece(masked, True, tuple(number for number in inside if number is not None))


def _near(stretch: str, *, at_begin: bool, at_end: bool) -> str:
    if at_begin and at_end:
        return stretch[: 2 * AROUND] + ("…" if len(stretch) > 2 * AROUND else "")
    if at_begin:
        return stretch if len(stretch) <= AROUND else "…" + stretch[-AROUND:]
    if at_end:
        return stretch if len(stretch) <= AROUND else stretch[:AROUND] + "…"
    return stretch if len(stretch) <= 2 * AROUND else f"{stretch[:AROUND]} … {stretch[-AROUND:]}"
