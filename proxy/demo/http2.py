"""HTTP/2 for the stand-ins, over h2: a connection's bytes enter, requests reach the stand-in, answers leave.

Each request is answered in a task of its own, so that one slow answer never holds the others.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import h2.config
import h2.connection
import h2.events
import h2.exceptions
from h2.errors import ErrorCodes

from proxy.demo.seen import Answering, BrokenOff, Fields, Reply, Seen

READ_SIZE: Final = 65536


@dataclass(slots=True)
class Incoming:
    """A request that is still being read."""

    fields: Fields
    body: bytearray = field(default_factory=bytearray)
    trailers: Fields = ()


class Http2Connection:
    """One connection: reads frames, starts answers, and lets them wait for the flow-control window."""

    def __init__(self, writer: asyncio.StreamWriter, answer: Answering) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self.frames = h2.connection.H2Connection(config)
        self.writer = writer
        self.answer = answer
        self.incoming: dict[int, Incoming] = {}
        self.window_opened: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, wire: bytearray) -> None:
        """Serve until the connection ends; every byte read is added to `wire`."""
        self.frames.initiate_connection()
        await self.flush()
        try:
            while data := await reader.read(READ_SIZE):
                wire += data
                for event in self.frames.receive_data(data):
                    self.take(event)
                await self.flush()
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    def take(self, event: h2.events.Event) -> None:
        """Note one event; a request that is complete gets its answering task."""
        match event:
            case h2.events.RequestReceived():
                self.incoming[event.stream_id] = Incoming(text_fields(event.headers))
            case h2.events.DataReceived():
                self.incoming[event.stream_id].body += event.data
                self.frames.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.TrailersReceived():
                self.incoming[event.stream_id].trailers = text_fields(event.headers)
            case h2.events.StreamEnded():
                task = asyncio.create_task(self.answer_stream(event.stream_id))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            case h2.events.WindowUpdated() | h2.events.RemoteSettingsChanged() | h2.events.StreamReset():
                for opened in self.window_opened.values():
                    opened.set()

    async def answer_stream(self, stream: int) -> None:
        """Answer one request."""
        try:
            await self.answer(seen_of(self.incoming.pop(stream)), Http2Reply(self, stream))
        except BrokenOff:
            return

    async def flush(self) -> None:
        """Send all frames that are waiting."""
        self.writer.write(self.frames.data_to_send())
        await self.writer.drain()


class Http2Reply(Reply):
    """Writes one answer."""

    def __init__(self, connection: Http2Connection, stream: int) -> None:
        self.connection = connection
        self.frames = connection.frames
        self.stream = stream

    async def start(self, status: int, headers: Fields) -> None:
        """Send the head."""
        try:
            self.frames.send_headers(self.stream, [(":status", str(status)), *headers])
            await self.connection.flush()
        except (ConnectionError, h2.exceptions.ProtocolError) as error:
            raise BrokenOff from error

    async def send(self, data: bytes) -> None:
        """Send a piece of the body, waiting for the window where needed."""
        opened = self.connection.window_opened[self.stream]
        try:
            while data:
                opened.clear()
                room = min(self.frames.local_flow_control_window(self.stream), self.frames.max_outbound_frame_size)
                if room <= 0:
                    await opened.wait()
                    continue
                self.frames.send_data(self.stream, data[:room])
                data = data[room:]
                await self.connection.flush()
        except (ConnectionError, h2.exceptions.ProtocolError) as error:
            raise BrokenOff from error

    async def end(self) -> None:
        """Say that the body is complete."""
        try:
            self.frames.end_stream(self.stream)
            await self.connection.flush()
        except (ConnectionError, h2.exceptions.ProtocolError) as error:
            raise BrokenOff from error

    def break_off(self) -> None:
        """Reset the stream."""
        self.frames.reset_stream(self.stream, ErrorCodes.INTERNAL_ERROR)
        self.connection.writer.write(self.frames.data_to_send())
        raise BrokenOff


def seen_of(incoming: Incoming) -> Seen:
    """Return the record of a request."""
    pseudo = {name: value for name, value in incoming.fields if name.startswith(":")}
    return Seen(
        protocol="HTTP/2",
        method=pseudo.get(":method", ""),
        host=pseudo.get(":authority", ""),
        path=pseudo.get(":path", ""),
        headers=tuple(field for field in incoming.fields if not field[0].startswith(":")),
        head="".join(f"{name}: {value}\r\n" for name, value in incoming.fields).encode(),
        body=bytes(incoming.body),
        trailers=incoming.trailers,
    )


def text_fields(fields: object) -> Fields:
    """Return h2's header list as plain pairs of text."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields if isinstance(fields, list) else ():
        pairs.append((as_text(name), as_text(value)))
    return tuple(pairs)


def as_text(value: str | bytes) -> str:
    """Return one name or value as text."""
    return value if isinstance(value, str) else value.decode("latin-1")
