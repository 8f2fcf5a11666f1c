"""A small HTTP server for pages of our own, beside the proxy: health and metrics, or the PAC file. Threads of its own.

Enters: requests without a body. Leaves: pages that functions make. It answers GET and HEAD on known paths and nothing
else, believes no field of a request, logs no request, and holds few connections, each for a short time.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from typing import Any, Final

import structlog

from proxy.errors import taken
from proxy.settings.interface import Address

PATIENCE: Final = 10.0
"""Seconds for a request, and without one."""
MOST: Final = 64
"""Connections at a time."""
LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    body: bytes
    kind: str = "text/plain; charset=utf-8"
    status: int = 200


type Pages = Mapping[str, Callable[[], Page]]
"""What answers each path."""


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: "Server"
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Sluice", ""

    def do_GET(self) -> None:
        """Answer with the page."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with the head of the page."""
        self._answer(body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: who asks for what is in no log."""

    def _answer(self, *, body: bool) -> None:
        make = self.server.pages.get(self.path.partition("?")[0])
        try:
            page = make() if make is not None else Page(b"not found\n", status=404)
        except Exception as error:
            LOG.error("a page could not be made", exc_info=error)
            page = Page(b"error\n", status=500)
        self.send_response(page.status)
        self.send_header("content-type", page.kind)
        self.send_header("content-length", str(len(page.body)))
        self.send_header("cache-control", "no-store")
        self.send_header("x-content-type-options", "nosniff")
        self.end_headers()
        if body:
            self.wfile.write(page.body)


class Server(ThreadingHTTPServer):
    """The server; `start` and `stop` are called once."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, listen: Address, pages: Pages, key: str) -> None:
        """Take the address and the setting that names it; raises `SettingsError` where it cannot be had."""
        self.address_family = AF_INET6 if ":" in listen[0] else AF_INET
        self.pages, self._room = pages, threading.BoundedSemaphore(MOST)
        try:
            super().__init__(listen, Handler)
        except OSError as error:
            raise taken(key, *listen, error.strerror or str(error)) from None

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self.server_address[0], self.server_address[1]  # type: ignore[return-value]

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self.serve_forever, name="sluice-pages", daemon=True).start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection if there is room, and close it otherwise."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and give its room back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that goes away."""
