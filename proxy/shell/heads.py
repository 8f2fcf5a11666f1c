"""Heads of requests over HTTP/1, taken by the letter: a line ends with CR LF, and holds no sign that is taken off.

Enters: what a client has sent. Leaves: the lines of a head, or an error that mitmproxy answers with 400 as it ends
the connection; and answers, of which the last of a process that leaves says that it is the last. Stock mitmproxy takes
LF alone for the end of a line, and takes vertical tabs and form feeds off the ends of values; a server behind it may
not. Of what a server says before its answer (100, 102, 103: RFC 9110, section 15.2) nothing goes on; stock mitmproxy
takes it for the answer.
"""

import re
from typing import Final

from h11._receivebuffer import ReceiveBuffer  # the one that mitmproxy uses
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http as http_layer
from mitmproxy.proxy.layers.http import Http1Client, Http1Server, HttpEvent, ResponseHeaders

from proxy.overload.connections import SluiceConnection

SWITCHED: Final = 101
"""Status of an answer after which no HTTP is spoken."""
ODD: Final = re.compile(rb"(?<!\r)\n|[\v\f]")
INTERIM: Final = re.compile(rb"(?:\r?\n)*HTTP/1\.[01] 1(?!01)[0-9]{2}[ \r\n]")
"""How the head of an answer begins that another one follows."""


class BrokenLine(bytearray):
    """In place of the lines of a head that cannot be read."""

    def __bytes__(self) -> bytes:
        """Raise `ValueError`, which mitmproxy tells the client as it is."""
        raise ValueError("The lines of a request's head must end with CR LF, and hold no vertical tab or form feed.")


class StrictBuffer(ReceiveBuffer):
    """What a client has sent, as far as it is not read."""

    def _extract(self, count: int) -> bytearray:
        self.taken = super()._extract(count)
        return self.taken

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """Return the lines of a head once it is whole."""
        lines = super().maybe_extract_lines()
        return [BrokenLine()] if lines and ODD.search(self.taken) else lines


class SluiceHttp1Server(Http1Server):
    """mitmproxy's HTTP/1 towards a client: heads by the letter, and a last answer that says it is the last."""

    def __init__(self, context: Context) -> None:
        """Begin as the stock one does, with a buffer of ours."""
        super().__init__(context)
        self.buf = StrictBuffer()

    def send(self, event: HttpEvent) -> layer.CommandGenerator[None]:
        """Send a piece of an answer."""
        if SluiceConnection.leaving and isinstance(event, ResponseHeaders):
            tunnel = self.request is not None and self.request.method.upper() == "CONNECT"
            if not tunnel and event.response.status_code != SWITCHED:
                event.response.headers["connection"] = "close"
        yield from super().send(event)


class SluiceHttp1Client(Http1Client):
    """mitmproxy's HTTP/1 towards a server: what it says before its answer is passed over."""

    def read_headers(self, event: events.ConnectionEvent) -> layer.CommandGenerator[None]:
        """Read the head of an answer."""
        if isinstance(event, events.DataReceived) and self.request:
            while INTERIM.match(bytes(self.buf)) and self.buf.maybe_extract_lines() is not None:
                pass
        yield from super().read_headers(event)


def install() -> None:
    """Make mitmproxy use it; raises `RuntimeError` where its layout is not the one known."""
    if getattr(http_layer, "Http1Server", None) not in (Http1Server, SluiceHttp1Server) or getattr(
        http_layer, "Http1Client", None
    ) not in (Http1Client, SluiceHttp1Client):
        raise RuntimeError("this mitmproxy reads heads in another way; use version 12.2")
    http_layer.Http1Server = SluiceHttp1Server  # type: ignore[misc]  # HttpLayer looks the name up here
    http_layer.Http1Client = SluiceHttp1Client  # type: ignore[misc]  # and this one, for the other side
