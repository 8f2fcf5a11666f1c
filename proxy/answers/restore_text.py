"""Placeholders back to originals in one running text.

Enters: the text, in pieces cut anywhere. Leaves: the same with every placeholder that `lookup` knows replaced, escaped
for the JSON it stands in. Held back is only what can still become a placeholder, or a placeholder that what follows can
still make part of a host name, for at most `REACH` characters. Never restored: what a client could carry out again.
"""

import json as json_encoder
import re
from collections.abc import Callable
from typing import Final

from detectors.redact import OPENING, WRITTEN, WRITTEN_BEGINNING, canonical
from proxy.answers.hosts import makes_host
from proxy.answers.nesting import Level
from proxy.errors import StoreError

REACH: Final = 256
"""Characters behind a placeholder that may decide over it; undecided after them, it stays."""
ESCAPES: Final = 4
"""Backslashes that may belong to a bracket."""
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")

type Lookup = Callable[[str], str | None]
"""Placeholder → its original, or None for one that is not this person's."""


class TextRestorer:
    """Restores one running text, given in pieces."""

    __slots__ = ("held", "lookup", "place", "restored")

    def __init__(self, lookup: Lookup, json: bool = False) -> None:
        """Start a text; `json` when it is JSON from its first character on."""
        self.lookup = lookup
        self.place = Level(json=json)
        self.held = ""
        self.restored = 0

    def feed(self, text: str) -> str:
        """Return all that is certain once `text` has come."""
        return self.advance(text, ended=False)

    def flush(self) -> str:
        """Return what is held back: no more text will come, and what is undecided is decided as before a blank."""
        return self.advance("", ended=True)

    def advance(self, text: str, ended: bool) -> str:
        """Go on over what is held and `text`, and hold back what is not certain."""
        text, self.held = self.held + text, ""
        certain, at = [], 0
        for found in WRITTEN.finditer(text):
            if canonical(found[0]) is None:
                continue
            certain.append(self.passed(text[at : found.start()]))
            at = found.end()
            carried = self.place.exposed or self.carried(text[at : at + REACH], ended)
            if carried is None:
                self.held = text[found.start() :]
                return "".join(certain)
            certain.append(self.passed(found[0]) if carried else self.original(found[0]))
        border = len(text) if ended else beginning(text, at)
        certain.append(self.passed(text[at:border]))
        self.held = text[border:]
        return "".join(certain)

    def carried(self, after: str, ended: bool) -> bool | None:
        """Say whether `after` makes a host or mail address of the placeholder before it, or one text of a list with an
        address; None: not certain yet."""
        behind, closed = self.place.ahead(after)
        verdicts = (makes_host(behind, closed or ended, self.place.quoted), self.place.joins(after, ended))
        if None not in verdicts or True in verdicts:
            return True in verdicts
        return True if len(after) == REACH else None

    def passed(self, text: str) -> str:
        """Go on over text that stays as it is."""
        self.place.feed(text)
        return text

    def original(self, written: str) -> str:
        """Return what stands for a placeholder at this place; what was written where it is not known."""
        placeholder = canonical(written)
        value = self.look(placeholder) if placeholder else None
        if value is None:
            return self.passed(written)
        self.restored += 1
        if self.place.bare and not NUMBER.fullmatch(value):
            value = json_encoder.dumps(value, ensure_ascii=False)  # a model took the placeholder for a number
        for _ in range(self.place.strings):
            value = json_encoder.dumps(value, ensure_ascii=False)[1:-1]
        return self.passed(value)  # the client reads the value, so its place is the one that counts

    def look(self, placeholder: str) -> str | None:
        """Return the original; none while the vault is out of reach, for the answer must not be lost."""
        try:
            return self.lookup(placeholder)
        except StoreError:
            return None


def beginning(text: str, at: int) -> int:
    """Return the place from `at` on from which what follows may still become a placeholder; else the text's end."""
    border = max(text.rfind(sign, at) for sign in OPENING)
    if border < 0 or WRITTEN_BEGINNING.fullmatch(text, border) is None:
        border = len(text)
    start = border
    while start > at and border - start < ESCAPES and text[start - 1] == "\\":
        start -= 1
    return start


def restore_text(text: str, lookup: Lookup) -> tuple[str, int]:
    """Return a whole text restored, and how many placeholders were."""
    restorer = TextRestorer(lookup)
    return restorer.feed(text) + restorer.flush(), restorer.restored
