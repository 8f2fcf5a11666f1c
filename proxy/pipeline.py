"""The street: one function a direction, readable top to bottom. Pure: no socket, file, clock or randomness in here.

Enters: a request in two steps, its headers (`arrive`) and its body (`leave`); later the head of its answer
(`come_back`). Leaves: values that only the shell acts on. Every error is a `SluiceError` or a bug, and the shell
makes a refusal of either: nothing here says "go" because something was not known.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from detectors.interface import Scan, Searcher
from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Needs, Route, Text, Unit
from policies.match import WORDLESS
from policies.model import Policy
from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Addressed, Asked, Prompt, Talk, Talker
from proxy.answers.label import reads_prose, speaks_prose
from proxy.answers.returning import Lookup, Returning, from_service
from proxy.attachments import read_prompt
from proxy.audit import fingerprint
from proxy.bound import is_bound
from proxy.caller import Caller
from proxy.documents.document import FileReader
from proxy.embedded import insets, without_read
from proxy.errors import NoInternalModel, OpaquePart, Signed, SluiceError, TextTooLong, Unreadable, Untranslatable
from proxy.exchange import Forward, Headers, Inspection, Part, Redirect, Reply, Request, header
from proxy.findable import late, too_long
from proxy.internal.models import InternalModels
from proxy.internal.translate import Rewriting, own_answer
from proxy.internal.ways import Way, ways_to
from proxy.labelled import find_in
from proxy.parents import Followed
from proxy.quota import Amounts, amounts_of, with_values
from proxy.recent import Earlier, Tail, last_said, note_said
from proxy.route import forward
from proxy.services.activity import ASSETS, activity
from proxy.services.catalogue import Catalogue
from proxy.services.service import Service
from proxy.take_out import keep_signed, measure, take_out
from proxy.tenants import Tenants
from proxy.uploads import with_rest
from proxy.websocket.interface import MESSAGE, opens_websocket
from proxy.wire.body import Limits, charset_of, codings_of, decode, faithful
from proxy.wire.charset import any_as_utf8, as_utf8
from proxy.wire.head import read_head
from proxy.wire.lawful import Heard, without_lawful
from proxy.wire.whole import must_fit, type_of

LATE: Final = timedelta(seconds=5)
"""After so long the answer to the headers is asked for again."""


@dataclass(frozen=True, slots=True)
class Street:
    """All that an exchange passes; made once, swapped as a whole."""

    policy: Policy
    catalogue: Catalogue
    finder: Searcher
    limits: Limits
    internal: InternalModels | None
    stripped: frozenset[str]
    """Header fields that told us who is asking, and that no upstream may see."""
    accounts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of the company's own accounts, by service."""
    inspected: frozenset[str] = frozenset()
    """Hosts outside the catalogue that are looked into nevertheless."""
    tenants: Tenants = field(default_factory=Tenants)
    """What services are told of the accounts that may be used."""
    documents: FileReader | None = None
    """What reads the files in requests; without it none is looked into."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request whose headers are known, and what policy made of them."""

    request: Request
    service: Service
    caller: Caller
    facts: Facts
    adapter: Adapter
    answer: Decision | Needs
    talk: Talk | None = None
    """The conversation of a chat page that it belongs to."""
    followed: Followed | None = None
    """The message before it, where a page's turn names one."""
    has_heard: Heard = field(default=lambda _: frozenset(), repr=False)
    """Which of the thoughts with these marks the service has signed, for this person."""

    @property
    def inside(self) -> bool:
        """Whether only the company's model knows the conversation, so that nothing of it may go to the service."""
        return self.talk is not None and self.talk.ours

    @property
    def decision(self) -> Decision:
        """What is decided so far; for an undecided exchange, what holds when its body has no text."""
        decision = self.answer.unless_read if isinstance(self.answer, Needs) else self.answer
        return kept_inside(decision) if self.inside else decision

    @property
    def refused(self) -> bool:
        """Whether the headers alone are enough to refuse it."""
        return isinstance(self.answer, Decision) and not self.answer.permitted

    @property
    def watching(self) -> bool:
        """Whether its text is only looked through for rules that are not in force."""
        return isinstance(self.answer, Needs) and self.answer.watching


def kept_inside(decision: Decision) -> Decision:
    """Return the decision for a conversation that only the company's model knows: what may go outside goes there."""
    return replace(decision, route=Route.INTERNAL) if decision.route is Route.EXTERNAL else decision


