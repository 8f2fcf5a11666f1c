"""How a worker leaves: it serves what it had begun, and lets go of connections where nothing is under way.

Enters: the doorkeeper's guests and the open WebSockets, looked at again and again. Leaves: connections closed, each at
a moment in which no exchange is lost:
- over HTTP/1.1 the next answer says that it is the last (`connection: close`), over HTTP/2 it is followed by GOAWAY;
- one that stays silent is closed after some seconds, longer than clients keep one for the next request;
- a WebSocket is told to come again (1001) after a while;
- what is still there when the time is up is cut off.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from time import monotonic
from typing import Final

import structlog
from mitmproxy import http

from proxy.overload.connections import SluiceConnection, leave
from proxy.overload.doorkeeper import Doorkeeper
from proxy.websocket.interface import Closing, Delivery
from proxy.websocket.layer import SluiceWebsocketLayer, push
from proxy.workers.interface import Workers

LOOKS_EVERY: Final = 0.25
SILENT: Final = 6.0
"""Seconds without an exchange after which a connection is closed; httpx keeps one for 5, undici for 4."""
GOING_AWAY: Final = 1001

LOG = structlog.get_logger("sluice")


async def drain(limits: Workers, stop_listening: Callable[[], Awaitable[None]], hurry: asyncio.Event) -> None:
    """Return when nobody is served any more, when the time is up, or when there is a hurry."""
    doors, began, told = SluiceConnection.doors, monotonic(), False
    leave()
    await stop_listening()
    while not hurry.is_set() and doors.guests and monotonic() - began < limits.drain_seconds:
        close_silent(doors)
        if not told and monotonic() - began >= limits.websocket_seconds:
            told = True
            send_away(SluiceWebsocketLayer.flows)
        await asyncio.sleep(LOOKS_EVERY)
    if doors.guests:
        LOG.warning("connections are cut off", count=len(doors.guests))


def close_silent(doors: Doorkeeper) -> None:
    """Close the connections that have been silent for long enough."""
    now = doors.clock()
    for guest in list(doors.guests.values()):
        if guest.idle and now - guest.since >= SILENT and not guest.unread():
            guest.cut()


def send_away(flows: Collection[http.HTTPFlow]) -> None:
    """Tell every WebSocket to come again: a client finds another worker then."""
    for flow in list(flows):
        push(flow, Delivery(closing=Closing(GOING_AWAY, "Sluice: please connect again")))
