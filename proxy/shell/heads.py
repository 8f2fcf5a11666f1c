"""Heads of requests over HTTP/1, taken by the letter: a line ends with CR LF, and holds no sign that is taken off.

Enters: what a client has sent. Leaves: the lines of a head, or an error that mitmproxy answers with 400 as it ends
the connection; and answers, of which the last of a process that leaves says that it is the last. Stock mitmproxy takes
LF alone for the end of a line, and takes vertical tabs and form feeds off the ends of values; a server behind it may
not.
"""

import re
from typing import Final

from h11._receivebuffer import ReceiveBuffer  # the one that mitmproxy uses
from mitmproxy.proxy import layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http as http_layer
from mitmproxy.proxy.layers.http import Http1Server, HttpEvent, ResponseHeaders

from proxy.overload.connections import SluiceConnection

SWITCHED: Final = 101
"""Status of an answer after which no HTTP is spoken."""
ODD: Final = re.compile(rb"(?<!\r)\n|[\v\f]")


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


def install() -> None:
    """Make mitmproxy use it; raises `RuntimeError` where its layout is not the one known."""
    if getattr(http_layer, "Http1Server", None) not in (Http1Server, SluiceHttp1Server):
        raise RuntimeError("this mitmproxy reads heads in another way; use version 12.2")
    http_layer.Http1Server = SluiceHttp1Server  # type: ignore[misc]  # HttpLayer looks the name up here
