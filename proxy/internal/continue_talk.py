"""A request's place in the conversations that the company's model holds for chat pages.

Enters: an exchange whose body has come. Leaves: its arrival, knowing the conversation; or the departure of a call that
is answered in place, because its page asks about a conversation that the vendor must not hear of. A request that names
one of these conversations never goes to its service. A turn after one that was refused names the message before that,
for the service has not seen the refusal.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from proxy.adapters.interface import Talk, Talker, Turn
from proxy.adapters.openai.assistants_calls import Assistants
from proxy.adapters.web.beside import BESIDE, in_json, mentioned
from proxy.answers.restore import restore_body
from proxy.answers.restore_text import restore_text
from proxy.bound import is_bound
from proxy.destination import Unseen
from proxy.errors import ConversationInside, SluiceError
from proxy.exchange import Forward, Outcome, Reply, header
from proxy.ledger import owner
from proxy.parents import follow, refused, taken_over
from proxy.passage import House, Passage
from proxy.pipeline import Arrival, Departure
from proxy.websocket.interface import MESSAGE
from proxy.wire.body import codings_of, decode, identity_headers
from proxy.wire.json_text import parse_object


def place(house: House, passage: Passage, arrival: Arrival, body: bytes) -> Departure | None:
    """Put the exchange where it belongs, and return the departure of one that is answered in place.

    Raises `ConversationOver` or `ConversationInside` for what nobody can answer.
    """
    if isinstance(arrival.adapter, Assistants):
        place_thread(house, passage, arrival, arrival.adapter, body)
        return None
    beside = BESIDE.get(arrival.service.wire or "")
    turn = isinstance(arrival.adapter, Talker)
    if beside is None or (arrival.refused and not turn) or arrival.facts.activity == "visit":
        return None
    request, person, service = arrival.request, owner(arrival.caller), arrival.service.id
    now, talks = house.clock(), house.ledger.talks
    if isinstance(arrival.adapter, Talker):
        content = content_of(house, passage, arrival, body)
        name = named(arrival.adapter, request.path.partition("?")[0], content)
        talk = Talk(name) if name else Talk(str(UUID(bytes=house.entropy(16), version=4)), new=True)
        talk = replace(talk, kept=bool(talks.kept_for))
        followed = arrival.followed
        talk = replace(talk, last=followed.last if followed else last_of(arrival.adapter, content))
        passage.arrival = within(arrival, arrival.adapter, talk)  # a refusal is shown in the same conversation
        if (found := talks.find(person, service, [name] if name else [], now)) is not None:
            passage.arrival = within(arrival, arrival.adapter, replace(found, last=talk.last))
        return None
    content = b"" if arrival.facts.activity == "upload" else content_of(house, passage, arrival, body)
    names = frozenset(mentioned(request.path, content))
    passage.arrival = replace(arrival, adapter=beside.adapter)
    found = talks.find(person, service, names, now)
    if found is None:
        passage.arrival = arrival
        return None
    passage.arrival = arrival = replace(arrival, adapter=beside.adapter, talk=found)
    if not arrival.decision.permitted:
        return Departure(arrival.decision, None, "not_needed")
    call = beside.find(request.method, request.path)
    if call is None:
        raise ConversationInside("the page asks what only its vendor could answer")
    answer = in_json(call.cut(call.writes(restored(house, passage, found)), content))
    if call.ends(content):
        talks.end(service, found, now)
    return Departure(arrival.decision, Reply(answer), "not_needed")


def place_thread(house: House, passage: Passage, arrival: Arrival, adapter: Assistants, body: bytes) -> None:
    """Put a call about a thread or an assistant where that is kept; raises `ConversationOver`.

    A thread that the service has goes on with the company's model from its first message that goes there.
    """
    talks, now, person, service = house.ledger.talks, house.clock(), owner(arrival.caller), arrival.service.id
    call, content = adapter.call, readable(passage, arrival, body)
    found = talks.find(person, service, [adapter.name] if adapter.name else [], now)
    kind = "asst" if call.what == "assistants" else "thread"
    talk = found or Talk(adapter.name or f"{kind}_{house.entropy(12).hex()}", new=not adapter.name)
    assistant = None
    if call.asks and (named := assistant_in(content)):
        assistant = talks.find(person, service, [named], now)
        talk = replace(talk, ours=talk.ours or assistant is not None)
    adapter = replace(adapter, talk=talk, assistant=assistant, asked=content, keeps=bool(talks.kept_for))
    passage.arrival = replace(arrival, adapter=adapter, talk=talk)
    if found is not None and call.ends and passage.arrival.decision.permitted:
        talks.end(service, found, now)


def assistant_in(content: bytes) -> str:
    """Return the assistant that a run names; none where it cannot be read."""
    try:
        name = parse_object(content).get("assistant_id")
    except SluiceError:
        return ""
    return name if isinstance(name, str) else ""


def put_back(house: House, passage: Passage, outcome: Outcome) -> Outcome:
    """Return what is answered in place for a thread with its originals, as its owner reads it."""
    if not isinstance(outcome, Reply) or not isinstance(passage.adapter, Assistants):
        return outcome

    def original(placeholder: str) -> str | None:
        return house.ledger.original(passage.caller, placeholder, house.clock())

    kind = header(outcome.answer.headers, "content-type")
    restored_body, _ = restore_body(outcome.answer.body, kind, passage.adapter.shape, original)
    return Reply(replace(outcome.answer, body=restored_body))


def take_up(house: House, passage: Passage, arrival: Arrival, body: bytes) -> bytes:
    """Let a turn name the last message that its vendor knows, where the page names a refusal; return its body.

    What a signature binds stays as it is.
    """
    if not isinstance(arrival.adapter, Talker) or arrival.request.method == MESSAGE:
        return body
    request, person, now = passage.request, owner(arrival.caller), house.clock()
    arrival = replace(arrival, request=request)  # a second look begins with what came
    parents = house.ledger.parents

    def known(name: str) -> Sequence[Any] | None:
        return parents.find(person, arrival.service.id, name, now)

    content_type, path = header(request.headers, "content-type"), request.path.partition("?")[0]
    plain = readable(passage, arrival, body)
    followed, changed = follow(arrival.adapter, path, plain, content_type, known)
    passage.arrival = replace(arrival, followed=followed)
    if (
        changed == plain
        or arrival.refused
        or is_bound(request.headers, arrival.service.wire or "", head=False, body=True)
    ):
        return body
    request = replace(request, headers=identity_headers(request.headers))
    passage.arrival = replace(arrival, followed=followed, request=request)
    return changed


def as_taken_up(passage: Passage, departure: Departure, body: bytes) -> Departure:
    """Return the departure of a turn whose body was changed so: that body goes out, and not the one that came."""
    arrival, outcome = passage.arrival, departure.outcome
    if arrival is None or arrival.request is passage.request or not isinstance(outcome, Forward):
        return departure
    kept = {name for name, _ in arrival.request.headers}
    without = outcome.without | {name for name, _ in passage.request.headers if name not in kept}
    sent = body if outcome.body is None else outcome.body
    return replace(departure, outcome=replace(outcome, body=sent, without=without))


def keep_refused(house: House, passage: Passage) -> None:
    """Remember what a turn followed that was refused in its place; raises `StoreError`."""
    arrival = passage.arrival
    if arrival is not None and arrival.followed is not None and not arrival.inside:
        behind = refused(arrival.followed, passage.reference)
        house.ledger.parents.keep(owner(arrival.caller), arrival.service.id, behind, house.clock())


def forget_refused(house: House, passage: Passage) -> None:
    """Forget refused messages whose numbers the vendor has given to others, by answering; raises `StoreError`."""
    arrival, departure = passage.arrival, passage.departure
    if arrival is None or arrival.followed is None or departure is None or not isinstance(departure.outcome, Forward):
        return
    if names := taken_over(arrival.followed):
        house.ledger.parents.forget(owner(arrival.caller), arrival.service.id, names)


def keep_question(house: House, passage: Passage, departure: Departure) -> None:
    """Keep the turn that goes to the company's model; raises `StoreError` or `TooLarge`."""
    arrival = passage.arrival
    if arrival is not None and arrival.talk is not None and departure.question:
        person, service = owner(arrival.caller), arrival.service.id
        passage.turn = house.ledger.talks.ask(person, service, arrival.talk, departure.question, house.clock())


