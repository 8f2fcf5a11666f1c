"""The way to Redis: one server, whichever the Sentinels call master, or a Cluster. This room does I/O.

Enters: scripts with their keys and values. Leaves: what they return; or a `StoreError`, promptly, that holds no value:
of Redis's own messages, which may quote one, only the names of the errors leave. What was perhaps done already is
asked for a second time only where that changes nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import (
    AuthenticationError,
    MovedError,
    NoScriptError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
)
from redis.exceptions import ConnectionError as Dropped
from redis.exceptions import TimeoutError as Silent
from redis.retry import Retry
from redis.sentinel import Sentinel

from proxy.errors import SettingsError, StoreError
from proxy.store.address import Access, Servers

CONNECT_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 1.0
"""So long is a server waited for, before the exchange is refused."""
ASIDE_SECONDS: Final = 0.25
"""The same for those who cannot wait: see `Connection.aside`."""
REST_SECONDS: Final = 1.0
"""After a silence, nobody asks for so long: they would only pile up."""
ASIDE_REST_SECONDS: Final = 5.0
MOST_CONNECTIONS: Final = 256
FAILURES: Final = (RedisError, RedisClusterException, OSError)
"""What the library raises; of a Cluster that is gone, something that is none of its own errors."""


@dataclass(frozen=True, slots=True)
class Script:
    """Something done in Redis in one go."""

    text: str = field(repr=False)
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        """Name it as Redis does."""
        object.__setattr__(self, "sha", sha1(self.text.encode(), usedforsecurity=False).hexdigest())


type Words = Sequence[str | bytes | int]


class Connection:
    """Connections shared by the threads of this process, made when they are needed."""

    def __init__(self, servers: Servers, access: Access, seconds: float = ANSWER_SECONDS) -> None:
        """Take the servers; raises `SettingsError` for files that cannot be used, `StoreError` where none answers."""
        self.servers = servers
        self.name = servers.told
        self._replicas = access.replicas
        self._rest = REST_SECONDS if seconds >= ANSWER_SECONDS else ASIDE_REST_SECONDS
        self._silent_until = 0.0
        self._closed = False
        self.watch: Callable[[Connection], None] = lambda _: None
        """Asked before each script; raises `StoreError` where none may be run."""
        try:
            self.client = _client(servers, access, seconds)
        except (OSError, ValueError) as error:  # a certificate that cannot be read, too
            raise SettingsError(
                f"{self.name}: the certificates of `redis` cannot be read: {_kind(error)}",
                f"{self.name}：无法读取 `redis` 的证书：{_kind(error)}",
            ) from None
        except FAILURES as error:
            raise self.failure(error) from None

    def run(self, script: Script, keys: Sequence[str], values: Words = (), *, again: bool = False) -> Any:
        """Return what a script returns; `again` where to do it twice is the same as once."""
        self.watch(self)
        return self._twice(lambda: self._run(script, keys, values), again=again)

    def ask(self, *words: str | bytes | int) -> Any:
        """Return what a command that changes nothing returns."""
        return self._twice(lambda: self.client.execute_command(*words), again=True)

    def failure(self, error: Exception) -> StoreError:
        """Return our error for one of Redis's, with its name but not its message."""
        if isinstance(error, AuthenticationError):
            return StoreError(
                f"the store, {self.name}, cannot be used (AuthenticationError): it wants another user or password: set"
                " redis.password_file or redis.password_env, and the user in the address",
                f"存储（{self.name}）不能使用（AuthenticationError）：用户或密码不符；请设置 redis.password_file 或"
                " redis.password_env，并在地址中写明用户",
            )
        return StoreError(
            f"the store, {self.name}, cannot be used ({_kind(error)}); run sluice doctor",
            f"存储（{self.name}）不能使用（{_kind(error)}）；请运行 sluice doctor",
        )

    def close(self) -> None:
        """Let go of all connections."""
        self._closed = True
        self.client.close()

    def _twice(self, ask: Any, *, again: bool) -> Any:
        if self._closed:
            raise StoreError(f"the store, {self.name}, cannot be used: it is closed")
        if time.monotonic() < self._silent_until:
            raise StoreError(
                f"the store, {self.name}, cannot be used: it was silent a moment ago",
                f"存储（{self.name}）不能使用：刚才没有应答",
            )
        try:
            try:
                return ask()
            except (Dropped, ReadOnlyError, MovedError) as error:
                turned_away = isinstance(error, ReadOnlyError) or isinstance(error.__context__, ReadOnlyError)
                if turned_away:  # by what was the master once: nothing was done, and another is it now
                    self._forget()
                if not (again or turned_away):
                    raise
                return ask()
        except Silent as error:
            self._silent_until = time.monotonic() + self._rest
            raise self.failure(error) from None
        except FAILURES as error:
            raise self.failure(error) from None

    def _run(self, script: Script, keys: Sequence[str], values: Words) -> Any:
        try:
            return self._call(("EVALSHA", script.sha, len(keys), *keys, *values))
        except NoScriptError:
            return self._call(("EVAL", script.text, len(keys), *keys, *values))

    def _call(self, words: Words) -> Any:
        if not self._replicas:
            return self.client.execute_command(*words)
        pipe = self.client.pipeline(transaction=False)
        pipe.execute_command(*words)
        pipe.execute_command("WAIT", self._replicas, int(ANSWER_SECONDS * 800))
        done, had = pipe.execute(raise_on_error=False)
        if isinstance(done, Exception):
            raise done
        if isinstance(had, Exception) or had < self._replicas:
            raise StoreError(
                f"the store, {self.name}, cannot be used: too few replicas have what was kept",
                f"存储（{self.name}）不能使用：确认已保存的副本太少",
            )
        return done

    def _forget(self) -> None:
        """Leave servers that are no longer what they were."""
        if isinstance(self.client, Redis):
            self.client.connection_pool.disconnect(inuse_connections=False)


