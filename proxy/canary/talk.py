"""A canary on a WebSocket: opens one through the proxy, says what there is to say, and closes it. This room does I/O.

Enters: a connection to the proxy whose tunnel is open, and the messages. Leaves: the status of the handshake. What the
service answers is thrown away: only the proxy's record counts.
"""

import socket
from collections.abc import Iterable
from contextlib import suppress

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, RejectConnection, Request, TextMessage

from proxy.exchange import Headers

CHUNK = 65536
MOST = 64 * 1024
"""Bytes of answers that are waited for."""


def say(link: socket.socket, host: str, path: str, headers: Headers, messages: Iterable[bytes]) -> int:
    """Open a WebSocket, say each message, and return the handshake's status; raises `OSError`.

    It waits for an answer to the last message, of whatever kind: by then the proxy has dealt with all of them.
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
    heard = 0
    with suppress(OSError):
        while heard < MOST and (data := link.recv(CHUNK)):
            heard += len(data)
            wire.receive_data(data)
            if any(isinstance(event, Message | CloseConnection) for event in wire.events()):
                break
        link.sendall(wire.send(CloseConnection(code=1000)))
    return status
