"""The street: one function a direction, readable top to bottom. Pure: no socket, file, clock or randomness in here.

Enters: a request in two steps, its headers (`arrive`) and its body (`leave`); later the head of its answer
(`come_back`). Leaves: values that only the shell acts on. Every error is a `SluiceError` or a bug, and the shell
makes a refusal of either: nothing here says "go" because something was not known.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from detectors.find import Finder
from detectors.interface import Scan
from detectors.redact import redact
from policies.decide import decide, needs
from policies.decision import Decision, Facts, Grant, Needs, Route
from policies.model import Policy
from proxy.activity import activity
from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Prompt
from proxy.body import Limits, charset_of, codings_of, decode, faithful
from proxy.caller import Caller
from proxy.catalogue import Catalogue
from proxy.errors import NoInternalModel, OpaquePart, SluiceError, Unreadable, Untranslatable
from proxy.exchange import Forward, Headers, Inspection, Part, Redirect, Reply, Request, header
from proxy.fields import Fields, read_fields
from proxy.returning import Lookup, Returning, kind_of
from proxy.route import NEVER_FORWARDED, InternalModel, forward, redirect
from proxy.service import Service
from proxy.target import Target, read_target
from proxy.translate import Translation, own_answer, translation_for

ASSETS: Final = frozenset({"script", "style", "image", "font", "audio", "video", "track", "manifest"})
"""`Sec-Fetch-Dest` of page assets, whose answers hold no conversation and may stay compressed."""


@dataclass(frozen=True, slots=True)
class Street:
    """All that an exchange passes; made once, swapped as a whole."""

    policy: Policy
    catalogue: Catalogue
    finder: Finder
    limits: Limits
    internal: InternalModel | None
    stripped: frozenset[str]
    """Header fields that told us who is asking, and that no upstream may see."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request whose headers are known, and what policy made of them."""

    request: Request
    service: Service
    caller: Caller
    facts: Facts
    adapter: Adapter
    answer: Decision | Needs

    @property
    def decision(self) -> Decision:
        """What is decided so far; for an undecided exchange, what holds when its body has no text."""
        return self.answer.unless_read if isinstance(self.answer, Needs) else self.answer

    @property
    def refused(self) -> bool:
        """Whether the headers alone are enough to refuse it."""
        return isinstance(self.answer, Decision) and not self.answer.permitted


@dataclass(frozen=True, slots=True)
class Departure:
    """A request that was read and decided; one without an outcome is refused."""

    decision: Decision
    outcome: Forward | Redirect | Reply | None
    inspection: Inspection
    found: Mapping[str, int] = field(default_factory=dict)
    """Findings per entity."""
    unknown: frozenset[str] = frozenset()
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Placeholder → original of everything taken out."""
    translation: Translation | None = None
    model: str = ""
    """The model the client asked for."""
    stream: bool = False


def arrive(
    street: Street, request: Request, service: Service, caller: Caller, grants: Sequence[Grant], now: datetime
) -> Arrival:
    """Ask policy what the headers alone can tell."""
    facts = Facts(
        service=service.id,
        category=service.category,
        country=service.country,
        user=caller.user,
        groups=caller.groups,
        address=caller.address,
        at=now,
        activity=activity(request.method, request.path, request.headers, service),
        grants=tuple(grants),
    )
    adapter = choose(request.method, request.path, header(request.headers, "content-type"))
    return Arrival(request, service, caller, facts, adapter, needs(street.policy, facts))


def reconsider(street: Street, arrival: Arrival, body: bytes) -> Arrival:
    """Ask policy anew where a body came that the headers did not announce, which HTTP/2 allows with any method."""
    request, facts = arrival.request, arrival.facts
    if not body or facts.activity not in ("visit", "other"):
        return arrival
    does = activity(request.method, request.path, request.headers, arrival.service, body=True)
    facts = replace(facts, activity=does)
    return replace(arrival, facts=facts, answer=needs(street.policy, facts))


@dataclass(frozen=True, slots=True)
class Head:
    """What a request says outside its body, read."""

    target: Target
    fields: Fields

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text of the address, then that of the header fields."""
        return (*self.target.parts, *self.fields.parts)

    def rewrite(self, texts: Sequence[str]) -> tuple[str, Headers]:
        """Return path and query, and the header fields that change, with part *i* reading `texts[i]`."""
        count = len(self.target.parts)
        return self.target.rewrite(texts[:count]), self.fields.rewrite(texts[count:])


def read_head(street: Street, request: Request) -> Head:
    """Read all that goes on of a request's head; raises `WireError`."""
    gone = NEVER_FORWARDED | street.stripped
    return Head(read_target(request.path), read_fields(tuple(one for one in request.headers if one[0] not in gone)))


def leave(street: Street, arrival: Arrival, body: bytes, key: bytes) -> Departure:
    """Read the body, decide, take out what is confidential, and choose the way.

    `arrival` is as `reconsider` has left it, `key` derives the person's placeholders. Raises a `SluiceError` for what
    must be refused without a verdict.
    """
    if arrival.refused:
        return Departure(arrival.decision, None, "not_needed")
    if isinstance(arrival.answer, Decision) and arrival.answer.route is Route.EXTERNAL:
        return leave_as_it_came(street, arrival)  # nothing in the text could change the verdict
    head = read_head(street, arrival.request)
    prompt: Prompt | None = None
    try:
        prompt = read(street, arrival, body)
    except Unreadable:
        if not (arrival.decision.permitted and arrival.decision.unreadable_passes):
            raise
    parts = (*head.parts, *(prompt.parts if prompt else ()))
    scans = scan(street, arrival, [part.text for part in parts])
    departure = judge(street, arrival, prompt, scans)
    if not departure.decision.permitted:
        return departure
    try:
        texts, originals = take_out([part.text for part in parts], scans, departure.decision.redact, key)
        departure = replace(departure, originals=originals)
        path, fields = head.rewrite(texts[: len(head.parts)])
        changed = prompt.rewrite(texts[len(head.parts) :]) if prompt else None
        return choose_way(street, arrival, departure, path, fields, changed)
    except SluiceError:
        raise
    except Exception as error:
        # A policy's `on_error: pass` is for what could not be looked at; this was, and may be known to be confidential.
        raise SluiceError("the request was decided, but could not be made ready to go") from error


