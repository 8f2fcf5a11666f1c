"""The section `documents` of `sluice.yaml`: nodes in, limits for reading files out.

Every mistake is noted in the reader's report with its place.
"""

from collections.abc import Callable
from typing import Any, Final

from policies.source import Node
from proxy.documents.document import Limits
from proxy.settings.read_values import ValueReader

SWITCH: Final = {"true": True, "false": False}
MOST_PROCESSES: Final = 64
MOST_ICON: Final = 4096
"""Pixels of what may be called an icon: 64 by 64."""
LEAST_MEMORY: Final = 256 << 20
"""Bytes without which no process that reads files starts."""


def read_documents(reader: ValueReader, node: Node) -> Limits:
    """Return how much of a file is read."""
    readers: dict[str, Callable[[Node], Any]] = {
        "ocr": lambda value: SWITCH.get(reader.choice(value, tuple(SWITCH)) or ""),
        "seconds": reader.positive_number,
        "processes": lambda value: reader.whole(value, MOST_PROCESSES),
        "memory": lambda value: _memory(reader, value),
        "size": reader.size,
        "unpacked": reader.size,
        "icon_pixels": lambda value: reader.whole(value, MOST_ICON, 0),
        **dict.fromkeys(("expansion", "depth", "files", "pages", "pictures", "pixels", "characters"), reader.whole),
    }
    entries = reader.entries(node, frozenset(readers))
    values = {key: readers[key](value) for key, value in entries.items()}
    return Limits(**{key: value for key, value in values.items() if value is not None})


def _memory(reader: ValueReader, node: Node) -> int:
    size = reader.size(node)
    if 1 < size < LEAST_MEMORY:
        reader.wrong(node.mark, "at least 256MiB is needed here", "此处至少需要 256MiB")
    return size
