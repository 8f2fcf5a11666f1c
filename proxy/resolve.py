"""Other addresses for hosts, as curl's `--resolve`: mitmproxy's hooks round the connection to a server.

Enters: the address that is asked for. Leaves: the one to connect to. The asked name stays the one that the certificate
must be for.
"""

from collections.abc import Mapping

from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from proxy.settings import Address


class Resolver:
    """Connects to the addresses that the settings give."""

    def __init__(self, resolve: Mapping[Address, Address]) -> None:
        """Take other addresses by those that are asked for."""
        self.resolve = resolve
        self.asked: dict[str, Address] = {}
        """Addresses asked for, by server connection, while another one is being connected."""

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Connect to the address that the settings give for this one."""
        address = data.server.address
        if address is not None and (other := self.resolve.get((address[0].lower(), address[1]))):
            self.asked[data.server.id] = address
            data.server.address = other

    def server_connected(self, data: ServerConnectionHookData) -> None:
        """Put the asked address back, by which mitmproxy finds the connection again for the next request."""
        if (address := self.asked.pop(data.server.id, None)) is not None:
            object.__setattr__(data.server, "address", address)  # the class forbids it on an open connection

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Forget the asked address."""
        self.asked.pop(data.server.id, None)
