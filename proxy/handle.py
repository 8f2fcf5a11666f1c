"""What is done with one exchange, step by step, off the event loop: the street with the ledger at its side.

Enters: requests and answers as values. Leaves: outcomes to carry out. The order is a promise: originals are in the
vault and the record is durable *before* an outcome that lets bytes out is returned. Every cause of a refusal goes
through `refuse`.
"""

from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from policies.decide import decide
from policies.decision import Decision, Facts, RecordDetail, Text
from policies.match import WORDLESS
from proxy.adapters.interface import Refusal
from proxy.answers.returning import Returning
from proxy.audit import Answered, Ending, ending, reference
from proxy.caller import Caller, ConnectionFacts, identify
from proxy.canary.judge import FIELD
from proxy.destination import Unseen, declared
from proxy.errors import EXITS, DetectionAway, InternalModelError, SluiceError, StoreError, UpstreamError, unkept
from proxy.exchange import Answer, Forward, Headers, Outcome, Redirect, Refuse, Request, header
from proxy.facts import facts_of
from proxy.internal.continue_talk import (
    as_taken_up,
    forget_refused,
    keep_answer,
    keep_question,
    keep_refused,
    place,
    put_back,
    recorded_talk,
    take_up,
)
from proxy.internal.failover import keyed, muster, settle
from proxy.ledger import owner
from proxy.observe.marks import Timed, staged
from proxy.parents import has_turns
from proxy.passage import House, Passage
from proxy.pipeline import Departure, Street, arrive, ask_again, come_back, leave, reconsider
from proxy.quota import overtaken
from proxy.recent import Tail
from proxy.record import copy_of, record, story_of
from proxy.refusals.deliver import answer_for
from proxy.refusals.front_door import lead
from proxy.refusals.guide import way_on
from proxy.refusals.language import pick
from proxy.refusals.notices import words_for
from proxy.refusals.refusal import compose
from proxy.route import forward
from proxy.services.service import Service

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


def begin(
    house: House, request: Request, service: Service, login: str, address: str, street: Street | None = None
) -> Passage:
    """Give an exchange its number and the street it stays on; who is asking is said by `enter`."""
    now = house.clock()
    street = street or house.street
    nobody = Caller("", frozenset(), address, "unknown")
    number = reference(now, house.entropy(4))
    canary = house.ledger.signer.read_canary(header(request.headers, FIELD))
    marks = house.observer.marks()
    return Passage(request, service, nobody, number, now, street, login, canary, marks=marks)


def introduce(house: House, passage: Passage) -> Caller:
    """Say who is asking."""
    told = ConnectionFacts(passage.caller.address, passage.request.headers, passage.login)
    caller = identify(told, house.sources)
    if caller.user:
        caller = replace(caller, groups=caller.groups | house.groups_of(caller.user))
    passage.caller = caller
    return caller


def enter(house: House, passage: Passage) -> Refuse | None:
    """Say who is asking and decide by the headers; `None` means that the body must be read.

    That of a page's turn is, even where the headers refuse it: the next one will name it as the one before.
    """
    street, request = passage.street, passage.request
    with passage.marks.stage("headers"):
        size = declared(house, street, request.method, request.host, request.path, passage.began)
        request = passage.request = replace(request, declared=size)
        caller = introduce(house, passage)
        facts = facts_of(request, passage.service, caller, passage.began, street.accounts)
        facts = house.ledger.inform(street.policy, caller, replace(facts, account=passage.account or facts.account))
        passage.arrival = arrive(street, request, passage.service, caller, facts)
    if passage.arrival.refused and not has_turns(passage.arrival.adapter):
        return refuse(house, passage, passage.arrival.decision)
    return None


