"""The register of WebSockets' wire formats: special ones first, and last the one that reads whatever there is."""

from typing import Final

from proxy.adapters.entry import Entry
from proxy.adapters.sockets import chat_sites, copilot, openai_events, vendor_apis
from proxy.adapters.sockets.socket_adapter import ANYWHERE, AnySocketShape, SocketAdapter, SocketEntry

ANY: Final = SocketAdapter(id="websocket", shape=AnySocketShape(), strict=False)
"""Every string of any message; a refusal closes the connection."""

ENTRIES: Final[tuple[Entry, ...]] = (
    *openai_events.ENTRIES,
    *copilot.ENTRIES,
    *chat_sites.ENTRIES,
    *vendor_apis.ENTRIES,
    SocketEntry(ANY, ANYWHERE),
)
