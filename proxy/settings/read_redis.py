"""The section `redis` of `sluice.yaml`: nodes in, what it takes to be let in out.

Every mistake is noted in the reader's report with its place. A password stands in a file or in an environment variable,
and never in what is read here.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from policies.source import Node
from proxy.settings.read_values import ValueReader
from proxy.store.address import Access

PREFIX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
MOST_REPLICAS: Final = 9


def read_redis(reader: ValueReader, node: Node) -> Access:
    """Return what it takes to be let into Redis."""
    readers: dict[str, tuple[str, Callable[[Node], Any]]] = {
        "password_env": ("password", lambda value: _of_environment(reader, value)),
        "password_file": ("password", lambda value: _of_file(reader, value)),
        "sentinel_password_env": ("sentinel_password", lambda value: _of_environment(reader, value)),
        "sentinel_password_file": ("sentinel_password", lambda value: _of_file(reader, value)),
        "ca": ("ca", reader.path),
        "certificate": ("certificate", reader.path),
        "key": ("key", reader.path),
        "replicas": ("replicas", lambda value: reader.whole(value, MOST_REPLICAS, 0)),
        "prefix": ("prefix", lambda value: _prefix(reader, value)),
    }
    entries = reader.entries(node, frozenset(readers))
    values = {readers[key][0]: readers[key][1](value) for key, value in entries.items()}
    if "key" in entries and "certificate" not in entries:
        reader.wrong(entries["key"].mark, "a `key` belongs to a `certificate`", "`key` 须与 `certificate` 一起填写")
    return Access(**{key: value for key, value in values.items() if value is not None})


def _of_environment(reader: ValueReader, node: Node) -> str | None:
    """Return a password; commands that send nothing open the store too, and take it where they find it."""
    return reader.secret_of_environment(node) if reader.secrets else reader.environment.get(reader.text(node) or "")


def _of_file(reader: ValueReader, node: Node) -> str | None:
    """Return a password out of a file, likewise."""
    if reader.secrets:
        return reader.secret_of_file(node)
    path = reader.path(node)
    with suppress(OSError, ValueError):
        return path.read_text("utf-8").strip() if path else None
    return None


def _prefix(reader: ValueReader, node: Node) -> str | None:
    text = reader.text(node) or ""
    if PREFIX.fullmatch(text):
        return text
    en = "letters, digits, `.`, `_` and `-` are expected here, 40 at most"
    reader.wrong(node.mark, en, "此处应为字母、数字、`.`、`_`、`-`，最多 40 个")
    return None
