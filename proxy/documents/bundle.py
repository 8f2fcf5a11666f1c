"""Files within a file, read into one document.

Enters: each member, read. Leaves: their texts as the texts of one document, with pointers that lead through the
members; and, for a new set of texts, the members that change.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from proxy.documents.document import Document, Opaque, Reason, Text, joined, unwritable


class Bundle:
    """Gathers members."""

    def __init__(self, *, fixed: bool = False) -> None:
        """Take whether members cannot be put back."""
        self.parts: list[Text] = []
        self.opaque: list[Opaque] = []
        self._fixed = fixed
        self._members: list[tuple[str, Document, int]] = []

    def add(self, name: str, document: Document) -> None:
        """Add what a member holds."""
        self._members.append((name, document, len(self.parts)))
        for part in document.parts:
            pointer = joined(name, part.pointer)
            self.parts.append(replace(part, pointer=pointer, fixed=part.fixed or self._fixed))
        self.opaque += (replace(one, pointer=joined(name, one.pointer)) for one in document.opaque)

    def close(self, pointer: str, reason: Reason) -> None:
        """Say that something cannot be looked into."""
        self.opaque.append(Opaque(pointer, reason))

    def say(self, pointer: str, text: str) -> None:
        """Add text that cannot be put back; none if there is none."""
        if text.strip():
            self.parts.append(Text(pointer, whole(text), fixed=True))

    def changed(self, texts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the members that a new set of texts changes; raises `FixedText`."""
        for name, document, first in self._members:
            count = len(document.parts)
            mine = texts[first : first + count]
            if any(part.text != text for part, text in zip(document.parts, mine, strict=True)):
                yield name, document.rewrite(mine)

    def document(self, kind: str, data: bytes, write: Callable[[Sequence[str]], bytes] = unwritable) -> Document:
        """Return the whole."""
        return Document(kind, data, tuple(self.parts), tuple(self.opaque), write)


def whole(text: str) -> str:
    """Return a text with pairs of surrogates joined, and without any that is left over."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
