"""The one thing Sluice changes in mitmproxy's HTTP core: our answers go out when we have them, and in our own form.

Stock mitmproxy reads the whole request body before it sends a response that an addon set, answers an oversized body
or an unreachable upstream with a page of its own that no hook sees, and never connects a tunnel whose server speaks
first. Here
- a response set in the `requestheaders` hook goes out at once, and the rest of the body is thrown away, up to a bound;
- a body that is too large, comes too slowly, or for which there is no room is not read on: the `request` hook answers,
  told by the flow's metadata;
- when an upstream fails before its answer began, a response set in the `error` hook is sent; when it fails in the
  middle of a streamed answer, what the stream function still holds is sent first;
- a hook that finds out that an upstream failed can point the flow elsewhere and mark it `AGAIN`: the whole request is
  then sent once more, which the client does not notice; `ANSWER_WITHIN` bounds the wait for an answer to begin;
- a server that could not be reached is tried anew for the next request, on the same client connection, too;
- a CONNECT that `tunnels` says is none of our business becomes a plain tunnel before any byte is read; one to a bare
  address, on a port where its server may speak first, is looked at with patience.

Nothing of a request that was answered early ever reaches an upstream: the stream never leaves its discarding state.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from mitmproxy import flow as mitm_flow
from mitmproxy import http
from mitmproxy.proxy import commands, events, layer, layers
from mitmproxy.proxy.layers import http as http_layer
from mitmproxy.proxy.layers.http import (
    DropStream,
    ErrorCode,
    HttpErrorHook,
    HttpEvent,
    HttpLayer,
    HttpRequestHook,
    HttpResponseHeadersHook,
    HttpStream,
    RequestData,
    RequestEndOfMessage,
    RequestHeaders,
    RequestProtocolError,
    RequestTrailers,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
    ResponseTrailers,
    SendHttp,
)
from mitmproxy.proxy.utils import expect

from detectors.allowance import Interest
from proxy.errors import TooSlow
from proxy.overload.admission import Baggage
from proxy.overload.connections import tunnelled
from proxy.shell.patience import PatientLayer, is_patient

TOO_LARGE: Final = "sluice_too_large"
"""Metadata key of a flow whose request body went over the limit."""

STOPPED: Final = "sluice_stopped"
"""Metadata key of the error for which no more of a request's body is read."""

BAGGAGE: Final = "sluice_baggage"
"""Metadata key of what counts the bytes of a body that waits."""

OUR_ANSWER: Final = "sluice_answer"
"""Metadata key of a flow whose response was made by Sluice, not by an upstream."""

AGAIN: Final = "sluice_again"
"""Metadata key of a flow that a hook has pointed at another server: its request must be sent there."""

ANSWER_WITHIN: Final = "sluice_answer_within"
"""Metadata key of the seconds within which the answer must begin; 0 or none for as long as it takes."""

LOOKS_EVERY: Final = 5.0
"""Seconds between two looks at whether an answer has begun: so long may a flow be kept that is over."""

INTEREST: Final = "sluice_interest"
"""Metadata key of who waits for a flow: ended as soon as its client has gone, whatever is being done for it."""

CLIENT_LEFT: Final = "sluice_client_left"
"""Metadata key of a flow whose client went away before its exchange was over."""

GOES_INSIDE: Final = "sluice_goes_inside"
"""Metadata key of a flow that the policy has sent to the company's model, wherever that stands."""

GOING_INSIDE: Final[Counter[tuple[str, tuple[str, int]]]] = Counter()
"""Client connections for which a connection of our own is being made to a server of the company's model, and which."""

DISCARDED_AT_MOST: Final = 16 * 1024 * 1024
"""Bytes of an already answered request that are read and thrown away before the connection is closed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the body of a request may take, in seconds."""

    body_idle: float = 30.0
    """Between two pieces of it."""
    body: float = 600.0
    """In all."""

    @property
    def looks_every(self) -> float:
        """Between two looks at whether it comes."""
        return min(LOOKS_EVERY, self.body_idle / 2, self.body / 2)


def drop_baggage(flow: http.HTTPFlow) -> None:
    """Count the bytes of a request's body no more."""
    baggage = flow.metadata.get(BAGGAGE)
    if isinstance(baggage, Baggage):
        baggage.drop()


