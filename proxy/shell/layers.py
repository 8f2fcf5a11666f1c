"""Which connections are opened: those of the catalogue; every other one is tunnelled, not decrypted.

Enters: what a connection says of its destination (CONNECT host, address, SNI, Host header). Leaves: mitmproxy's next
protocol layer. A connection is opened as soon as *one* of these names belongs to the catalogue; one whose beginning may
still become TLS or HTTP is waited for, however it is cut.
"""

from collections.abc import Callable
from typing import Final

from mitmproxy import tcp, udp
from mitmproxy.addons.next_layer import NeedsMoreData, NextLayer
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import TCPLayer, UDPLayer
from mitmproxy.proxy.layers.quic import RawQuicLayer
from mitmproxy.proxy.mode_specs import WireGuardMode
from mitmproxy.tls import ClientHelloData

from proxy.overload.connections import tunnelled
from proxy.shell.patience import TLS_AND_HTTP_PORTS, is_address, may_become

NOT_READ: Final = "Sluice: a connection that is no HTTP cannot be read"


class Closed(layer.Layer):
    """A layer that ends the connection and hears nothing more."""

    ended = False

    def _handle_event(self, _event: events.Event) -> layer.CommandGenerator[None]:
        if not self.ended:
            self.ended = True
            yield commands.CloseConnection(self.context.client)


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
        tunnelled(context.client)
        self.count("tunnelled")
        return True

    def next_layer(self, nextlayer: layer.NextLayer) -> None:
        """Choose as the stock method does; but what would be relayed unread, and is our business, ends here."""
        super().next_layer(nextlayer)
        chosen = nextlayer.layer
        raw = isinstance(chosen, TCPLayer | UDPLayer) and chosen.flow is not None
        if raw or isinstance(chosen, RawQuicLayer):
            self.count("raw_refused")
            nextlayer.layer = Closed(nextlayer.context)

    # -- what is relayed all the same, should a layer ever be made elsewhere ---------------------------------------

    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        """Let no server be connected to. (`Flow.kill` does nothing here: mitmproxy's layer does not look at it.)"""
        flow.server_conn.error = NOT_READ

    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """Relay nothing."""
        flow.messages[-1].content = b""

    def udp_start(self, flow: udp.UDPFlow) -> None:
        """Let no server be connected to."""
        flow.server_conn.error = NOT_READ

    def udp_message(self, flow: udp.UDPFlow) -> None:
        """Relay nothing."""
        flow.messages[-1].content = b""
