"""The text of a file, whatever kind it is: plain text in the encodings that people use, office documents.

Enters: a name and bytes. Leaves: text, or None for what holds none or cannot be read here (pictures, programs, PDF).
Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from detectors.company.office import UnreadableFile, is_office, office_text
from detectors.decode_text import NotText, Undecided, decode

LARGEST: Final = 64 << 20
"""Bytes of a file that is read as text."""
OFFICE: Final = (".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".odt", ".ods", ".odp")


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be registered."""

    name: str = field(repr=False)
    """Its path below the folder."""
    mark: str
    """What changes when it does: size and time of change, or the number of its content."""
    read: Callable[[], bytes] = field(repr=False)
    """Returns its bytes; raises `OSError`."""


def text_of(name: str, data: bytes) -> str | None:
    """Return the text of the file called `name`."""
    if is_office(data):
        try:
            return office_text(data) if name.lower().endswith(OFFICE) else None
        except UnreadableFile:
            return None
    if len(data) > LARGEST:
        return None
    try:
        return decode(data).text
    except (NotText, Undecided):
        return None
