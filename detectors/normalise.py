"""A text as a detector should read it, with the way back to the text as it was written.

Enters: any string. Leaves: a `View` whose text is unescaped and folded (full-width forms, other scripts' digits,
look-alike letters, odd spaces and dashes, invisible characters) and whose offsets map to original code points. The view
is only for finding: nothing that is sent may ever be cut from it, and it always encodes as UTF-8.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import batched
from typing import Final
from unicodedata import category, digit, normalize

import numpy as np
from numpy.typing import NDArray

from detectors.allowance import BLOCK, spend
from detectors.unescape import Unescaped, bounds, uncoloured, unescape

AS_THEY_ARE: Final = b"\t\n\r\f" + bytes(range(32, 127))

THEMSELVES: Final = ((0x4E00, 0xA000), (0xAC00, 0xD7A4))
"""Han and Hangul, each of which reads as itself."""
COMMON: Final = (
    (0x3001, 0x3020),
    (0x3041, 0x3130),
    (0xFF01, 0xFF5F),
    (0x2010, 0x2027),
    (0xA1, 0x180),
)
"""Where the other characters of the table are, beside ASCII: punctuation, kana, full-width forms, dashes and quotes,
Latin."""

TABLED: Final = 0x10000

MARKS: Final = frozenset({"Mn", "Me"})
BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that draw nothing: Hangul fillers and the empty Braille cell."""

DRAWN_ALIKE: Final[dict[str, str]] = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјкорсухԁһԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναι" + "‘’‚“”„′″",
        "ABESIJKMHOPCTYXaesijkopcyxdhqw" + "ABEZHIKMNOPTYXovai" + "''," + '""' + '"' + "'" + '"',
        strict=True,
    )
)
"""Cyrillic and Greek letters drawn like Latin ones, after UTS 39, and typographic quotes."""

QUOTES: Final = frozenset("‘’‚“”„′″")
ALIKE: Final = {ord(character): plain for character, plain in DRAWN_ALIKE.items() if character not in QUOTES}
"""The letters among them."""

LETTERS_ALIKE: Final = f"[{''.join(map(chr, ALIKE))}]"
ALIKE_BESIDE_LATIN: Final = re.compile(
    f"(?<=[A-Za-z0-9]){LETTERS_ALIKE}+|(?<!{LETTERS_ALIKE}){LETTERS_ALIKE}++(?=[A-Za-z0-9])"
)
"""Runs of them that Latin text begins or ends."""

WIDEST: Final = 8
"""Characters that one is read as at most: a sign that stands for a sentence would make a text many times longer."""

DISGUISED: Final = {
    "%": re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}){3}"),
    "&": re.compile(r"&\#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});(?:&\#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});){3}"),
    "\\": re.compile(r"\\(?:\\{0,7}(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\})){4}"),
}
"""Escapes that could not be read before their own signs were: `％３１`. Single ones are prose."""
LAYERS: Final = 3
"""How many times a text is unescaped: an entity in a URL in JSON."""


@dataclass(frozen=True, slots=True)
class View:
    """A folded text and its offsets in the original."""

    text: str = field(repr=False)
    """What detectors search."""
    places: array[int] | None = None
    """Offsets of the characters that were not read one for one, rising, or none where offsets are the same in both."""
    starts: array[int] | None = None
    """Original start of each of them."""
    ends: array[int] | None = None
    """Original end of each, likewise."""
    layers: tuple[Unescaped, ...] = ()
    """What was unescaped before it was folded, the outermost escapes first; "original" above is the innermost text."""
    before: "View | None" = None
    """What was read first, where that had escapes that had been written in other signs."""
    rare: bool = False
    """Whether it was written with characters that the table does not know."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original code points that the non-empty range `start` to `end` of the view was read from."""
        if self.places is not None and self.starts is not None and self.ends is not None:
            start, _ = bounds(self.places, self.starts, self.ends, start)
            _, end = bounds(self.places, self.starts, self.ends, end - 1)
        for layer in reversed(self.layers):
            start, end = layer.span(start, end)
        return self.before.span(start, end) if self.before else (start, end)


@lru_cache(maxsize=8192)
def fold(character: str) -> str:
    """Return what one character is read as: nothing, itself, or some plainer characters."""
    code = ord(character)
    if character in "\t\n\r\f":
        return character
    if 0xE0020 <= code <= 0xE007E:  # tag characters spell ASCII invisibly
        return chr(code - 0xE0000)
    kind = category(character)
    if character in BLANKS or kind == "Zs":
        return " "
    if kind in ("Zl", "Zp") or character in "\v\x85":
        return "\n"
    if kind in ("Cf", "Cc") or kind in MARKS:
        return ""
    if kind == "Cs":  # half of a pair: cannot be encoded, so it must not reach the engine
        return "\ufffd"
    if kind == "Pd" or character == "\u2212":
        return "-"
    if character in QUOTES:
        return DRAWN_ALIKE[character]
    number = digit(character, None)
    if number is not None:
        return str(number)
    plain = normalize("NFKC", character)
    return (
        character
        if plain == character or len(plain) > WIDEST
        else "".join(fold(one) if one != character else one for one in plain)
    )


