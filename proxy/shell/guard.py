"""The guard round every hook of every addon, mitmproxy's own ones too: what fails there closes what it was about.

Enters: an event of mitmproxy. Leaves: the same, with nothing left to go on where an addon has raised: stock mitmproxy
logs the error and lets go on what the addon was there to hold back. Only what ends the process is not caught. HTTP
exchanges are refused by `SluiceAddon.fail`, in the client's own format and on record; the table below says what
becomes of all else. An error in one of mitmproxy's layers ends the whole connection, in both directions.
"""

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from types import ModuleType
from typing import Any, Final

import structlog
from mitmproxy import dns, exceptions, hooks, http, options
from mitmproxy.addonmanager import AddonManager, traverse
from mitmproxy.connection import Client
from mitmproxy.master import Master
from mitmproxy.net.dns import response_codes
from mitmproxy.proxy import layer

from proxy.errors import EXITS
from proxy.overload.connections import SluiceConnection
from proxy.shell.layers import Closed
from proxy.websocket.layer import DELIVERY

WHY: Final = "Sluice: the connection could not be checked"

LOG = structlog.get_logger("sluice")


def no_message(flow: Any) -> None:
    """Empty the message that would be relayed next."""
    flow.messages[-1].content = b""


def no_delivery(flow: http.HTTPFlow) -> None:
    """Leave no word on what becomes of a message: then the connection ends."""
    flow.metadata.pop(DELIVERY, None)


def no_conversation(flow: http.HTTPFlow) -> None:
    """Forget what the messages would be judged by: then none passes."""
    flow.metadata.clear()


def no_connection(flow: Any) -> None:
    """Let the server never be connected to."""
    flow.server_conn.error = WHY


def no_tunnel(flow: http.HTTPFlow) -> None:
    """Refuse a CONNECT."""
    flow.response = http.Response.make(500, WHY, {"content-type": "text/plain", "cache-control": "no-store"})


def no_answer(flow: dns.DNSFlow) -> None:
    """Answer a question for a name with a failure."""
    flow.response = flow.request.fail(response_codes.SERVFAIL)


def no_layer(data: layer.NextLayer) -> None:
    """End the connection instead of reading on."""
    data.layer = Closed(data.context)


def no_tls(data: Any) -> None:
    """Take the TLS context away: mitmproxy fails a connection without one."""
    data.ssl_conn = None


def no_quic(data: Any) -> None:
    """Take the settings away, for the same reason."""
    data.settings = None


def no_client(client: Client) -> None:
    """Let a client go."""
    client.error = WHY


def no_server(data: Any) -> None:
    """Connect to no server."""
    data.server.error = WHY


def no_login(data: Any) -> None:
    """Take a login for wrong."""
    data.valid = False


def nothing_goes_on(_about: Any) -> None:
    """Nothing is held back here, or nothing follows: the log is enough."""


CLOSES: Final[dict[str, Callable[[Any], None]]] = {
    "requestheaders": nothing_goes_on,  # these four: `SluiceAddon.fail` has refused
    "request": nothing_goes_on,
    "response": nothing_goes_on,
    "error": nothing_goes_on,
    "responseheaders": nothing_goes_on,  # a response set here would be filled with the service's body
    "http_connect": no_tunnel,
    "http_connect_upstream": no_connection,
    "http_connected": nothing_goes_on,
    "http_connect_error": nothing_goes_on,
    "websocket_start": no_conversation,
    "websocket_message": no_delivery,
    "websocket_end": no_delivery,
    "tcp_start": no_connection,
    "tcp_message": no_message,
    "tcp_end": nothing_goes_on,
    "tcp_error": nothing_goes_on,
    "udp_start": no_connection,
    "udp_message": no_message,
    "udp_end": nothing_goes_on,
    "udp_error": nothing_goes_on,
    "dns_request": no_answer,
    "dns_response": no_answer,
    "dns_error": nothing_goes_on,
    "next_layer": no_layer,
    "tls_clienthello": nothing_goes_on,  # without our word it is opened all the same
    "tls_start_client": no_tls,
    "tls_start_server": no_tls,
    "tls_established_client": nothing_goes_on,
    "tls_established_server": nothing_goes_on,
    "tls_failed_client": nothing_goes_on,
    "tls_failed_server": nothing_goes_on,
    "quic_start_client": no_quic,
    "quic_start_server": no_quic,
    "client_connected": no_client,
    "client_disconnected": nothing_goes_on,
    "server_connect": no_server,
    "server_connected": nothing_goes_on,  # only the addresses that were judged before can have been connected to
    "server_connect_error": nothing_goes_on,
    "server_disconnected": nothing_goes_on,
    "socks5_auth": no_login,
    "load": nothing_goes_on,  # raises past us, and stops the start
    "configure": nothing_goes_on,
    "running": nothing_goes_on,  # an error in the log at that time stops the start
    "done": nothing_goes_on,
    "update": nothing_goes_on,
    "add_log": nothing_goes_on,
}
"""What each hook's argument must be left as when an addon has failed there; see `GuardedAddons`."""

