"""Which connections are opened: those of the catalogue; every other one is tunnelled, not decrypted.

Enters: what a connection says of its destination (CONNECT host, address, SNI, Host header). Leaves: mitmproxy's next
protocol layer. A connection is opened as soon as *one* of these names belongs to the catalogue; one whose beginning may
still become TLS or HTTP is waited for, however it is cut.
"""

from collections.abc import Callable

from mitmproxy.addons.next_layer import NeedsMoreData, NextLayer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.mode_specs import WireGuardMode
from mitmproxy.tls import ClientHelloData

from proxy.patience import TLS_AND_HTTP_PORTS, is_address, may_become


class CatalogueLayers(NextLayer):
    """mitmproxy's choice of layers, with the catalogue in place of `ignore_hosts`."""

    def __init__(self, intercepts: Callable[[str], bool], count: Callable[[str], None]) -> None:
        """Take the question "is this host ours to open?" and the counter of what was tunnelled."""
        self.intercepts = intercepts
        self.count = count

    def tunnels(self, host: str, port: int) -> bool:
        """Say of a CONNECT target whether it is tunnelled before a byte is read."""
        if self.intercepts(host) or port in TLS_AND_HTTP_PORTS or is_address(host):
            return False
        self.count("tunnelled")
        return True

    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Speak HTTP/2 wherever the client can.

        Left alone, mitmproxy takes the first protocol that the client offers, unless it has asked the server before;
        and httpx, for one, offers HTTP/1.1 first.
        """
        if b"h2" in data.client_hello.alpn_protocols:
            data.context.client.alpn = b"h2"

    def _ignore_connection(self, context: Context, data_client: bytes, data_server: bytes) -> bool | None:
        """Return whether this connection is none of our business; raises `NeedsMoreData` as the stock method does."""
        wireguard_dns = isinstance(context.client.proxy_mode, WireGuardMode) and context.server.address == (
            "10.0.0.53",
            53,
        )
        if context.server.address is None or wireguard_dns:
            return False
        names = {context.server.address[0], context.client.sni}
        if header := self._get_host_header(context, data_client, data_server):
            names.add(header.rsplit(":", 1)[0] if not header.endswith("]") else header)
        if hello := self._get_client_hello(context, data_client):
            names.add(hello.sni)
        if any(self.intercepts(name) for name in names if name):
            return False
        if data_client and not data_server and may_become(data_client):
            raise NeedsMoreData
        self.count("tunnelled")
        return True
