"""Tables in dumps and scripts of databases: the columns that an INSERT or a COPY names are the headings of its values.

Enters: a text. Leaves: where the cells of such tables stand, the headings first, without quotation marks round them. A
value that cannot be read ends its table; what was read before it counts. Pure.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.allowance import spend
from detectors.engine import Offsets, compiled
from detectors.reading import Reading

MOST_CELLS: Final = 200

NAMED: Final = r"[^\s()]{1,200}\s{0,4}\([^()]+\)\s{0,20}"
GATE: Final = compiled(
    rf"(?i)\b(?:into|overwrite|copy)\s{{1,20}}(?:table\s{{1,20}})?{NAMED}(?:values|from\s)", "inserts"
)
"""Statements that name columns; on the linear-time engine, for few texts have one."""
NAMES_END: Final = re.compile(rb"\)\s{0,20}(?:[Vv][Aa]|[Ff][Rr])")
COLUMNS: Final = re.compile(r"\(([^()]+)\)\s*(values|from)", re.IGNORECASE)
COLUMN: Final = re.compile(r"[^,]+")
DRESS: Final = " \t\r\n`\"'[]"
"""What stands round the name of a column."""

OPENS: Final = re.compile(r"[\s,]*\(")
VALUE: Final = re.compile(
    r"""\s*+(?:[NnEeBbXx]?'((?:[^'\\]|''|\\.){0,20000}+)'|"((?:[^"\\]|""|\\.){0,20000}+)\""""
    r"""|([^'"(),]{0,1000}+(?:\([^()]{0,1000}+\))?+))"""
    r"(?:::[\w ]++(?:\[\])?+)?+\s*+([,)])",
    re.DOTALL,
)
"""A value of a row, as strings are written in SQL, and what parts it from the next."""

CELL: Final = re.compile(r"[^\t\n]*")
END: Final = r"\."
"""The line that ends the rows of a COPY."""
AGAIN: Final = re.compile(r"\s{0,20}copy\s", re.IGNORECASE)
"""The next one, where nothing has ended the rows."""

UNREAD: Final = 64
"""Characters that were looked at for nothing, to a step."""

type Cell = tuple[int, int]


def may_fill(reading: Reading) -> bool:
    """Tell whether a text has the words of such a statement."""
    return NAMES_END.search(reading.skeleton) is not None


def inserts(text: str, data: bytes) -> Iterator[list[list[Cell]]]:
    """Yield the rows of each table that a statement fills, the names of its columns first; `data` is the text."""
    offsets = Offsets(data, text)
    done = 0
    for found in GATE.finditer(data):
        spend()
        start = offsets.character(found.start())
        if start < done:
            continue
        named = COLUMNS.search(text, start, offsets.character(found.end()))
        if named is None:
            continue
        heads = [dressed_off(text, *one.span()) for one in COLUMN.finditer(text, *named.span(1))][:MOST_CELLS]
        copied = not named[2].lower().startswith("values")
        rows = list((copied_rows if copied else rows_of_values)(text, named.end()))
        if rows:
            yield [heads, *rows]
        done = max((cell[1] for row in rows for cell in row), default=done)


def dressed_off(text: str, start: int, end: int) -> Cell:
    """Return where a name stands without what is round it."""
    while start < end and text[start] in DRESS:
        start += 1
    while start < end and text[end - 1] in DRESS:
        end -= 1
    return start, end


def rows_of_values(text: str, at: int) -> Iterator[list[Cell]]:
    """Yield the rows that stand in brackets."""
    while opens := OPENS.match(text, at):
        spend()
        row: list[Cell] = []
        at = opens.end()
        while len(row) < MOST_CELLS and (value := VALUE.match(text, at)):
            row.append(next(span for kind in (1, 2, 3) if (span := value.span(kind)) != (-1, -1)))
            at = value.end()
            if value[4] == ")":
                break
        if row:
            yield row
        if text[at - 1] != ")":
            spend(min(len(text) - at, 20_000) // UNREAD)
            return


def copied_rows(text: str, at: int) -> Iterator[list[Cell]]:
    """Yield the lines whose cells tabs part."""
    end = text.find("\n", at)
    while 0 <= end < len(text) - 1:
        spend()
        start, end = end + 1, text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        if text[start:end].strip() in ("", END) or AGAIN.match(text, start, end):
            return
        row: list[Cell] = []
        while len(row) < MOST_CELLS and start <= end and (cell := CELL.match(text, start, end)):
            row.append(cell.span())
            start = cell.end() + 1
        yield row
