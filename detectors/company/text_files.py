"""The text of a file that is plain text, in the encodings that people use.

Enters: a name and bytes. Leaves: text, or None for what holds none or is no plain text. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from detectors.decode_text import NotText, Undecided, decode

LARGEST: Final = 64 << 20
"""Bytes of a file that is read as text."""


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be registered."""

    name: str = field(repr=False)
    """Its path below the folder."""
    mark: str
    """What changes when it does: size and time of change, or the number of its content."""
    read: Callable[[], bytes] = field(repr=False)
    """Returns its bytes; raises `OSError`."""


def text_of(_name: str, data: bytes) -> str | None:
    """Return the text of a file, by its bytes alone."""
    if len(data) > LARGEST:
        return None
    try:
        return decode(data).text
    except (NotText, Undecided):
        return None