REFUSED: Final = frozenset({"requestheaders", "request", "response", "error"})
"""Hooks of an HTTP exchange in which a response can still be set."""

CUT: Final = frozenset({"tcp_start", "tcp_message", "udp_start", "udp_message", "server_connected"})
"""Hooks after whose failure the client's whole connection is ended."""


def has(addon: Any, hook: str) -> bool:
    """Return whether an addon has a hook; a module that it has imported under that name is none."""
    found = getattr(addon, hook, None)
    return found is not None and not isinstance(found, ModuleType)


type Fail = Callable[[http.HTTPFlow, BaseException], Awaitable[None]]
"""Refuses an exchange for an error."""


class GuardedAddons(AddonManager):
    """mitmproxy's manager of addons, in which an error of one is never the end of the matter."""

    fail: Fail | None = None
    """Refuses an HTTP exchange; set once the addon is there that can."""

    def __init__(self, master: Master) -> None:
        """Begin without any."""
        super().__init__(master)  # type: ignore[no-untyped-call]  # mitmproxy's own
        self.hooked: dict[str, list[Any]] = {}
        """Who has a hook, by its name, in their order; made anew whenever addons come or go."""
        self.asked: tuple[list[Any], int] = self.chain, 0
        """The addons of which that is known, and how many they were."""

    def register(self, addon: Any) -> Any:
        """Take in an addon, and those within it, which may be of one that is there already."""
        self.hooked.clear()
        return super().register(addon)  # type: ignore[no-untyped-call]

    def having(self, hook: str) -> list[Any]:
        """Return the addons that have a hook."""
        if self.asked[0] is not self.chain or self.asked[1] != len(self.chain):
            self.hooked.clear()
            self.asked = self.chain, len(self.chain)
        if (found := self.hooked.get(hook)) is None:
            found = self.hooked[hook] = [one for one in traverse(self.chain) if has(one, hook)]
        return found

    async def trigger_event(self, event: hooks.Hook) -> None:
        """Run a hook of all addons; after a failure the others still run, and find it closed.

        Stock mitmproxy asks every addon for every event, twice for those of flows; few have any one hook.
        """
        for addon in self.having(event.name):
            try:
                made = getattr(addon, event.name)(*event.args())
                if made is not None and isawaitable(made):
                    await made
            except exceptions.AddonHalt:
                return
            except EXITS:
                raise
            except BaseException as error:
                await self.close(event, error)

    async def close(self, event: hooks.Hook, error: BaseException) -> None:
        """Let nothing go on of what an event is about."""
        LOG.error("a hook failed", exc_info=error, step=event.name)
        about: Sequence[Any] = event.args() or (None,)
        try:
            if event.name in REFUSED and self.fail is not None and isinstance(about[0], http.HTTPFlow):
                await self.fail(about[0], error)
            closes = CLOSES.get(event.name)
            if closes is not None:
                closes(about[0])
            if closes is None or event.name in CUT:
                self.cut(about[0])
        except EXITS:
            raise
        except BaseException as second:
            LOG.error("a connection is ended, for it could not be refused", exc_info=second, step=event.name)
            self.cut(about[0])

    def cut(self, about: Any) -> None:
        """End the connection of a client at once; `about` is a flow, a connection, or what belongs to one."""
        client = about if isinstance(about, Client) else getattr(about, "client_conn", getattr(about, "client", None))
        server = self.get("proxyserver")
        for handler in list(server.connections.values()) if server is not None else ():
            if handler.client is client and isinstance(handler, SluiceConnection):
                handler.abandon()


class GuardedMaster(Master):
    """A mitmproxy master whose hooks are guarded from the first addon on."""

    addons: GuardedAddons

    def __init__(self, opts: options.Options) -> None:
        """Take the options."""
        super().__init__(opts)
        self.addons = GuardedAddons(self)
