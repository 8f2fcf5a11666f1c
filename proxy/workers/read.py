"""The section `workers` of `sluice.yaml`: nodes in, `Workers` out.

Every mistake is noted in the reader's report with its place. A number alone is how many there are.
"""

from collections.abc import Callable
from typing import Any, Final

from policies.source import Node, Scalar
from proxy.settings.read_values import ValueReader
from proxy.workers.interface import Workers

MOST: Final = 64


def read_workers(reader: ValueReader, node: Node) -> Workers:
    """Return what the administrator says of workers."""
    if isinstance(node, Scalar):
        return Workers(count=reader.whole(node, MOST, 0))
    readers: dict[str, Callable[[Node], Any]] = {
        "count": lambda value: reader.whole(value, MOST, 0),
        "drain_seconds": reader.positive_number,
        "websocket_seconds": reader.positive_number,
    }
    entries = reader.entries(node, frozenset(readers))
    return Workers(**{key: readers[key](value) for key, value in entries.items()})
