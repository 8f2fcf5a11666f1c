"""Tables: what the heading of a column, or of a row, says of a cell.

Enters: the reading of a text. Leaves: each cell under a heading that tells, behind that heading, and the way back to
the cell. A table is a heading and the rows below it that the same sign parts; a blank line ends it. A cell in quotation
marks may hold line breaks (RFC 4180). A row of another length is read from both ends, and a few stray lines are passed
over: one slip must not blind the rest. Only what is a whole cell counts, so nothing reaches from one into the next.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.allowance import spend
from detectors.engine import Offsets, compiled
from detectors.headings import is_password, line
from detectors.reading import Reading, utf8
from detectors.typed import mixed_password, typed_password
from detectors.views.budget import Budget
from detectors.views.inserts import inserts, may_fill
from detectors.views.pieces import Piece, Pieces, Place
from detectors.views.signs import HEADINGS, seen

KIND: Final = "column"
TELLING: Final = (
    rf"{'|'.join(HEADINGS)}|pass|pwd|\bpw\b|secret|token|\bkey\b|api[ _-]?key|ssn|licen[cs]e"
    r"|\bnino\b|birth|\bdob\b|phone|mobile|\btel\b|account|card|iban|\bid\b|id_?n|identity|tax|wechat|\bqq\b|mima"
)
GATE: Final = compiled(
    rf"(?m:^)[^={{}}<>\[\]\\\n]*(?i:{TELLING})[^={{}}<>\[\]\\\n]*(?m:$)", "lines that may head tables"
)
HEADING: Final = re.compile(TELLING, re.IGNORECASE)
MARKS: Final = ("\t", "|", ",", ";", "，", "  ")
"""What parts cells, the surest first."""

CELL: Final = {
    mark: re.compile(
        rf"[ ]*+(?:\"((?:[^\"]|\"\"){{0,1000}}+)\"[ ]*+({re.escape(mark)}|\r?$)"
        rf"|((?:[^{mark}\n\\]++|\\[|]?)*+)({re.escape(mark)}|$))",
        re.MULTILINE,
    )
    for mark in MARKS[:-1]
}
GAP: Final = re.compile(r"\S+(?: \S+)*")
"""A cell of a table that blanks part."""

ELEMENT: Final = re.compile(r"<(/?)(table|tr|t[hd])(?:\s[^<>]{0,300})?>", re.IGNORECASE)
"""What tables of a page are made of."""
SHOWN: Final = re.compile(r"(?:\s|<[^<>]{0,200}>)*+([^<>]{0,256})")
"""The words of a cell of a page."""

RULE: Final = re.compile(r"[\s|+:=\-─┼]+")
"""A line drawn between heading and rows."""

BREAK: Final = re.compile(r"[\r\n\f]")
NAME: Final = re.compile(r"[\w\s\-./#()（）:：*`&?？]{0,40}")
"""What headings are written with; sentences and code have other signs, too."""

DRESS: Final = "*`~ "
"""What stands round a word in Markdown."""

MOST_CELLS: Final = 200
WORK: Final = 32 << 20
"""Characters that the cells of one text may make with their headings."""
LONGEST_LINE: Final = 8_000
LONGEST_CELL: Final = 256
MOST_STRAY: Final = 8
"""Lines in a row that may be none of the table's, within it."""

BOTH: Final = re.compile(
    r"(?i).{0,10}(?:账号|帐号|账户|用户名?|user(?:[ ]?name)?|login|account)\s*[/／、,&和及+]\s*"
    r"(?:密码|口令|pass(?:word|wd)?|pwd)"
)
"""A heading of accounts with their passwords."""
SECOND: Final = re.compile(r"[^\s/|,:、]+\s*[/|,:、 ]\s*(\S+)")

type Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Target:
    """Where cells go."""

    pieces: Pieces
    place: Callable[[int, int], tuple[int, int]]
    kinds: str
    budget: Budget