def keep_answer(house: House, passage: Passage) -> None:
    """Keep what the company's model has answered, if it ended as it should; raises `StoreError`."""
    arrival, returning = passage.arrival, passage.returning
    if not passage.turn or arrival is None or arrival.talk is None or returning is None:
        return
    if returning.translator is not None and (said := returning.translator.said):
        person, service = owner(arrival.caller), arrival.service.id
        house.ledger.talks.answer(person, service, arrival.talk, passage.turn, said, house.clock())


def recorded_talk(house: House, passage: Passage) -> tuple[str, int]:
    """Return what the record says of the conversation: its digest, and which turn this is, if it is one."""
    arrival = passage.arrival
    if arrival is None or arrival.talk is None or not (passage.turn or arrival.inside):
        return "", 0
    turn = len(arrival.talk.turns) + 1 if passage.turn else 0
    return house.ledger.talks.digest(arrival.service.id, arrival.talk.id), turn


def within(arrival: Arrival, adapter: Talker, talk: Talk) -> Arrival:
    """Return the arrival of a turn of `talk`."""
    return replace(arrival, adapter=adapter.within(talk), talk=talk)


def named(adapter: Talker, path: str, body: bytes) -> str:
    """Return the conversation that a turn names; none where it cannot be read, which is for others to judge."""
    try:
        return adapter.named(path, body)
    except SluiceError:
        return ""


def last_of(adapter: Talker, body: bytes) -> int:
    """Return the number of the message that a turn follows; none where it cannot be read."""
    try:
        return adapter.last(body)
    except SluiceError:
        return 0


def content_of(house: House, passage: Passage, arrival: Arrival, body: bytes) -> bytes:
    """Return a body without its content codings; nothing where it cannot be read, which policy judges.

    Raises what keeps it from being read where the person has, or had, conversations that the vendor must not hear of:
    it may be about one.
    """
    try:
        if isinstance(arrival.adapter, Unseen):
            arrival.adapter.read(body, "")
        return decode(body, codings_of(arrival.request.headers), passage.street.limits)
    except SluiceError:
        if house.ledger.talks.any_of(owner(arrival.caller)):
            raise
        return b""


def readable(passage: Passage, arrival: Arrival, body: bytes) -> bytes:
    """Return a body without its content codings; nothing where they cannot be taken away."""
    try:
        return decode(body, codings_of(arrival.request.headers), passage.street.limits)
    except SluiceError:
        return b""


def restored(house: House, passage: Passage, talk: Talk) -> Talk:
    """Return a conversation as its owner reads it, with the originals of its placeholders."""
    caller, now = passage.caller, house.clock()

    def original(placeholder: str) -> str | None:
        return house.ledger.original(caller, placeholder, now)

    def read(text: str) -> str:
        return restore_text(text, original)[0]

    turns = [
        Turn([{**each, "content": read(each["content"])} for each in turn.question], read(turn.answer), turn.at)
        for turn in talk.turns
    ]
    return replace(talk, turns=turns)