@dataclass(frozen=True, slots=True)
class Departure:
    """A request that was read and decided; one without an outcome is refused."""

    decision: Decision
    outcome: Forward | Redirect | Reply | None
    inspection: Inspection
    found: Mapping[str, int] = field(default_factory=dict)
    """Findings per entity."""
    findings: Findings = field(default_factory=Findings)
    """What policy was told of the text."""
    amounts: Amounts = field(default_factory=Amounts)
    """What it counts against quotas."""
    unknown: frozenset[str] = frozenset()
    away: bool = False
    """Whether that is so because what looks is down at the moment."""
    late: SluiceError | None = None
    """What the person is told where that is so because the time was over."""
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Placeholder → original of everything taken out that can be put back."""
    treated: Mapping[str, int] = field(default_factory=dict)
    """Values taken out for good, by entity."""
    prose: bool = False
    """Whether its answer is text for a person, to which words can be added."""
    ways: tuple[Way, ...] = ()
    """Servers of the company that can take it, the one it goes to first; only of a redirected exchange."""
    model: str = ""
    """The model the client asked for."""
    stream: bool = False
    kept: bytes = field(default=b"", repr=False)  # the body that goes inside
    question: Sequence[Mapping[str, str]] = field(default=(), repr=False)
    """The new turn of a kept conversation, as the company's model is told it."""
    tail: Tail | None = field(default=None, repr=False)
    """The end of the person's last words as they go out."""


def arrive(street: Street, request: Request, service: Service, caller: Caller, facts: Facts) -> Arrival:
    """Ask policy what the headers alone can tell."""
    asked = Asked(request.method, request.path, request.headers, service.wire or "", request.host)
    return Arrival(request, service, caller, facts, choose(asked), needs(street.policy, facts))


def reconsider(
    street: Street, arrival: Arrival, body: bytes, inform: Callable[[Facts], Facts], now: datetime
) -> Arrival:
    """Ask policy anew where the headers' answer no longer holds for the body.

    One came that they did not announce, which HTTP/2 allows with any method; or it took so long that hours or a grant
    may be over. `inform` adds to the new facts what is kept of the person: other quotas may count for them.
    """
    request, facts = arrival.request, arrival.facts
    unannounced = bool(body) and facts.activity in WORDLESS
    if not unannounced and now - facts.at < LATE:
        return arrival
    if unannounced:
        does = activity(request.method, request.path, request.headers, arrival.service, body=True)
        facts = replace(facts, activity=does)
    facts = inform(replace(facts, at=now))
    return replace(arrival, facts=facts, answer=needs(street.policy, facts))


def leave(
    street: Street, arrival: Arrival, body: bytes, key: bytes, *, look: bool = True, before: Earlier = tuple
) -> Departure:
    """Read the body, decide, take out what is confidential, and choose the way.

    `arrival` is as `reconsider` has left it, `key` derives the person's placeholders, `before` asks for what the person
    has said last; without `look` nothing is searched for, and policy is told so. Raises a `SluiceError` for what must
    be refused without a verdict.
    """
    if arrival.refused:
        return Departure(arrival.decision, None, "not_needed")
    if isinstance(arrival.answer, Decision) and arrival.decision.route is Route.EXTERNAL:
        return leave_as_it_came(street, arrival, body)  # nothing in the text could change the verdict
    prompt: Prompt | None = None
    mended: Headers = ()
    try:
        head = read_head(arrival.request, street.stripped, arrival.adapter)
        try:
            prompt, mended = read(street, arrival, body)
        except Unreadable:
            if not (arrival.decision.permitted and arrival.decision.unreadable_passes):
                raise
    except SluiceError:
        if arrival.watching and arrival.decision.route is Route.EXTERNAL:
            return leave_as_it_came(street, arrival, body)  # rules that are only observed stop nothing
        raise
    parts = (*head.parts, *(prompt.parts if prompt else ()))
    texts = [part.text for part in parts]
    most = too_long(texts, arrival.answer, street.limits)
    look = look and not most  # then policy answers for what could not be looked for, and at once
    scans = scan(street, arrival, parts, before, len(head.parts), look=look)
    files = any(True for part in head.parts for _ in insets(part.text))  # nobody reads one in an address or a field
    departure = judge(street, arrival, prompt, texts, scans, look=look, files=files)
    if not departure.decision.permitted:
        TextTooLong.raise_for(most)
        return replace(departure, tail=last_said(parts, (), scans, key, len(head.parts)))
    amounts = with_values(departure.amounts, departure.decision, texts, scans, partial(fingerprint, key))
    try:
        taken = take_out(street.policy, texts, scans, departure.decision, key)
        tail = last_said(parts, taken.texts, scans, key, len(head.parts))
        departure = replace(departure, originals=taken.originals, treated=taken.treated, tail=tail, amounts=amounts)
        path, fields = head.rewrite(taken.texts[: len(head.parts)])
        keep_signed(departure.decision, parts, taken.texts)
        changed = prompt.rewrite(taken.texts[len(head.parts) :]) if prompt else None
        return choose_way(street, arrival, departure, path, (*fields, *mended), changed)
    except Exception as error:
        # A policy's `on_error: pass` is for what could not be looked at; this was, and may be known to be confidential.
        told = error if isinstance(error, SluiceError) else SluiceError("the request could not be made ready to go")
        note_said(told, parts, scans, key, len(head.parts))
        raise told from (error.__cause__ if told is error else error)


