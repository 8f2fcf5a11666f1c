"""Notion's newer agents: a turn is posted by itself, and its answer fetched afterwards from the thread's transcript.

Enters: what the page posts to `createAgentThread` and `sendEventToAgentThread`; a conversation of the company's model.
Leaves: the turn for that model, the short answer that the page expects at once, and the transcript that it then loads
in its vendor's place. The page goes on to the transcript when its call has been answered: so the whole answer is kept
before that. A refusal is the page's error, for a thread that the vendor never saw could not go on. Source: public
client code and notes on recorded traffic; not seen live.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.history import messages_of
from proxy.adapters.web.notion import BESIDE_IGNORED, WorkspaceShape, refuse, role_beside
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter
from proxy.adapters.web.page_writer import identify
from proxy.errors import SluiceError, Untranslatable, WireError
from proxy.exchange import Answer, Headers, Role
from proxy.internal.answer import Event, Finished, TextDelta, Writer
from proxy.wire import json_text

IGNORED: Final = BESIDE_IGNORED | shapes(
    "/createdSource", "/events/*/type", "/events/*/content/*/type", "/events/*/content/*/file_id",
)  # fmt: skip
JSON: Final[Headers] = (("content-type", "application/json"), ("cache-control", "no-store"))
SAYS: Final = "user.message"
"""Type of the event with which a person says something; others stop an answer, or answer what an agent asks."""
NOTHING_KEPT: Final = (
    "the settings keep no conversations (keep_conversations_days: 0), so the page could load no answer"
)
STOPS: Final = "user.interrupt"
PAGE: Final = 100
"""Entries of a transcript at most that one call gives."""


def events_of(tree: dict[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the events that a call sends; raises `WireError`."""
    told = tree["events"] if "events" in tree else [tree["event"]] if "event" in tree else []
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise WireError("events must be a list of objects")
    return told


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the newest turn as a chat message, with the id that the page gave it; raises `WireError`.

    What takes back earlier turns, and what answers a question of the vendor's agent, nobody else can be told.
    """
    events = events_of(tree)
    if any(one.get("type") != SAYS for one in events):
        raise WireError("only messages can be told to the company's model; begin a new conversation")
    if len(events) > 1:
        raise WireError("one message at a time can be told to the company's model")
    pieces = (events[0] if events else tree).get("content")
    if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
        raise WireError("content must be a list of objects")
    if any(piece.get("type") != "text" for piece in pieces):
        raise WireError(FILES)
    text = "".join(plain(piece.get("text")) for piece in pieces)
    name = tree.get("clientMessageId") or tree.get("clientEventId")
    named = {"id": name} if isinstance(name, str) else {}
    return [{"role": "user", "content": text, **named}] if text else []


def plain(text: Any) -> str:
    """Return the words of a text, or of the pieces it is written in, each with its marks; raises `WireError`."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list) or not all(isinstance(one, list) and one and isinstance(one[0], str) for one in text):
        raise WireError("a text must be a string or a list of pieces")
    return "".join(one[0] for one in text)


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: what an agent is told is the person's, one event or several."""
    said = len(path) > 3 and path[0] == "events" and path[2] == "content"
    return "user" if said else role_beside(tree, path)


class AgentTurn(PageAdapter):
    """One turn of an agent."""

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as the page's error: what a turn says is not where its call is answered."""
        return self.refusing(refusal)

    def question(self, body: bytes) -> Sequence[Message]:
        """Return the new turn; nothing for a call that only stops an answer. Raises as `PageTurns`."""
        return () if self.stops(body) else super().question(body)

    def replies(self, body: bytes) -> Answer | None:
        """Return the answer to what asks no model, or None: there is nothing left to stop in what is answered whole."""
        return Answer(200, JSON, b"{}") if self.stops(body) else None

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return all turns as a chat request; raises as `PageTurns`, or `Untranslatable` where no answer is kept."""
        if self.talk is not None and not self.talk.kept:
            raise Untranslatable(NOTHING_KEPT)
        return super().to_chat(body, model)

    def stops(self, body: bytes) -> bool:
        """Return whether a call stops an answer of the company's model, and no more; raises `WireError`."""
        events = events_of(self.tree(body))
        ours = self.talk is not None and self.talk.ours
        return ours and bool(events) and all(one.get("type") == STOPS for one in events)

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:  # noqa: ARG002 - never streamed
        """Return what answers the call that brought the turn."""
        return AgentWriter(self.talk or Talk(identify(answer_id, 2), new=True))


