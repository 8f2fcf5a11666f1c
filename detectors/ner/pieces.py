"""Word pieces of the Latin-script tagger, made of our own tokens so that no offset is ever guessed.

Enters: a view's text and the places of its tokens. Leaves: piece numbers, types that carry letter case and white space
(the vocabulary knows lower case only), and where each token's first piece stands. A tokenizer's own truncation and
padding are switched off: what it would cut away would never be looked at.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tokenizers import Tokenizer

from detectors.ner.tokenise import Place

NEW_LINE: Final = 2
"""`[unused1]` of the vocabulary stands for a line break."""

UNKNOWN, FIRST, LAST = 100, 101, 102
"""`[UNK]`, `[CLS]` and `[SEP]` of BERT's vocabulary."""

MOST: Final = 8
"""Pieces of one token; a longer one is no word."""

TYPES: Final = 18
"""Six kinds of token, times three kinds of white space before it."""

REMEMBERED: Final = 25_000
"""Words at most, some 5 MB; then all are forgotten, for what people write about changes."""
LONGEST: Final = 40
"""Characters of a word that is remembered: what is longer may be as long as a text."""


SPACE: Final = {
    **{character: 6 for character in map(chr, range(0x3001)) if character.isspace()},
    "\n": 12,
    "": 12,
}
"""Added to the kind of a token behind white space, and more at the start of a line."""


class Known(NamedTuple):
    """What is known of a word."""

    pieces: list[int]
    kind: int
    """Which of the six kinds it is of."""


class Row(NamedTuple):
    """The inputs of one stretch of text."""

    ids: list[int]
    types: list[int]
    first: list[int]
    """Where in the two lists above each token begins."""


class Pieces:
    """A vocabulary, and a memory of the words seen; may be used from several threads."""

    def __init__(self, file: Path) -> None:
        """Read a `tokenizer.json`."""
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._known: dict[str, Known] = {"\n": Known([NEW_LINE], 0)}

    def of_each(self, text: str, places: Sequence[Place]) -> list[Known]:
        """Return what is known of each token at `places`."""
        known = self._known
        words = [text[start:end] for start, end in places]
        found = [*map(known.get, words)]
        return [one or self._made(word) for one, word in zip(found, words, strict=True)]

    def row(self, text: str, places: Sequence[Place], pieces: Sequence[Known] | None = None) -> Row:
        """Return the inputs for the tokens at `places`, framed as BERT frames a sentence; `pieces` where known."""
        ids, types, first = [FIRST], [0], []
        for (start, _), (some, kind) in zip(places, pieces or self.of_each(text, places), strict=True):
            first.append(len(ids))
            ids += some
            types += [kind + SPACE.get(text[start - 1 : start], 0)] * len(some)
        ids.append(LAST)
        types.append(0)
        return Row(ids, types, first)

    def _made(self, word: str) -> Known:
        if len(self._known) >= REMEMBERED:
            self._known = {"\n": Known([NEW_LINE], 0)}
        pieces = list(self._tokenizer.encode(word, add_special_tokens=False).ids[:MOST]) or [UNKNOWN]
        known = Known(pieces, _kind(word))
        if len(word) <= LONGEST:
            self._known[word] = known
        return known


def _kind(word: str) -> int:
    """Return which of six kinds a token is of."""
    if "\u3400" <= word[0] <= "\u9fff":
        return 5
    if word[0].isdigit():
        return 4
    if not word[0].isalpha() or word.islower():
        return 0
    if word.istitle() and len(word) > 1:
        return 1
    return 2 if word.isupper() else 3
