"""Dumps of bytes over lines, as `xxd`, `hexdump`, `od` and debuggers print them: offset, bytes, characters.

Enters: the reading of a text. Leaves: the place of each dump, and the bytes that it may stand for. What its numbers are
is told by their width and by the distance between them, the same in all lines; where words may be turned, the column of
characters tells it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from detectors.allowance import spend
from detectors.engine import compiled
from detectors.reading import Reading
from detectors.views.figures import Figures
from detectors.views.printed import BINARY, BITWISE, CHARACTERS, DECIMAL, EIGHT, HEX, OCTAL, Row, of_bits

OFFSET: Final = r"[ \t>|#]{0,8}(?:0[xX])?[0-9A-Fa-f]{4,16}(?: <[^<>\n]{1,60}>)?:?"
BEGINNING: Final = r"[^0-9A-Za-z\n](?:0{4,16}:?|0x[0-9a-f]{4,16}(?: <[^<>\n]{1,60}>)?:)"
"""Of the first line, where a word stands before it."""
FIRST_CELL: Final = r"(?:(?:0[xX])?[0-9A-Fa-f]{2,16}|[!-~]|\\[0abfnrtv])"
LINE: Final = compiled(
    rf"(?m)(?:^{OFFSET}|{BEGINNING})[ \t]+{FIRST_CELL}(?:[ \t][^\n]*)?$",
    "lines of a dump",
)
HEAD: Final = re.compile(OFFSET)
BEGINS: Final = re.compile(rb"[ \t>|#]{0,8}(?:0[xX])?[0-9A-Fa-f]{4}")
FEW_LINES: Final = 64
FIGURES: Final = re.compile("[0-9A-Fa-f]{4,}")
SAME: Final = re.compile(r"\n(?:\*\r?\n)?")
"""What stands between lines of a dump; a star where lines are left out that are the same as the one before."""
CELL: Final = re.compile(r"\s*(?:0[xX])?(\S+)")
HALF: Final = 8
"""Bytes after which a dump has a wider gap."""
DIGITS: Final = frozenset("0123456789")
HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")
NAMED: Final = {"\\0": "\0", "\\a": "\a", "\\b": "\b", "\\f": "\f", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\v": "\v"}
BITWISE_WIDTHS: Final = frozenset({7, 8})
WORDLY: Final = frozenset({4, 8, 16})
OF_TURNED: Final = 7
"""Digits of the offset of those that print the words of the machine, the last byte first."""

type Line = tuple[str, str]
"""Offset and what stands behind it."""


def may_hold_lines(reading: Reading) -> bool:
    """Tell whether a line may begin with an offset: the engine takes longer to tell it of a text of few lines."""
    beside, data = reading.made(Figures).beside, reading.skeleton
    if beside.find(b"0000") >= 0 or beside.find(b"0x") >= 0 or data.count(b"\n") > FEW_LINES:
        return True
    start = 0
    while not BEGINS.match(data, start):
        start = data.find(b"\n", start) + 1
        if not start:
            return False
    return True


def dumps(reading: Reading) -> Iterator[Row]:
    """Yield what dumps may stand for, each in every notation that it may be in."""
    text, block, end = reading.text, list[Line](), 0
    first = 0
    if not may_hold_lines(reading):
        return
    for match in LINE.finditer(reading.skeleton):
        spend()
        if block and not SAME.fullmatch(text, end, match.start()):
            yield from _dump(block, first, end)
            block = []
        head = HEAD.match(text, match.start(), match.end()) or HEAD.match(text, match.start() + 1, match.end())
        end = match.end()
        if head:
            first = first if block else head.start()
            block.append((FIGURES.findall(head[0])[0], text[head.end() : end].rstrip()))
    if block:
        yield from _dump(block, first, end)


def _dump(block: Sequence[Line], start: int, end: int) -> Iterator[Row]:
    """Yield what one dump may stand for."""
    body = block[0][1]
    one = CELL.match(body)
    if one is None:
        return
    other = CELL.match(body, one.end())
    stride = other.end() - one.end() if other else len(one[0])
    width = len(one[1])
    for is_cell in (_of_width(width, bits=BINARY.issuperset(one[1])), _is_figure, _is_character):
        rows = [_cells(line, stride, is_cell) for _, line in block]
        cells = [cell for row, _ in _within(block, rows) for cell in row]
        if len(cells) > 1 and (len(rows[0][0]) > 1 or len(rows) == 1):
            beside = "".join(rest for _, rest in rows)
            for kind, made in _read(cells, is_cell is _is_character, width, len(block[0][0]), beside):
                yield start, end, kind, made


def _within(block: Sequence[Line], rows: Sequence[tuple[list[str], str]]) -> Iterator[tuple[list[str], str]]:
    """Yield the cells of each line, no more than the next one's offset allows: what looks like one is a character."""
    for (one, other), (cells, rest) in zip(pairwise(block), rows, strict=False):
        size = len(cells[0]) if cells else 0
        bits = size in BITWISE_WIDTHS and BINARY.issuperset(cells[0])
        bytes_each = size // 2 if size in WORDLY and not bits else 1
        most = (int(other[0], 16) - int(one[0], 16)) // bytes_each
        yield (cells[:most] if 0 < most < len(cells) else cells), rest
    yield rows[-1]