class AgentWriter:
    """Writes what the page gets at once; what the model said is kept for the transcript."""

    headers = JSON

    def __init__(self, talk: Talk) -> None:
        """Take the conversation."""
        self.talk = talk
        self.pieces: list[str] = []
        self.finished = False

    @property
    def kept(self) -> str:
        """All that is kept of the answer: what policy adds to it is read there, too."""
        return "".join(self.pieces)

    def write(self, events: list[Event]) -> bytes:
        """Gather the text; calls of tools have no place on the page."""
        self.pieces += (event.text for event in events if isinstance(event, TextDelta))
        self.finished |= any(isinstance(event, Finished) for event in events)
        return b""

    def end(self) -> bytes:
        """Return the answer; of one that failed, the translator says so."""
        if not self.finished:
            return b""
        name = self.talk.id
        return json_text.dump({"threadId": name, "thread": {"id": name, "data": {}}})


def transcript(talk: Talk) -> dict[str, Any]:
    """Return all that `getThreadTranscript` gives of a conversation: its entries in order, and that nothing is awaited.

    A turn whose answer has failed ends all the same, so that the page does not wait for it.
    """
    entries: list[dict[str, Any]] = []
    for turn in talk.turns:
        said = [(role, text) for role, text in messages_of(turn) if role != "assistant"]
        name = next((message["id"] for message in turn.question if "id" in message), "")
        for _, text in said:
            entries.append(entry(talk, len(entries), "user_message", content=[{"type": "text", "text": [[text]]}]))
            entries[-1] |= {"client_message_id": name} if name else {}
        if turn.answer:
            told = [{"type": "text", "text": turn.answer}]
            entries.append(entry(talk, len(entries), "assistant_message", content=told))
        entries.append(entry(talk, len(entries), "turn_completed", stop_reason="completed"))
    patches = [{"op": "put", "entity": one} for one in entries]
    return {"patches": patches, "session": {"status": "idle"}}


def entry(talk: Talk, before: int, kind: str, **more: Any) -> dict[str, Any]:
    """Return one entry of a transcript that has `before` others; its id is the same each time."""
    name = identify(f"{before:04x}{talk.id[-11:]}", 5)
    return {"id": name, "kind": kind, "source": "committed", "sequence": before + 1, **more}


def page_of(told: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Return the part of a transcript that a call asks for: behind its cursor, or before it, and no more than it takes.

    A cursor is the number of an entry; one that we did not give is none.
    """
    try:
        asked = json_text.parse_object(body)
    except SluiceError:
        asked = {}
    patches = told["patches"]
    limit = asked.get("limit")
    most = min(limit, PAGE) if isinstance(limit, int) and limit > 0 else PAGE
    cursor = asked.get("cursor")
    at = int(cursor) if isinstance(cursor, str) and cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else None
    if asked.get("direction") == "backward":
        end = len(patches) if at is None else min(at, len(patches))
        begin = max(0, end - most)
    else:
        begin = min(at or 0, len(patches))
        end = min(begin + most, len(patches))
    cursors = {"forward_cursor": str(end), "backward_cursor": str(begin)}
    more = {"has_more_forward": end < len(patches), "has_more_backward": begin > 0}
    return {**told, "patches": patches[begin:end], **cursors, **more}


AGENTS: Final = AgentTurn(
    id="notion-agents", shape=WorkspaceShape(), refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    names=lambda _, tree: tree.get("threadId"), later=lambda tree: "event" in tree or "events" in tree,
    writing=lambda _model, _id, _now, talk: AgentWriter(talk), stream=False, in_place=False, tested="replica",
)  # fmt: skip
"""The turns; what a thread has said is among the calls beside them."""
