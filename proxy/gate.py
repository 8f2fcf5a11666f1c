"""Resolves the names of servers, once, and connects no client to an address that `reach` denies.

Enters: a destination that a client named. Leaves: its addresses, every one judged, or a refusal. asyncio is given these
very addresses when it connects, in the task in which they were judged: a name whose answer changes between the check
and the connection (DNS rebinding) changes nothing.
"""

import asyncio
import socket
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Final

from proxy.errors import DeniedAddress, UpstreamError
from proxy.internal.models import InternalModels
from proxy.reach import Ip, Kind, Reach, judge, literal, plain_host
from proxy.settings.interface import Address

RESOLVED_WITHIN: Final = 10.0
"""Seconds until a name must be resolved."""

type Judged = tuple[Address, tuple[Ip, ...]]
"""What was asked for, and the addresses that may be connected to for it."""

JUDGED: Final[ContextVar[Judged | None]] = ContextVar("judged", default=None)
"""What this task may connect to."""

TOLD: Final[dict[Kind, str]] = {
    "loopback": "a loopback address of the proxy itself",
    "link_local": "a link-local address",
    "metadata": "an address at which a cloud gives its credentials",
    "this_host": "an address of the proxy itself",
    "special": "an address that is no single host's",
    "private": "a private address, for a service of the public network",
}
"""What each kind of address is, in an error."""


async def look_up(host: str, port: int) -> list[Ip]:
    """Return the addresses of a name, in the order in which the system would try them; raises `OSError`."""
    resolving = asyncio.to_thread(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.wait_for(resolving, RESOLVED_WITHIN)
    return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


def is_own(address: Ip) -> bool:
    """Return whether an address is one of this machine's: from there alone it is reached from itself. Sends nothing."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return ip_address(str(probe.getsockname()[0]).partition("%")[0]) == address
    except OSError:
        return False


class Gate:
    """Says where clients may be connected to."""

    def __init__(
        self,
        reach: Reach | None = None,
        listed: Callable[[str], bool] = lambda _: False,
        internal: InternalModels | None = None,
    ) -> None:
        """Take what the settings permit, the question "is this host a service's?", and the company's models."""
        self.reach = reach or Reach()
        self.listed = listed
        self.inside = {(one.host, one.port) for one in internal.all} if internal else set()
        self.look_up = look_up
        self.is_own = is_own

    async def look(self, host: str, port: int, *, resolve: bool = False) -> None:
        """Refuse a destination that a client names; raises `DeniedAddress`.

        A name is resolved only where `resolve` asks for it, or where it is a server of the company's model, for which
        connections of our own may be open.
        """
        if (address := literal(host)) is not None:
            self.judge(host, address)
        elif resolve or (plain_host(host), port) in self.inside:
            try:
                await self.admit(host, port)
            except UpstreamError:
                return  # whoever connects will tell

    async def admit(self, host: str, port: int) -> tuple[Ip, ...]:
        """Return the addresses of a host, all of them judged; raises `DeniedAddress`, or `UpstreamError`."""
        found: list[Ip] = []
        if (address := literal(host)) is not None:
            found = [address]
        else:
            try:
                found = await self.look_up(host, port)
            except (OSError, ValueError) as error:
                raise UpstreamError("the name of the service cannot be resolved") from error
        if not found:
            raise UpstreamError("the name of the service has no address")
        for each in found:
            self.judge(host, each)
        return tuple(found)

    def judge(self, host: str, address: Ip) -> None:
        """Raise `DeniedAddress` where no client may be connected to `address`."""
        name = plain_host(host)
        if kind := judge(self.reach, name, address, listed=self.listed(name), own=self.is_own(address)):
            raise DeniedAddress(TOLD[kind])


def keep_to_judged(loop: asyncio.AbstractEventLoop) -> None:
    """Make a loop connect to the addresses that were judged in the task that connects, without asking for them anew."""
    stock = loop.getaddrinfo
    if getattr(stock, "keeps_to_judged", False):
        return

    async def getaddrinfo(host: Any, port: Any, **options: Any) -> Any:
        judged = JUDGED.get()
        if judged is None or judged[0] != (host, port):
            return await stock(host, port, **options)
        return [entry for address in judged[1] for entry in await stock(str(address), port, **options)]

    getaddrinfo.keeps_to_judged = True  # type: ignore[attr-defined]
    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign]
