"""The section `canary` of `sluice.yaml`: nodes in, what flies and how often out.

Every mistake is noted in the reader's report with its place.
"""

from datetime import timedelta
from typing import Final

from policies.source import Node
from proxy.canary.judge import Canaries, Wanted
from proxy.settings.read_values import ValueReader

MOST_MINUTES: Final = 60 * 24 * 31
KEYS: Final = frozenset({"host", "path", "key_env", "key_file"})


def read_canary(reader: ValueReader, node: Node) -> Canaries:
    """Return which services are proven, and when."""
    entries = reader.entries(node, frozenset({"every_minutes", "services", "login_env", "login_file"}))
    services = reader.entries(entries["services"], None) if "services" in entries else {}
    every = (
        timedelta(minutes=reader.whole(entries["every_minutes"], MOST_MINUTES)) if "every_minutes" in entries else None
    )
    if every is not None and not services:
        reader.wrong(entries["every_minutes"].mark, "`canary` needs `services`", "`canary` 须写明 `services`")
    return Canaries(
        {id_: read_wanted(reader, value) for id_, value in services.items()}, every, secret(reader, entries, "login")
    )


def read_wanted(reader: ValueReader, node: Node) -> Wanted:
    """Return what is said of one service."""
    entries = reader.entries(node, KEYS)
    path = reader.text(entries["path"]) or "" if "path" in entries else ""
    if path and (not path.startswith("/") or not path.isascii() or " " in path or not path.isprintable()):
        reader.wrong(
            entries["path"].mark,
            "a path begins with `/`, in ASCII without blanks",
            "路径须以 `/` 开头，只含 ASCII 字符，无空格",
        )
    return Wanted(
        host=reader.host(entries["host"]) or "" if "host" in entries else "",
        path=path,
        key=secret(reader, entries, "key"),
    )


def secret(reader: ValueReader, entries: dict[str, Node], name: str) -> str:
    """Return a secret out of `…_env` or `…_file`; both together are a mistake."""
    sources = {f"{name}_env": reader.secret_of_environment, f"{name}_file": reader.secret_of_file}
    given = [key for key in sources if key in entries]
    if len(given) > 1:
        reader.wrong(
            entries[given[1]].mark, f"write {given[0]} or {given[1]}, not both", f"{given[0]} 与 {given[1]} 只能写一个"
        )
    value = "".join(sources[key](entries[key]) or "" for key in given[:1])
    if not value.isprintable() or not value.isascii():
        reader.wrong(
            entries[given[0]].mark,
            "it holds a line break or another character that no header can",
            "其中含有换行或请求头不能包含的字符",
        )
        return ""
    return value
