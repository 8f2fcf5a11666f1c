"""Names in columns: what stands under a heading such as 姓名, `full_name` or `Company`.

Enters: a block of a view's text. Leaves: mentions. Pure. A table is a heading and the lines below it with
cells that the same mark parts; a blank line ends it, and a few stray ones do not. Each line of a cell is a name as a
whole, or none.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.bodies import HEADINGS, SURE, in_cell
from detectors.ner.chinese import ANY_NAME_KEYS, person_ends
from detectors.ner.edges import HAN
from detectors.ner.known import has_known_name
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists

PEOPLE: Final = frozenset(
    (
        *word_lists("chinese")["keys"],
        *(word for listed in ("keys", "data_keys", "column_keys") for word in word_lists("english")[listed]),
    )
)
KEYS: Final = PEOPLE | HEADINGS
MARKS: Final = "\t|,;"
HEADING: Final = re.compile(rf"(?im)(?:^|[{MARKS}])[ ]*\"?({any_of(tuple(KEYS))})\"?[ ]*(?=[{MARKS}]|$)")
LINE: Final = re.compile(r"[^\n]*\n?")
CELL: Final = {mark: re.compile(rf"[ ]*(?:\"([^\"\n]*)\"|([^{mark}\n]*?))[ ]*({re.escape(mark)}|$)") for mark in MARKS}

PART: Final = re.compile(r"[^\f]+")
"""A line of a cell, as files of tables are read."""

TITLE: Final = any_of(tuple(form for one in word_lists("english")["titles"] for form in (one.title(), one.upper())))
SHARE: Final = re.compile(rf"[ ]*(?:{TITLE}\.?[ ]+)?((?:(?![ ](?:&|and|\+)[ ]).)+)(?:[ ](?:&|and|\+)[ ]|\Z)")
"""One of a couple in a cell, without a title: Dev & Ruthie, Fr. Malachy."""

MOST_CELLS: Final = 200
MOST_STRAY: Final = 8
"""Lines in a row that may be none of the table's, within it: what is left of a cell that goes over several."""

type Cell = tuple[int, int]


def columns(text: str) -> Iterator[Mention]:
    """Yield the persons and organisations under the headings of a block's tables."""
    done = 0
    for heading in HEADING.finditer(text):
        if heading.start(1) < done:
            continue
        start = text.rfind("\n", 0, heading.start(1)) + 1
        line = LINE.match(text, start)
        mark = next((one for one in MARKS if line and one in line.group()), None)
        if line is None or mark is None:
            continue
        cells = split(text, start, line.group().rstrip("\n"), mark)
        asked = [at for at, (first, last) in enumerate(cells) if text[first:last].casefold() in KEYS]
        done = line.end()
        at_line, stray = done, 0
        while asked and stray <= MOST_STRAY and (row := LINE.match(text, at_line)) and row.group().strip():
            below = split(text, row.start(), row.group().rstrip("\n"), mark)
            at_line = row.end()
            if len(below) == 1:
                stray += 1
                continue
            done, stray = at_line, 0
            for at in asked:
                if at < len(below):
                    yield from names(text, below[at], text[slice(*cells[at])].casefold())


def names(text: str, cell: Cell, key: str) -> Iterator[Mention]:
    """Yield the names that the lines of a cell are."""
    for part in PART.finditer(text, *cell):
        shares = list(SHARE.finditer(text, *part.span())) if key in PEOPLE else []
        if shares and all(is_person(share.group(1), key) for share in shares):
            for share in shares:
                yield Mention(*share.span(1), "PERSON", 0.9, (f"cue:{key}",), firm=True)
        elif surely := in_cell(part.group(), key):
            yield Mention(*part.span(), "ORGANIZATION", surely, (f"cue:{key}",), firm=surely == SURE)


def split(text: str, start: int, line: str, mark: str) -> list[Cell]:
    """Return where the cells of a line stand in the text, without blanks and quotation marks round them."""
    cells: list[Cell] = []
    place, end = start, start + len(line)
    while len(cells) < MOST_CELLS and (cell := CELL[mark].match(text, place, end)):
        cells.append(cell.span(1) if cell.group(1) is not None else cell.span(2))
        place = cell.end()
        if not cell.group(3):
            break
    return cells


def is_person(words: str, key: str) -> bool:
    """Tell whether a cell is a name: in Latin letters one that people bear, as `name` heads other things, too."""
    if HAN.match(words):
        return person_ends(words, anyone=key in ANY_NAME_KEYS) == len(words)
    return words[:1].isalpha() and len(words.split()) <= 4 and has_known_name(words)