def read(street: Street, arrival: Arrival, body: bytes) -> Prompt:
    """Decode the body and find its parts; raises `WireError`, `Unreadable` or `TooLarge`."""
    headers = arrival.request.headers
    if header(headers, "upgrade"):
        raise Unreadable("the request opens a WebSocket, whose messages are not read yet")
    plain = decode(body, codings_of(headers), street.limits)
    content_type = header(headers, "content-type")
    charset_of(content_type)  # whatever the format: a charset that is not ours means that the server reads other words
    return arrival.adapter.read(plain, content_type)


def scan(street: Street, arrival: Arrival, texts: Sequence[str]) -> list[Scan]:
    """Look for what policy needs to know; for nothing at all where the headers have decided."""
    if isinstance(arrival.answer, Decision):
        return [Scan() for _ in texts]
    return [street.finder.find(text, arrival.answer.entities) for text in texts]


def judge(street: Street, arrival: Arrival, prompt: Prompt | None, scans: Sequence[Scan]) -> Departure:
    """Ask policy again, now that the findings are known; `prompt` is None for a body that cannot be read."""
    counts = Counter(finding.entity for one in scans for finding in one.findings)
    unknown = frozenset(entity for one in scans for entity in one.unknown)
    decision: Decision = arrival.decision
    inspection: Inspection = "not_needed"
    if isinstance(arrival.answer, Needs):
        decision = decide(street.policy, arrival.facts, frozenset(counts), unknown)
        inspection = "full"
    if prompt is None:
        inspection = "none"
    elif prompt.opaque and inspection == "full":
        inspection = "partial"
    if decision.route is Route.EXTERNAL and inspection in ("none", "partial") and not decision.unreadable_passes:
        raise OpaquePart("the request carries an image, a file or encoded data that cannot be checked")
    model, stream = (prompt.model, prompt.stream) if prompt else ("", False)
    return Departure(decision, None, inspection, counts, unknown, model=model, stream=stream)


def take_out(
    texts: Sequence[str], scans: Sequence[Scan], entities: frozenset[str], key: bytes
) -> tuple[list[str], dict[str, str]]:
    """Return the texts without what must not leave, and what their placeholders stand for."""
    changed: list[str] = []
    originals: dict[str, str] = {}
    for text, one in zip(texts, scans, strict=True):
        redaction = redact(text, [finding for finding in one.findings if finding.entity in entities], key, originals)
        changed.append(redaction.text)
        originals.update(redaction.originals)
    return changed, originals


def choose_way(
    street: Street, arrival: Arrival, departure: Departure, path: str, fields: Headers, body: bytes | None
) -> Departure:
    """Send it to the service, or to the company's model in a protocol that it speaks.

    `path` and `fields` (those that change) are what may leave; so is `body`, or None where it could not be read.
    """
    if departure.decision.route is Route.EXTERNAL:
        plain_answer = header(arrival.request.headers, "sec-fetch-dest") not in ASSETS
        headers = arrival.request.headers
        # Bytes that cannot hide anything go as they came; where nothing was taken out the body is still the one read.
        kept = body is None or (not departure.originals and faithful(codings_of(headers)))
        sent = None if kept else body
        outcome = forward(path, headers, sent, street.stripped, plain_answer=plain_answer, changed=fields)
        return replace(departure, outcome=outcome)
    if body is None:
        raise Untranslatable("what cannot be read cannot be carried to the company's model")
    if street.internal is None:
        raise NoInternalModel("the policy sends this to the company's model, but the settings name none")
    if (answer := own_answer(arrival.request.path, body)) is not None:
        return replace(departure, outcome=Reply(answer))
    translation = translation_for(arrival.adapter.id, street.internal.speaks)
    if translation is None or arrival.request.method != "POST":
        raise Untranslatable("this kind of request cannot be carried to the company's model")
    carried = translation.request(body, street.internal.model_for(departure.model))
    inside = redirect(street.internal, translation.path, carried)
    return replace(departure, outcome=inside, translation=translation)


def leave_as_it_came(street: Street, arrival: Arrival) -> Departure:
    """Let pass to the service what need not be read."""
    request = arrival.request
    outcome = forward(request.path, request.headers, None, street.stripped, plain_answer=True)
    return Departure(arrival.decision, outcome, "not_needed")


def come_back(
    arrival: Arrival, departure: Departure, headers: Headers, lookup: Lookup, answer_id: str, now: int
) -> Returning | None:
    """Say how an answer with these headers goes back; `None` lets its bytes pass as they come.

    `answer_id` names an answer that Sluice has to write itself; `now` is in seconds since 1970.
    """
    if departure.translation is not None:
        stream = departure.stream  # what the client waits for, even from a server that ignores it
        translator = departure.translation.answer(
            stream=stream, client_model=departure.model, answer_id=answer_id, now=now
        )
        made = translator.headers()
        shape, coding = arrival.adapter.shape, codings_of(headers)
        return Returning(stream, made, shape, lookup, header(made, "content-type"), translator, coding)
    content_type = header(headers, "content-type")
    kind = kind_of(content_type)
    if kind == "untouched":
        return None
    return Returning(kind == "streamed", (), arrival.adapter.shape, lookup, content_type, coding=codings_of(headers))
