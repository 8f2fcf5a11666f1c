"""A text as a detector should read it, with the way back to the text as it was written.

Enters: any string. Leaves: a `View` whose text is unescaped and folded (full-width forms, other scripts' digits,
look-alike letters, odd spaces and dashes, invisible characters) and whose offsets map to original code points. The view
is only for finding: nothing that is sent may ever be cut from it, and it always encodes as UTF-8.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.unescape import Unescaped, unescape

CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
UNCOMMON: Final = re.compile("[^\t\n\r -~一-鿿。、《》「」]")
"""All but ASCII and everyday Chinese, which read as they are: most texts are known with this one look."""

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
REMEMBERED: Final = 70_000
LAYERS: Final = 3
"""How many times a text is unescaped: an entity in a URL in JSON."""


@dataclass(frozen=True, slots=True)
class View:
    """A folded text and its offsets in the original."""

    text: str = field(repr=False)
    """What detectors search."""
    starts: array[int] | None = None
    """Original start of each character, or none where offsets are the same in both."""
    ends: array[int] | None = None
    """Original end of each character, likewise."""
    layers: tuple[Unescaped, ...] = ()
    """What was unescaped before it was folded, the outermost escapes first; "original" above is the innermost text."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original code points that the non-empty range `start` to `end` of the view was read from."""
        if self.starts is not None and self.ends is not None:
            start, end = self.starts[start], self.ends[end - 1]
        for layer in reversed(self.layers):
            start, end = layer.span(start, end)
        return start, end


def fold(character: str) -> str:
    """Return what one character is read as: nothing, itself, or some plainer characters."""
    code = ord(character)
    if character in "\t\n\r\f":
        return character
    if 0xE0020 <= code <= 0xE007E:  # tag characters spell ASCII invisibly
        return chr(code - 0xE0000)
    category = unicodedata.category(character)
    if character in BLANKS or category == "Zs":
        return " "
    if category in ("Zl", "Zp") or character in "\v\x85":
        return "\n"
    if category in ("Cf", "Cc") or category in MARKS:
        return ""
    if category == "Cs":  # half of a pair: cannot be encoded, so it must not reach the engine
        return "\ufffd"
    if category == "Pd" or character == "\u2212":
        return "-"
    if character in QUOTES:
        return DRAWN_ALIKE[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain == character else "".join(fold(one) if one != character else one for one in plain)


class Folds:
    """What has been learnt of single characters; bounded, so that no text can fill the memory."""

    def __init__(self) -> None:
        """Start with nothing learnt but ASCII's share."""
        self.same: set[str] = set()
        self.folded: dict[str, str] = {}
        self.awkward: set[str] = {*DRAWN_ALIKE} - QUOTES

    def changed(self, text: str) -> dict[str, str]:
        """Return the characters of `text` that read as something else, and as what."""
        changed = {}
        for character in set(UNCOMMON.findall(text)) - self.same:
            plain = self.folded.get(character)
            if plain is None:
                plain = fold(character)
                self._remember(character, plain)
            if plain != character or character in self.awkward:
                changed[character] = plain
        return changed

    def _remember(self, character: str, plain: str) -> None:
        if len(self.same) + len(self.folded) > REMEMBERED:
            return
        if plain == character and character not in self.awkward:
            self.same.add(character)
        else:
            self.folded[character] = plain


FOLDS: Final = Folds()


def normalise(text: str) -> View:
    """Return the view of `text`; plain ASCII without escapes comes back as it is."""
    layers: list[Unescaped] = []
    plain = text
    while len(layers) < LAYERS and (layer := unescape(plain)):
        layers.append(layer)
        plain = layer.text
    view = _folded(plain)
    return replace(view, layers=tuple(layers)) if layers else view


def _folded(text: str) -> View:
    """Return the view of a text in which nothing is escaped any more."""
    if text.isascii() and not CONTROLS.search(text):
        return View(text)
    changed = FOLDS.changed(text)
    if all(len(plain) == 1 and character not in FOLDS.awkward for character, plain in changed.items()):
        return View(_exchange(text, changed))
    return _walk(text, changed)


def _exchange(text: str, changed: dict[str, str]) -> str:
    if not changed.keys().isdisjoint(changed.values()):
        return text.translate({ord(character): plain for character, plain in changed.items()})
    for character, plain in changed.items():  # some thirty times faster than `translate` on running Chinese
        text = text.replace(character, plain)
    return text


def _walk(text: str, changed: dict[str, str]) -> View:
    characters: list[str] = []
    starts, ends = array("q"), array("q")
    for place, character in enumerate(text):
        plain = changed.get(character, character)
        if not plain and characters and unicodedata.category(character) in MARKS:
            # A mark belongs to the letter before it: written apart it must read as written together.
            together = unicodedata.normalize("NFC", characters[-1] + character)
            characters[-1] = together if len(together) == 1 else characters[-1]
            ends[-1] = place + 1
        for one in plain:
            characters.append(one)
            starts.append(place)
            ends.append(place + 1)
    _read_alike(characters)
    return View("".join(characters), starts, ends)


def _read_alike(characters: list[str]) -> None:
    """Read a Cyrillic or Greek letter as the Latin one it is drawn like, where it stands beside Latin text.

    A word all in its own script stays what it is.
    """
    last = len(characters) - 1
    places = [place for place, character in enumerate(characters) if character in DRAWN_ALIKE]
    for place in [*reversed(places), *places]:  # both ways, so that runs of look-alikes are reached from either side
        before = characters[place - 1] if place else " "
        after = characters[place + 1] if place < last else " "
        if any(beside.isascii() and beside.isalnum() for beside in (before, after)):
            characters[place] = DRAWN_ALIKE.get(characters[place], characters[place])