@staged("read")
def inspect(house: House, passage: Passage, body: bytes, look: bool = True) -> Departure:
    """Read and decide; nothing is written yet, so that a run that took too long leaves no trace.

    Without `look` nothing is searched for.
    """
    if passage.arrival is None:
        raise RuntimeError("the body came before the headers were decided")
    street, caller = passage.street, passage.caller
    passage.body = body if street.policy.seals and not isinstance(passage.adapter, Unseen) else None

    def inform(facts: Facts) -> Facts:
        return house.ledger.inform(street.policy, caller, facts)

    passage.arrival = reconsider(street, passage.arrival, body, inform, house.clock())
    try:
        body = take_up(house, passage, passage.arrival, body)
        answered = place(house, passage, passage.arrival, body)
    except SluiceError:
        if not passage.arrival.refused:
            raise
        answered = None  # what the headers refuse stays refused for that, whatever its body is
    except EXITS:
        raise
    except BaseException as error:  # no policy lets pass what may belong to a conversation that is not the vendor's
        raise SluiceError("it is not known which conversation this belongs to") from error
    if answered is not None:
        return answered
    key = house.ledger.key(caller, passage.began)
    before = house.ledger.recent.asked(owner(caller), passage.service.id, passage.began, key)
    heard = partial(house.ledger.has_heard, caller, passage.thinker, passage.began)
    passage.arrival = replace(passage.arrival, has_heard=heard)
    timed = replace(street, finder=Timed(street.finder, passage.marks))
    departure = leave(timed, passage.arrival, body, key, look=look, before=before)
    return as_taken_up(passage, departure, body)


@staged("depart")
def depart(house: House, passage: Passage, departure: Departure, size: int) -> Outcome:
    """Count, make vault and record durable, then return what is to be done; `size` is the body's bytes as they came."""
    passage.departure = departure
    if (outcome := departure.outcome) is None:
        return refuse(house, passage, cause_of(passage, departure), departure, size)
    if isinstance(outcome, Redirect):
        departure = passage.departure = muster(house, departure)
        outcome = departure.ways[0].outcome
    if (closed := spend(house, passage, departure)) is not None:
        unsent = passage.departure = replace(
            departure, decision=closed, outcome=None, ways=(), originals={}, treated={}
        )
        return refuse(house, passage, closed, unsent, size)
    house.ledger.keep(passage.caller, departure.originals, passage.began)
    keep_question(house, passage, departure)
    remember(house, passage, departure.tail, sent=isinstance(outcome, Forward))
    word = ending(outcome, departure.inspection)
    write(house, passage, departure.decision, word, departure=departure, size=size)
    passage.recorded = True
    passage.words = add_words(house, passage, departure)
    return keyed(house, outcome) if isinstance(outcome, Redirect) else put_back(house, passage, outcome)


def remember(house: House, passage: Passage, tail: Tail | None, *, sent: bool) -> None:
    """Remember the secrets in it, and where it goes to the service its end; raises `StoreError`."""
    if tail is not None:
        tail = tail if sent else replace(tail, sent="")
        house.ledger.recent.remember(owner(passage.caller), passage.service.id, tail, passage.began)


def cause_of(passage: Passage, departure: Departure) -> Decision | SluiceError:
    """Return why it is refused: the verdict, or why what policy asks for was not looked for."""
    arrival, policy = passage.arrival, passage.street.policy
    if arrival is None or not (departure.away or departure.late):
        return departure.decision
    if not decide(policy, arrival.facts, departure.findings).permitted:
        return departure.decision
    if departure.away or departure.late is None:
        return DetectionAway("it is refused only because what looks for confidential data is down")
    return departure.late


def spend(house: House, passage: Passage, departure: Departure) -> Decision | None:
    """Count what the exchange uses; the refusal, where others have used it up since policy was asked.

    Only what sends text draws on a quota: the pictures and scripts of a page are no use of a quota.
    """
    arrival = passage.arrival
    if arrival is None or arrival.facts.activity in WORDLESS:
        return None
    if house.ledger.spend(departure.decision, departure.amounts, house.clock()):
        return None
    facts = house.ledger.inform(passage.street.policy, passage.caller, arrival.facts)
    decision = ask_again(passage.street, arrival, departure, facts)
    return overtaken(decision, departure.amounts) if decision.permitted else decision


def add_words(house: House, passage: Passage, departure: Departure) -> str:
    """Return what policy adds to the answer, in the person's language; a notice that cannot be looked up is shown."""
    decision = departure.decision
    if not departure.prose:
        return ""
    try:
        due = house.ledger.due(passage.caller, decision, passage.began) if decision.notices else ()
    except SluiceError as error:
        LOG.warning("a notice is shown again", exc_info=error, id=passage.reference)
        due = decision.notices
    return words_for(decision.label, due, pick(passage.request.headers, "zh", house.language))


