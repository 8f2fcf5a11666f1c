"""Connections to servers: where they really go, and how long they may take. mitmproxy's hooks of connections are here.

Enters: a connection about to be opened. Leaves: the same to the addresses that `gate` has judged, or to another one
where the settings say so; and one to a server of the company's model given up in time, so that the next server can be
asked.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog
from mitmproxy.proxy.mode_specs import ProxyMode, ReverseMode, UpstreamMode
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from proxy.errors import DeniedAddress, UpstreamError
from proxy.gate import JUDGED, Gate, keep_to_judged
from proxy.internal.models import InternalModels
from proxy.reach import literal
from proxy.settings.interface import Address
from proxy.shell.stream import GOING_INSIDE

DENIED: Final = "Sluice does not connect to this address"
"""Begins what is said of a connection that was denied; the `error` hook knows it by that."""

LOG = structlog.get_logger("sluice")


class Upstreams:
    """An addon besides `SluiceAddon`."""

    def __init__(
        self,
        resolve: Mapping[Address, Address],
        internal: InternalModels | None = None,
        gate: Gate | None = None,
        mode: str = "regular",
    ) -> None:
        """Take other addresses for hosts, the company's models, who judges addresses, and mitmproxy's mode."""
        self.resolve = resolve
        self.gate = gate or Gate(internal=internal)
        self.inside = {(one.host, one.port) for one in internal.all} if internal else set()
        self.patience = internal.checks.timeout if internal else 0.0
        spec = ProxyMode.parse(mode)
        self.next_proxy = spec.address if isinstance(spec, UpstreamMode | ReverseMode) else None
        """What the settings themselves name as the way on."""
        self.asked: dict[str, Address] = {}
        """Addresses asked for, by server connection, while another one is being connected."""
        self.alarms: dict[str, asyncio.TimerHandle] = {}
        """What ends an attempt that takes too long, by server connection."""

    async def server_connect(self, data: ServerConnectionHookData) -> None:
        """Connect to addresses that were judged, or to what the settings name; bound the attempt that goes inside."""
        address = data.server.address
        if address is None or data.server.error:
            return
        host, port = address[0].lower(), address[1]
        JUDGED.set(None)
        if other := self.resolve.get((host, port)):
            self.asked[data.server.id] = (address[0], port)
            data.server.address = other
        elif (host, port) != self.next_proxy and (data.client.id, (host, port)) not in GOING_INSIDE:
            await self.admit(data, address[0], port)
        # mitmproxy connects in the task that runs this hook, and takes its end for an error
        task = asyncio.current_task() if (host, port) in self.inside and not data.server.error else None
        if task is not None:
            self.alarms[data.server.id] = asyncio.get_running_loop().call_later(self.patience, task.cancel)

    async def admit(self, data: ServerConnectionHookData, host: str, port: int) -> None:
        """Have a destination judged that a client has named, and keep to what was found."""
        try:
            found = await self.gate.admit(host, port)
        except DeniedAddress as error:
            LOG.warning("a connection was denied", code=error.code, host=host, port=port)
            data.server.error = f"{DENIED}: {error}"
        except UpstreamError as error:
            data.server.error = str(error)
        else:
            if literal(host) is not None or data.server.transport_protocol == "udp":
                self.asked[data.server.id] = (host, port)
                data.server.address = (str(found[0]), port)  # in whatever spelling it came
            keep_to_judged(asyncio.get_running_loop())
            JUDGED.set(((host, port), found))

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
