"""The section `tenants` of `sluice.yaml`: nodes in, `Tenants` out. Every mistake is noted with its place.

A value that a service would not understand must be an error here: some services take such a field for none at all.
"""

import re
from collections.abc import Callable
from typing import Final

from policies.source import Node
from proxy.settings.read_values import ValueReader
from proxy.tenants import Restriction, Tenants, anthropic, google, microsoft, openai

UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
WORD: Final = re.compile(r"[A-Za-z0-9_-]{8,80}")
"""The id of a workspace."""
DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)


def read_tenants(reader: ValueReader, node: Node) -> Tenants:
    """Return which accounts of which services may be used."""
    readers: dict[str, Callable[[ValueReader, Node], tuple[Restriction, ...]]] = {
        "openai": _openai,
        "anthropic": _anthropic,
        "google": _google,
        "microsoft": _microsoft,
    }
    entries = reader.entries(node, frozenset(readers))
    return Tenants(tuple(each for vendor, value in entries.items() for each in readers[vendor](reader, value)))


def must_be_opened(reader: ValueReader, tunnel: Node, hosts: frozenset[str], tenants: Tenants) -> None:
    """Note hosts that are tunnelled, so that nothing can be told them."""
    if both := sorted(hosts & tenants.opened):
        reader.wrong(
            tunnel.mark,
            f"`tenants` must tell {', '.join(both)} something, which is impossible in a tunnel",
            f"`tenants` 须向 {'、'.join(both)} 发送请求头，经隧道转发时做不到",
        )


def _openai(reader: ValueReader, node: Node) -> tuple[Restriction, ...]:
    entries = reader.entries(node, frozenset({"workspace"}))
    return openai(_one(reader, node, entries.get("workspace"), WORD, "workspace", "the id of a workspace"))


def _anthropic(reader: ValueReader, node: Node) -> tuple[Restriction, ...]:
    entries = reader.entries(node, frozenset({"organizations"}))
    return anthropic(
        _named(reader, node, entries.get("organizations"), UUID, "organizations", "the UUID of an organisation")
    )


def _google(reader: ValueReader, node: Node) -> tuple[Restriction, ...]:
    entries = reader.entries(node, frozenset({"domains"}))
    return google(_named(reader, node, entries.get("domains"), DOMAIN, "domains", "a domain such as corp.example"))


def _microsoft(reader: ValueReader, node: Node) -> tuple[Restriction, ...]:
    entries = reader.entries(node, frozenset({"tenants", "directory", "policy"}))
    directory = _one(reader, node, entries.get("directory"), UUID, "directory", "the UUID of a directory")
    if "policy" in entries:
        if "tenants" in entries:
            reader.wrong(
                entries["tenants"].mark,
                "write either `tenants`, or `policy`, where Entra itself says which tenants",
                "`tenants` 与 `policy` 只能写其一：写 `policy` 时由 Entra 决定允许哪些租户",
            )
        return microsoft((), directory, _one(reader, node, entries["policy"], UUID, "policy", "the UUID of a policy"))
    either = re.compile(f"{UUID.pattern}|{DOMAIN.pattern}", re.IGNORECASE)
    what = "a domain of a tenant, or its UUID"
    return microsoft(_named(reader, node, entries.get("tenants"), either, "tenants", what), directory, "")


def _one(reader: ValueReader, whole: Node, node: Node | None, form: re.Pattern[str], key: str, what: str) -> str:
    """Return the one value under `key`."""
    texts = _named(reader, whole, node, form, key, what)
    if len(texts) > 1 and node is not None:
        reader.wrong(node.mark, f"one {key} is expected here, not several", f"`{key}` 只能写一个")
    return texts[0] if texts else ""


def _named(
    reader: ValueReader, whole: Node, node: Node | None, form: re.Pattern[str], key: str, what: str
) -> tuple[str, ...]:
    """Return the values under `key`; at least one must be there, and all of the form."""
    texts = reader.texts(node) if node is not None else ()
    if not texts:
        mark = node.mark if node is not None else whole.mark
        reader.wrong(mark, f"`{key}` is missing: {what} is expected", f"缺少 `{key}`（须为 {what}）")
    for text in texts:
        if not form.fullmatch(text) and node is not None:
            reader.wrong(node.mark, f"{what} is expected here", f"此处须为 {what}")
    return texts
