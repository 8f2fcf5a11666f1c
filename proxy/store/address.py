"""Where a store is: the address that the settings give, read. Pure.

Enters: an address, as `sqlite:///sluice.db` or `rediss+sentinel://sluice@a:26379,b:26379/mymaster/0`. Leaves: a file or
the servers of Redis; or a `SettingsError` that says what to write. A password never stands in an address, and what was
written in its place is never repeated.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from proxy.errors import SettingsError

PORT: Final = 6379
SENTINEL_PORT: Final = 26379
FORMS: Final = (
    "redis://host:6379/0, redis+sentinel://host:26379,host:26379/mymaster/0 or redis+cluster://host:6379,host:6379; "
    "with TLS rediss, as in rediss://host:6379/0"
)

type Kind = Literal["single", "sentinel", "cluster"]


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to be let in, besides the address."""

    password: str = field(default="", repr=False)
    sentinel_password: str = field(default="", repr=False)
    """Of the Sentinels, where they ask for one."""
    ca: Path | None = None
    """Certificates trusted towards the servers; `None` takes those of the system."""
    certificate: Path | None = None
    """The client's own, in PEM form, with the key in it or in `key`."""
    key: Path | None = None
    replicas: int = 0
    """So many replicas must have a change before it counts as kept."""
    prefix: str = "sluice"
    """Begins the name of every key."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Servers of Redis."""

    kind: Kind
    hosts: tuple[tuple[str, int], ...]
    """The server itself; the Sentinels; or some nodes of the Cluster."""
    tls: bool = False
    user: str = ""
    database: int = 0
    master: str = ""
    """What the Sentinels call the group of servers."""

    @property
    def told(self) -> str:
        """What messages call it."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"Redis ({self.kind}, {hosts})" if self.kind != "single" else f"Redis at {hosts}"


def is_redis(url: str) -> bool:
    """Whether an address names servers of Redis."""
    return "://" in url and url.partition("://")[0] in {
        f"{scheme}{kind}" for scheme in ("redis", "rediss") for kind in KINDS
    }


KINDS: Final[dict[str, Kind]] = {"": "single", "+sentinel": "sentinel", "+cluster": "cluster"}


def read_servers(url: str) -> Servers:
    """Return the servers that an address names; raises `SettingsError`."""
    scheme, _, rest = url.partition("://")
    name, plus, kind_of = scheme.partition("+")
    kind = KINDS[f"{plus}{kind_of}"]
    if any(sign in rest for sign in "?#"):
        raise SettingsError(
            f"the store's address takes nothing after its path; write {FORMS}",
            f"store 的地址在路径之后不能再有内容；请写 {FORMS}",
        )
    net, _, path = rest.partition("/")
    login, at, hosts = net.rpartition("@")
    user, colon, _ = login.partition(":")
    if at and colon:
        raise SettingsError(
            "a password does not belong into the store's address; set `redis`, `password_file`",
            "store 的地址中不应写密码；请设置 `redis` 的 `password_file`",
        )
    port = SENTINEL_PORT if kind == "sentinel" else PORT
    parts = [part for part in path.split("/") if part]
    master = unquote(parts.pop(0)) if kind == "sentinel" and parts else ""
    if (kind == "sentinel") != bool(master) or len(parts) > 1 or (kind == "cluster" and parts):
        raise SettingsError(f"the store's address is not whole; write {FORMS}", f"store 的地址不完整；请写 {FORMS}")
    if parts and not (parts[0].isascii() and parts[0].isdigit()):
        raise SettingsError(
            "the store's address ends with the number of a database, as in redis://host:6379/0",
            "store 的地址须以数据库编号结尾，例如 redis://host:6379/0",
        )
    servers = tuple(_host(part, port) for part in hosts.split(","))
    if kind == "single" and len(servers) > 1:
        raise SettingsError(
            f"several servers are Sentinels or nodes of a Cluster; write {FORMS}",
            f"多台服务器只能是 Sentinel 或 Cluster 的节点；请写 {FORMS}",
        )
    return Servers(kind, servers, name == "rediss", unquote(user), int(parts[0]) if parts else 0, master)


def store_file(url: str, base: Path) -> Path | None:
    """Return the file of a store, `None` for one that is none (in memory, or on servers); opens nothing.

    Raises `SettingsError` for an address that is none.
    """
    if url == "sqlite://:memory:":
        return None
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return base / url.removeprefix("sqlite:///")
    if is_redis(url):
        read_servers(url)
        return None
    raise SettingsError(
        f"the store is not an address that Sluice knows; write sqlite:///sluice.db, {FORMS}",
        f"无法识别 store 的地址；请写 sqlite:///sluice.db、{FORMS}",
    )


def _host(text: str, port: int) -> tuple[str, int]:
    try:
        found = urlsplit(f"//{text}")
        host, given = found.hostname, found.port
    except ValueError:
        host = given = None
    if not host or not text.rpartition("]")[2].rpartition(":")[2]:
        raise SettingsError(
            f"the store's address names no server; write {FORMS}", f"store 的地址没有写服务器；请写 {FORMS}"
        )
    return host, port if given is None else given