class SluiceStream(HttpStream):
    """An `HttpStream` whose answers can be early, and ours."""

    request_limit = 20 * 1024 * 1024
    """Bytes of a request body, still encoded; set once by `install`."""
    tunnels: Callable[[str, int], bool] = staticmethod(lambda _host, _port: False)
    """Says of a CONNECT target whether it is tunnelled without a look; set once by `install`."""
    patience = Patience()
    """How long a body may take; set once by `install`."""
    clock: Callable[[], float] = staticmethod(monotonic)
    came = came_first = 0.0
    """When the body was last heard of, and when it began."""
    discarded = 0
    alarm: commands.RequestWakeup | None = None
    """What wakes this stream next, if anything is waited for."""
    body_alarm: commands.RequestWakeup | None = None
    """What wakes it to look after the body that is coming."""
    waited = 0.0
    """Seconds that an answer has been waited for."""

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Let whoever works for a client know at once that it has gone: while a hook runs, events wait for its end."""
        if isinstance(event, RequestProtocolError) and (made := getattr(self, "flow", None)) is not None:
            waits = made.metadata.get(INTEREST)
            if isinstance(waits, Interest):
                waits.end()
        yield from super().handle_event(event)

    @expect(events.Start, events.Wakeup, HttpEvent)
    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Wakeup):
            yield from self.wake(event)
        else:
            yield from super()._handle_event(event)

    @expect(RequestHeaders)
    def state_wait_for_request_headers(self, event: RequestHeaders) -> layer.CommandGenerator[None]:
        """Run the stock state, then answer at once where a hook has set the response."""
        yield from super().state_wait_for_request_headers(event)
        reading = self.client_state == self.state_consume_request_body
        if not reading or event.end_stream:
            return
        if self.flow.response:
            yield from self.answer_early()
        else:
            self.came = self.came_first = self.clock()
            yield from self.wait_for_body()

    def handle_connect_regular(self) -> layer.CommandGenerator[None]:
        """Tunnel what is none of our business at once: its server may be the one to speak first."""
        host, port, *_ = self.context.server.address or ("", 0)
        if self.flow.response is None and self.tunnels(host, port):
            tunnelled(self.context.client)
            self.child_layer = layers.TCPLayer(self.context, ignore=True)
            yield from self.handle_connect_finish()
        elif self.flow.response is None and is_patient(host, port):
            self.child_layer = PatientLayer(self.context)
            yield from self.handle_connect_finish()
        else:
            yield from super().handle_connect_regular()

    def check_body_size(self, request: bool) -> layer.CommandGenerator[bool]:
        """Hand an oversized request to the `request` hook; bound the responses that are kept, not the streamed ones."""
        if not request:
            return bool(self.response_body_buf) and (yield from super().check_body_size(request))
        self.came = self.clock()
        size = len(self.request_body_buf)
        baggage = self.flow.metadata.get(BAGGAGE)
        if size > self.request_limit:
            self.flow.metadata[TOO_LARGE] = True
        elif isinstance(baggage, Baggage) and (stopped := baggage.grow(size)) is not None:
            self.flow.metadata[STOPPED] = stopped
        else:
            return False
        yield from self.stop_reading()
        return True

    def wait_for_body(self) -> layer.CommandGenerator[None]:
        """Ask to be woken to look after the body."""
        self.body_alarm = commands.RequestWakeup(self.patience.looks_every)
        yield self.body_alarm

    def look_at_body(self) -> layer.CommandGenerator[None]:
        """Read on where the body comes in time, else answer at once."""
        now = self.clock()
        if now - self.came < self.patience.body_idle and now - self.came_first < self.patience.body:
            yield from self.wait_for_body()
            return
        self.flow.metadata[STOPPED] = TooSlow("the body does not come in time")
        yield from self.stop_reading()

    def stop_reading(self) -> layer.CommandGenerator[None]:
        """Let the `request` hook answer for a body that is not read to its end."""
        self.request_body_buf.clear()
        yield HttpRequestHook(self.flow)
        if (yield from self.check_killed(True)):
            return
        if self.flow.response is None:  # nobody answered: half a body must never go on
            self.flow.response = http.Response.make(413)
        yield from self.answer_early()

    def answer_early(self) -> layer.CommandGenerator[None]:
        """Send the response now and throw the rest of the request away."""
        assert self.flow.response
        self.client_state = self.state_discard_request_body
        self.flow.response.timestamp_start = self.flow.request.timestamp_start
        yield HttpResponseHeadersHook(self.flow)
        if (yield from self.check_killed(True)):
            return
        yield from self.send_response()
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)

    @expect(RequestData, RequestTrailers, RequestEndOfMessage)
    def state_discard_request_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Throw away what still comes of a request that has its answer."""
        if isinstance(event, RequestData):
            self.discarded += len(event.data)
            if self.discarded > DISCARDED_AT_MOST:
                self.client_state = self.state_errored
                yield commands.CloseConnection(self.context.client)
        elif isinstance(event, RequestEndOfMessage):
            self.client_state = self.state_done
            self.flow.live = False
            yield DropStream(self.stream_id)

    def handle_protocol_error(
        self, event: RequestProtocolError | ResponseProtocolError
    ) -> layer.CommandGenerator[None]:
        """Let the `error` hook answer for an upstream that failed, and lose nothing of a broken stream."""
        if isinstance(event, RequestProtocolError):
            self.flow.metadata[CLIENT_LEFT] = True
            if self.server_state == self.state_between_servers:
                yield from self.forget_client(event)
                return
        if not isinstance(event, ResponseProtocolError) or self.client_state != self.state_done:
            yield from super().handle_protocol_error(event)
            return
        if self.server_state == self.state_skip_response:
            yield from self.turn_to_next()
            return
        if self.server_state in (self.state_wait_for_response_headers, self.state_consume_response_body):
            yield from self.answer_for_failed_upstream(event)
            return
        if self.server_state == self.state_stream_response_body:
            assert self.flow.response
            if callable(self.flow.response.stream):
                rest = self.flow.response.stream(b"")
                for chunk in [rest] if isinstance(rest, bytes) else rest:
                    if chunk:
                        yield SendHttp(ResponseData(self.stream_id, chunk), self.context.client)
        yield from super().handle_protocol_error(event)

    def check_killed(self, emit_error_hook: bool) -> layer.CommandGenerator[bool]:
        """Tell the `error` hook of a client that has gone while a hook ran."""
        if any(isinstance(one, RequestProtocolError) for one in self._paused_event_queue):
            self.flow.metadata[CLIENT_LEFT] = True
        return (yield from super().check_killed(emit_error_hook))

    def answer_for_failed_upstream(self, event: ResponseProtocolError) -> layer.CommandGenerator[None]:
        """Send the `error` hook's own response, or fall back to mitmproxy's way where it set none."""
        self.flow.error = mitm_flow.Error(event.message)
        yield HttpErrorHook(self.flow)
        again = self.flow.metadata.pop(AGAIN, False)
        if (yield from self.check_killed(again)):
            return
        if again:
            yield from self.turn_to_next()
            return
        if self.flow.response is None or not self.flow.metadata.get(OUR_ANSWER):
            self.server_state = self.state_errored  # the hook has run: the stock method must not run it again
            yield SendHttp(event, self.context.client)
            self.flow.live = False
            yield DropStream(self.stream_id)
            return
        self.flow.response.timestamp_start = self.flow.request.timestamp_start
        yield HttpResponseHeadersHook(self.flow)
        yield from self.send_response()

    # -- the same request to another server -------------------------------------------------------------------------

    @expect(ResponseHeaders)
    def state_wait_for_response_headers(self, event: ResponseHeaders) -> layer.CommandGenerator[None]:
        """Run the stock state, then read past an answer in whose place another server's is wanted."""
        self.alarm = None
        yield from super().state_wait_for_response_headers(event)
        if self.flow.metadata.pop(AGAIN, False) and self.server_state != self.state_errored:
            self.server_state = self.state_skip_response

    @expect(ResponseData, ResponseTrailers, ResponseEndOfMessage)
    def state_skip_response(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Throw away what still comes of an answer that nobody wants."""
        if isinstance(event, ResponseEndOfMessage):
            yield from self.turn_to_next()

    @expect()
    def state_between_servers(self, _event: events.Event) -> layer.CommandGenerator[None]:
        """Wait for the wake-up after which the request goes out again."""
        yield from ()

    def turn_to_next(self) -> layer.CommandGenerator[None]:
        """Ask to be woken at once: the connection that brought us here must first finish what it is doing."""
        self.flow.response = self.flow.error = None
        self.response_body_buf.clear()
        self.server_state = self.state_between_servers
        yield from self.set_alarm(0)

    def set_alarm(self, seconds: float) -> layer.CommandGenerator[None]:
        """Ask to be woken after so long; an alarm set before counts no more."""
        self.alarm = commands.RequestWakeup(seconds)
        yield self.alarm

    def wake(self, event: events.Wakeup) -> layer.CommandGenerator[None]:
        """Send the request again, or give up waiting for an answer."""
        if event.command is self.body_alarm and self.client_state == self.state_consume_request_body:
            yield from self.look_at_body()
        if event.command is not self.alarm:
            return
        self.alarm = None
        if self.server_state == self.state_between_servers:
            self.server_state = self.state_wait_for_response_headers
            if (yield from self.make_server_connection()):
                body = self.flow.request.raw_content
                yield SendHttp(RequestHeaders(self.stream_id, self.flow.request, not body), self.context.server)
                if body:
                    yield SendHttp(RequestData(self.stream_id, body), self.context.server)
                yield SendHttp(RequestEndOfMessage(self.stream_id), self.context.server)
        elif self.server_state == self.state_wait_for_response_headers:
            self.waited += LOOKS_EVERY
            if self.waited < self.flow.metadata.get(ANSWER_WITHIN, 0.0):
                yield from self.set_alarm(LOOKS_EVERY)
                return
            told = "the answer did not begin in time"
            yield SendHttp(RequestProtocolError(self.stream_id, told, ErrorCode.CANCEL), self.context.server)
            # Over HTTP/1 this closes the connection, which is then told as an error by itself.
            if self.context.server.alpn == b"h2":
                error = ResponseProtocolError(self.stream_id, told, ErrorCode.GENERIC_SERVER_ERROR)
                yield from self.answer_for_failed_upstream(error)

    def make_server_connection(self) -> layer.CommandGenerator[bool]:
        """Connect as the stock method does, but believe no error of an earlier try."""
        streams = self.context.layers[self.context.layers.index(self) - 1]
        if isinstance(streams, HttpLayer):
            for one in streams.connections:  # none is taken out: what still happens to one must find it here
                if one is not self.context.client:
                    one.error = None
        inside = self.context.client.id, (self.flow.request.host.lower(), self.flow.request.port)
        if ours := bool(self.flow.metadata.get(GOES_INSIDE)):
            GOING_INSIDE[inside] += 1
        try:
            made = yield from super().make_server_connection()
        finally:
            if ours:
                GOING_INSIDE[inside] -= 1
                if not GOING_INSIDE[inside]:
                    del GOING_INSIDE[inside]
        if made and self.flow.metadata.get(ANSWER_WITHIN):
            self.waited = 0.0
            yield from self.set_alarm(min(LOOKS_EVERY, self.flow.metadata[ANSWER_WITHIN]))
        return made

    def forget_client(self, event: RequestProtocolError) -> layer.CommandGenerator[None]:
        """End an exchange whose client went while it had no server."""
        self.flow.error = mitm_flow.Error(event.message)
        self.client_state = self.server_state = self.state_errored
        yield HttpErrorHook(self.flow)
        self.flow.live = False
        yield DropStream(self.stream_id)


def install(request_limit: int, tunnels: Callable[[str, int], bool], patience: Patience | None = None) -> None:
    """Make mitmproxy use `SluiceStream`; raises `RuntimeError` where its layout is not the one known."""
    if getattr(http_layer, "HttpStream", None) not in (HttpStream, SluiceStream):
        raise RuntimeError("this mitmproxy builds its HTTP streams in another way; use version 12.2")
    SluiceStream.request_limit = request_limit
    SluiceStream.patience = patience or Patience()
    SluiceStream.tunnels = staticmethod(tunnels)
    http_layer.HttpStream = SluiceStream  # type: ignore[misc]  # HttpLayer.make_stream looks the name up here
