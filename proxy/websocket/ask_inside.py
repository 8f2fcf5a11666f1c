"""Asks a server of the company's model by itself, where no client's connection can carry the question: does I/O.

Enters: a `Redirect`, as the street has made it. Leaves: the head of the answer, then its body chunk by chunk. It goes
to the server that is named there and nowhere else: no proxy of the environment, no redirection that an answer asks for.
Whatever goes wrong on the way is an `InternalModelError` that says it in a word or two, never with an address or a key.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import certifi
import h11

from proxy.errors import InternalModelError
from proxy.exchange import Headers, Redirect
from proxy.internal.models import Checks
from proxy.settings.interface import Address

CHUNK: Final = 65536
LONGEST_HEAD: Final = 65536
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Asker:
    """How servers are reached."""

    resolve: Mapping[Address, Address] = field(default_factory=dict)
    """Other addresses for hosts."""
    more_trust: Path | None = None
    """Certificates besides the public ones."""

    @asynccontextmanager
    async def ask(self, outcome: Redirect, checks: Checks) -> AsyncIterator["Reply"]:
        """Send the question and give its answer, whose head has come; raises `InternalModelError`."""
        address = (outcome.host, outcome.port)
        host, port = self.resolve.get(address, address)
        trust = self.trust() if outcome.scheme == "https" else None
        name = outcome.host if trust else None
        try:
            opening = asyncio.open_connection(host, port, ssl=trust, server_hostname=name)
            reader, writer = await asyncio.wait_for(opening, checks.timeout or None)
        except TimeoutError:
            raise InternalModelError("no connection in time") from None
        except (OSError, ssl.SSLError) as error:
            raise InternalModelError("no connection") from error
        try:
            reply = Reply(reader)
            writer.write(reply.question(outcome))
            try:
                await asyncio.wait_for(reply.begin(), checks.answer or None)
            except TimeoutError:
                raise InternalModelError("no answer in time") from None
            yield reply
        finally:
            writer.close()
            with suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    def trust(self) -> ssl.SSLContext:
        """Return what a server's certificate is checked by."""
        trust = ssl.create_default_context(cafile=certifi.where())
        if self.more_trust is not None:
            trust.load_verify_locations(self.more_trust)
        return trust


class Reply:
    """One answer."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        """Take what the server's bytes are read from."""
        self.reader = reader
        self.wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        self.status = 0
        self.headers: Headers = ()

    def question(self, outcome: Redirect) -> bytes:
        """Return the bytes that ask."""
        port = "" if outcome.port == {"http": 80, "https": 443}.get(outcome.scheme) else f":{outcome.port}"
        host = f"[{outcome.host}]" if ":" in outcome.host else outcome.host
        fields = [("host", host + port), ("connection", "close"), ("content-length", str(len(outcome.body)))]
        request = h11.Request(method="POST", target=outcome.path, headers=[*fields, *outcome.headers])
        parts = (request, h11.Data(data=outcome.body), h11.EndOfMessage())
        return b"".join(self.wire.send(part) or b"" for part in parts)

    async def begin(self) -> None:
        """Read the answer's head; raises `InternalModelError`."""
        event = await self.next()
        while isinstance(event, h11.InformationalResponse):
            event = await self.next()
        if not isinstance(event, h11.Response):
            raise InternalModelError("no answer")
        self.status = event.status_code
        self.headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes; raises `InternalModelError` where it breaks off."""
        while True:
            match await self.next():
                case h11.Data(data=data):
                    yield bytes(data)
                case h11.EndOfMessage():
                    return
                case _:
                    raise InternalModelError("the answer broke off")

    async def next(self) -> h11.Event | type[h11.PAUSED]:
        """Return the next event of the answer."""
        try:
            while (event := self.wire.next_event()) is h11.NEED_DATA:
                self.wire.receive_data(await self.reader.read(CHUNK))
        except (OSError, ssl.SSLError, h11.ProtocolError) as error:
            raise InternalModelError("the answer broke off") from error
        assert not isinstance(event, type) or event is h11.PAUSED
        return event