def read(street: Street, arrival: Arrival, body: bytes) -> tuple[Prompt, Headers]:
    """Decode the body and find its parts; raises `WireError`, `Unreadable` or `TooLarge`.

    The header fields are those that the body, written in UTF-8, must go with.
    """
    headers = arrival.request.headers
    if header(headers, "upgrade") and not opens_websocket(arrival.request.method, headers):
        raise Unreadable("the request asks for another protocol, and nobody reads what would be said in it")
    plain = decode(body, codings_of(headers), street.limits)
    plain, mended = (any_as_utf8 if arrival.adapter.id == "fallback" else as_utf8)(plain, type_of(arrival.request))
    content_type = mended or type_of(arrival.request)
    charset_of(content_type)  # whatever the format: a charset that is not ours means that the server reads other words
    prompt = read_prompt(arrival.adapter, plain, content_type, street.documents)
    return with_rest(prompt, arrival.request, plain), (("content-type", mended),) if mended else ()


def scan(
    street: Street, arrival: Arrival, parts: Sequence[Part], before: Earlier, head: int, *, look: bool
) -> list[Scan]:
    """Look for what policy needs to know; for nothing where the headers have decided. `head` parts come first."""
    if isinstance(arrival.answer, Decision):
        return [Scan() for _ in parts]
    if not look:
        return [Scan((), arrival.answer.entities) for _ in parts]
    found = find_in(before, street.finder, parts, head, arrival.answer.entities)
    return without_lawful(parts, without_read(parts, found), arrival.has_heard)


def judge(
    street: Street,
    arrival: Arrival,
    prompt: Prompt | None,
    texts: Sequence[str],
    scans: Sequence[Scan],
    *,
    look: bool = True,
    files: bool = False,
) -> Departure:
    """Ask policy again, now that the findings are known; `prompt` is None for a body that cannot be read."""
    counts = Counter(finding.entity for one in scans for finding in one.findings)
    unknown = frozenset(entity for one in scans for entity in one.unknown)
    findings = measure(texts, scans)
    decision: Decision = arrival.decision
    inspection: Inspection = "not_needed"
    if isinstance(arrival.answer, Needs):
        decision = decide(street.policy, arrival.facts, findings, unknown)
        decision = kept_inside(decision) if arrival.inside else decision
        inspection = "full" if look else "none"
    if prompt is None:
        inspection = "none"
    elif inspection == "full" and (files or prompt.opaque or any(one.opaque for one in scans)):
        inspection = "partial"
    unseen = files or prompt is None or prompt.opaque or any(one.opaque for one in scans)
    stops = not arrival.watching or must_be_sized(arrival, decision)
    if decision.route is Route.EXTERNAL and unseen and stops and not passes_unread(arrival, decision):
        raise OpaquePart("the request carries an image, a file or encoded data that cannot be checked")
    why = any(one.away for one in scans), late(texts, scans)
    made = Departure(decision, None, inspection, counts, findings, amounts_of(texts), unknown, *why)
    if prompt is None:
        return made
    return replace(made, prose=reads_prose(arrival.adapter, prompt), model=prompt.model, stream=prompt.stream)


def passes_unread(arrival: Arrival, decision: Decision) -> bool:
    """Tell whether policy lets pass what cannot be read."""
    vetoed = isinstance(arrival.answer, Needs) and arrival.answer.refuses_unreadable
    return decision.unreadable_passes and not vetoed


def must_be_sized(arrival: Arrival, decision: Decision) -> bool:
    """Tell whether a quota counts how much there is, so that all of it must be read."""
    return arrival.facts.activity not in WORDLESS and any(use.unit is not Unit.REQUESTS for use in decision.quotas)


def ask_again(street: Street, arrival: Arrival, departure: Departure, facts: Facts) -> Decision:
    """Ask policy of the same text under newer facts."""
    if isinstance(arrival.answer, Needs):
        return decide(street.policy, facts, departure.findings, departure.unknown)
    return asked.unless_read if isinstance(asked := needs(street.policy, facts), Needs) else asked