def _client(servers: Servers, access: Access, seconds: float) -> Any:
    common: dict[str, Any] = {
        "socket_connect_timeout": min(CONNECT_SECONDS, seconds),
        "socket_timeout": seconds,
        "socket_keepalive": True,
        "protocol": 2,
    }
    if servers.tls:
        common |= {"ssl": True, "ssl_check_hostname": True, "ssl_cert_reqs": "required"}
        files = {"ssl_ca_certs": access.ca, "ssl_certfile": access.certificate, "ssl_keyfile": access.key}
        for name, path in files.items():
            if path is not None:
                path.read_bytes()  # said now and by name, not with the first connection
                common[name] = str(path)
    let_in = {"username": servers.user or None, "password": access.password or None}
    whole = {**common, **let_in, "max_connections": MOST_CONNECTIONS}
    if servers.kind == "cluster":
        if access.replicas:
            raise SettingsError(
                "`redis`, `replicas` is not for a Cluster; set min-replicas-to-write on its nodes",
                "`redis` 的 `replicas` 不用于 Cluster；请在其节点上设置 min-replicas-to-write",
            )
        nodes = [ClusterNode(host, port) for host, port in servers.hosts]
        return RedisCluster(startup_nodes=nodes, retry=Retry(NoBackoff(), 0), **whole)
    whole["retry"] = Retry(NoBackoff(), 0)
    if servers.kind == "single":
        ((host, port),) = servers.hosts
        return Redis(host=host, port=port, db=servers.database, **whole)
    asked = {**common, "password": access.sentinel_password or None, "retry": Retry(NoBackoff(), 0)}
    sentinel = Sentinel(list(servers.hosts), sentinel_kwargs=asked, db=servers.database, **whole)
    return sentinel.master_for(servers.master)


def _kind(error: Exception) -> str:
    """Return what may be said of an error: its name, and that of what led to it."""
    cause = error.__cause__ or error.__context__
    names = [type(error).__name__, *([type(cause).__name__] if isinstance(cause, OSError) else [])]
    return ", ".join(dict.fromkeys(names))
