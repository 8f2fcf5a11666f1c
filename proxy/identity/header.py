"""The header of a trusted front: an addon for mitmproxy that lets it count only where the front can have written it.

Enters: flows before our own addon. Leaves: flows without these fields, and with those that count as `VOUCHED` among
their metadata; whether the address is the front's is asked later (`proxy.caller`). A front that relays tunnels has its
own address on every connection and writes nothing in them: there the client writes. What the CONNECT said holds for all
that comes through its tunnel, and a field inside is never believed unless the settings say that the front decrypts.
"""

from collections.abc import MutableMapping
from typing import Final
from weakref import WeakKeyDictionary

from mitmproxy import connection, http
from mitmproxy.proxy import mode_specs

from proxy.caller import HeaderSource
from proxy.exchange import Headers
from proxy.identity.interface import VOUCHED

TO_THE_PROXY: Final = (mode_specs.RegularMode, mode_specs.UpstreamMode)
"""Modes in which clients speak to the proxy itself, by TLS or not, until a CONNECT; in all others TLS is a tunnel."""


class TrustedHeader:
    """Takes the fields off every request, and keeps what a front has written."""

    def __init__(self, source: HeaderSource) -> None:
        """Take the names of the fields, and whether the front writes inside tunnels."""
        self.names = tuple(name for name in (source.user, source.groups) if name)
        self.inside_tunnels = source.inside_tunnels
        self.tunnels: MutableMapping[connection.Client, Headers] = WeakKeyDictionary()

    def http_connected(self, flow: http.HTTPFlow) -> None:
        """Keep what stood on the CONNECT; only now there is a tunnel, and a refused one tells nothing of the next."""
        self.tunnels.setdefault(flow.client_conn, self.fields_of(flow))

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Say which fields count for a request."""
        written = self.fields_of(flow)
        for name in self.names:
            flow.request.headers.pop(name, None)
        kept = self.tunnels.get(flow.client_conn)
        tunnelled = kept is not None or is_tunnelled(flow.client_conn)
        if tunnelled and not (self.inside_tunnels and written):
            written = kept or ()
        flow.metadata[VOUCHED] = written

    def fields_of(self, flow: http.HTTPFlow) -> Headers:
        """Return the fields, however often each stands there."""
        return tuple(
            (name, value.decode("utf-8", "surrogateescape"))
            for raw, value in flow.request.headers.fields
            if (name := raw.decode("latin-1").lower()) in self.names
        )


def is_tunnelled(client: connection.Client) -> bool:
    """Return whether requests on a connection without a CONNECT come by a tunnel all the same."""
    if isinstance(client.proxy_mode, TO_THE_PROXY):
        return False
    return isinstance(client.proxy_mode, mode_specs.Socks5Mode) or client.tls
