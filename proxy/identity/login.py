"""The proxy's own login: an addon for mitmproxy that asks with 407, and always takes `Proxy-Authorization` out.

Enters: flows before any other addon of ours. Leaves: flows with `LOGIN` among their metadata, or with a 407. The field
never goes upstream, a password is in no metadata and no log, and passwords are checked off the event loop. Whoever has
logged in for a CONNECT is known for all that comes through that tunnel.
"""

import asyncio
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from weakref import WeakKeyDictionary

import structlog
from mitmproxy import connection, http
from mitmproxy.proxy import mode_specs
from mitmproxy.proxy.layers import modes

from proxy.caller import clean_name
from proxy.errors import DirectoryAway
from proxy.identity.interface import LOGIN
from proxy.identity.passwords import Passwords
from proxy.identity.tickets import Exchange, Open

FIELD: Final = "Proxy-Authorization"
PAUSE: Final = 1.0
"""Seconds before a wrong password is told."""
WORDS: Final = (
    b"<html><head><title>407 Proxy Authentication Required</title></head><body><h1>407 Proxy Authentication Required"
    b"</h1><p>Log in to the proxy with your company account. \xe8\xaf\xb7\xe4\xbd\xbf\xe7\x94\xa8\xe5\x85\xac\xe5\x8f"
    b"\xb8\xe8\xb4\xa6\xe5\x8f\xb7\xe7\x99\xbb\xe5\xbd\x95\xe4\xbb\xa3\xe7\x90\x86\xe3\x80\x82</p></body></html>"
)
LOG = structlog.get_logger("sluice")


class Login:
    """Asks everybody who comes."""

    def __init__(self, passwords: Passwords | None, tickets: Open | None = None) -> None:
        """Take where passwords are known, and what accepts tickets; one of them at least."""
        self.passwords, self.tickets = passwords, tickets
        self.known: MutableMapping[connection.Client, str] = WeakKeyDictionary()
        self.exchanges: MutableMapping[connection.Client, Exchange] = WeakKeyDictionary()
        self.workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sluice-login")

    async def http_connect(self, flow: http.HTTPFlow) -> None:
        """Ask before a tunnel."""
        await self.ask(flow)

    def http_connected(self, flow: http.HTTPFlow) -> None:
        """Keep who it is for all that comes through the tunnel; a tunnel that was refused says nothing of the next."""
        self.known[flow.client_conn] = flow.metadata[LOGIN]

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Ask for each request that comes by no tunnel."""
        name = self.known.get(flow.client_conn)
        if name is not None:
            flow.metadata[LOGIN] = name
            flow.request.headers.pop(FIELD, None)
        elif is_asked(flow.client_conn):
            await self.ask(flow)

    async def socks5_auth(self, data: modes.Socks5AuthData) -> None:
        """Check the password of SOCKS."""
        name = await self.check(data.username, data.password)
        if name:
            data.valid = True
            self.known[data.client_conn] = name

    async def ask(self, flow: http.HTTPFlow) -> bool:
        """Say who it is, or set a 407; whatever goes wrong is a 407 too."""
        given = flow.request.headers.get_all(FIELD)
        flow.request.headers.pop(FIELD, None)
        name, offer = "", b""
        try:
            if len(given) == 1:
                name, offer = await self.read(flow.client_conn, given[0])
        except DirectoryAway:
            flow.response = http.Response.make(503, b"the directory does not answer\n", {"Retry-After": "30"})
            return False
        except Exception as error:  # nobody is let in for a mistake of ours
            LOG.warning("a login failed", exc_info=error)
        if name:
            flow.metadata[LOGIN] = name
            return True
        flow.response = self.refusal(offer)
        return False

    async def read(self, client: connection.Client, value: str) -> tuple[str, bytes]:
        """Return the name that a field proves, and what to send back."""
        scheme, _, text = value.strip().partition(" ")
        try:
            token = b64decode(text.strip(), validate=True)
        except (NotBase64, ValueError):
            return "", b""
        if scheme.lower() == "negotiate" and self.tickets is not None:
            exchange = self.exchanges.get(client)
            if exchange is None:
                exchange = self.exchanges[client] = Exchange(self.tickets())
            try:
                loop = asyncio.get_running_loop()
                name, answer = await loop.run_in_executor(self.workers, exchange.step, token)
            except ValueError:
                self.exchanges.pop(client, None)
                return "", b""
            if name or not answer:
                self.exchanges.pop(client, None)
            return name, answer
        if scheme.lower() == "basic":
            name, colon, password = token.decode("utf-8", "surrogateescape").partition(":")
            return (await self.check(name, password) if colon else ""), b""
        return "", b""

    async def check(self, name: str, password: str) -> str:
        """Return the name where the password holds; a wrong one is told after a pause."""
        if self.passwords is None or not clean_name(name):
            return ""
        work = asyncio.get_running_loop().run_in_executor(self.workers, self.passwords.check, name, password)
        found = await work
        if not found:
            await asyncio.sleep(PAUSE)
        return found

    def refusal(self, offer: bytes = b"") -> http.Response:
        """Return the answer that asks for a login."""
        ways = []
        if self.tickets is not None:
            ways.append("Negotiate " + b64encode(offer).decode() if offer else "Negotiate")
        if self.passwords is not None and not offer:
            ways.append('Basic realm="Sluice", charset="UTF-8"')
        fields = [(b"Proxy-Authenticate", way.encode()) for way in ways]
        fields += [(b"Content-Type", b"text/html; charset=utf-8"), (b"Cache-Control", b"no-store")]
        return http.Response.make(407, WORDS, http.Headers(fields))

    def done(self) -> None:
        """Let the workers go."""
        self.workers.shutdown(wait=False, cancel_futures=True)


def is_asked(client: connection.Client) -> bool:
    """Return whether clients of this mode can be asked by 407 at all."""
    return isinstance(client.proxy_mode, mode_specs.RegularMode | mode_specs.UpstreamMode)
