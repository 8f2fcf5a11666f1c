"""A WebSocket of the house in tests: its handshake and its messages, as mitmproxy's hooks see them.

Enters: a tenant. Leaves: what the hooks have said becomes of each message.
"""

from collections.abc import Coroutine
from typing import Any

from mitmproxy import http
from mitmproxy.websocket import WebSocketData, WebSocketMessage
from wsproto.frame_protocol import Opcode

from proxy.websocket.interface import Delivery
from proxy.websocket.layer import DELIVERY, TOO_LARGE
from tests.proxy.house import Tenant, flow_to

UPGRADE = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "c3R1cGlkLWtleS0xNi1ieQ==",
}


class Socket:
    """One connection to `host/path`."""

    def __init__(self, tenant: Tenant, where: str = "api.openai.com/v1/socket", **headers: str) -> None:
        self.tenant = tenant
        self.flow = flow_to(where, b"", **headers)
        self.flow.request.method = "GET"
        for name in ("content-length", "content-type"):
            del self.flow.request.headers[name]
        self.flow.request.headers.update(UPGRADE)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.tenant.loop.run_until_complete(work)

    def ask(self) -> "Socket":
        """Let the client ask for the connection."""
        self.tenant.ask(self.flow)
        return self

    def switch(self, **headers: str) -> "Socket":
        """Let the service agree."""
        fields = {"upgrade": "websocket", "connection": "Upgrade"} | headers
        self.flow.response = http.Response.make(101, b"", {name.replace("_", "-"): fields[name] for name in fields})
        self.run(self.tenant.addon.responseheaders(self.flow))
        self.flow.websocket = WebSocketData()
        self.run(self.tenant.addon.response(self.flow))
        if self.flow.response.status_code == 101:
            self.tenant.addon.websocket_start(self.flow)
        return self

    def open(self) -> "Socket":
        """Open the connection."""
        self.ask()
        assert self.flow.response is None, self.flow.response
        return self.switch()

    def message(self, content: bytes | str, *, from_client: bool, too_large: bool = False) -> Delivery | None:
        """Let one side say something; return what the hook has said becomes of it."""
        assert self.flow.websocket is not None
        kind = Opcode.TEXT if isinstance(content, str) else Opcode.BINARY
        data = content.encode() if isinstance(content, str) else content
        self.flow.websocket.messages[:] = [WebSocketMessage(kind, from_client, data)]
        if too_large:
            self.flow.metadata[TOO_LARGE] = True
        self.run(self.tenant.addon.websocket_message(self.flow))
        delivery: Delivery | None = self.flow.metadata.pop(DELIVERY, None)
        return delivery

    def say(self, content: bytes | str, **more: Any) -> Delivery:
        """Let the client say something."""
        delivery = self.message(content, from_client=True, **more)
        assert delivery is not None
        return delivery

    def hear(self, content: bytes | str) -> list[str]:
        """Let the server say something; return what the client gets."""
        delivery = self.message(content, from_client=False)
        assert delivery is not None and not delivery.to_server and delivery.closing is None
        return [one.content.decode() for one in delivery.to_client]

    def end(self) -> list[str]:
        """End the connection; return what the client still gets."""
        self.run(self.tenant.addon.websocket_end(self.flow))
        delivery = self.flow.metadata.pop(DELIVERY, None)
        return [one.content.decode() for one in delivery.to_client] if delivery else []


def sent(delivery: Delivery) -> list[str]:
    """Return what goes to the server."""
    return [one.content.decode() for one in delivery.to_server]
