"""What becomes of a request: found, opaque or missed; ours through the whole street, peers over its text.

Enters: a request and the value in it. Leaves: one word. Found means that it goes out without the value, or is refused
for what was found in it; opaque that it does not go out because it cannot be read; whatever else goes out is missed.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from bench.evasion.elsewhere import INSPECTED
from bench.evasion.values import ENTITIES, Value
from bench.evasion.wires import Sent, messages
from detectors.dictionary import Dictionary
from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.redact import PLACEHOLDER
from policies.load import parse_policy
from proxy.caller import Caller
from proxy.documents.reader import Reader
from proxy.errors import SealedField, SealedFile, Signed, TooLarge, WireError
from proxy.exchange import Forward, Request
from proxy.facts import facts_of
from proxy.pipeline import Departure, Street, arrive, leave, reconsider
from proxy.recent import KEPT, Tail, may_be_piece
from proxy.services.catalogue import load_catalogue
from proxy.services.unlisted import unlisted
from proxy.wire.body import Limits

NOON = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
CALLER = Caller("alice", frozenset(), "10.0.0.1", "header")
KEY = b"k" * 32
SIGNS = re.compile(r"[\W_]+")

POLICY = """
policy: evasion
version: 1
owner: bench
time_zone: Asia/Shanghai
otherwise: forbid
data_classes:
  personal: {{entities: [{entities}]}}
  customers: {{terms: [华星科技], placeholder: CUSTOMER, variants: [pinyin, separated]}}
rules:
  - id: use
    verdict: allowed
    when: {{service: any}}
    redact: [personal, customers]
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one request."""

    outcome: str
    """`found`, `opaque`, or `missed`; of a twin `alarm`, `opaque` or `passed`."""
    entities: tuple[str, ...] = ()


class Unopened(Exception):
    """Nobody has the host of a request: it is not opened."""


@cache
def street(names: bool) -> Street:
    """Return the whole street with its shipped detectors, with models for names or without."""
    catalogue = load_catalogue()
    wanted = DEFAULT_ENTITIES | ({"PERSON"} if names else frozenset())
    written = POLICY.format(entities=", ".join(sorted(wanted)))
    policy = parse_policy(written, "evasion.yaml", no_file, known_services=catalogue.services.keys())
    terms = [
        Dictionary(f"terms:{one.entity}", one.entity, one.terms, one.aliases, one.variants)
        for one in policy.dictionaries
    ]
    finder = Finder((*shipped_detectors(names=names), *terms))
    hosts = frozenset({INSPECTED})
    return Street(policy, catalogue, finder, Limits(), None, frozenset(), inspected=hosts, documents=reader())


def no_file(name: str) -> str:
    """Read nothing: the policy is whole in itself."""
    raise FileNotFoundError(2, name)


@cache
def reader() -> Reader:
    """Return what reads files, in processes of its own."""
    return Reader()


def depart(sent: Sent, names: bool = False, key: bytes = KEY) -> Departure:
    """Send a request down the street; raises `SluiceError` where it is refused unread, or cannot be changed."""
    here, before = street(names), list[Tail]()
    for body in sent.earlier:
        tail = depart(replace(sent, body=body, earlier=()), names).tail
        before += [tail] if tail is not None and may_be_piece(tail.sent) else []
    request = Request(sent.method, "https", sent.host, 443, sent.path, sent.headers)
    service = here.catalogue.lookup(sent.host, sent.path) or here.catalogue.store_of(sent.host)
    service = service or unlisted(sent.host, sent.method, sent.path, here.inspected)
    if service is None:
        raise Unopened
    came = arrive(here, request, service, CALLER, facts_of(request, service, CALLER, NOON, {}))
    came = reconsider(here, came, sent.body, lambda facts: facts, NOON)
    return leave(here, came, sent.body, key, before=before[-KEPT:].copy)


def judge(sent: Sent, value: Value, names: bool = False) -> Verdict:
    """Tell what becomes of a request that holds a value."""
    try:
        departure = depart(sent, names)
    except (SealedFile, SealedField, Signed):  # it was found, and what it stands in cannot be written anew
        return Verdict("alarm" if value.twin else "found")
    except (WireError, TooLarge):
        return Verdict("opaque")
    except Unopened:
        return Verdict("passed" if value.twin else "missed")
    if not isinstance(departure.outcome, Forward):
        return Verdict("opaque")
    found = tuple(sorted(departure.found))
    if value.twin:
        return Verdict("alarm" if found else "passed", found)
    out = readable(departure.outcome, sent)
    pieces = sent.pieces or (value.text,)
    kept = any(piece in out for piece in pieces) or not clean(value, sent, out)
    return Verdict("missed" if kept or not ENTITIES[value.kind] & set(found) else "found", found)


def clean(value: Value, sent: Sent, out: str) -> bool:
    """Tell whether no long piece of what was sent as text stands on in what goes out, but the words around it."""
    if sent.pieces:
        return True
    bare = SIGNS.sub("", PLACEHOLDER.sub("", out))
    text = SIGNS.sub("", value.text)
    return not any(text[place : place + 7] in bare for place in range(max(1, len(text) - 6)))


def readable(outcome: Forward, sent: Sent) -> str:
    """Return all text of a request that goes out, as its server reads it."""
    body = sent.body if outcome.body is None else outcome.body
    fields = {name: text for name, text in sent.headers if name not in outcome.without} | dict(outcome.replaced)
    text = body.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = "\n".join(strings(json.loads(text)))
    return "\n".join((outcome.path, *fields.values(), text))


def strings(value: Any) -> Iterator[str]:
    """Yield every string, key and number of a JSON value."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    else:
        yield str(value)


