"""A small proxy of its own that takes down one exchange of one host: mitmproxy's hooks for `sluice record`.

Enters: the traffic of whoever sets this proxy, on this machine alone. Leaves: the exchange whose request holds the
marker, or the message of a WebSocket that does, with the messages after it. Nothing else is kept or looked at: other
hosts are tunnelled as they are, and other requests of this host pass by. It filters nothing, so it listens on loopback
only, and ends when it has what it came for.
"""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from mitmproxy import http
from mitmproxy.addons import errorcheck

from proxy.capture.bodies import answer_body, messages_as_lines
from proxy.capture.case import Captured, holds_marker
from proxy.capture.mask import Masker
from proxy.errors import SettingsError, SluiceError
from proxy.framing.message import MESSAGES
from proxy.internal.upstreams import Upstreams
from proxy.keys import certificate_authority
from proxy.settings.interface import Address, Settings
from proxy.shell.flows import bare_host, headers_of
from proxy.shell.guard import GuardedMaster
from proxy.shell.layers import CatalogueLayers
from proxy.shell.master import SECURE, STOCK, announce, check, mitmproxy_asked, options_of, set_options
from proxy.websocket.interface import MESSAGE
from proxy.wire.body import Limits, codings_of, decode

CAPTURED: Final = "sluice_captured"
"""Metadata key of a flow whose request holds the marker: the pieces of its answer."""

QUIET: Final = 3.0
"""Seconds without a message after which an answer on a WebSocket is taken to be whole, if the marker has come back."""
LINES: Final = "application/x-ndjson"
"""How the tables give the messages of a WebSocket: one a line."""


@dataclass(slots=True)
class Pieces:
    """The answer to the marked request, as it comes."""

    request: Captured
    chunks: list[bytes] = field(default_factory=list, repr=False)
    alarm: asyncio.TimerHandle | None = None
    """What takes the answer to be whole, on a WebSocket."""

    def __call__(self, chunk: bytes) -> bytes:
        """Keep a chunk and hand it on."""
        self.chunks.append(chunk)
        return chunk


class Tap:
    """Takes down the exchange with the marker in it."""

    def __init__(self, host: str, found: Callable[[Captured], None]) -> None:
        """Take the host, with all below it, and whom to tell."""
        self.host, self.found = host, found

    def meant(self, name: str) -> bool:
        """Return whether a host is the one that is recorded."""
        bare = bare_host(name)
        return bare == self.host or bare.endswith(f".{self.host}")

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Ask for an answer that can be read; what is not for the host streams through."""
        if self.meant(flow.request.pretty_host):
            flow.request.headers["accept-encoding"] = "identity"
        else:
            flow.request.stream = True

    def request(self, flow: http.HTTPFlow) -> None:
        """Look for the marker in a request that is whole."""
        if not self.meant(flow.request.pretty_host) or flow.request.method not in ("POST", "GET"):
            return
        headers = headers_of(flow.request.headers)
        try:
            body = decode(flow.request.raw_content or b"", codings_of(headers), Limits())
        except SluiceError:
            return
        kind = flow.request.headers.get("content-type", "")
        host, method = bare_host(flow.request.pretty_host), flow.request.method
        captured = Captured(host, flow.request.path, kind, body, method=method)
        if holds_marker(captured):
            flow.metadata[CAPTURED] = Pieces(captured)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Let every answer stream, the wanted one through our hands."""
        if flow.response is not None:
            flow.response.headers.pop("alt-svc", None)
            flow.response.stream = flow.metadata.get(CAPTURED, True)

    def response(self, flow: http.HTTPFlow) -> None:
        """Tell of the exchange, now that it is whole."""
        pieces: Pieces | None = flow.metadata.pop(CAPTURED, None)
        if pieces is None or flow.response is None:
            return
        headers = headers_of(flow.response.headers)
        kind = flow.response.headers.get("content-type", "")
        try:
            answer = decode(b"".join(pieces.chunks), codings_of(headers), Limits())
        except SluiceError:
            answer = b""
        self.found(replace(pieces.request, answer_type=kind, answer=answer))

    def error(self, flow: http.HTTPFlow) -> None:
        """Tell of an exchange that was broken off, with what came of its answer."""
        self.response(flow)

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Look for the marker in what the client says, and keep what answers it; nothing else is kept."""
        assert flow.websocket
        message = flow.websocket.messages[-1]
        flow.websocket.messages[:-1] = []
        pieces: Pieces | None = flow.metadata.get(CAPTURED)
        if not self.meant(flow.request.pretty_host):
            return
        if message.from_client:
            host = bare_host(flow.request.pretty_host)
            captured = Captured(host, flow.request.path, MESSAGES, message.content, method=MESSAGE)
            if pieces is None and holds_marker(captured):
                flow.metadata[CAPTURED] = Pieces(captured)
        elif pieces is not None:
            pieces(message.content)
            if pieces.alarm is not None:
                pieces.alarm.cancel()
            pieces.alarm = asyncio.get_running_loop().call_later(QUIET, self.quiet, flow, pieces)

    def quiet(self, flow: http.HTTPFlow, pieces: Pieces) -> None:
        """Take an answer to be whole if nothing follows any more and the marker has come back."""
        told = answer_body(messages_as_lines(pieces.chunks), LINES, Masker())
        if told is not None and told.places:
            self.websocket_end(flow)

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """Tell of a message and its answer, once."""
        pieces: Pieces | None = flow.metadata.pop(CAPTURED, None)
        if pieces is None:
            return
        if pieces.alarm is not None:
            pieces.alarm.cancel()
        self.found(replace(pieces.request, answer_type=LINES, answer=messages_as_lines(pieces.chunks)))


async def tap(
    settings: Settings,
    host: str,
    found: Callable[[Captured], bool],
    ready: Callable[[str, Path], None],
    seconds: float,
) -> None:
    """Run until `found` says that it is enough, the time is over, or Ctrl-C; raises `SettingsError`."""
    certificate_authority(settings.state, settings.node)
    loop = asyncio.get_running_loop()
    with mitmproxy_asked(settings):
        made = GuardedMaster(options_of(settings))

        def told(captured: Captured) -> None:
            if found(captured):
                loop.call_later(1, made.shutdown)  # the client gets its answer first

        recorder = Tap(host, told)
        layers = CatalogueLayers(recorder.meant, lambda _: None)
        stock, secure = (tuple(each() for each in kinds) for kinds in (STOCK, SECURE))
        made.addons.add(
            *stock, layers, *secure, Upstreams(settings.resolve, mode=settings.mode), recorder, errorcheck.ErrorCheck()
        )
        set_options(made.options, settings)
    check(made.options)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, made.shutdown)
    loop.call_later(seconds, made.shutdown)
    telling = asyncio.create_task(announce(made, settings, ready))
    try:
        await made.run()
    except SystemExit:  # mitmproxy's way to say that an error was logged while it started
        listen, port = settings.listen
        raise SettingsError(
            f"cannot listen on {listen}:{port}; the log says why", f"无法监听 {listen}:{port}；原因见日志"
        ) from None
    finally:
        telling.cancel()
        for instance in made.addons.get("proxyserver").servers:
            if instance.is_running:
                await instance.stop()


def settings_for(settings: Settings, listen: Address) -> Settings:
    """Return the settings of the recording proxy: the way out as the company's own, and nothing else of it."""
    mode = settings.mode if settings.mode.startswith("upstream") else "regular"
    return replace(settings, listen=listen, mode=mode, proxy_login=None)