def normalise(text: str) -> View:
    """Return the view of `text`; plain ASCII without escapes comes back as it is."""
    view = _read(text)
    if text.isascii() or not any(sign in view.text and row.search(view.text) for sign, row in DISGUISED.items()):
        return view
    inner = _read(view.text)
    return replace(inner, before=view, rare=view.rare or inner.rare)


def _read(text: str) -> View:
    """Return a text unescaped, and then folded."""
    layers: list[Unescaped] = []
    plain = text
    while len(layers) < LAYERS and (layer := unescape(plain)):
        layers.append(layer)
        plain = layer.text
    if bare := uncoloured(plain):
        layers.append(bare)
        plain = bare.text
    view = _folded(plain)
    return replace(view, layers=tuple(layers)) if layers else view


def _folded(text: str) -> View:
    """Return the view of a text in which nothing is escaped any more."""
    if text.isascii() and not text.encode().translate(None, AS_THEY_ARE):
        return View(text)
    data = text.encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(data, np.uint32)
    plain = TABLE.take(codes, mode="clip")
    unknown = (plain == 0).nonzero()[0].tolist()
    if unknown:
        return _rewritten(text, plain, unknown)
    folded = plain.tobytes()
    return View(text if folded == data else folded.decode("utf-32-le"))


def _rewritten(text: str, plain: NDArray[np.uint32], unknown: Sequence[int]) -> View:
    """Return the view of a text that has characters beyond the table, in the places that are given."""
    folded: list[str] = []
    for some in batched(unknown, BLOCK):
        spend()
        folded += [fold(text[place]) for place in some]
    plain[unknown] = [ord(one) if len(one) == 1 else 0 for one in folded]
    read = plain.tobytes().decode("utf-32-le")
    uneven = [(place, one) for place, one in zip(unknown, folded, strict=True) if len(one) != 1]
    view = replace(_unevenly(text, read, uneven) if uneven else View(read), rare=True)
    return view if DRAWN_ALIKE.keys().isdisjoint("".join(folded)) else replace(view, text=_read_alike(view.text))


def _unevenly(text: str, read: str, uneven: Iterable[tuple[int, str]]) -> View:
    """Return the view of a text that is read one for one but in some places, where it becomes nothing or several."""
    pieces: list[str] = []
    places, starts, ends = array("q"), array("q"), array("q")
    length = done = 0

    def copy(end: int) -> None:
        nonlocal length
        if end > done:
            pieces.append(read[done:end])
            places.append(length)
            starts.append(done)
            ends.append(done + 1)
            length += end - done

    for number, (place, plain) in enumerate(uneven):
        if not number % BLOCK:
            spend()
        copy(place)
        if not plain and length and category(text[place]) in MARKS:
            _mark(pieces, text[place])
            beyond = length - 1 - places[-1]
            if beyond:
                places.append(length - 1)
                starts.append(ends[-1] + beyond - 1)
                ends.append(place)
            ends[-1] = place + 1
        for one in plain:
            pieces.append(one)
            places.append(length)
            starts.append(place)
            ends.append(place + 1)
            length += 1
        done = place + 1
    copy(len(text))
    return View("".join(pieces), places, starts, ends)


def _mark(pieces: list[str], mark: str) -> None:
    """Put a mark on the letter before it: written apart they must read as written together."""
    together = normalize("NFC", pieces[-1][-1] + mark)
    if len(together) == 1:
        pieces[-1] = pieces[-1][:-1] + together


def _read_alike(text: str) -> str:
    """Read Cyrillic or Greek letters as the Latin ones they are drawn like, where a run of them is beside Latin text.

    A word all in its own script stays what it is.
    """
    return ALIKE_BESIDE_LATIN.sub(lambda run: run[0].translate(ALIKE), text)


def _table() -> NDArray[np.uint32]:
    """Return what each character reads as; nought for those that the table does not know."""
    table = np.zeros(TABLED + 1, np.uint32)
    table[list(AS_THEY_ARE)] = list(AS_THEY_ARE)
    for first, end in THEMSELVES:
        table[first:end] = np.arange(first, end, dtype=np.uint32)
    for first, end in COMMON:
        for code in range(first, end):
            plain = fold(chr(code))
            if len(plain) == 1:
                table[code] = ord(plain)
    return table


TABLE: Final = _table()
