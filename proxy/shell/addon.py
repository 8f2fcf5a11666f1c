"""The shell: mitmproxy's hooks are here and nowhere else.

Enters: flows. Leaves: flows with a response of ours, or changed as an outcome says. mitmproxy logs an addon's
exception and lets the flow go on, so every hook runs inside `guard`: whatever goes wrong there is a refusal (and see
the module `guard`). The event loop is never held: reading, searching, sealing and writing run in worker threads.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Final

import structlog
from mitmproxy import http

from proxy import handle
from proxy.answers.feed import Feeder
from proxy.answers.returning import Returning
from proxy.answers.whole import finish_whole
from proxy.destination import concerns, is_meant, over_limit, service_among, unseen
from proxy.errors import EXITS, DeniedAddress, SluiceError, StoreError, UpstreamError, unkept
from proxy.exchange import Answer, Forward, Headers, Redirect, Refuse, Reply
from proxy.gate import Gate
from proxy.gather.gather import gather, may_matter
from proxy.internal.failover import fails, give_up
from proxy.internal.upstreams import DENIED
from proxy.overload.admission import Admission
from proxy.overload.doorkeeper import Connections, Doorkeeper
from proxy.overload.reading import Reading
from proxy.passage import House, Passage
from proxy.pipeline import Street
from proxy.refusals.guide import at_home
from proxy.services.service import Service
from proxy.shell import flows
from proxy.shell.stream import (
    AGAIN,
    ANSWER_WITHIN,
    BAGGAGE,
    CLIENT_LEFT,
    INTEREST,
    OUR_ANSWER,
    STOPPED,
    TOO_LARGE,
    drop_baggage,
)
from proxy.websocket import hooks as websocket_hooks
from proxy.websocket import layer as websocket_layer
from proxy.websocket.ask_inside import Asker
from proxy.websocket.conversation import SWITCHED, open_for
from proxy.websocket.interface import EXTENSIONS, Delivery
from proxy.workflow.api import HOST

PASSAGE: Final = "sluice"
"""Metadata key of the `Passage` that belongs to a flow."""

LOG = structlog.get_logger("sluice")


class SluiceAddon:
    """Carries out what the core decides."""

    def __init__(
        self,
        house: House,
        scan_seconds: float,
        asker: Asker | None = None,
        gate: Gate | None = None,
        admission: Admission | None = None,
    ) -> None:
        """Take the house; `scan_seconds` bounds the reading of one request, `admission` how many at once.

        `asker` reaches the company's model, `gate` judges addresses.
        """
        self.house = house
        self.asker = asker or Asker()
        self.gate = gate or Gate()
        self.opens: Callable[[str], bool] = lambda _: True
        """Says of a host whether its connections are opened; of others the CONNECT alone is seen."""
        self.push: Callable[[http.HTTPFlow, Delivery], None] = websocket_layer.push
        self.counters: Counter[str] = Counter()
        self.doors = Doorkeeper(Connections())
        """Who knows the connections of clients; set by whoever installs it."""
        self.reading = Reading(scan_seconds, admission or Admission().fitted(1, 0, house.street.limits.max_body))
        self.off_loop = self.reading.off_loop
        self.come_back = partial(self.reading.off_loop, workers=self.reading.returning)

    # -- requests ---------------------------------------------------------------------------------------------------

    async def http_connect(self, flow: http.HTTPFlow) -> None:
        """Refuse a tunnel to where nobody is connected."""
        await self.guard(flow, self.on_connect(flow))

    async def on_connect(self, flow: http.HTTPFlow) -> None:
        """Have the destination judged; the name of one that is not opened now, of others when they are connected."""
        if flow.response is None:
            host, port = flow.request.host, flow.request.port
            await self.gate.look(host, port, resolve=not self.opens(host))

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Refuse what the headers alone forbid, and let what is none of our business stream through."""
        await self.guard(flow, self.on_headers(flow))

    async def on_headers(self, flow: http.HTTPFlow) -> None:
        """Begin a passage for a request to a service."""
        if flow.response is not None:  # the proxy's login has refused it
            flow.metadata[OUR_ANSWER] = True
            return
        flows.must_be_plain(flow)
        street, names = self.house.street, flows.names_of(flow)
        if HOST in names:
            flow.metadata[flows.AT_HOME] = flows.host_of(flow)
            return
        await self.gate.look(flow.request.host, flow.request.port)
        if not any(concerns(self.house, street, name) for name in names):
            self.pass_by(flow, "outside")
            return
        if (found := service_among(self.house, street, names, flow.request.method, flow.request.path)) is None:
            self.pass_by(flow, "outside_scope")
            return
        passage = self.begin(flow, *found[:2], street)
        passage.word = found[2]
        flows.host_of(flow)
        large = (size := flows.announced(flow)) > street.limits.max_body
        if (large or not passage.word) and not await self.enters(flow, passage):
            return
        if large:
            unseen(passage)
            await self.carry_out(flow, passage, b"", size)
            flow.request.stream = flow.response is None
            return
        flow.metadata[BAGGAGE] = self.reading.baggage(passage, size)

    async def enters(self, flow: http.HTTPFlow, passage: Passage) -> bool:
        """Refuse what the headers alone forbid; return whether it is to be read."""
        if (refusal := await self.off_loop(handle.enter, self.house, passage)) is not None:
            flows.answer(flow, refusal.answer)
        return refusal is None

    def begin(self, flow: http.HTTPFlow, host: str, service: Service, street: Street | None = None) -> Passage:
        """Begin the passage of a request to `service`."""
        passage = handle.begin(self.house, flows.request_of(flow, host), service, *flows.client_of(flow), street)
        flow.metadata[PASSAGE], flow.metadata[INTEREST] = passage, passage.interest
        if websocket_hooks.is_handshake(flow):
            flow.request.headers.pop(EXTENSIONS, None)
        return passage

    def pass_by(self, flow: http.HTTPFlow, counter: str, *, stream: bool = True) -> None:
        """Let a request to no service go on, with nothing but a count."""
        self.counters[counter] += 1
        flows.restrict(flow, self.house.street.tenants)
        flow.metadata.pop(PASSAGE, None)
        flow.metadata[flows.PASSED_BY], flow.request.stream = True, stream

    async def request(self, flow: http.HTTPFlow) -> None:
        """Read the body and carry out what comes of it."""
        try:
            await self.guard(flow, self.on_body(flow))
        finally:
            drop_baggage(flow)

    async def on_body(self, flow: http.HTTPFlow) -> None:
        """Inspect the request; only an outcome whose record is durable lets bytes out."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        home = flow.metadata.get(flows.AT_HOME)
        if (passage is None and home is None) or flow.response is not None or (passage and passage.departure):
            return
        stopped = over_limit(passage) if flow.metadata.get(TOO_LARGE) else flow.metadata.get(STOPPED)
        if isinstance(stopped, SluiceError):
            raise stopped
        body = flow.request.raw_content or b""
        if passage is None:
            request = replace(flows.request_of(flow, str(home)), body=body)
            flows.answer(flow, await self.come_back(at_home, self.house, request, *flows.client_of(flow)))
            return
        if passage.word and not await self.is_ours(flow, passage, body):
            return
        gathered = await self.off_loop(gather, self.house, passage, body) if may_matter(passage.request) else None
        if isinstance(gathered, Answer):
            flows.answer(flow, gathered)
            return
        if gathered is not None:
            body = flows.bring(flow, *gathered)
        await self.carry_out(flow, passage, body, len(body))

    async def carry_out(self, flow: http.HTTPFlow, passage: Passage, body: bytes, size: int) -> None:
        """Read a body when it is its turn, and do what comes of it; raises `TooLarge` or `Overloaded`."""
        departure = await self.reading.inspect(self.house, passage, body)
        depart = open_for if websocket_hooks.is_handshake(flow) else handle.depart
        outcome = await self.off_loop(depart, self.house, passage, departure, size)
        if isinstance(outcome, Redirect) and passage.street.internal is not None:
            flow.metadata[ANSWER_WITHIN] = passage.street.internal.checks.answer
        if isinstance(outcome, Refuse | Reply):
            flows.answer(flow, outcome.answer)
        else:
            self.send(flow, outcome, passage.street)

    async def is_ours(self, flow: http.HTTPFlow, passage: Passage, body: bytes) -> bool:
        """Return whether a call of which the body says whose it is must be read; what is nobody's passes by."""
        if not await self.off_loop(is_meant, passage, body):
            self.pass_by(flow, "outside_scope", stream=False)
            return False
        return await self.enters(flow, passage)

    def send(self, flow: http.HTTPFlow, outcome: Forward | Redirect, street: Street) -> None:
        """Change the request as the outcome says; one to a service tells it which accounts may be used."""
        flows.send(flow, outcome)
        if isinstance(outcome, Forward):
            flows.restrict(flow, street.tenants)

    # -- answers ----------------------------------------------------------------------------------------------------

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Choose how the answer goes back before its first byte."""
        try:
            await self.on_answer(flow)
        except EXITS:
            raise
        except BaseException as error:  # a response set in this hook would be filled with the upstream's body
            self.postpone(flow, error)

    async def on_answer(self, flow: http.HTTPFlow) -> None:
        """Stream what can be streamed; what must be whole waits for the `response` hook."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        if flow.response is None or flow.metadata.get(OUR_ANSWER):
            return
        flow.response.headers.pop("alt-svc", None)  # HTTP/3 would go round the proxy
        if flow.response.status_code == SWITCHED and passage is not None:
            return  # the `response` hook looks at it before the client does
        if passage is None or passage.departure is None:
            flow.response.stream = True
            return
        redirected = isinstance(passage.departure.outcome, Redirect)
        if redirected and flow.response.status_code != 200:
            if fails(flow.response.status_code):
                await self.turn(flow, passage, f"status {flow.response.status_code}")
            return
        fields = flows.headers_of(flow.response.headers)
        returning = await self.greet(flow, passage, fields)
        if returning is None:
            flow.response.stream = True
            return
        if redirected:
            flow.response.headers = http.Headers([(name.encode(), value.encode()) for name, value in returning.headers])
        if returning.streamed and returning.coding in ("", "identity"):
            flow.response.headers.pop("content-length", None)
            flow.response.headers.update(returning.headers)
            if flow.response.http_version == "HTTP/1.1":
                flow.response.headers["transfer-encoding"] = "chunked"
            flow.response.stream = Feeder(returning)

    async def greet(self, flow: http.HTTPFlow, passage: Passage, fields: Headers) -> Returning | None:
        """Say how an answer goes back, once it is remembered where a file is to be sent that it may name."""
        if passage.announces:
            await self.off_loop(handle.heed, self.house, passage, flow.request.raw_content or b"", fields)
        return handle.greet(self.house, passage, fields)

    def postpone(self, flow: http.HTTPFlow, error: BaseException) -> None:
        """Pass a service's answer that cannot be restored with its placeholders; leave a model's to `response`."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        LOG.warning("an answer cannot go back as it should", exc_info=error, id=passage.reference if passage else "")
        if passage is not None and passage.departure and isinstance(passage.departure.outcome, Redirect):
            passage.failure = error
        elif flow.response is not None:
            flow.metadata[flows.NOT_RESTORED] = flow.response.stream = True

    async def response(self, flow: http.HTTPFlow) -> None:
        """Restore an answer that came whole, and record how the exchange ended."""
        await self.guard(flow, self.on_whole_answer(flow))
        if flow.websocket is not None and flow.response is not None and flow.response.status_code != SWITCHED:
            flow.response.headers["connection"] = "close"  # upstream has switched: no request may follow there

    async def on_whole_answer(self, flow: http.HTTPFlow) -> None:
        """Give the client the whole answer, translated and restored, or the error it can read."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        if passage is None or flow.response is None or flow.metadata.get(OUR_ANSWER):
            return
        feeder = flow.response.stream if isinstance(flow.response.stream, Feeder) else None
        received = sent = len(flow.response.raw_content or b"")
        departure, code = passage.departure, "not_restored" if flow.metadata.get(flows.NOT_RESTORED) else ""
        if passage.failure is not None:
            raise passage.failure
        if flow.response.status_code == SWITCHED and not websocket_hooks.switched_as_asked(flow):
            raise UpstreamError("the service has switched to a protocol that it was not asked for")
        if feeder is not None:
            received, sent, code = feeder.received, feeder.sent, feeder.code
        elif departure and isinstance(departure.outcome, Redirect) and flow.response.status_code != 200:
            made = handle.explain_failure(passage, flow.response.status_code, flow.response.raw_content or b"")
            flows.answer(flow, made)
            code = "internal_model_unavailable"
        elif passage.returning is not None:
            await self.come_back(finish_whole, self.house, flow, passage, received)
            return
        await self.come_back(handle.finish, self.house, passage, flow.response.status_code, received, sent, code)

    async def error(self, flow: http.HTTPFlow) -> None:
        """Answer natively for an upstream that failed before its answer began."""
        drop_baggage(flow)
        await self.guard(flow, self.on_error(flow))

    async def on_error(self, flow: http.HTTPFlow) -> None:
        """Record the failure; a redirected exchange is never sent outside instead."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        if flow.metadata.get(OUR_ANSWER):
            return
        if flow.error is not None and DENIED in flow.error.msg:
            raise DeniedAddress("no client is connected there")
        if passage is None or passage.departure is None:
            return
        feeder = flow.response.stream if flow.response and isinstance(flow.response.stream, Feeder) else None
        received, sent = (feeder.received, feeder.sent) if feeder else (0, 0)
        left = flow.metadata.get(CLIENT_LEFT)
        if feeder is None and not left and await self.turn(flow, passage, "no answer"):
            return
        if feeder is None:
            flows.answer(flow, handle.unreachable(self.house, passage))
        status = flow.response.status_code if flow.response else 0
        code = "client_left" if left else "cut_short" if feeder else "upstream_unreachable"
        await self.come_back(handle.finish, self.house, passage, status, received, sent, code)

    async def turn(self, flow: http.HTTPFlow, passage: Passage, why: str) -> bool:
        """Turn to the next server of the company's model, if there is one; nothing has gone to the client yet."""
        outcome = await self.off_loop(give_up, self.house, passage, why)
        if outcome is not None:
            flows.send(flow, outcome)
            flow.metadata[AGAIN] = True
        return outcome is not None

    # -- WebSockets ------------------------------------------------------------------------------------------------

    def load(self, _loader: object) -> None:
        """Make mitmproxy relay WebSockets our way."""
        websocket_layer.install(self.house.street.limits.max_body)

    def websocket_start(self, flow: http.HTTPFlow) -> None:
        """Begin a conversation where the handshake was ours to judge; without one no message passes."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        if passage is not None and passage.departure is not None:
            websocket_hooks.started(self, flow, passage)

    async def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Say what becomes of a message: nothing, where that is not said, and the connection ends."""
        if flow.websocket is None:
            return
        message = flow.websocket.messages[-1]
        message.drop()  # for the stock layer, should it ever run; ours asks for a delivery
        if flow.metadata.get(flows.PASSED_BY) and PASSAGE not in flow.metadata:
            websocket_hooks.pass_by(flow, message)
        else:
            await websocket_hooks.messaged(self, flow)

    async def websocket_end(self, flow: http.HTTPFlow) -> None:
        """End a conversation."""
        await websocket_hooks.ended(self, flow)

    # -- the guard ---------------------------------------------------------------------------------------------------

    async def guard(self, flow: http.HTTPFlow, work: Awaitable[None]) -> None:
        """Run one hook; whatever it raises becomes a refusal."""
        try:
            await work
        except EXITS:
            raise
        except BaseException as error:
            await self.fail(flow, error)

    async def fail(self, flow: http.HTTPFlow, error: BaseException) -> None:
        """Refuse natively for an error, or where policy says so let the request pass, recorded."""
        passage: Passage | None = flow.metadata.get(PASSAGE)
        begun = passage is not None
        try:
            if passage is None:
                passage = self.begin(flow, flows.bare_host(flow.request.host), handle.UNKNOWN_SERVICE)
            if isinstance(error, StoreError):
                LOG.error(unkept(error, "refused"), code=error.code, id=passage.reference)
            elif isinstance(error, SluiceError):
                LOG.info("refused", code=error.code, id=passage.reference)
            else:
                LOG.warning("an exchange failed", exc_info=error, id=passage.reference)
            if not begun:
                handle.introduce(self.house, passage)
            body = flow.request.raw_content or b""
            outcome = await self.off_loop(handle.recover, self.house, passage, error, len(body))
            if isinstance(outcome, Refuse | Reply):
                flows.answer(flow, outcome.answer)
            elif flow.response is not None:
                flows.answer(flow, handle.PLAIN_ERROR)
            else:
                self.send(flow, outcome, passage.street)
        except EXITS:
            raise
        except BaseException as second:
            LOG.error("a refusal failed", exc_info=second)
            flows.answer(flow, handle.PLAIN_ERROR)

    def done(self) -> None:
        """Let the workers go and say what was counted."""
        self.reading.close()
        for name, count in sorted(self.counters.items()):
            LOG.info(f"requests and connections {name}", count=count)
