"""The section `pac` of `sluice.yaml`: nodes in, a `Pac` out. Every mistake is noted with its place."""

from policies.source import Node
from proxy.rollout.pac import Pac
from proxy.settings.read_values import ValueReader


def read_pac(reader: ValueReader, node: Node) -> Pac | None:
    """Return where the PAC file is served, and which proxies it names."""
    entries = reader.entries(node, frozenset({"listen", "proxies"}))
    missing = [key for key in ("listen", "proxies") if key not in entries]
    if missing:
        reader.wrong(node.mark, f"`pac` needs {', '.join(missing)}", f"`pac` 须写明 {'、'.join(missing)}")
        return None
    proxies = tuple(reader.address(item) for item in reader.items(entries["proxies"]))
    if not proxies:
        en = "a PAC file that names no proxy lets browsers go round Sluice; write one, such as proxy.corp.example:8080"
        zh = "没有写明代理的 PAC 文件会让浏览器绕过 Sluice；请写明，例如 proxy.corp.example:8080"
        reader.wrong(entries["proxies"].mark, en, zh)
    if any(host in ("0.0.0.0", "::") for host, _ in proxies):
        reader.wrong(
            entries["proxies"].mark,
            "write the proxies as clients reach them, such as proxy.corp.example:8080",
            "请写客户端可访问的代理地址，例如 proxy.corp.example:8080",
        )
    return Pac(reader.address(entries["listen"]), proxies)
