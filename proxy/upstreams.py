"""Connections to servers: where they really go, and how long they may take. mitmproxy's hooks of connections are here.

Enters: a connection about to be opened. Leaves: the same to another address where the settings say so, and one to a
server of the company's model given up in time, so that the next server can be asked.
"""

import asyncio
from collections.abc import Mapping

from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from proxy.internal import InternalModels
from proxy.settings import Address


class Upstreams:
    """An addon besides `SluiceAddon`."""

    def __init__(self, resolve: Mapping[Address, Address], internal: InternalModels | None = None) -> None:
        """Take other addresses for hosts, and the company's models."""
        self.resolve = resolve
        self.inside = {(one.host, one.port) for one in internal.all} if internal else set()
        self.patience = internal.checks.timeout if internal else 0.0
        self.asked: dict[str, Address] = {}
        """Addresses asked for, by server connection, while another one is being connected."""
        self.alarms: dict[str, asyncio.TimerHandle] = {}
        """What ends an attempt that takes too long, by server connection."""

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Connect to the address that the settings give for this one; bound the attempt where it goes inside."""
        address = data.server.address
        if address is None:
            return
        task = asyncio.current_task() if (address[0].lower(), address[1]) in self.inside else None
        if task is not None:  # mitmproxy connects in the task that runs this hook, and takes its end for an error
            self.alarms[data.server.id] = asyncio.get_running_loop().call_later(self.patience, task.cancel)
        if other := self.resolve.get((address[0].lower(), address[1])):
            self.asked[data.server.id] = (address[0], address[1])
            data.server.address = other

    def server_connected(self, data: ServerConnectionHookData) -> None:
        """Put the asked address back, by which mitmproxy finds the connection again for the next request."""
        self.disarm(data)
        if (address := self.asked.pop(data.server.id, None)) is not None:
            object.__setattr__(data.server, "address", address)  # the class forbids it on an open connection

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Forget the asked address."""
        self.disarm(data)
        self.asked.pop(data.server.id, None)

    def disarm(self, data: ServerConnectionHookData) -> None:
        """Let the attempt be: it is over."""
        if (alarm := self.alarms.pop(data.server.id, None)) is not None:
            alarm.cancel()
