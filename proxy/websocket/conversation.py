"""One open WebSocket: what is done with each message, off the event loop.

Enters: the passage of its handshake, then messages of either side in order. Leaves: deliveries. Each message of the
client that says something is an exchange of its own, judged by the policy of its moment, and on record before it goes
out; one without text costs nothing and leaves no line. Answers are restored for the person who opened the connection.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

import orjson
import structlog

from detectors.redact import WRITTEN
from proxy import handle
from proxy.adapters.interface import Refusal, Talk, Talker
from proxy.adapters.sockets.page_socket import PageSocket
from proxy.adapters.sockets.session import Session, SessionSocket
from proxy.adapters.sockets.socket_adapter import Telltale, parsed
from proxy.answers.label import Labeller, labeller_for
from proxy.answers.restore import StreamRestorer
from proxy.answers.restore_text import restore_text
from proxy.answers.returning import Returning
from proxy.attachments import read_prompt
from proxy.audit import ending
from proxy.errors import EXITS, SluiceError, Unreadable
from proxy.exchange import Forward, Outcome, Redirect, Refuse, Reply, Request
from proxy.framing.message import MARK, MESSAGES, NUMBERS, SEPARATOR, pack, unpack
from proxy.passage import House, Passage
from proxy.pipeline import LATE, Departure, Street
from proxy.websocket.interface import MESSAGE, POLICY, Closing, Delivery, Message, closing_for
from proxy.wire import json_text

SWITCHED: Final = 101
"""Status of the answer that opened the connection, and of every answer on it."""

NOT_OF_MESSAGES: Final = frozenset(
    {"transfer-encoding", "trailer", "digest", "repr-digest", "authorization", "signature-input", "signature"}
)
"""Fields that speak of the handshake's own body, besides all `content-…`, or sign it; they say nothing of messages."""

UNSPOKEN: Final = Refusal(403, "blocked_by_policy", "The message was not sent.", "")
"""What is told where the words of a refusal have been lost."""

type Weight = Literal["nothing", "unseen", "text"]
"""What a message holds: not a word, only what nobody can look into, or anything else."""

LOG = structlog.get_logger("sluice")


def open_for(house: House, passage: Passage, departure: Departure, size: int) -> Outcome:
    """Make the handshake's record durable, and return what is to be done; see `handle.depart`.

    Nothing is counted against quotas and grants: what is said afterwards is.
    """
    if not isinstance(departure.outcome, Forward):
        return handle.depart(house, passage, departure, size)
    passage.departure = departure
    house.ledger.keep(passage.caller, departure.originals, passage.began)
    word = ending(departure.outcome, departure.inspection)
    handle.write(house, passage, departure.decision, word, departure=departure, size=size)
    passage.recorded = True
    return departure.outcome