def _cells(line: str, stride: int, is_cell: Callable[[str], bool]) -> tuple[list[str], str]:
    """Return the cells of a line, which end at equal distances, and what stands behind them."""
    if "\t" in line.strip():
        return [cell for one in line.split() if is_cell(cell := _bare(one))], ""
    first = CELL.match(line)
    if first is None:
        return [], ""
    cells, end, place = list[str](), first.end(), 0
    while place < len(line):
        cell = _bare(line[place:end].strip())
        if not is_cell(cell) or (end < len(line) and not line[end].isspace()):
            if len(cells) != HALF or not line[place : place + 1].isspace() or end - place > stride:
                break
            end += 1
            continue
        cells.append(cell)
        place, end = end, end + stride
    return cells, line[place:]


def _bare(cell: str) -> str:
    return cell[2:] if cell[:2] in ("0x", "0X") else cell


def _of_width(width: int, *, bits: bool) -> Callable[[str], bool]:
    """Return what tells whether a cell is one of so many digits; the last word of a line may have fewer bytes."""

    def is_cell(cell: str) -> bool:
        size = len(cell)
        if bits and width in BITWISE_WIDTHS:
            return size == width and BINARY.issuperset(cell)
        return (size == width or (0 < size < width and size % 2 == 0)) and HEXADECIMAL.issuperset(cell)

    return is_cell


def _is_figure(cell: str) -> bool:
    return 0 < len(cell) < 6 and DIGITS.issuperset(cell)


def _is_character(cell: str) -> bool:
    return len(cell) < 2 or cell in NAMED or (len(cell) == 3 and EIGHT.issuperset(cell))


def _read(cells: Sequence[str], spelt: bool, width: int, offset: int, beside: str) -> Iterator[tuple[str, bytes | str]]:
    """Yield what the cells of a dump may stand for."""
    together = "".join(cells)
    if spelt:
        if min(map(len, cells)) < 2:
            yield CHARACTERS, b"".join(_character(one) for one in cells)
    elif width in BITWISE_WIDTHS and BINARY.issuperset(together):
        yield BITWISE, of_bits(cells)
    else:
        if (width == 2 or width in WORDLY) and not any(len(one) % 2 for one in cells):
            yield from ((HEX, data) for data in _of_words(cells, width, offset, beside))
        if DIGITS.issuperset(together):
            yield from _of_figures(cells, width)


def _of_words(cells: Sequence[str], width: int, offset: int, beside: str) -> Iterator[bytes]:
    """Yield the bytes of words in hexadecimal, as they stand or turned."""
    plain = bytes.fromhex("".join(cells))
    turned = b"".join(bytes.fromhex(one)[::-1] for one in cells)
    characters = "".join(one for one in beside if 32 < ord(one) < 127 and one != ".")
    if width == 2 or _shown(plain) == characters:
        yield plain
    elif offset == OF_TURNED or _shown(turned) == characters:
        yield turned
    else:
        yield from (plain, turned)


def _of_figures(cells: Sequence[str], width: int) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of numbers in decimal and in octal, of a byte each or of two."""
    for kind, base in ((DECIMAL, 10), (OCTAL, 8)):
        if base == 8 and not (width in (3, 6) and EIGHT.issuperset("".join(cells))):
            continue
        numbers = [int(one, base) for one in cells]
        if max(numbers) < 256:
            yield kind, bytes(numbers)
        elif max(numbers) < 1 << 16:
            yield kind, b"".join(one.to_bytes(2, "little") for one in numbers).rstrip(b"\0")


def _character(cell: str) -> bytes:
    if len(cell) == 3:
        return bytes((int(cell, 8) & 0xFF,))
    return NAMED.get(cell, cell or " ").encode("utf-8", "replace")


def _shown(data: bytes) -> str:
    return "".join(chr(one) for one in data if 32 < one < 127 and one != 46)
