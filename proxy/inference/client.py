"""Asks a model server over HTTP; does I/O. May be used from several threads.

Enters: a path, bytes, and how long the whole may take. Leaves: the answer's head and body, bounded, or `Away`: no
connection, no answer in time, another status. Connections are kept and used again; no proxy of the environment is
asked, for it may well be this one, no redirect is followed, and what a server says in an error is never repeated.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from proxy.settings.detection import ModelServer

AT_ONCE: Final = 1 << 18
"""Bytes read at a time, between which the clock is looked at."""
KEPT: Final = 16
"""Connections that are kept."""


class Away(Exception):
    """The server has not answered as it must; says why in words of ours."""


class NotThere(Away):
    """It answers, and has no such model."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    headers: Mapping[str, str]
    body: bytes


class Client:
    """One server."""

    def __init__(self, server: ModelServer) -> None:
        """Take where it is and how it is asked; connects to nothing yet."""
        where = urlsplit(server.url)
        self.name = where.netloc
        self._host, self._port, self._base = where.hostname or "", where.port, where.path.rstrip("/")
        self._context: ssl.SSLContext | None = None
        if where.scheme == "https":
            self._context = ssl.create_default_context(cafile=str(server.ca) if server.ca else None)
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._headers = {"authorization": f"Bearer {server.token}"} if server.token else {}
        self._idle: SimpleQueue[HTTPConnection] = SimpleQueue()

    def get(self, path: str, seconds: float, most: int) -> Answer:
        """Return what stands at a path; raises `Away`."""
        return self._ask("GET", path, {}, b"", seconds, most)

    def post(self, path: str, headers: Mapping[str, str], body: bytes, seconds: float, most: int) -> Answer:
        """Return the answer to a body; raises `Away`."""
        return self._ask("POST", path, headers, body, seconds, most)

    def close(self) -> None:
        """Let go of the connections that were kept."""
        while (kept := self._kept()) is not None:
            kept.close()

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, seconds: float, most: int
    ) -> Answer:
        """Ask on a connection that was kept, and where the server has closed that meanwhile, on a new one."""
        until = monotonic() + seconds
        kept = self._kept()
        if kept is not None:
            try:
                return self._on(kept, method, path, headers, body, until, most)
            except (OSError, HTTPException):
                kept.close()
                if monotonic() >= until:
                    raise Away("it does not answer in time") from None
        fresh = self._fresh(until)
        try:
            return self._on(fresh, method, path, headers, body, until, most)
        except TimeoutError:
            fresh.close()
            raise Away("it does not answer in time") from None
        except ssl.SSLError:
            fresh.close()
            raise Away("its certificate is not trusted, or it speaks no TLS") from None
        except (OSError, HTTPException, ValueError) as error:
            fresh.close()
            raise Away(f"it cannot be asked ({type(error).__name__})") from None

    def _kept(self) -> HTTPConnection | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _fresh(self, until: float) -> HTTPConnection:
        left = max(0.01, until - monotonic())
        if self._context is not None:
            return HTTPSConnection(self._host, self._port, timeout=left, context=self._context)
        return HTTPConnection(self._host, self._port, timeout=left)

    def _on(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        until: float,
        most: int,
    ) -> Answer:
        set_time(connection, until)
        connection.request(method, self._base + path, body or None, {**headers, **self._headers})
        set_time(connection, until)
        answer = connection.getresponse()
        whole = read(connection, answer, until, most)
        if answer.will_close or self._idle.qsize() >= KEPT:
            connection.close()
        else:
            self._idle.put(connection)
        if answer.status == 404:
            raise NotThere("it has no such model")
        if answer.status != 200:
            raise Away(f"it answers with status {answer.status}")
        return Answer({name.lower(): value for name, value in answer.getheaders()}, whole)


def read(connection: HTTPConnection, answer: HTTPResponse, until: float, most: int) -> bytes:
    """Return the whole body; raises `Away` or `TimeoutError`."""
    whole = bytearray()
    while some := answer.read1(AT_ONCE):
        whole += some
        if len(whole) > most:
            connection.close()
            raise Away("its answer is too long")
        set_time(connection, until)
    return bytes(whole)


def set_time(connection: HTTPConnection, until: float) -> None:
    """Let the next step take no longer than there is time; raises `TimeoutError`."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    connection.timeout = left
    if connection.sock is not None:
        connection.sock.settimeout(left)