def recover(house: House, passage: Passage, error: BaseException, size: int) -> Outcome:
    """Refuse for an error, unless it is a fault of Sluice itself and policy says `on_error: pass` for the service.

    The exchange that passes goes unread, and its record says so; where no record can be kept it is refused after all.
    """
    if passage.recorded:
        return apologise(house, passage, error)
    arrival = passage.arrival
    ours = not isinstance(error, SluiceError) and passage.departure is None
    if (
        not ours
        or arrival is None
        or arrival.inside
        or not (arrival.decision.permitted and arrival.decision.errors_pass)
    ):
        return refuse(house, passage, error, size=size)
    request = passage.request
    outcome = forward(request.path, request.headers, None, passage.street.stripped, plain_answer=False)
    write(house, passage, arrival.decision, "not_inspected", code="internal_error", size=size)
    passage.departure, passage.recorded = Departure(arrival.decision, outcome, "none"), True
    return outcome


def apologise(house: House, passage: Passage, error: BaseException) -> Refuse:
    """Return the native error that takes the place of an answer, and record it; see `refuse`."""
    answer, code = voice(house, passage, error)
    try:
        finish(house, passage, answer.status, 0, len(answer.body), code)
    except EXITS:
        raise
    except BaseException as second:
        LOG.error(unkept(second), exc_info=second, id=passage.reference)
    return Refuse(code, answer)


def refuse(
    house: House, passage: Passage, cause: Decision | BaseException, departure: Departure | None = None, size: int = 0
) -> Refuse:
    """Return the refusal for a decision or an error, and record it; a record that cannot be kept changes nothing."""
    try:
        answer, code = voice(house, passage, cause)
    except EXITS:
        raise
    except BaseException as error:
        LOG.error("a refusal could not be put into words", exc_info=error, id=passage.reference)
        answer, code = PLAIN_ERROR, SluiceError.code
    refusal = Refuse(code, answer)
    decision = cause if isinstance(cause, Decision) else passage.arrival.decision if passage.arrival else None
    word: Ending = "error" if code == SluiceError.code else "refused"
    passage.answered = True
    try:
        keep_refused(house, passage)
        read = departure or passage.departure
        remember(house, passage, read.tail if read else getattr(cause, "said", None), sent=False)
    except Exception as error:
        LOG.error("what is known of a refused turn could not be kept", exc_info=error, id=passage.reference)
    try:
        write(house, passage, decision, word, code=code, departure=departure, size=size)
    except EXITS:
        raise
    except BaseException as error:
        LOG.error(unkept(error), exc_info=error, id=passage.reference)
    house.observer.ended(lambda: story_of(passage, decision, refusal.answer.status, code))
    return refusal


def voice(house: House, passage: Passage, cause: Decision | BaseException) -> tuple[Answer, str]:
    """Return the answer that tells the client of a decision or an error, and its code."""
    headers, method = passage.request.headers, passage.request.method
    language = pick(headers, "en" if house.language == "both" else house.language, house.language)
    link = door = ""
    if isinstance(cause, Decision) and not (link := way_on(house, passage, cause)):
        where = passage.request, passage.service.id
        link = door = house.front_door.way(*where, cause.deciding, passage.reference, language)
    explanation = compose(cause, passage.service.name, passage.reference, language, house.contact, link)
    if house.front_door.leads(passage.request, door):
        return lead(door, explanation), explanation.code
    return answer_for(headers, method, passage.adapter, explanation), explanation.code


