"""Pieces of a body that came together go on together, and trailers do not go on.

Enters: what has come on a connection, over HTTP/1 or HTTP/2. Leaves: the same bytes of the same bodies in the same
order, in fewer pieces. Never waits for more: what came alone goes on alone. Stock mitmproxy hands on every chunk and
every frame by itself, and each is a walk through all its layers, a TLS record and a call of the system; an answer
of a busy service comes in dozens of them at a time. Trailers nobody inspects; RFC 9110 (section 6.5.1) allows to drop
them.
"""

from collections.abc import Sequence

from h2.events import DataReceived, Event
from h11 import Data, EndOfMessage, ProtocolError
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from mitmproxy.proxy.layers.http import _http1, _http2
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection


class JoiningReader(ChunkedReader):
    """Reads a chunked body: all chunks that have come are one piece, and trailers are forgotten."""

    def __init__(self) -> None:
        """Begin before the first chunk."""
        super().__init__()
        self.next: EndOfMessage | ProtocolError | None = None
        """What came behind the piece that was returned last."""

    def __call__(self, buf: ReceiveBuffer) -> Data | EndOfMessage | None:
        """Return the next piece of the body, or its bare end; raises `h11.ProtocolError`."""
        pieces: list[bytes] = []
        while self.next is None:
            try:
                event = super().__call__(buf)
            except ProtocolError as error:  # what is good before it goes on first
                self.next = error
                break
            if isinstance(event, EndOfMessage):
                self.next = EndOfMessage()
            elif event is None:
                break
            else:
                pieces.append(event.data)
        if pieces:
            return Data(data=b"".join(pieces))
        if isinstance(self.next, ProtocolError):
            raise self.next
        return self.next


class JoiningConnection(BufferedH2Connection):
    """An HTTP/2 connection that hands on frames of data of one stream, one behind the other, as one."""

    def receive_data(self, data: bytes) -> list[Event]:
        """Return what has happened; raises what the stock one raises."""
        return joined(super().receive_data(data))


def joined(events: Sequence[Event]) -> list[Event]:
    """Return the events with neighbouring pieces of a stream put together."""
    told: list[Event] = []
    waiting: list[DataReceived] = []
    for event in (*events, None):
        if waiting and not (isinstance(event, DataReceived) and event.stream_id == waiting[0].stream_id):
            told.append(one_of(waiting))
            waiting = []
        if isinstance(event, DataReceived):
            waiting.append(event)
        elif event is not None:
            told.append(event)
    return told


def one_of(pieces: Sequence[DataReceived]) -> DataReceived:
    """Return one event for several of the same stream, which counts against its window what they count together."""
    *before, whole = pieces
    if before:
        whole.data = b"".join(one.data for one in pieces)
        whole.flow_controlled_length = sum(one.flow_controlled_length for one in pieces)
    return whole


def install() -> None:
    """Make mitmproxy use both; raises `RuntimeError` where its layout is not the one known."""
    if getattr(_http1, "ChunkedReader", None) not in (ChunkedReader, JoiningReader) or getattr(
        _http2, "BufferedH2Connection", None
    ) not in (BufferedH2Connection, JoiningConnection):
        raise RuntimeError("this mitmproxy reads bodies in another way; use version 12.2")
    _http1.ChunkedReader = JoiningReader  # type: ignore[misc]  # make_body_reader looks the name up here
    _http2.BufferedH2Connection = JoiningConnection  # type: ignore[misc]  # so does Http2Connection
