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
        self._known: dict[str, list[int]] = {"\n": [NEW_LINE]}

    def of_each(self, text: str, places: Sequence[Place]) -> list[list[int]]:
        """Return the pieces of each token at `places`."""
        return [self._pieces(text[start:end]) for start, end in places]

    def row(self, text: str, places: Sequence[Place], pieces: Sequence[list[int]] | None = None) -> Row:
        """Return the inputs for the tokens at `places`, framed as BERT frames a sentence; `pieces` where known."""
        ids, types, first = [FIRST], [0], []
        for (start, end), some in zip(places, pieces or self.of_each(text, places), strict=True):
            first.append(len(ids))
            ids += some
            types += [_type(text, start, text[start:end])] * len(some)
        ids.append(LAST)
        types.append(0)
        return Row(ids, types, first)

    def _pieces(self, word: str) -> list[int]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known = {"\n": [NEW_LINE]}
            known = list(self._tokenizer.encode(word, add_special_tokens=False).ids[:MOST]) or [UNKNOWN]
            self._known[word] = known
        return known


def _type(text: str, start: int, word: str) -> int:
    """Return white space before the token (none, some, a line's start) times six, plus the token's own kind."""
    before = text[start - 1 : start]
    space = 12 if before in ("", "\n") else 6 if before.isspace() else 0
    if "\u3400" <= word[0] <= "\u9fff":
        return space + 5
    if word[0].isdigit():
        return space + 4
    if not word[0].isalpha() or word.islower():
        return space
    if word.istitle() and len(word) > 1:
        return space + 1
    return space + (2 if word.isupper() else 3)
