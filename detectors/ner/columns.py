"""Names in columns: what stands under a heading such as 姓名 or `full_name`.

Enters: a block of a view's text. Leaves: mentions. Pure. A table is a heading and the lines below it that have as many
cells, parted by the same mark; a blank line or one of another shape ends it. A cell is a name as a whole, or none.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.chinese import ANY_NAME_KEYS, person_ends
from detectors.ner.edges import HAN
from detectors.ner.known import has_known_name
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists

KEYS: Final = frozenset(
    (*word_lists("chinese")["keys"], *word_lists("english")["keys"], *word_lists("english")["data_keys"])
)
MARKS: Final = "\t|,;"
HEADING: Final = re.compile(rf"(?im)(?:^|[{MARKS}])[ ]*\"?({any_of(tuple(KEYS))})\"?[ ]*(?=[{MARKS}]|$)")
LINE: Final = re.compile(r"[^\n]*\n?")
CELL: Final = {mark: re.compile(rf"[ ]*(?:\"([^\"\n]*)\"|([^{mark}\n]*?))[ ]*({re.escape(mark)}|$)") for mark in MARKS}

MOST_CELLS: Final = 200

type Cell = tuple[int, int]


def columns(text: str) -> Iterator[Mention]:
    """Yield the persons under the headings of a block's tables."""
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
        while asked and (row := LINE.match(text, done)) and row.group().strip():
            below = split(text, row.start(), row.group().rstrip("\n"), mark)
            if len(below) != len(cells):
                break
            done = row.end()
            for at in asked:
                key = text[slice(*cells[at])].casefold()
                if is_person(text[slice(*below[at])], key):
                    yield Mention(*below[at], "PERSON", 0.9, (f"cue:{key}",), firm=True)


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