def write(
    house: House,
    passage: Passage,
    decision: Decision | None,
    word: Ending,
    *,
    code: str = "",
    departure: Departure | None = None,
    size: int = 0,
) -> None:
    """Make the line about the request durable, and the copy for the auditor where policy keeps one.

    Raises `StoreError`; a refusal is recorded even where its copy cannot be kept.
    """
    seen = house.ledger.fingerprints(departure.originals) if departure else ()
    sealed = ""
    if decision is not None and decision.record is RecordDetail.SEALED:
        try:
            if passage.body is None and word not in ("refused", "error"):
                raise StoreError("what goes out was not read, so no copy of it can be kept")
            sealed = house.ledger.safe.keep(copy_of(passage))
        except StoreError as error:
            if word not in ("refused", "error"):
                raise
            LOG.error("a copy for the auditor could not be kept", exc_info=error, id=passage.reference)
    line = record(passage, decision, word, house.clock(), code=code, departure=departure, size=size, fingerprints=seen)
    conversation, turn = recorded_talk(house, passage)
    line = replace(line, sealed=sealed, conversation=conversation, turn=turn)
    with passage.marks.stage("record"):
        house.ledger.write(line)
    house.observer.decided(line)


def heed(house: House, passage: Passage, said: bytes, headers: Headers = (), body: bytes = b"") -> None:
    """Remember where a file is to be sent that was announced with `said`, before the client can know it."""
    if not passage.announces:
        return
    try:
        house.uploads.learn(passage.service.id, passage.request, said, headers, body, house.clock())
    except StoreError as error:  # this process knows of it all the same
        LOG.error("where a file is expected could not be kept", exc_info=error, id=passage.reference)


def greet(house: House, passage: Passage, headers: Headers) -> Returning | None:
    """Say how the answer with these headers goes back; `None` passes its bytes as they come."""
    if passage.arrival is None or passage.departure is None:
        return None
    now = house.clock()
    caller, fresh = passage.caller, passage.departure.originals

    def lookup(placeholder: str) -> str | None:
        found = fresh.get(placeholder) or house.ledger.original(caller, placeholder, now)
        if found is None:
            house.observer.missed()
        return found

    made, at = house.entropy(12).hex(), int(now.timestamp())
    passage.returning = come_back(passage.arrival, passage.departure, headers, lookup, made, at, passage.words)
    if passage.returning is not None:
        passage.returning.listen(partial(house.ledger.heard, caller, passage.thinker))
    return passage.returning


def explain_failure(passage: Passage, status: int, body: bytes) -> Answer:
    """Return the client's native error for an answer of the internal model that is no success."""
    departure = passage.departure
    if departure is None or not departure.ways:
        raise RuntimeError("only a redirected exchange has an internal answer")
    failure = departure.ways[0].translation.failure(status, body)
    return passage.adapter.refuse(Refusal(failure.status, failure.code, failure.message, passage.reference))


def unreachable(house: House, passage: Passage) -> Answer:
    """Return the client's native error for an upstream that cannot be reached or breaks off before its answer."""
    redirected = passage.departure is not None and isinstance(passage.departure.outcome, Redirect)
    cause = InternalModelError("no connection") if redirected else UpstreamError("no connection")
    return voice(house, passage, cause)[0]


def finish(house: House, passage: Passage, status: int, received: int, sent: int, code: str = "") -> None:
    """Write the line about the answer, once; for pages and their parts the request's line is enough."""
    settle(house, passage, status, code)
    if passage.answered or passage.arrival is None or passage.arrival.facts.activity in ("visit", "other"):
        return
    passage.answered = True
    try:
        keep_answer(house, passage)
        heard = passage.returning.marks if passage.returning is not None else ()
        house.ledger.keep_heard(passage.caller, passage.thinker, heard, house.clock())
        if status == 200:
            forget_refused(house, passage)
    except SluiceError as error:
        lost = "an answer is missing from its conversation, or what the service signed in it"
        LOG.error(lost, exc_info=error, id=passage.reference)
    now = house.clock()
    restored, labelled = (passage.returning.restored, passage.returning.labelled) if passage.returning else (0, False)
    took = {"answered": int((now - passage.began).total_seconds() * 1000)}
    line = Answered(passage.reference, now, status, received, sent, restored, labelled, code, took)
    with passage.marks.stage("record"):
        house.ledger.write(line)
    house.observer.answered(line, passage.marks, passage.began)
    decision = passage.departure.decision if passage.departure else passage.arrival.decision
    house.observer.ended(lambda: story_of(passage, decision, status, code))