class Conversation:
    """One connection, its messages and its answers."""

    def __init__(self, house: House, opening: Passage) -> None:
        """Take the passage of a handshake that was answered."""
        self.house = house
        self.opening = opening
        self.head = head_of(opening)
        self.adapter = opening.adapter
        self.session: Session | None = None
        """What was said, where the company's model could take it over."""
        if isinstance(self.adapter, SessionSocket):
            self.adapter = self.adapter.begin()
            self.session = self.adapter.session
        self.restorer = StreamRestorer(self.adapter.shape, MESSAGES, self.lookup)
        self.spoken: Passage | None = None
        """The last message that is on record and whose answer is not."""
        self.received = self.sent = self.restored = 0
        """Bytes of its answer, and placeholders restored in it."""
        self.labeller: Labeller | None = None
        """What adds the policy's words to its answer."""
        self.broken = False
        """Whether answers can no longer be restored; they pass with their placeholders."""
        self.covered: tuple[Street, datetime] | None = None
        """Under which street, and until when, messages that nobody can look into need no further line."""
        self.answers: set[asyncio.Task[None]] = set()
        """Answers of the company's model that are being told."""
        self.answering = asyncio.Lock()

    # -- the client's messages -----------------------------------------------------------------------------------------

    def begin(self) -> Passage:
        """Return the passage of a message, under the policy of now."""
        opening = self.opening
        passage = handle.begin(self.house, self.head, opening.service, opening.login, opening.caller.address)
        passage.account = opening.arrival.facts.account if opening.arrival else ""
        passage.interest = opening.interest  # the client goes with the connection
        return passage

    def enter(self, passage: Passage, message: Message) -> Refuse | None:
        """Close the exchange before, and decide by the head of this one; `None` means that the message must be read."""
        self.finish()
        refusal = handle.enter(self.house, passage)
        if passage.arrival is not None and isinstance(self.adapter, PageSocket):
            passage.arrival = replace(passage.arrival, adapter=self.adapter.about(message.content))
        if passage.arrival is not None and isinstance(self.adapter, SessionSocket):
            adapter = self.adapter.about(message.content, busy=bool(self.answers))
            talk = Talk(self.opening.reference, ours=True) if self.goes_on_inside(message) else None
            passage.arrival = replace(passage.arrival, adapter=adapter, talk=talk)
        return refusal

    def goes_on_inside(self, message: Message) -> bool:
        """Return whether a message goes on with what only the company's model knows."""
        return self.session is not None and self.session.holds(parsed(message.content))

    def pass_by(self, message: Message) -> Delivery:
        """Send on what needs no line of its own."""
        if self.session is not None:
            self.session.note_sent(message.content)
        return Delivery(to_server=(message,))

    def weigh(self, message: Message) -> Weight:
        """Return what a message holds, as far as its line in the log depends on it."""
        if isinstance(self.adapter, Talker) and self.adapter.named("", message.content):
            return "text"  # it may be about a conversation that the service must not hear of
        if self.goes_on_inside(message):
            return "text"
        try:
            prompt = self.adapter.read(message.content, "")
            if not prompt.opaque:
                return "text" if prompt.parts else "nothing"
            if not prompt.parts:  # unless it is a file that can be read
                prompt = read_prompt(self.adapter, message.content, "", self.house.street.documents)
            return "text" if prompt.parts or not prompt.opaque else "unseen"
        except Unreadable:
            return "text" if self.is_file(message) else "unseen"
        except SluiceError:
            return "text"  # the exchange will say what is wrong with it, and be refused

    def is_file(self, message: Message) -> bool:
        """Return whether a message that no format reads is a file that can be read."""
        try:
            read_prompt(self.adapter, message.content, "", self.house.street.documents)
        except Unreadable:
            return False
        return True

    def is_covered(self) -> bool:
        """Return whether policy has just let pass what nobody can look into, and still does.

        Sound comes in dozens of messages a second: for a few seconds they are covered by the line about the first.
        """
        return (
            self.covered is not None and self.covered[0] is self.house.street and self.house.clock() < self.covered[1]
        )

    def deliver(self, passage: Passage, outcome: Outcome, message: Message, weight: Weight) -> Delivery:
        """Return what becomes of a message: sent on, or answered from inside later, or else told why not."""
        if isinstance(outcome, Forward):
            self.spoken = passage
            held = self.relabel(passage.words)
            self.restored = self.restorer.restored
            self.received = self.sent = 0
            if weight == "unseen":
                self.covered = passage.street, self.house.clock() + LATE
            content = message.content if outcome.body is None else outcome.body
            if self.session is not None:
                self.session.note_sent(content)
            return Delivery(to_server=(Message(content, message.text),), to_client=held)
        self.covered = None
        if isinstance(outcome, Redirect | Reply):
            if self.session is not None and passage.departure is not None:
                self.session.keep(passage.departure.kept)
            told = unpack(outcome.answer.body) if isinstance(outcome, Reply) else ()
            return Delivery(to_client=tuple(back for one in told for back in self.restore(Message(one))))
        return self.refuse(refusal_in(outcome) if isinstance(outcome, Refuse) else UNSPOKEN, message)

    def refuse(self, refusal: Refusal, message: Message) -> Delivery:
        """Return what tells the client of a refusal: messages of its own format, or the end of the connection."""
        told = self.adapter.refuse_message(refusal, message.content) if isinstance(self.adapter, Telltale) else ()
        if told:
            return Delivery(to_client=tuple(map(Message, told)))
        return Delivery(closing=closing_for(refusal))

    # -- the server's messages -----------------------------------------------------------------------------------------

    def answer(self, message: Message) -> Delivery:
        """Return what the client gets for a message of the server, and before it what was held back."""
        self.received += len(message.content)
        if self.session is not None and not self.session.inside:
            self.session.note_came(message.content)
        try:
            made = self.label(self.restore(message)) if self.restorable(message.content) else (message,)
        except EXITS:
            raise
        except BaseException as error:  # an answer is never lost
            LOG.warning("an answer could not be restored", exc_info=error, id=self.opening.reference)
            self.broken = True
            made = (message,)
        self.sent += sum(len(one.content) for one in made)
        return Delivery(to_client=made)

    def restorable(self, content: bytes) -> bool:
        """Return whether a message can be restored: it is text, whatever it came as."""
        return not self.broken and bool(content) and MARK not in content and is_utf8(content)

    def restore(self, message: Message) -> tuple[Message, ...]:
        """Return a message restored: as an event of the format, or where it is none, as plain text."""
        content = message.content
        made = unpack(self.restorer.feed(pack(content)))
        if b"".join(made) != content:
            return tuple(Message(one, message.text) for one in made)
        text = content.decode("utf-8")
        if WRITTEN.search(text) and not is_structured(content):
            text, count = restore_text(text, self.lookup)
            self.restorer.elsewhere += count
        return (Message(text.encode("utf-8"), message.text),)

    def relabel(self, words: str) -> tuple[Message, ...]:
        """Begin to label the answer to a message that was sent on, and return what was held of the one before.

        A message without words is no turn: the answer that is under way goes on, and gets its own.
        """
        if not words and self.labeller is not None and not self.labeller.labelled:
            return ()
        held = unpack(self.labeller.release()) if self.labeller else ()
        self.labeller = labeller_for(self.adapter.id, self.adapter.shape, MESSAGES, words) if words else None
        return tuple(map(Message, held))

    def label(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """Return messages with the policy's words, where the answer ends."""
        if self.labeller is None or not messages:
            return messages
        made = unpack(self.labeller.feed(b"".join(pack(one.content) for one in messages)))
        return tuple(Message(one, messages[0].text) for one in made)

    def lookup(self, placeholder: str) -> str | None:
        """Return the original of a placeholder of the person who opened the connection, or None."""
        return self.house.ledger.original(self.opening.caller, placeholder, self.house.clock())

    def refresh(self) -> None:
        """Begin with fresh texts where nothing is held back: what one answer left open must not bear on the next."""
        if not any(channel.text.held for channel in self.restorer.channels.values()):
            fresh = StreamRestorer(self.adapter.shape, MESSAGES, self.lookup)
            fresh.elsewhere = self.restorer.restored
            self.restorer = fresh

    # -- the end of an answer ------------------------------------------------------------------------------------------

    def end(self) -> Delivery:
        """Return what the client still gets before the connection ends, and write the last line."""
        made: tuple[Message, ...] = ()
        if not self.broken:
            made = self.label(tuple(map(Message, unpack(self.restorer.end()))))
            made += tuple(map(Message, unpack(self.labeller.end()))) if self.labeller else ()
            self.sent += sum(len(one.content) for one in made)
        self.finish()
        return Delivery(to_client=made)

    def finish(self) -> None:
        """Write the line about the answer to the last message, now that another one comes, or none any more."""
        passage, self.spoken = self.spoken, None
        if passage is None:
            return
        passage.returning = Returning(True, (), self.adapter.shape, self.lookup, MESSAGES)
        passage.returning.restored = self.restorer.restored - self.restored
        passage.returning.labelled = self.labeller is not None and self.labeller.labelled
        self.refresh()
        code = "not_restored" if self.broken else ""
        handle.finish(self.house, passage, SWITCHED, self.received, self.sent, code)


def head_of(opening: Passage) -> Request:
    """Return the head that every message is judged by: the handshake's as it was sent on, without its query.

    What the head says was read when the connection was opened, and is not said again.
    """
    outcome = opening.departure.outcome if opening.departure else None
    request = opening.request
    path, said = request.path, dict[str, str]()
    if isinstance(outcome, Forward):
        path, said = outcome.path, dict(outcome.replaced)
    headers = tuple(
        (name, said.get(name, value))
        for name, value in request.headers
        if not name.startswith("content-") and name not in NOT_OF_MESSAGES
    )
    return replace(request, method=MESSAGE, path=path.partition("?")[0], headers=headers)


def refusal_in(outcome: Refuse) -> Refusal:
    """Return the words of a refusal out of the answer that would tell them over HTTP."""
    answer = outcome.answer
    try:
        message = str(orjson.loads(answer.body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return UNSPOKEN
    told = dict(answer.headers)
    again = int(told.get("retry-after", "0"))
    return Refusal(answer.status, outcome.code, message, told.get("x-request-id", ""), again)


def is_structured(content: bytes) -> bool:
    """Return whether a message is JSON, with what may stand around it."""
    numbers = NUMBERS.match(content)
    try:
        for record in content.split(SEPARATOR):
            json_text.parse(record[numbers.end() if numbers else 0 :] or b"{}")
    except SluiceError:
        return False
    return True


def is_utf8(content: bytes) -> bool:
    """Return whether bytes are text."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def broken_off() -> Delivery:
    """Return the last resort: nothing goes out, and the connection ends."""
    return Delivery(closing=Closing(POLICY, "Sluice: the message could not be checked, so it was not sent"))
