"""The sections `identity` and `front` of `sluice.yaml`: nodes in, sources of names out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from policies.source import Node, Scalar
from proxy.caller import HeaderSource, IdentitySources, NetworkSource, make_roster
from proxy.identity.interface import DirectorySource, Front, Tickets
from proxy.settings.read_values import ValueReader

KEYS: Final = frozenset({"header", "networks", "groups", "directory", "kerberos"})
HOURS: Final = 3600


def read_identity(reader: ValueReader, node: Node) -> IdentitySources:
    """Return where names of people come from; directory and tickets are read by `joined`."""
    entries = reader.entries(node, KEYS)
    header = None
    if "header" in entries:
        field = reader.entries(entries["header"], frozenset({"user", "groups", "from", "inside_tunnels"}))
        header = HeaderSource(
            user=reader.field_name(field["user"]) if "user" in field else "",
            groups=reader.field_name(field["groups"]) if "groups" in field else "",
            trusted=reader.networks_of(field["from"]) if "from" in field else (),
            inside_tunnels=_yes(reader, field.get("inside_tunnels"), usual=False),
        )
        if not header.user or not header.trusted:
            reader.wrong(
                entries["header"].mark,
                "a trusted header needs `user` and `from`",
                "可信请求头须写明 `user` 与 `from`",
            )
    networks = []
    for item in reader.items(entries["networks"]) if "networks" in entries else ():
        field = reader.entries(item, frozenset({"cidr", "user", "groups"}))
        if "cidr" not in field:
            reader.wrong(item.mark, "a network needs `cidr`", "网络须写明 `cidr`")
            continue
        for network in reader.networks_of(field["cidr"]):
            user = reader.text(field["user"]) or "" if "user" in field else ""
            groups = frozenset(reader.texts(field["groups"])) if "groups" in field else frozenset[str]()
            networks.append(NetworkSource(network, user, groups))
    members = reader.entries(entries["groups"], None) if "groups" in entries else {}
    roster = make_roster({name: reader.texts(value) for name, value in members.items()})
    return IdentitySources(header=header, networks=tuple(networks), roster=roster)


def joined(reader: ValueReader, entries: Mapping[str, Node], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of logins: what `identity` says of directory and tickets, and whether anybody is asked."""
    inner = reader.entries(entries["identity"], None) if "identity" in entries else {}
    made: dict[str, Any] = {}
    if "directory" in inner:
        made["directory"] = read_directory(reader, inner["directory"])
    if "kerberos" in inner:
        made["tickets"] = read_tickets(reader, inner["kerberos"])
    directory, front = made.get("directory"), values.get("front")
    asked = bool(values.get("proxy_login") or made.get("tickets") or (directory and directory.login))
    mode = str(values.get("mode") or "regular")
    if asked and not mode.startswith(("regular", "upstream", "socks5")):
        place = entries.get("proxy_login") or entries["identity"]
        reader.wrong(
            place.mark,
            f"in mode {mode} nobody can be asked for a login; use `networks`, or `directory` with `login: false`",
            f"{mode} 模式下无法要求登录；请使用 `networks`，或在 `directory` 中写 `login: false`",
        )
    if asked or (front is not None and front.certificates):
        sources = values.get("identity") or IdentitySources()
        made["identity"] = replace(sources, proxy_login=asked, certificates=bool(front and front.certificates))
    return made


def read_directory(reader: ValueReader, node: Node) -> DirectorySource:
    """Return the directory."""
    secrets = {"password_env": reader.secret_of_environment, "password_file": reader.secret_of_file}
    known = {"url", "base", "bind", "user", "groups", "group_base", "member", "ca", "plain", "login"}
    entries = reader.entries(node, frozenset({*known, "fresh_minutes", "stale_hours", *secrets}))
    missing = [key for key in ("url", "base") if key not in entries]
    if missing:
        reader.wrong(node.mark, f"`directory` needs {', '.join(missing)}", f"`directory` 须写明 {'、'.join(missing)}")
        return DirectorySource("", "")
    given = [key for key in secrets if key in entries]
    if len(given) > 1:
        reader.wrong(entries[given[1]].mark, "the password comes from one place only", "密码只能来自一处")
    texts: dict[str, Any] = {
        key: reader.text(entries[key]) or "" for key in ("base", "bind", "user", "groups", "member") if key in entries
    }
    if "group_base" in entries:
        texts["group_base"] = reader.text(entries["group_base"]) or ""
    return DirectorySource(
        url=_url(reader, entries["url"]),
        **texts,
        password="".join(secrets[key](entries[key]) or "" for key in given[:1]),
        ca=reader.path(entries["ca"]) if "ca" in entries else None,
        plain=_yes(reader, entries.get("plain"), usual=False),
        login=_yes(reader, entries.get("login"), usual=True),
        fresh=60 * reader.whole(entries["fresh_minutes"], 1440) if "fresh_minutes" in entries else 600,
        stale=HOURS * reader.whole(entries["stale_hours"], 168, 0) if "stale_hours" in entries else 4 * HOURS,
    )


def read_tickets(reader: ValueReader, node: Node) -> Tickets:
    """Return how Kerberos tickets are accepted."""
    entries = reader.entries(node, frozenset({"host", "keytab"}))
    missing = [key for key in ("host", "keytab") if key not in entries]
    if missing:
        reader.wrong(node.mark, f"`kerberos` needs {', '.join(missing)}", f"`kerberos` 须写明 {'、'.join(missing)}")
        return Tickets()
    return Tickets(host=reader.host(entries["host"]) or "", keytab=reader.path(entries["keytab"]))


def read_front(reader: ValueReader, node: Node) -> Front:
    """Return the balancers that say who connects to them."""
    entries = reader.entries(node, frozenset({"from", "certificates"}))
    if "from" not in entries:
        reader.wrong(node.mark, "`front` needs `from`", "`front` 须写明 `from`")
        return Front()
    return Front(reader.networks_of(entries["from"]), _yes(reader, entries.get("certificates"), usual=False))


def _yes(reader: ValueReader, node: Node | None, *, usual: bool) -> bool:
    if node is None:
        return usual
    return reader.choice(node, ("yes", "no", "true", "false")) in ("yes", "true")


def _url(reader: ValueReader, node: Node) -> str:
    text = reader.text(node) or ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("ldap", "ldaps") and bool(parts.hostname) and parts.path in ("", "/")
        good = good and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        good = False
    if not good or not isinstance(node, Scalar):
        reader.wrong(
            node.mark,
            "write the address of the directory, such as ldaps://dc.corp.example",
            "请写目录服务的地址，例如 ldaps://dc.corp.example",
        )
        return ""
    return text.rstrip("/")
