"""A syslog server: it takes messages by their length (RFC 6587, RFC 5425) or in datagrams, as a SIEM's does."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class Listener:
    """One port on loopback, which can go away and come back."""

    def __init__(self, context: ssl.SSLContext | None = None, *, datagrams: bool = False) -> None:
        self.context, self.datagrams = context, datagrams
        self.messages: list[bytes] = []
        self.broken: list[bytes] = []
        """What was not a message, at the end of a connection."""
        self.links: list[socket.socket] = []
        self.port = 0
        self.start()

    def start(self) -> None:
        kind = socket.SOCK_DGRAM if self.datagrams else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", self.port))
        self.port = self.socket.getsockname()[1]
        if not self.datagrams:
            self.socket.listen()
        self.thread = threading.Thread(target=self._datagrams if self.datagrams else self._accept, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Go away: nobody is connected any more, and nobody can."""
        if self.datagrams:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end, suppress(OSError):
                end.sendto(b"", ("127.0.0.1", self.port))
        for each in (self.socket, *self.links):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.thread.join(60)
        for each in (self.socket, *self.links):
            each.close()
        self.links.clear()

    def seqs(self) -> list[int]:
        """Return the numbers of the records that came, in order."""
        return [self.document(one)["event"]["sequence"] for one in list(self.messages)]

    @staticmethod
    def document(message: bytes) -> dict[str, Any]:
        return dict(json.loads(message.partition(b"\xef\xbb\xbf")[2]))

    def _datagrams(self) -> None:
        try:
            while data := self.socket.recv(65536):
                self.messages.append(data)
        except OSError:
            pass

    def _accept(self) -> None:
        try:
            while True:
                link = self.socket.accept()[0]
                threading.Thread(target=self._serve, args=(link,), daemon=True).start()
        except OSError:
            pass

    def _serve(self, link: socket.socket) -> None:
        rest = b""
        try:
            if self.context is not None:
                link = self.context.wrap_socket(link, server_side=True)
            self.links.append(link)
            while data := link.recv(65536):
                rest += data
                while True:
                    length, blank, more = rest.partition(b" ")
                    if not blank or len(more) < int(length):
                        break
                    self.messages.append(more[: int(length)])
                    rest = more[int(length) :]
        except (OSError, ValueError):
            pass
        if rest:
            self.broken.append(rest)


def until(there: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end, what
        time.sleep(0.02)
