"""The line about a request, put together from all that is known of the exchange, and the auditor's copy of it. Pure.

Enters: a passage and what became of it. Leaves: a `Record`, into which no text, no value that was found, and no path
ever enters; or a `Copy`, which is whole and leaves this room only to be encrypted.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote

from policies.decision import Decision, Needs
from proxy.audit import Ending, Record
from proxy.canary.judge import left_in
from proxy.exchange import Forward, Inspection, Outcome, Redirect, header
from proxy.observe.spans import Story
from proxy.passage import Passage
from proxy.pipeline import Departure
from proxy.trail.seal import Copy
from proxy.wire.body import codings_of
from proxy.wire.target import CREDENTIALS


def record(
    passage: Passage,
    decision: Decision | None,
    word: Ending,
    now: datetime,
    *,
    code: str = "",
    departure: Departure | None = None,
    size: int = 0,
    fingerprints: Sequence[str] = (),
) -> Record:
    """Return the line about the request; `size` is the body's bytes as they came."""
    inspection: Inspection = departure.inspection if departure else "none"
    if word == "refused" and departure is None and isinstance(decision, Decision) and not decision.permitted:
        inspection = "not_needed"
    arrival = passage.arrival
    outcome = departure.outcome if departure else None
    sent = outcome.body if isinstance(outcome, Forward | Redirect) else b""
    elapsed = now - passage.began
    looked = arrival.answer.entities if arrival and isinstance(arrival.answer, Needs) else frozenset[str]()
    return Record(
        id=passage.reference,
        at=passage.began,
        outcome=word,
        user=passage.caller.user,
        address=passage.caller.address,
        service=passage.service.id,
        host=passage.request.host,
        activity=arrival.facts.activity if arrival else "",
        method=passage.request.method,
        adapter=passage.adapter.id,
        decision=decision,
        code=code,
        inspection=inspection,
        entities=departure.found if departure else {},
        redacted=taken_out(departure),
        fingerprints=fingerprints,
        unknown=departure.unknown if departure else frozenset(),
        facts=arrival.facts if arrival else None,
        findings=departure.findings if departure and departure.inspection in ("full", "partial") else None,
        looked=looked,
        bytes_in=size,
        bytes_out=size if sent is None else len(sent),
        timings={"decided": int(elapsed.total_seconds() * 1000)},
        canary=passage.canary,
        left=left_out(passage, word, outcome, size),
    )


def story_of(passage: Passage, decision: Decision | None, status: int, code: str) -> Story:
    """Return what the trace of a finished exchange shows."""
    return Story(
        reference=passage.reference,
        service=passage.service.id,
        adapter=passage.adapter.id,
        policy=passage.street.policy.label,
        verdict=decision.verdict.value if decision else "",
        route=decision.route.value if decision else "",
        inspection=passage.departure.inspection if passage.departure else "none",
        code=code,
        status=status,
        marks=tuple(passage.marks.done),
    )


def left_out(passage: Passage, word: Ending, outcome: Outcome | None, size: int) -> Sequence[str]:
    """Return the entities of a self-test's planted values that go out to the service."""
    if not passage.canary or word not in ("forwarded", "not_inspected"):
        return ()
    sent = outcome if isinstance(outcome, Forward) else None
    body = sent.body if sent else None
    if body is None and sent and not size:
        body = b""  # there was none, and all that went out stands in the address
    return left_in(passage.canary, sent.path if sent else "", body)


def copy_of(passage: Passage) -> Copy:
    """Return what the auditor may read of the request: all of it but its header fields, which hold credentials."""
    request = passage.request
    return Copy(
        reference=passage.reference,
        at=passage.began,
        user=passage.caller.user,
        service=passage.service.id,
        host=request.host,
        method=request.method,
        path=without_credentials(request.path),
        content_type=header(request.headers, "content-type"),
        content_encoding=codings_of(request.headers),
        body=passage.body,
    )


def without_credentials(path: str) -> str:
    """Return path and query with nothing in the fields that services take keys in."""
    bare, mark, query = path.partition("?")
    fields = (pair.partition("=") for pair in query.split("&"))
    kept = (
        f"{name}=…" if is_ and unquote(name).lower() in CREDENTIALS else name + is_ + text for name, is_, text in fields
    )
    return bare + mark + "&".join(kept)


def taken_out(departure: Departure | None) -> Counter[str]:
    """Return how many values were taken out, by entity: those that can be put back, and those that cannot."""
    if departure is None:
        return Counter()
    kept = Counter(placeholder[1:].rpartition("_")[0] for placeholder in departure.originals)
    return kept + Counter(departure.treated)
