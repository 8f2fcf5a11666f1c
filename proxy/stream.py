"""The one thing Sluice changes in mitmproxy's HTTP core: our answers go out when we have them, and in our own form.

Stock mitmproxy reads the whole request body before it sends a response that an addon set, answers an oversized body
or an unreachable upstream with a page of its own that no hook sees, and never connects a tunnel whose server speaks
first. Here
- a response set in the `requestheaders` hook goes out at once, and the rest of the body is thrown away, up to a bound;
- an oversized body is handed to the `request` hook, marked in the flow's metadata;
- when an upstream fails before its answer began, a response set in the `error` hook is sent; when it fails in the
  middle of a streamed answer, what the stream function still holds is sent first;
- a CONNECT that `tunnels` says is none of our business becomes a plain tunnel before any byte is read;
- trailers of an HTTP/1 message are dropped, which RFC 9110 (section 6.5.1) allows; stock mitmproxy fails on them, and
  the client hangs.

Nothing of a request that was answered early ever reaches an upstream: the stream never leaves its discarding state.
"""

from collections.abc import Callable
from typing import Final

from h11 import Data, EndOfMessage
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from mitmproxy import flow as mitm_flow
from mitmproxy import http
from mitmproxy.proxy import commands, events, layer, layers
from mitmproxy.proxy.layers import http as http_layer
from mitmproxy.proxy.layers.http import (
    DropStream,
    HttpErrorHook,
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
    ResponseProtocolError,
    SendHttp,
    _http1,
)
from mitmproxy.proxy.utils import expect

TOO_LARGE: Final = "sluice_too_large"
"""Metadata key of a flow whose request body went over the limit."""

OUR_ANSWER: Final = "sluice_answer"
"""Metadata key of a flow whose response was made by Sluice, not by an upstream."""

CLIENT_LEFT: Final = "sluice_client_left"
"""Metadata key of a flow whose client went away before its exchange was over."""

DISCARDED_AT_MOST: Final = 16 * 1024 * 1024
"""Bytes of an already answered request that are read and thrown away before the connection is closed."""


class SluiceStream(HttpStream):
    """An `HttpStream` whose answers can be early, and ours."""

    request_limit = 20 * 1024 * 1024
    """Bytes of a request body, still encoded; set once by `install`."""
    tunnels: Callable[[str, int], bool] = staticmethod(lambda _host, _port: False)
    """Says of a CONNECT target whether it is tunnelled without a look; set once by `install`."""
    discarded = 0

    @expect(RequestHeaders)
    def state_wait_for_request_headers(self, event: RequestHeaders) -> layer.CommandGenerator[None]:
        """Run the stock state, then answer at once where a hook has set the response."""
        yield from super().state_wait_for_request_headers(event)
        reading = self.client_state == self.state_consume_request_body
        if reading and self.flow.response and not event.end_stream:
            yield from self.answer_early()

    def handle_connect_regular(self) -> layer.CommandGenerator[None]:
        """Tunnel what is none of our business at once: its server may be the one to speak first."""
        host, port, *_ = self.context.server.address or ("", 0)
        if self.flow.response is None and self.tunnels(host, port):
            self.child_layer = layers.TCPLayer(self.context, ignore=True)
            yield from self.handle_connect_finish()
        else:
            yield from super().handle_connect_regular()

    def check_body_size(self, request: bool) -> layer.CommandGenerator[bool]:
        """Hand an oversized request to the `request` hook; bound the responses that are kept, not the streamed ones."""
        if not request:
            return bool(self.response_body_buf) and (yield from super().check_body_size(request))
        if len(self.request_body_buf) <= self.request_limit:
            return False
        self.request_body_buf.clear()
        self.flow.metadata[TOO_LARGE] = True
        yield HttpRequestHook(self.flow)
        if (yield from self.check_killed(True)):
            return True
        if self.flow.response is None:  # nobody answered: half a body must never go on
            self.flow.response = http.Response.make(413)
        yield from self.answer_early()
        return True

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
        if not isinstance(event, ResponseProtocolError) or self.client_state != self.state_done:
            yield from super().handle_protocol_error(event)
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

    def answer_for_failed_upstream(self, event: ResponseProtocolError) -> layer.CommandGenerator[None]:
        """Send the `error` hook's own response, or fall back to mitmproxy's way where it set none."""
        self.flow.error = mitm_flow.Error(event.message)
        yield HttpErrorHook(self.flow)
        if (yield from self.check_killed(False)):
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


class TrailerlessReader(ChunkedReader):
    """Reads a chunked body and forgets its trailers: nobody inspects them, so that they must not go on."""

    def __call__(self, buf: ReceiveBuffer) -> Data | EndOfMessage | None:
        """Return the next piece of the body, or its bare end; raises `h11.ProtocolError`."""
        event = super().__call__(buf)
        return EndOfMessage() if isinstance(event, EndOfMessage) else event


def install(request_limit: int, tunnels: Callable[[str, int], bool]) -> None:
    """Make mitmproxy use `SluiceStream` and our reader; raises `RuntimeError` where its layout is not the one known."""
    known = getattr(http_layer, "HttpStream", None) in (HttpStream, SluiceStream)
    if not known or getattr(_http1, "ChunkedReader", None) not in (ChunkedReader, TrailerlessReader):
        raise RuntimeError("this mitmproxy builds its HTTP streams in another way; use version 12.2")
    SluiceStream.request_limit = request_limit
    SluiceStream.tunnels = staticmethod(tunnels)
    http_layer.HttpStream = SluiceStream  # type: ignore[misc]  # HttpLayer.make_stream looks the name up here
    _http1.ChunkedReader = TrailerlessReader  # type: ignore[misc]  # so does make_body_reader
