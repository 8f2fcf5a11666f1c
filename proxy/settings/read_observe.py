"""The sections `admin` and `tracing` of `sluice.yaml`: nodes in, values out. Every mistake is noted with its place."""

from policies.source import Node
from proxy.observe.spans import Tracing
from proxy.settings.interface import Address
from proxy.settings.read_internal import split_url
from proxy.settings.read_values import ValueReader


def read_admin(reader: ValueReader, node: Node) -> Address | None:
    """Return where health and metrics are shown."""
    entries = reader.entries(node, frozenset({"listen"}))
    return reader.address(entries["listen"]) if "listen" in entries else None


def read_tracing(reader: ValueReader, node: Node) -> Tracing:
    """Return where spans go, and of how many exchanges."""
    entries = reader.entries(node, frozenset({"endpoint", "ratio"}))
    endpoint = (reader.text(entries["endpoint"]) or "") if "endpoint" in entries else ""
    if "endpoint" not in entries or split_url(endpoint) is None:
        reader.wrong(
            node.mark,
            "`endpoint` must be the address of a collector, such as http://collector.example:4318/v1/traces",
            "`endpoint` 须为收集器的地址，如 http://collector.example:4318/v1/traces",
        )
    ratio = reader.positive_number(entries["ratio"]) if "ratio" in entries else 1.0
    if ratio > 1:
        reader.wrong(entries["ratio"].mark, "a share from 0 to 1 is expected here", "此处应为 0 至 1 之间的比例")
        ratio = 1.0
    return Tracing(endpoint, ratio)
