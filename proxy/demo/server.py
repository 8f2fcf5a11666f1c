"""A small HTTP server on loopback, in a thread of its own, that remembers every byte it was sent.

Enters: a port on 127.0.0.1 and what to do with a request. Leaves: answers, and the record of what came. It serves
HTTP/2 where TLS agreed on it, HTTP/1.1 otherwise, and must never listen beyond loopback.
"""

import asyncio
import contextlib
import ssl
import threading
from typing import Final

import h2.exceptions
import h11

from proxy.demo.http1 import serve_http1
from proxy.demo.http2 import Http2Connection
from proxy.demo.seen import Answering, BrokenOff, Reply, Seen

LOOPBACK: Final = "127.0.0.1"

STARTS_WITHIN: Final = 60.0
"""Seconds."""


class Server:
    """A server that a test or the demo starts, asks what it saw, and stops."""

    def __init__(self, answer: Answering, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.tls = tls
        self.port = 0
        """Chosen at the first start and kept, so that a stopped server can come back where it was."""
        self.requests: list[Seen] = []
        """Every request, in the order in which they were complete."""
        self.wire: list[bytearray] = []
        """All bytes of each connection after TLS, whether they made a request or not."""
        self.thread: threading.Thread | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.stopping: asyncio.Event | None = None
        self.quiet = threading.Event()
        """Set while no connection is open: all that was sent is in the record."""
        self.quiet.set()

    def start(self) -> None:
        """Listen; raises `OSError` where that cannot be."""
        ready = threading.Event()
        failed: list[OSError] = []
        self.thread = threading.Thread(target=self.run, args=(ready, failed), name="stand-in", daemon=True)
        self.thread.start()
        if not ready.wait(STARTS_WITHIN):
            raise OSError("the stand-in did not start")
        if failed:
            raise failed[0]

    def stop(self) -> None:
        """Close the port and every connection; the record stays."""
        if self.loop and self.stopping and self.thread and self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stopping.set)
            self.thread.join()
        self.thread = None

    def forget(self) -> None:
        """Empty the record."""
        self.requests.clear()
        self.wire.clear()

    def run(self, ready: threading.Event, failed: list[OSError]) -> None:
        """Run the server's loop: the body of its thread."""
        try:
            asyncio.run(self.listen(ready))
        except OSError as error:
            failed.append(error)
            ready.set()

    async def listen(self, ready: threading.Event) -> None:
        """Listen until told to stop."""
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        open_connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            open_connections.add(task)
            task.add_done_callback(ended)
            self.quiet.clear()
            await self.serve(reader, writer)

        def ended(task: asyncio.Task[None]) -> None:
            open_connections.discard(task)
            if not open_connections:
                self.quiet.set()

        server = await asyncio.start_server(connected, LOOPBACK, self.port, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self.stopping.wait()
        server.close()
        for task in set(open_connections):
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; a client that misbehaves ends only its own."""
        wire = bytearray()
        self.wire.append(wire)
        tls = writer.get_extra_info("ssl_object")
        gone = (ConnectionError, ssl.SSLError, BrokenOff, h11.RemoteProtocolError, h2.exceptions.ProtocolError)
        try:
            with contextlib.suppress(asyncio.CancelledError, *gone):
                if tls is not None and tls.selected_alpn_protocol() == "h2":
                    await Http2Connection(writer, self.take).serve(reader, wire)
                else:
                    await serve_http1(reader, writer, self.take, wire)
        finally:
            await self.close(writer)

    async def close(self, writer: asyncio.StreamWriter) -> None:
        """Close a connection politely, or at once where the server is stopping."""
        assert self.stopping is not None
        with contextlib.suppress(ConnectionError, ssl.SSLError, TimeoutError):
            if not self.stopping.is_set():
                writer.close()
                with contextlib.suppress(asyncio.CancelledError):
                    await writer.wait_closed()
                    return
            writer.transport.abort()
            await writer.wait_closed()

    async def take(self, seen: Seen, reply: Reply) -> None:
        """Record a request, then answer it."""
        self.requests.append(seen)
        await self.answer(seen, reply)
