"""Takes the words out of a wire format and leaves its structure.

Enters: texts, names and values out of a request or an answer. Leaves: the same with every word replaced by signs of its
shape. What stays: the words of the interface itself, which stand in `words.txt`, and the marker sentence that the
administrator typed. Nothing else may: a name that is in no list is a name of somebody.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final, NamedTuple

from proxy.errors import TooLarge, WireError
from proxy.wire import json_text

PERSON: Final = "[PERSON_7K2F9ABC]"
CARD: Final = "[CREDIT_CARD_0123ABCD]"
ORIGINALS: Final[Mapping[str, str]] = {PERSON: '张伟 "Ann" 😀', CARD: "4111111111111111"}
"""What the placeholders of the adapters' tests stand for; the first must be escaped wherever JSON is in a string."""
SENTENCE: Final = f"Please repeat word for word / 请逐字重复: {PERSON} {CARD}"
"""What the administrator types on the page."""
PHRASES: Final = (SENTENCE, PERSON, CARD)

STRUCTURAL: Final = frozenset((files("proxy.capture") / "words.txt").read_text("utf-8").split())
PIECES: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]*", re.ASCII)
PLAIN: Final = re.compile(r"(?:[0-9]?[A-Za-z_$.:/+\[\]-])*[0-9]?")
"""Letters and the signs between words, and no number of two digits."""
VALUE: Final = re.compile(r"\[?[A-Za-z/][A-Za-z0-9_.:/+-]{2,}\]?", re.ASCII)
"""A text that can be a word of the interface: long enough that no word can be spelt with such, letter by letter."""
FILLER: Final = "\0"
PATHS: Final = frozenset({"p", "path"})
"""Names of fields that hold the place of a patch."""
OPERATION: Final = "o"
OPERATIONS: Final = frozenset({"a", "x"})
"""What a patch does, where it is said in a letter: no two of them spell anything."""
INDEX: Final = re.compile(r"-|[0-9]{1,2}", re.ASCII)
LEAST_PREFIX: Final = 2
"""Characters of a placeholder's beginning that are known for such at the end of a piece."""
LARGEST_KEPT: Final = 1
"""Whole numbers up to this are switches and first places, and stay."""


class Piece(NamedTuple):
    """One text of a request or of an event."""

    name: str
    """Of the field it stands in."""
    around: tuple[str, ...]
    """What tells its place from others: the event, and indexes, ids and types round it."""
    text: str


