"""A request's place in the conversations that the company's model holds for chat pages.

Enters: an exchange whose body has come. Leaves: its arrival, knowing the conversation; or the departure of a call that
is answered in place, because its page asks about a conversation that the vendor must not hear of. A request that names
one of these conversations never goes to its service.
"""

from dataclasses import replace
from uuid import UUID

from proxy.adapters.interface import Talk, Talker, Turn
from proxy.adapters.web.beside import BESIDE, in_json, mentioned
from proxy.body import codings_of, decode
from proxy.errors import ConversationInside, SluiceError
from proxy.exchange import Reply
from proxy.ledger import owner
from proxy.passage import House, Passage
from proxy.pipeline import Arrival, Departure
from proxy.restore_text import restore_text


def place(house: House, passage: Passage, arrival: Arrival, body: bytes) -> Departure | None:
    """Put the exchange where it belongs, and return the departure of one that is answered in place.

    Raises `ConversationOver` or `ConversationInside` for what nobody can answer.
    """
    beside = BESIDE.get(arrival.service.wire or "")
    if beside is None or arrival.refused or arrival.facts.activity == "visit":
        return None
    request, person, service = arrival.request, owner(arrival.caller), arrival.service.id
    now, talks = house.clock(), house.ledger.talks
    if isinstance(arrival.adapter, Talker):
        content = readable(passage, body)
        name = named(arrival.adapter, request.path.partition("?")[0], content)
        talk = Talk(name) if name else Talk(str(UUID(bytes=house.entropy(16), version=4)), new=True)
        talk = replace(talk, last=last_of(arrival.adapter, content))
        passage.arrival = within(arrival, arrival.adapter, talk)  # a refusal is shown in the same conversation
        if (found := talks.find(person, service, [name] if name else [], now)) is not None:
            passage.arrival = within(arrival, arrival.adapter, replace(found, last=talk.last))
        return None
    content = b"" if arrival.facts.activity == "upload" else readable(passage, body)
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
    answer = in_json(call.writes(restored(house, passage, found)))
    if call.ends(content):
        talks.end(service, found, now)
    return Departure(arrival.decision, Reply(answer), "not_needed")


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


def readable(passage: Passage, body: bytes) -> bytes:
    """Return a body without its content codings; nothing where they cannot be taken away."""
    try:
        return decode(body, codings_of(passage.request.headers), passage.street.limits)
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