def choose_way(
    street: Street, arrival: Arrival, departure: Departure, path: str, fields: Headers, body: bytes | None
) -> Departure:
    """Send it to the service, or to the company's model in a protocol that it speaks.

    `path` and `fields` (those that change) are what may leave; so is `body`, or None where it could not be read.
    """
    if departure.decision.route is Route.EXTERNAL:
        if arrival.watching:
            return replace(departure, outcome=as_it_came(street, arrival))  # nothing is taken out for such rules
        headers = arrival.request.headers
        plain_answer = header(headers, "sec-fetch-dest") not in ASSETS
        # Bytes that cannot hide anything go as they came; where nothing was taken out the body is still the one read.
        untouched = not (departure.originals or departure.treated)
        recoded = any(name == "content-type" for name, _ in fields)
        kept = body is None or (untouched and faithful(codings_of(headers)) and not recoded)
        sent = None if kept else body
        head, body_too = path != arrival.request.path or bool(fields), sent is not None
        if (head or body_too) and is_bound(headers, arrival.service.wire or "", head=head, body=body_too):
            raise Signed("what must be taken out stands in a signed request")
        must_fit(arrival.request, sent)
        outcome = forward(path, headers, sent, street.stripped, plain_answer=plain_answer, changed=fields)
        return replace(departure, outcome=outcome)
    if body is None:
        raise Untranslatable("what cannot be read cannot be carried to the company's model")
    if street.internal is None:
        raise NoInternalModel("the policy sends this to the company's model, but the settings name none")
    adapter = arrival.adapter.of(path) if isinstance(arrival.adapter, Addressed) else arrival.adapter
    if (answer := own_answer(adapter, arrival.request.path, body)) is not None:
        question = adapter.question(body) if isinstance(adapter, Talker) else ()
        return replace(departure, outcome=Reply(answer), kept=body, question=question)
    if arrival.request.method not in ("POST", MESSAGE) and not isinstance(adapter, Addressed):
        raise Untranslatable("this kind of request cannot be carried to the company's model")
    ways = ways_to(street.internal, departure.decision.models, departure.model, adapter, body)
    question = adapter.question(body) if isinstance(adapter, Talker) else ()
    prose = departure.prose or speaks_prose(ways[0])
    return replace(departure, outcome=ways[0].outcome, ways=ways, question=question, prose=prose, kept=body)


def leave_as_it_came(street: Street, arrival: Arrival, body: bytes) -> Departure:
    """Let pass to the service what need not be read for the verdict.

    Policy may still count it, or add words to its answer; only what must be counted and cannot be is refused.
    """
    request, decision = arrival.request, arrival.decision
    departure = Departure(decision, as_it_came(street, arrival), "none" if arrival.watching else "not_needed")
    sized = must_be_sized(arrival, decision)
    if not (sized or decision.notices or decision.label != Text()):
        return departure
    try:
        prompt, _ = read(street, arrival, body)
        texts = [part.text for part in (*read_head(request, street.stripped, arrival.adapter).parts, *prompt.parts)]
    except SluiceError as error:
        if sized and not (isinstance(error, Unreadable) and decision.unreadable_passes):
            raise
        return departure
    if sized and prompt.opaque and not decision.unreadable_passes:
        raise OpaquePart("the request carries what no quota can count: an image, a file or encoded data")
    return replace(departure, amounts=amounts_of(texts), prose=reads_prose(arrival.adapter, prompt))


def as_it_came(street: Street, arrival: Arrival) -> Forward:
    """Return what sends a request on byte for byte."""
    return forward(arrival.request.path, arrival.request.headers, None, street.stripped, plain_answer=True)


def come_back(
    arrival: Arrival, departure: Departure, headers: Headers, lookup: Lookup, answer_id: str, now: int, words: str = ""
) -> Returning | None:
    """Say how an answer with these headers goes back; `None` lets its bytes pass as they come.

    `answer_id` names an answer that Sluice has to write itself; `now` is in seconds since 1970; `words` are what
    policy adds to the answer.
    """
    words = words if departure.prose else ""
    if departure.ways:
        shape, adapter, coding = arrival.adapter.shape, arrival.adapter.id, codings_of(headers)
        stream, translation = departure.stream, departure.ways[0].translation  # as the client waits, whatever comes
        translator = translation.answer(stream=stream, client_model=departure.model, answer_id=answer_id, now=now)
        if isinstance(translator, Rewriting):
            translator.words, words = words, ""
        made = translator.headers()
        return Returning(stream, made, shape, lookup, header(made, "content-type"), translator, coding, words, adapter)
    return from_service(arrival.adapter, arrival.request, headers, lookup, words, stream=departure.stream)
