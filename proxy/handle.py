"""What is done with one exchange, step by step, off the event loop: the street with the ledger at its side.

Enters: requests and answers as values. Leaves: outcomes to carry out. The order is a promise: originals are in the
vault and the record is durable *before* an outcome that lets bytes out is returned. Every cause of a refusal goes
through `refuse`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from policies.decision import Decision, Text
from policies.model import fold
from proxy.adapters.choose import FALLBACK, choose
from proxy.adapters.interface import Adapter, Refusal
from proxy.audit import Answered, Ending, Record, ending, reference
from proxy.caller import Caller, ConnectionFacts, IdentitySources, identify
from proxy.deliver import answer_for
from proxy.errors import InternalModelError, SluiceError, UpstreamError
from proxy.exchange import Answer, Forward, Headers, Inspection, Outcome, Redirect, Refuse, Request, header
from proxy.language import Choice, pick
from proxy.ledger import Ledger
from proxy.pipeline import Arrival, Departure, Street, arrive, come_back, leave, reconsider
from proxy.refusal import compose
from proxy.returning import Returning
from proxy.route import forward
from proxy.service import Service

PLAIN_ERROR: Final = Answer(
    500,
    (("content-type", "application/json"), ("cache-control", "no-store"), ("x-should-retry", "false")),
    b'{"error":{"message":"Sluice, your company\'s AI gateway, could not check this request, so it was not sent.",'
    b'"type":"internal_error","param":null,"code":"internal_error"}}',
)
"""The last resort, when even the making of a refusal has failed."""

UNKNOWN_SERVICE: Final = Service("", Text(), "", "", "")
"""Stands for the service of a request that failed before its service was known."""

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class House:
    """Everything that handling needs; `street` is swapped when the policy changes."""

    street: Street
    ledger: Ledger
    sources: IdentitySources
    language: Choice
    contact: str
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]


@dataclass(slots=True)
class Passage:
    """One exchange on its way: what is known of it so far."""

    request: Request
    service: Service
    caller: Caller
    reference: str
    began: datetime
    login: str = ""
    """User name that has passed the proxy's own login."""
    arrival: Arrival | None = None
    departure: Departure | None = None
    recorded: bool = False
    """Whether the line about the request was written; what goes wrong from then on concerns its answer."""
    returning: Returning | None = field(default=None, repr=False)
    failure: Exception | None = field(default=None, repr=False)
    """Why the answer of the company's model cannot go back, found out before its body came."""
    answered: bool = False
    """Whether the line about its answer was written, or none is due."""

    @property
    def adapter(self) -> Adapter:
        """The wire format that its refusal must speak."""
        if self.arrival is not None:
            return self.arrival.adapter
        try:
            return choose(self.request.method, self.request.path, header(self.request.headers, "content-type"))
        except Exception as error:  # a refusal must find words, and a record its name
            LOG.error("no wire format can be chosen", exc_info=error, id=self.reference)
            return FALLBACK


def begin(house: House, request: Request, service: Service, login: str, address: str) -> Passage:
    """Give an exchange its number; who is asking is said by `enter`."""
    now = house.clock()
    nobody = Caller("", frozenset(), address, "unknown")
    return Passage(request, service, nobody, reference(now, house.entropy(4)), now, login)


def enter(house: House, passage: Passage) -> Refuse | None:
    """Say who is asking and decide by the headers; `None` means that the body must be read."""
    facts = ConnectionFacts(passage.caller.address, passage.request.headers, passage.login)
    caller = passage.caller = identify(facts, house.sources)
    listed = frozenset(group.name for group in house.street.policy.groups if fold(caller.user) in group.people)
    grants = house.ledger.grants(caller, listed)
    passage.arrival = arrive(house.street, passage.request, passage.service, caller, grants, passage.began)
    return refuse(house, passage, passage.arrival.decision) if passage.arrival.refused else None


def inspect(house: House, passage: Passage, body: bytes) -> Departure:
    """Read and decide; nothing is written yet, so that a run that took too long leaves no trace."""
    if passage.arrival is None:
        raise RuntimeError("the body came before the headers were decided")
    passage.arrival = reconsider(house.street, passage.arrival, body)
    return leave(house.street, passage.arrival, body, house.ledger.key(passage.caller))


def depart(house: House, passage: Passage, departure: Departure, size: int) -> Outcome:
    """Make vault and record durable, then return what is to be done; `size` is the body's bytes as they came."""
    passage.departure = departure
    if departure.outcome is None:
        return refuse(house, passage, departure.decision, departure, size)
    house.ledger.keep(passage.caller, departure.originals, passage.began)
    word = ending(departure.outcome, departure.inspection)
    house.ledger.write(record(house, passage, departure.decision, word, departure=departure, size=size))
    passage.recorded = True
    return departure.outcome


def recover(house: House, passage: Passage, error: Exception, size: int) -> Outcome:
    """Refuse for an error, unless it is a fault of Sluice itself and policy says `on_error: pass` for the service.

    The exchange that passes goes unread, and its record says so; where no record can be kept it is refused after all.
    """
    if passage.recorded:
        return apologise(house, passage, error)
    arrival = passage.arrival
    ours = not isinstance(error, SluiceError) and passage.departure is None
    if not ours or arrival is None or not arrival.decision.permitted or not arrival.decision.errors_pass:
        return refuse(house, passage, error, size=size)
    request = passage.request
    outcome = forward(request.path, request.headers, None, house.street.stripped, plain_answer=False)
    house.ledger.write(record(house, passage, arrival.decision, "not_inspected", code="internal_error", size=size))
    passage.departure, passage.recorded = Departure(arrival.decision, outcome, "none"), True
    return outcome


