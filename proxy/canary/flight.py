"""Sends canaries through the running proxy, and reads in its audit log what it did with them. This room does I/O.

Enters: requests, the proxy's listening address, its certificate and its log. Leaves: results. A canary trusts the
proxy's own authority and nothing else, so where a connection is not opened by the proxy it is not sent at all: its
words never reach a service but through the filter that they are to prove.
"""

import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Any, Final

from wsproto.utilities import ProtocolError

from proxy.audit import EVENT, ID
from proxy.canary.judge import Result, judge
from proxy.canary.plan import Shot
from proxy.canary.talk import say
from proxy.errors import SettingsError
from proxy.settings.interface import Address, Settings
from proxy.trail.chain import BadLine, read_line

SECONDS: Final = 30.0
"""Longest time for each step of a connection."""
MOST: Final = 64 * 1024
"""Bytes of an answer that are read."""
SETTLES: Final = 3.0
"""Seconds in which the line about an answer comes."""
OPENED: Final = 101
"""Status of a handshake that a service agrees to."""
LOGIN_ASKED: Final = "407"
ANYWHERE: Final[Mapping[str, str]] = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
"""Addresses that only listen, and where they are reached on this machine."""


@dataclass(frozen=True, slots=True)
class Sky:
    """Where canaries fly: a running proxy as its clients see it, and its log."""

    proxy: Address
    ca: Path
    log: Path
    login: str = field(default="", repr=False)
    front: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose PROXY protocol header the proxy expects, so that the canary must send one."""

    @property
    def told(self) -> str:
        """The proxy's address for people."""
        host, port = self.proxy
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def sky_of(settings: Settings, proxy: Address | None = None) -> Sky:
    """Return the sky of a proxy with these settings; `proxy` is where it listens, if not as they say.

    Raises `SettingsError` where no client could fly, or nobody could see.
    """
    if not settings.mode.startswith(("regular", "upstream")):
        raise SettingsError(
            f"canary: a proxy of mode {settings.mode} takes no clients by its address; see docs/cli.md",
            f"canary：{settings.mode} 模式的代理不接受按地址连接的客户端；参见 docs/cli.md",
        )
    if settings.audit == "-":
        raise SettingsError(
            "canary: the audit log goes to standard output, where nothing can be looked up",
            "canary：审计日志写往标准输出，无法在其中查找记录",
        )
    host, port = proxy or settings.listen
    if not port:
        raise SettingsError(
            "canary: the settings leave the port open (0); say with --proxy where it listens",
            "canary：设置中未指定端口（0）；请用 --proxy 说明代理的监听地址",
        )
    state = settings.state
    where, log, login = (ANYWHERE.get(host, host), port), state / settings.audit, settings.canary.login
    return Sky(where, state / "sluice-ca.pem", log, login, settings.front.trusted)


def fly(shots: Iterable[Shot | Result], sky: Sky) -> Iterator[Result]:
    """Send each canary and yield what became of it; raises `SettingsError` where certificate or log cannot be read."""
    trust = trust_in(sky.ca)
    for each in shots:
        yield each if isinstance(each, Result) else one(each, sky, trust)


def trust_in(ca: Path) -> ssl.SSLContext:
    """Return a context that trusts the proxy alone; raises `SettingsError`."""
    try:
        return ssl.create_default_context(cafile=str(ca))
    except OSError:
        raise SettingsError(
            f"{ca}: no certificate to trust; start `sluice run` once",
            f"{ca}：没有可信任的证书；请先启动一次 `sluice run`",
        ) from None


def one(shot: Shot, sky: Sky, trust: ssl.SSLContext) -> Result:
    """Send one canary and look it up."""
    before = size_of(sky.log)

    def settled() -> bool:
        lines = lines_since(sky.log, before)
        return judge(shot.service, shot.mark, lines, OPENED, spoken=True) is not None

    status, trouble = send(shot, sky, trust, settled)
    found = look_up(shot, sky.log, before, status)
    if found is not None:
        return found if found.fate == "forbidden" or not shot.knock else without_words(found)
    if shot.messages and status not in (0, OPENED):
        return Result(shot.service, "not_reached", "no_handshake", status=status)
    passed = trouble in ("", "not_opened")
    return Result(shot.service, "missed" if passed else "not_reached", trouble or "no_record", status=status)


def without_words(found: Result) -> Result:
    """Return the result of a canary that had nothing to be caught with, and was not forbidden."""
    return Result(found.service, "no_adapter", "no_adapter", found.reference, found.status)


def look_up(shot: Shot, log: Path, start: int, status: int) -> Result | None:
    """Return what the log says from the byte `start` on; None where it says nothing.

    The line about a request is there before its bytes go out; that about its answer, a moment after them, says whether
    the service was reached.
    """
    until = time.monotonic() + SETTLES
    while True:
        lines = list(lines_since(log, start))
        found = judge(shot.service, shot.mark, lines, status, spoken=bool(shot.messages))
        ended = {line.get(ID) for line in lines if line.get(EVENT) == "answer"}
        if found is None or found.fate == "refused" or found.reference in ended or time.monotonic() > until:
            return found
        time.sleep(0.05)


def send(shot: Shot, sky: Sky, trust: ssl.SSLContext, settled: Callable[[], bool]) -> tuple[int, str]:
    """Send a canary as any client sends; return the answer's status, and what stood in its way.

    One on a WebSocket stays until it is `settled`.
    """
    headers = {}
    if sky.login:
        headers["proxy-authorization"] = f"Basic {b64encode(sky.login.encode()).decode()}"
    connection = Client(sky, trust)
    connection.set_tunnel(shot.host, 443, headers)
    try:
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:
            return 0, "not_opened"
        except ConnectionRefusedError:
            return 0, "proxy"
        except OSError as error:
            return 0, "proxy_login" if LOGIN_ASKED in str(error) else "tunnel"
        if shot.messages:
            return say(connection.sock, shot.host, shot.path, shot.headers, shot.messages, settled), ""
        connection.request(shot.method, shot.path, shot.body, dict(shot.headers))
        answer = connection.getresponse()
        answer.read(MOST)
        return answer.status, ""
    except (OSError, HTTPException, ProtocolError):
        return 0, ""  # what was sent was sent: the log says what became of it
    finally:
        connection.close()


class Client(HTTPSConnection):
    """A client of the proxy; one at an address of a balancer speaks as a balancer must, for itself."""

    def __init__(self, sky: Sky, trust: ssl.SSLContext) -> None:
        super().__init__(*sky.proxy, timeout=SECONDS, context=trust)
        self._front = sky.front
        self._create_connection = self._introduced  # the one place before the CONNECT

    def _introduced(self, *where: Any) -> socket.socket:
        made = socket.create_connection(*where)
        (ours, port), (theirs, their_port) = made.getsockname()[:2], made.getpeername()[:2]
        address = ip_address(ours)
        if any(address in network for network in self._front):
            kind = f"TCP{address.version}"
            made.sendall(f"PROXY {kind} {ours} {theirs} {port} {their_port}\r\n".encode("ascii"))
        return made


def size_of(log: Path) -> int:
    """Return how long the log is; raises `SettingsError`."""
    try:
        return log.stat().st_size
    except OSError as error:
        raise SettingsError(
            f"{log}: the audit log cannot be read: {error.strerror}", f"{log}：无法读取审计日志：{error.strerror}"
        ) from None


def lines_since(log: Path, start: int) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of the log from the byte `start` on; one that was edited says nothing."""
    with log.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                yield read_line(line[:-1])
            except BadLine:
                continue