def text_of(sent: Sent) -> str:
    """Return what a library that is handed text would be handed: every string of the request."""
    body = sent.body.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        body = "\n".join(strings(json.loads(body)))
    return "\n".join((sent.path, *(text for _, text in sent.headers), body))


Peer = Callable[[str], list[str]]


def peers() -> dict[str, Peer]:
    """Return the peers that are installed, each from a text to the values that it finds."""
    made: dict[str, Peer] = {"Presidio": presidio()}
    if (other := detect_secrets()) is not None:
        made["detect-secrets"] = other
    return made


def presidio() -> Peer:
    """Return stock Presidio: its default recognizers for English."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    from bench.detect_peers import GivenNlp, offline

    offline()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=GivenNlp(spacy.blank("en")))
    noise = {"DATE_TIME", "URL"}

    def find(text: str) -> list[str]:
        text = text[:50_000]
        return [
            text[one.start : one.end] for one in engine.analyze(text, language="en") if one.entity_type not in noise
        ]

    return find


def detect_secrets() -> Peer | None:
    """Return detect-secrets as it scans a file, with all its plugins and filters; none where it is missing."""
    import atexit
    import sys
    from tempfile import NamedTemporaryFile

    from bench.detect_peers import LASTING, PACKAGES

    if str(PACKAGES) not in sys.path:
        sys.path.append(str(PACKAGES))
    try:
        from detect_secrets.core.scan import scan_file
        from detect_secrets.settings import default_settings
    except ImportError:
        return None
    LASTING.enter_context(default_settings())
    atexit.register(LASTING.close)

    def find(text: str) -> list[str]:
        with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            return [one.secret_value or "" for one in scan_file(file.name)]

    return find


@cache
def usual(find: Peer) -> frozenset[str]:
    """Return what a peer finds in any request: it counts for nothing."""
    return frozenset(find(text_of(Sent(messages("hello")))))


def judge_peer(find: Peer, sent: Sent, value: Value) -> str:
    """Tell what a peer makes of the text of a request: generous, for it finds if it sees half of what is there."""
    text = text_of(sent)
    try:
        found = find(text)
    except Exception:
        return "opaque"
    if value.twin:
        return "alarm" if set(found) - usual(find) else "passed"
    held = SIGNS.sub("", "".join(found))
    written = SIGNS.sub("", value.text)
    whole = any(len(one) >= len(text) // 2 for one in found)
    return "found" if written and (written in held or whole) else "missed"
