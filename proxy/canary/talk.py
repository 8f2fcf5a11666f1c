"""A canary on a WebSocket: opens one through the proxy, says what there is to say, and closes it. This room does I/O.

Enters: a connection to the proxy whose tunnel is open, and the messages. Leaves: the status of the handshake. What the
service answers is thrown away: only the proxy's record counts.
"""

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, RejectConnection, Request, TextMessage

from proxy.exchange import Headers

CHUNK = 65536
SECONDS = 30.0
"""Longest time for the proxy to deal with what was said."""
STEP = 0.1


def say(
    link: socket.socket,
    host: str,
    path: str,
    headers: Headers,
    messages: Iterable[bytes],
    settled: Callable[[], bool],
) -> int:
    """Open a WebSocket, say each message, and return the handshake's status; raises `OSError`.

    It stays open until it is `settled` what has become of them: many services greet before anything is said.
    """
    wire = WSConnection(ConnectionType.CLIENT)
    fields = [(name.encode(), value.encode()) for name, value in headers if name != "content-type"]
    link.sendall(wire.send(Request(host=host, target=path, extra_headers=fields)))
    status = 0
    while not status:
        wire.receive_data(link.recv(CHUNK) or None)
        for event in wire.events():
            if isinstance(event, AcceptConnection):
                status = 101
            elif isinstance(event, RejectConnection):
                return event.status_code
            elif isinstance(event, CloseConnection):
                return 0
    for message in messages:
        link.sendall(wire.send(TextMessage(data=message.decode())))
    until = time.monotonic() + SECONDS
    link.settimeout(STEP)
    with suppress(OSError):
        while not settled() and time.monotonic() < until:
            with suppress(TimeoutError):
                if not link.recv(CHUNK):
                    break
        link.sendall(wire.send(CloseConnection(code=1000)))
    return status