@dataclass(slots=True)
class Masker:
    """Masks one exchange; the same unknown name gets the same sign in all of it."""

    allowed: frozenset[str] = STRUCTURAL
    names: dict[str, str] = field(default_factory=dict, repr=False)
    """Names that are in no list, and what stands for each."""

    def structural(self, text: str, letters: int = 1) -> bool:
        """Return whether all words of a name are the interface's own, with so many single letters at most.

        With more, initials would pass, and words spelt letter by letter.
        """
        words = PIECES.findall(text) if PLAIN.fullmatch(text) else ()
        known = bool(words) and all(word.lower() in self.allowed for word in words)
        return known and sum(len(word) == 1 for word in words) <= letters

    def value(self, text: str) -> bool:
        """Return whether a whole text is a word of the interface."""
        return VALUE.fullmatch(text) is not None and self.structural(text, letters=0)

    def patches(self, name: str, text: str) -> bool:
        """Return whether a text says what is patched, or how."""
        return self.place(text) if name in PATHS else name == OPERATION and text in OPERATIONS

    def place(self, text: str) -> bool:
        """Return whether a text is a place in a document: steps that are words of the interface, indexes, `-`.

        One step may be a single letter: with more, words could be spelt.
        """
        steps = text.split("/")[1:] if text.startswith("/") else ()
        words = [step for step in steps if not INDEX.fullmatch(step)]
        single = sum(len(word) == 1 for word in words)
        return bool(steps) and single <= 1 and all(self.structural(word) for word in words)

    def name(self, name: str) -> str:
        """Return a field's name, or what stands for it."""
        if NAME.fullmatch(name) and self.structural(name):
            return name
        return self.names.setdefault(name, f"unnamed{len(self.names) + 1}")

    def word(self, text: str) -> str:
        """Return a text that is no running text: as it is where it is a word of the interface, else its shape."""
        return text if self.value(text) else shape_of(text)

    def texts(self, pieces: Sequence[Piece]) -> list[str]:
        """Return the texts masked; what the marker says stays, also where it runs over several pieces.

        Zeros that fill a piece up are no part of its text.
        """
        bare = [piece.text.rstrip(FILLER) for piece in pieces]
        kept = [[False] * len(text) for text in bare]
        for group in groups_of(pieces):
            marks = iter(marked("".join(bare[at] for at in group)))
            for at in group:
                kept[at] = [next(marks) or before for before in kept[at]]
        filled = (piece.text[len(text) :] for piece, text in zip(pieces, bare, strict=True))
        masked = (self._masked(piece, text, mask) for piece, text, mask in zip(pieces, bare, kept, strict=True))
        return [text + more for text, more in zip(masked, filled, strict=True)]

    def _masked(self, piece: Piece, text: str, kept: list[bool]) -> str:
        if not any(kept) and (self.value(text) or self.patches(piece.name, text)):
            return text
        for prefix in ORIGINALS:
            size = next((n for n in range(len(prefix) - 1, LEAST_PREFIX - 1, -1) if text.endswith(prefix[:n])), 0)
            kept = [*kept[: len(kept) - size], *([True] * size)]
        return "".join(char if keep else shape_of(char) for char, keep in zip(text, kept, strict=True))

    def gather(self, value: Any, event: str = "") -> list[Piece]:
        """Return every text of a JSON value, in reading order; `event` is the name of the event that carries it."""
        pieces: list[Piece] = []

        def note(piece: Piece) -> str:
            pieces.append(piece)
            return piece.text

        self._redraw(value, "", (event,), note)
        return pieces

    def fill(self, value: Any, texts: Iterable[str]) -> Any:
        """Return the value with the texts of `gather` replaced one by one, its names and numbers masked."""
        rest = iter(texts)
        return self._redraw(value, "", (), lambda _: next(rest))

    def _redraw(self, value: Any, name: str, around: tuple[str, ...], take: Callable[[Piece], str]) -> Any:
        match value:
            case dict():
                here = around + tuple(f"{key} {one}" for key, one in value.items() if tells_apart(key, one))
                return {self.name(key): self._redraw(one, key, here, take) for key, one in value.items()}
            case list():
                return [self._redraw(one, name, around, take) for one in value]
            case str():
                inner = inner_value(value)
                if inner is None:
                    return take(Piece(name, around, value))
                return json_text.dump(self._redraw(inner, name, around, take)).decode()
            case bool() | None:
                return value
            case int():
                return number_like(value)
            case _:
                return 0.5


def tells_apart(key: str, value: Any) -> bool:
    """Return whether a field says which of several texts an event goes on with."""
    return isinstance(value, str | int) and key.lower().endswith(("id", "index", "type", "role", "object"))


def groups_of(pieces: Sequence[Piece]) -> Iterator[list[int]]:
    """Yield the pieces that may make one text, by number: of one name, of one name and place, or all with the marker.

    Only whole phrases of the marker are kept, so a group that makes no sense keeps nothing.
    """
    by: dict[object, list[int]] = {}
    for at, piece in enumerate(pieces):
        by.setdefault(piece.name, []).append(at)
        by.setdefault((piece.name, piece.around), []).append(at)
        if touches(piece.text):
            by.setdefault(None, []).append(at)
    yield from by.values()


def touches(text: str) -> bool:
    """Return whether a piece of text may hold a piece of the marker."""
    return "[" in text or "]" in text or any(text in placeholder for placeholder in ORIGINALS)


def inner_value(text: str) -> Any:
    """Return the JSON object or list that a string holds; None where it holds none."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json_text.parse(text.encode("utf-8", "surrogatepass"))
    except (WireError, TooLarge):
        return None
    return value if isinstance(value, dict | list) else None


def marked(text: str) -> list[bool]:
    """Return for each character whether it belongs to the marker."""
    kept = [False] * len(text)
    for phrase in PHRASES:
        at = text.find(phrase)
        while at >= 0:
            kept[at : at + len(phrase)] = [True] * len(phrase)
            at = text.find(phrase, at + len(phrase))
    return kept


def shape_of(text: str) -> str:
    """Return signs in place of letters and digits, as many bytes of each as before; blanks and punctuation stay."""
    return "".join(map(_sign, text))


def _sign(char: str) -> str:
    if char.isascii():
        return "0" if char.isdigit() else char if not char.isalpha() else "X" if char.isupper() else "x"
    return "é" if char < "\u0800" else "字" if char < "\U00010000" else "😀"


def number_like(number: int) -> int:
    """Return a whole number of as many digits that says nothing else."""
    if 0 <= number <= LARGEST_KEPT:
        return int(number)
    digits = len(str(abs(number)))
    return (-1 if number < 0 else 1) * (10 ** (digits - 1) if digits > 1 else 2)
