"""A syslog server over UDP, TCP or TLS, or standard output. This room does I/O.

Enters: an address and messages. Leaves: messages on the wire, each with its length before it on a connection (RFC 6587
and RFC 5425), alone in a datagram (RFC 5426). Whatever goes wrong on the way is an `OSError`. Syslog knows no receipt:
`send` returns when the other machine has acknowledged every byte, and `must_stand` tells of a connection that ended
after that.
"""

import errno
import fcntl
import socket
import ssl
import struct
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol
from urllib.parse import urlsplit

from proxy.errors import SettingsError

type Transport = Literal["udp", "tcp", "tls"]
PORTS: Final[dict[Transport, int]] = {"udp": 514, "tcp": 601, "tls": 6514}
SECONDS: Final = 15.0
"""Longest time that a server is waited for."""
GLANCE: Final = 0.01
"""Seconds between two looks at what is not acknowledged."""
FORMS: Final = "syslog+tls://host:6514, syslog+tcp://host:601 or syslog+udp://host:514"


@dataclass(frozen=True, slots=True)
class Server:
    """Where records go."""

    transport: Transport
    host: str
    port: int

    @property
    def told(self) -> str:
        """What messages call it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"syslog+{self.transport}://{host}:{self.port}"


class TooLong(Exception):
    """A message has more bytes than the way can carry."""


class Wire(Protocol):
    """A way that is open."""

    settles: float
    """Seconds after which what was sent counts as there, if the way still stands."""

    def send(self, messages: Sequence[bytes]) -> None:
        """Send messages; raises `OSError`, or `TooLong`."""
        ...

    def must_stand(self) -> None:
        """Raise `OSError` where the other end has left."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


def read_server(url: str) -> Server:
    """Return the server that an address names; raises `SettingsError`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    found = [each for each in PORTS if parts.scheme == f"syslog+{each}"]
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or port == 0
    if not found or not host or extra:
        raise SettingsError(f"--to takes {FORMS}", f"--to 的写法为 {FORMS}")
    return Server(found[0], host, port or PORTS[found[0]])


def trust(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return whom a client of TLS trusts, and who it is; raises `SettingsError`."""
    try:
        made = ssl.create_default_context(cafile=str(ca) if ca else None)
        if certificate is not None:
            made.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"the certificates for TLS cannot be used: {reason(error)}", f"TLS 证书不能使用：{reason(error)}"
        ) from None
    return made


def _no_password() -> str:
    raise ValueError("the key has a password; give one without, for its owner alone")


def reason(error: BaseException) -> str:
    """Return what is wrong, in a few words that are nobody's."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    words = getattr(error, "strerror", None) or (getattr(error, "reason", None)) or str(error)
    return str(words or type(error).__name__)


class Output:
    """Standard output: a line each."""

    settles = 0.0

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, messages: Sequence[bytes]) -> None:
        """Write and flush."""
        self._stream.write(b"".join(one + b"\n" for one in messages))
        self._stream.flush()

    def must_stand(self) -> None:
        """Say nothing: whoever reads and leaves is told by the next line."""

    def close(self) -> None:
        """Leave it open."""


class Datagrams:
    """UDP: delivery is never confirmed; only a closed port is reported, sometimes, a moment later."""

    settles = 1.0

    def __init__(self, server: Server) -> None:
        """Find the server; raises `OSError`."""
        family, kind, *_, where = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind)
        self._socket.settimeout(SECONDS)
        try:
            self._socket.connect(where)  # so that a port that is closed is an error of the next message
        except OSError:
            self._socket.close()
            raise

    def send(self, messages: Sequence[bytes]) -> None:
        """Send each in a datagram."""
        for one in messages:
            try:
                self._socket.send(one)
            except OSError as error:
                if error.errno == errno.EMSGSIZE:
                    raise TooLong from None
                raise

    def must_stand(self) -> None:
        """Raise what the other machine has said of the last datagram."""
        if (code := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) != 0:
            raise OSError(code, "nobody listens there")

    def close(self) -> None:
        """Let go."""
        self._socket.close()


class Connection:
    """TCP, or TLS over it."""

    settles = 5.0

    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        """Connect; raises `OSError`."""
        self._plain: socket.socket = socket.create_connection((server.host, server.port), SECONDS)
        self._plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket = self._plain
        if context is not None:
            try:
                self._socket = context.wrap_socket(self._plain, server_hostname=server.host)
            except (OSError, ValueError):
                self._plain.close()
                raise

    def send(self, messages: Sequence[bytes]) -> None:
        """Send, and wait until the other machine has every byte."""
        self._socket.settimeout(SECONDS)
        self._socket.sendall(b"".join(b"%d %b" % (len(one), one) for one in messages))
        end = time.monotonic() + SECONDS
        while self._unacknowledged():
            self.must_stand()
            if time.monotonic() > end:
                raise TimeoutError("the server takes nothing")
            time.sleep(GLANCE)

    def must_stand(self) -> None:
        """Raise `OSError` where the server has left; what it says is read and forgotten."""
        self._socket.settimeout(0)
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            while self._socket.recv(4096):
                pass
            raise ConnectionResetError("the server has closed the connection")

    def close(self) -> None:
        """Say the end, so that nothing is taken for cut off, and let go."""
        self._socket.settimeout(1.0)
        with suppress(OSError, ValueError):
            if isinstance(self._socket, ssl.SSLSocket):
                self._socket = self._socket.unwrap()
            self._socket.shutdown(socket.SHUT_WR)
        self._socket.close()

    def _unacknowledged(self) -> int:
        try:
            left = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, b"\0" * 4)
        except OSError:
            return 0  # not on this system; `settles` is what is left
        return int(struct.unpack("i", left)[0])


def connect(server: Server, context: ssl.SSLContext | None) -> Wire:
    """Open the way to a server; raises `OSError`."""
    return Datagrams(server) if server.transport == "udp" else Connection(server, context)
