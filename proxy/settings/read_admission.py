"""The sections `admission` and `connections` of `sluice.yaml`: nodes in, limits out.

Every mistake is noted in the reader's report with its place. What is not written suits the machine: see `fitted`.
"""

from collections.abc import Callable
from typing import Any, Final

from policies.source import Node
from proxy.overload.admission import Admission
from proxy.overload.doorkeeper import Connections
from proxy.settings.read_values import ValueReader

MOST: Final = 1_000_000
MOST_RETRY: Final = 3600


def read_admission(reader: ValueReader, node: Node) -> Admission:
    """Return how much is let in at once."""
    wholes = ("at_once", "person_at_once", "waiting", "person_waiting")
    values = _read(
        reader,
        node,
        {
            **dict.fromkeys(wholes, lambda value: reader.whole(value, MOST)),
            **dict.fromkeys(("waiting_bytes", "person_waiting_bytes"), reader.size),
            "wait_seconds": reader.positive_number,
            "retry_seconds": lambda value: reader.whole(value, MOST_RETRY),
        },
    )
    made = Admission(**values)
    for one, all_together in (
        ("person_at_once", "at_once"),
        ("person_waiting", "waiting"),
        ("person_waiting_bytes", "waiting_bytes"),
    ):
        if values.get(one, 0) > values.get(all_together, values.get(one, 0)):
            reader.wrong(
                node.mark, f"`{one}` is more than `{all_together}` allows to all", f"`{one}` 超过了 `{all_together}`"
            )
    return made


def read_connections(reader: ValueReader, node: Node) -> Connections:
    """Return what clients may take up."""
    seconds = ("head_seconds", "body_idle_seconds", "body_seconds", "idle_seconds", "stalled_seconds")
    wholes = dict.fromkeys(("total", "address"), lambda value: reader.whole(value, MOST))
    return Connections(**_read(reader, node, {**wholes, **dict.fromkeys(seconds, reader.positive_number)}))


def _read(reader: ValueReader, node: Node, readers: dict[str, Callable[[Node], Any]]) -> dict[str, Any]:
    entries = reader.entries(node, frozenset(readers))
    return {key: readers[key](value) for key, value in entries.items()}
