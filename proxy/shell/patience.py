"""Who speaks first? A tunnel to a bare address, on a port where either side may, is looked at before it is chosen.

Enters: what comes of both sides of a CONNECT. Leaves: the layer that `layers` chooses by the first bytes. The
client's are waited for as on the ports of the web. If it stays silent, as before a server that greets, the server is
connected to, and the first bytes of either side decide: what then greets is no service of the web, and is tunnelled.
Nothing of the client goes on before that, however long it waits.
"""

import ipaddress
import re
from typing import Final

from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context

SILENCE: Final = 0.5
"""Seconds after which a client is taken to wait for its server; clients of TLS and HTTP speak at once."""

TLS_AND_HTTP_PORTS = frozenset({80, 443, 8080, 8443, 8880, *(2052, 2053, 2082, 2083, 2086, 2087, 2095, 2096)})
"""Where the client speaks first, so that its SNI or Host header can be waited for: the ports of the web, and those on
which Cloudflare, behind which many services stand, serves the same hosts. Elsewhere the name of the CONNECT counts, and
only where that is a bare address the first bytes are looked at."""

METHODS: Final = (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS", b"PRI")
REQUEST_LINE: Final = re.compile(rb"(?:%s) [^\r\n]{0,16384}\r?" % b"|".join(METHODS))
"""The beginning of a request, its first line not ended yet."""


def is_address(name: str) -> bool:
    """Return whether `name` is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_patient(host: str, port: int) -> bool:
    """Tell whether a CONNECT says nothing of whom it is for, on a port where the server may be the first to speak."""
    return is_address(host) and port not in TLS_AND_HTTP_PORTS


def may_become(data: bytes) -> bool:
    """Tell whether what a client has said so far may still become TLS or a request of HTTP."""
    if b"\x16\x03".startswith(data[:2]):
        return len(data) < len(b"\x16\x03\x01")
    return any(one.startswith(data) for one in METHODS) or REQUEST_LINE.fullmatch(data) is not None


class PatientLayer(layer.NextLayer):
    """mitmproxy's wait for the first bytes, with a server that may speak first."""

    def __init__(self, context: Context) -> None:
        """Take the context of the CONNECT."""
        super().__init__(context)
        self.alarm: commands.RequestWakeup | None = None

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Wakeup):
            if not self.data_client():  # type: ignore[no-untyped-call]
                yield from self.connect()
            return
        yield from super()._handle_event(event)
        if isinstance(event, events.Start):
            self.alarm = commands.RequestWakeup(SILENCE)
            yield self.alarm

    def _ask(self) -> layer.CommandGenerator[None]:
        yield from super()._ask()  # type: ignore[no-untyped-call]
        if self.layer is not None:
            self.handle_event = self._handle_event = self._handle = self.pass_on  # type: ignore[method-assign]

    def pass_on(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Hand an event to the layer that was chosen; it knows nothing of the wake-up."""
        if self.layer is not None and not (isinstance(event, events.Wakeup) and event.command is self.alarm):
            yield from self.layer.handle_event(event)

    def connect(self) -> layer.CommandGenerator[None]:
        """Connect to the server, so that it can speak."""
        if (yield commands.OpenConnection(self.context.server)):
            yield commands.CloseConnection(self.context.client)