def apologise(house: House, passage: Passage, error: Exception) -> Refuse:
    """Return the native error that takes the place of an answer, and record it; see `refuse`."""
    answer, code = voice(house, passage, error)
    try:
        finish(house, passage, answer.status, 0, len(answer.body), code)
    except Exception as second:
        LOG.error("a record could not be kept", exc_info=second, id=passage.reference)
    return Refuse(code, answer)


def refuse(
    house: House,
    passage: Passage,
    cause: Decision | Exception,
    departure: Departure | None = None,
    size: int = 0,
) -> Refuse:
    """Return the refusal for a decision or an error, and record it; a record that cannot be kept changes nothing."""
    try:
        answer, code = voice(house, passage, cause)
    except Exception as error:
        LOG.error("a refusal could not be put into words", exc_info=error, id=passage.reference)
        answer, code = PLAIN_ERROR, SluiceError.code
    refusal = Refuse(code, answer)
    decision = cause if isinstance(cause, Decision) else passage.arrival.decision if passage.arrival else None
    word: Ending = "error" if code == SluiceError.code else "refused"
    passage.answered = True
    try:
        house.ledger.write(record(house, passage, decision, word, code=code, departure=departure, size=size))
    except Exception as error:
        LOG.error("a record could not be kept", exc_info=error, id=passage.reference)
    return refusal


def voice(house: House, passage: Passage, cause: Decision | Exception) -> tuple[Answer, str]:
    """Return the answer that tells the client of a decision or an error, and its code."""
    headers, method = passage.request.headers, passage.request.method
    language = pick(headers, "en" if house.language == "both" else house.language, house.language)
    explanation = compose(cause, passage.service.name, passage.reference, language, house.contact)
    return answer_for(headers, method, passage.adapter, explanation), explanation.code


def record(
    house: House,
    passage: Passage,
    decision: Decision | None,
    word: Ending,
    *,
    code: str = "",
    departure: Departure | None = None,
    size: int = 0,
) -> Record:
    """Return the line about the request."""
    inspection: Inspection = departure.inspection if departure else "none"
    if word == "refused" and departure is None and isinstance(decision, Decision) and not decision.permitted:
        inspection = "not_needed"
    originals = departure.originals if departure else {}
    outcome = departure.outcome if departure else None
    sent = outcome.body if isinstance(outcome, Forward | Redirect) else b""
    elapsed = house.clock() - passage.began
    return Record(
        id=passage.reference,
        at=passage.began,
        outcome=word,
        user=passage.caller.user,
        address=passage.caller.address,
        service=passage.service.id,
        host=passage.request.host,
        activity=passage.arrival.facts.activity if passage.arrival else "",
        method=passage.request.method,
        adapter=passage.adapter.id,
        decision=decision,
        code=code,
        inspection=inspection,
        entities=departure.found if departure else {},
        redacted=Counter(placeholder[1:].rpartition("_")[0] for placeholder in originals),
        fingerprints=house.ledger.fingerprints(originals),
        unknown=departure.unknown if departure else frozenset(),
        bytes_in=size,
        bytes_out=size if sent is None else len(sent),
        timings={"decided": int(elapsed.total_seconds() * 1000)},
    )


def greet(house: House, passage: Passage, headers: Headers) -> Returning | None:
    """Say how the answer with these headers goes back; `None` passes its bytes as they come."""
    if passage.arrival is None or passage.departure is None:
        return None
    now = house.clock()
    caller, fresh = passage.caller, passage.departure.originals

    def lookup(placeholder: str) -> str | None:
        return fresh.get(placeholder) or house.ledger.original(caller, placeholder, now)

    passage.returning = come_back(
        passage.arrival, passage.departure, headers, lookup, house.entropy(12).hex(), int(now.timestamp())
    )
    return passage.returning


def explain_failure(passage: Passage, status: int, body: bytes) -> Answer:
    """Return the client's native error for an answer of the internal model that is no success."""
    departure = passage.departure
    if departure is None or departure.translation is None:
        raise RuntimeError("only a redirected exchange has an internal answer")
    failure = departure.translation.failure(status, body)
    return passage.adapter.refuse(Refusal(failure.status, failure.code, failure.message, passage.reference))


def unreachable(house: House, passage: Passage) -> Answer:
    """Return the client's native error for an upstream that cannot be reached or breaks off before its answer."""
    redirected = passage.departure is not None and isinstance(passage.departure.outcome, Redirect)
    cause = InternalModelError("no connection") if redirected else UpstreamError("no connection")
    return voice(house, passage, cause)[0]


def finish(house: House, passage: Passage, status: int, received: int, sent: int, code: str = "") -> None:
    """Write the line about the answer, once; for pages and their parts the request's line is enough."""
    if passage.answered or passage.arrival is None or passage.arrival.facts.activity in ("visit", "other"):
        return
    passage.answered = True
    now = house.clock()
    restored = passage.returning.restored if passage.returning else 0
    took = {"answered": int((now - passage.began).total_seconds() * 1000)}
    house.ledger.write(Answered(passage.reference, now, status, received, sent, restored, code, took))