def columns(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the cells under telling headings in a text; `place` tells where a stretch of it stands."""
    text = reading.text
    may_hold = reading.made(seen)
    data = reading.made(utf8) if "headings" in may_hold else reading.skeleton
    offsets = Offsets(data, text)
    target = Target(pieces, place, kinds, Budget(WORK))
    done = 0
    for table in (
        *(pages(text) if "pages" in may_hold else ()),
        *(inserts(text, data) if "inserts" in may_hold and may_fill(reading) else ()),
    ):
        asked = [(at, name) for at, cell in enumerate(table[0]) if (name := told_by(text, cell))]
        under = [(name, [row[at] for row in table[1:] if at < len(row)]) for at, name in asked]
        if len(asked) < 2 and len(table[0]) == 2:
            under += (each for row in table for each in beside(text, row))
        for name, cells_there in under:
            add(text, [cell for one in cells_there if (cell := bare(text, one))], name, target)
    for found in GATE.finditer(data):
        start = offsets.character(found.start())
        if start < done:
            continue
        spend()
        before, done = max(done, opening(text, start)), line_end(text, start)
        mark = mark_of(text, start, done)
        if mark is None:
            continue
        if before == start and is_prose(text, start, done, mark):
            continue
        start = before
        cells, done = split(text, start, mark)
        heads = heading(text, cells, mark)
        asked = [(at, name) for at, cell in enumerate(cells) if heads and (name := told_by(text, cell))]
        rows = list(below(text, done, mark, len(cells))) if asked else []
        spend(len(rows))
        under = [(name, column(text, rows, at, len(cells), mark, name)) for at, name in asked]
        if rows:
            done = max(done, rows[-1][-1][1])
        else:
            under = beside(text, cells)
        for name, found_there in under:
            add(text, [cell for one in found_there if (cell := bare(text, one))], name, target)


def pages(text: str) -> Iterator[list[list[Cell]]]:
    """Yield the rows of each table that is written in HTML."""
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    start = -1
    for tag in ELEMENT.finditer(text):
        spend()
        if start >= 0 and len(row) < MOST_CELLS:
            row.append(shown(text, start, tag.start()))
        opens, name = not tag[1], tag[2].lower()
        start = tag.end() if opens and name in ("th", "td") else -1
        if name in ("tr", "table") and row:
            rows.append(row)
            row = []
        if name == "table" and rows:
            yield rows
            rows = []
    if start >= 0 and len(row) < MOST_CELLS:
        row.append(shown(text, start, len(text)))
    if row or rows:
        yield [*rows, row] if row else rows


def shown(text: str, start: int, end: int) -> Cell:
    """Return where the first words of a cell of a page stand."""
    found = SHOWN.match(text, start, end)
    first, last = found.span(1) if found else (start, start)
    return first, first + len(text[first:last].rstrip())


def beside(text: str, cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    """Return a row's heading and the one cell that stands beside it, where it is no heading itself."""
    filled = [cell for cell in cells if text[slice(*cell)].strip(DRESS)]
    if len(filled) != 2 or told_by(text, filled[1]):
        return []
    return [(name, filled[1:])] if (name := told_by(text, filled[0])) else []


def tells(words: str) -> bool:
    """Tell whether words may be a heading that tells."""
    return HEADING.search(words) is not None


def line_end(text: str, at: int) -> int:
    """Return where the line ends that `at` is in."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def mark_of(text: str, start: int, end: int) -> str | None:
    """Return the sign that parts the cells of a line; none where there is none."""
    return (
        next((mark for mark in MARKS if mark in text[start:end].strip(" ")), None)
        if end - start < LONGEST_LINE
        else None
    )


def opening(text: str, start: int) -> int:
    """Return where the line begins with which a heading does: one in quotation marks may have been broken."""
    end = line_end(text, start)
    if text.count('"', start, min(end, start + LONGEST_LINE)) % 2 == 0:
        return start
    quote = text.rfind('"', max(0, start - LONGEST_CELL), start)
    before = text[quote:start]
    if quote < 0 or "\n\n" in before or before.count('"') != 1:
        return start
    first = text.rfind("\n", max(0, quote - LONGEST_LINE), quote) + 1
    return first if text.count('"', first, start) % 2 else start


def is_prose(text: str, start: int, end: int, mark: str) -> bool:
    """Tell whether a line surely heads no table and no cell: it has three cells or more, one of them no name.

    Most lines that hold a telling word are sentences, and that is seen from how they begin. None of their quotation
    marks may begin a cell that goes on in the next line.
    """
    quote = text.rfind('"', start, end)
    before = text[start:quote].rstrip(" ") if quote >= 0 else "."
    if mark == MARKS[-1] or not before or before.endswith(mark) or text.find('""', start, end) >= 0:
        return False
    filled, names = 0, True
    for first, last, _ in each(text, start, mark):
        filled += bool(text[first:last].strip(DRESS))
        names = names and NAME.fullmatch(text, first, last) is not None
        if filled > 2 and not names:
            return True
    return False


def heading(text: str, cells: Sequence[Cell], mark: str) -> bool:
    """Tell whether cells may be those of a heading."""
    named = sum(start < end for start, end in cells)
    return named > (mark != "|") and all(NAME.fullmatch(text, *cell) for cell in cells)


def split(text: str, start: int, mark: str) -> tuple[list[Cell], int]:
    """Return where the cells of a row stand, without blanks and quotation marks round them, and where it ends."""
    if mark == MARKS[-1]:
        end = line_end(text, start)
        return [found.span() for found in GAP.finditer(text, start, end)], end
    cells: list[Cell] = []
    place = start
    for first, last, end in each(text, start, mark):
        cells.append((first, last))
        place = end
    return cells, line_end(text, place)


def each(text: str, start: int, mark: str) -> Iterator[tuple[int, int, int]]:
    """Yield where each cell of a row begins and ends, and where the next one begins."""
    place = start
    for _ in range(MOST_CELLS):
        cell = CELL[mark].match(text, place)
        if cell is None:
            return
        quoted = cell[1] is not None
        first, last = cell.span(1 if quoted else 3)
        while not quoted and first < last and text[last - 1] in " \r":
            last -= 1
        place = cell.end()
        yield first, last, place
        if cell[2 if quoted else 4] != mark:
            return


def told_by(text: str, cell: Cell) -> str:
    """Return what the heading in a cell tells; nothing where it tells nothing."""
    name = " ".join(text[slice(*cell)].strip(DRESS).split())
    if not name or not NAME.fullmatch(name) or not HEADING.search(name):
        return ""
    return "password" if is_password(name) and not BOTH.fullmatch(name) else " ".join(name.replace('"', " ").split())


def below(text: str, at: int, mark: str, cells: int) -> Iterator[Sequence[Cell]]:
    """Yield the rows below a heading that ends at `at`; those in a broken cell, too, lest a stray quote hide any."""
    stray = 0
    while at < len(text) and stray <= MOST_STRAY:
        start, end = at + 1, line_end(text, at + 1)
        at = end
        if end - start > LONGEST_LINE:
            return
        row = text[start:end]
        if RULE.fullmatch(row):
            continue
        if not row.strip():
            return
        bare_row = row.strip(" ")
        found, last = split(text, start, mark) if mark in bare_row or bare_row.startswith('"') else ([], end)
        if len(found) < 2:
            stray += 1
            continue
        at = last
        if len(found) != cells and another(text, found, mark):
            return
        stray = 0
        yield found
        if at > end:
            yield from within(text, end, at, mark, cells)


def within(text: str, at: int, end: int, mark: str, cells: int) -> Iterator[Sequence[Cell]]:
    """Yield the lines of one broken row that would be rows by themselves."""
    while at < end:
        start, at = at + 1, line_end(text, at + 1)
        found, last = split(text, start, mark)
        if len(found) == cells and last == at and '"' not in text[start:at]:
            yield found


def another(text: str, cells: Sequence[Cell], mark: str) -> bool:
    """Tell whether a row of another length is the heading of another table."""
    words = "".join(text[slice(*cell)] for cell in cells)
    plain = not any(map(str.isdigit, words)) and heading(text, cells, mark)
    return plain and any(told_by(text, cell) for cell in cells)


def column(text: str, rows: Sequence[Sequence[Cell]], at: int, cells: int, mark: str, name: str) -> list[Cell]:
    """Return the cells of a column; in a row of another length, of those that may be it the ones that look like it."""
    found: list[Cell] = []
    for row in rows:
        places = (at,) if len(row) == cells else dict.fromkeys((at, at - cells + len(row)))
        for place in places:
            if not 0 <= place < len(row):
                continue
            sure = len(row) == cells or (place == at and mark in MARKS[:2])
            if sure or name != "password" or mixed_password(text[slice(*row[place])]):
                found.append(row[place])
    return found


def bare(text: str, cell: Cell) -> Cell | None:
    """Return a cell without what Markdown puts round its words; nothing where it is no length for a value."""
    start, end = cell
    while start < end and text[start] in DRESS:
        start += 1
    while start < end and text[end - 1] in DRESS:
        end -= 1
    return (start, end) if 2 < end - start <= LONGEST_CELL else None


def add(text: str, column: Sequence[Cell], name: str, target: Target) -> None:
    """Add the cells of a column behind its heading; in one of passwords, one at least must look like one."""
    if BOTH.fullmatch(name):
        both = (SECOND.fullmatch(text, *cell) for cell in column)
        name, column = "password", [one.span(1) for one in both if one]
    if name == "password" and not any(mixed_password(text[slice(*cell)]) for cell in column):
        return
    for cell in column:
        core = BREAK.sub(" ", text[slice(*cell)].replace('"', "'"))
        words = core.split()
        if name == "password" and len(words) > 1:
            if any(word.isalpha() and word.islower() for word in words) or not typed_password("".join(words)):
                continue
            core = "_".join(words)  # several words of one password
        written, begins = line(name, core)
        ends = begins + len(core)
        spend()
        target.budget.spend(len(written))
        there = (Place(0, *target.place(*cell)),)
        target.pieces.add(Piece(core, there, f"{target.kinds}{KIND}", written[:begins], written[ends:]))
