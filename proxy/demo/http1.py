"""HTTP/1.1 for the stand-ins, over h11: a connection's bytes enter, requests reach the stand-in, answers leave.

It must keep the bytes of each head exactly as they came.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

import h11

from proxy.demo.seen import Answering, BrokenOff, Fields, Reply, Seen

READ_SIZE: Final = 65536


class Http1Reply(Reply):
    """Writes one answer."""

    def __init__(self, connection: h11.Connection, writer: asyncio.StreamWriter) -> None:
        self.connection = connection
        self.writer = writer

    async def write(self, event: h11.Event) -> None:
        """Send one event at once."""
        try:
            self.writer.write(self.connection.send(event) or b"")
            await self.writer.drain()
        except (ConnectionError, h11.LocalProtocolError) as error:
            raise BrokenOff from error

    async def start(self, status: int, headers: Fields) -> None:
        """Send the head."""
        await self.write(h11.Response(status_code=status, headers=list(headers)))

    async def send(self, data: bytes) -> None:
        """Send a piece of the body."""
        await self.write(h11.Data(data=data))

    async def end(self) -> None:
        """Say that the body is complete."""
        await self.write(h11.EndOfMessage())

    def break_off(self) -> None:
        """Cut the connection."""
        self.writer.transport.abort()
        raise BrokenOff


async def serve_http1(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answering, wire: bytearray
) -> None:
    """Serve one connection until it ends; every byte read is added to `wire`."""
    connection = h11.Connection(h11.SERVER)
    while True:
        start = len(wire) - len(connection.trailing_data[0])
        seen = await read_request(connection, reader, wire, start)
        if seen is None:
            return
        await answer(seen, Http1Reply(connection, writer))
        if connection.our_state is h11.MUST_CLOSE or connection.their_state is not h11.DONE:
            return
        connection.start_next_cycle()


async def read_request(
    connection: h11.Connection, reader: asyncio.StreamReader, wire: bytearray, start: int
) -> Seen | None:
    """Return the next request whole, or None at the end of the connection; its first byte is `wire[start]`."""
    request: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        match event:
            case h11.NEED_DATA:
                data = await reader.read(READ_SIZE)
                wire += data
                connection.receive_data(data)
            case h11.Request():
                request = event
            case h11.Data():
                body += event.data
            case h11.EndOfMessage() if request is not None:
                head = bytes(wire[start : wire.index(b"\r\n\r\n", start) + 4])
                return seen_of(request, head, bytes(body), event)
            case _:
                return None


def seen_of(request: h11.Request, head: bytes, body: bytes, end: h11.EndOfMessage) -> Seen:
    """Return the record of a request."""
    headers = text_fields(request.headers)
    host = next((value for name, value in headers if name == "host"), "")
    return Seen(
        protocol="HTTP/1.1",
        method=request.method.decode("ascii"),
        host=host,
        path=request.target.decode("latin-1"),
        headers=headers,
        head=head,
        body=body,
        trailers=text_fields(end.headers),
    )


def text_fields(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Return header fields as text."""
    return tuple((bytes(name).decode("latin-1").lower(), bytes(value).decode("latin-1")) for name, value in fields)
