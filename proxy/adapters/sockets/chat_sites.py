"""Chat sites that talk over a WebSocket: character.ai, and the answers of poe.com.

As described in public client code; not seen live. character.ai repeats the text so far, and its page names its turns
itself, so that an answer of somebody else's fits in. poe.com takes prompts over HTTP and answers here: each message
holds further ones as JSON in strings, with the text so far.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.pointer import Hop, Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import Shape, TextAt, find
from proxy.adapters.sockets.page_socket import PageSocket
from proxy.adapters.sockets.socket_adapter import SocketAdapter, SocketEntry, SocketShape, records_of, text_in
from proxy.adapters.web.page_adapter import FILES, Message, from_user
from proxy.adapters.web.page_writer import PageWriter, identify
from proxy.adapters.wrapped import inner_json
from proxy.errors import WireError
from proxy.framing.events import Framer
from proxy.framing.message import MESSAGES, message_framer, pack
from proxy.wire import json_text

TURNS: Final = "create_and_generate_turn"
"""The command with which the person says something."""
TURN: Final = (
    "turn_key/turn_id", "turn_key/chat_id", "author/author_id", "candidates/*/candidate_id", "primary_candidate_id",
)  # fmt: skip

NEO_IGNORED: Final = shapes(
    "/command", "/request_id", "/origin_id", "/payload/character_id", "/payload/num_candidates", "/payload/chat_type",
    "/payload/tts_enabled", "/payload/selected_language", "/payload/chat_id",
    "/payload/chat/chat_id", "/payload/chat/creator_id", "/payload/chat/visibility", "/payload/chat/character_id",
    "/payload/chat/type", "/payload/turn_key/turn_id", "/payload/turn_key/chat_id", "/payload/current_candidate_id",
    *(f"/payload/turn/{leaf}" for leaf in TURN),
    "/payload/image_description_type",
)  # fmt: skip


def tell_neo(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return the site's own error, whose comment the page shows."""
    about = {"request_id": text_in(message, "request_id"), "error_code": refusal.status, "sub_code": None}
    return ({"command": "neo_error", "comment": refusal.message, **about, "retry_after_seconds": None},)


def payload_of(frame: Any) -> dict[str, Any]:
    """Return what a command is about, or an empty object."""
    payload = frame.get("payload") if isinstance(frame, dict) else None
    return payload if isinstance(payload, dict) else {}


def is_neo_turn(frame: Any) -> bool:
    """Return whether a frame is a turn of the person's."""
    return text_in(frame, "command") == TURNS and isinstance(payload_of(frame).get("turn"), dict)


def neo_turns(frame: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    turn = payload_of(frame)["turn"]
    candidates = turn.get("candidates")
    if not isinstance(candidates, list) or len(candidates) != 1 or not isinstance(candidates[0], dict):
        raise WireError("a turn must have one candidate")
    if candidates[0].get("tti_image_rel_path") or candidates[0].get("attachments"):
        raise WireError(FILES)
    return from_user(candidates[0].get("raw_content"))


def neo_name(frame: dict[str, Any]) -> Any:
    """Return the conversation's id, wherever a command names it."""
    payload = payload_of(frame)
    held = (payload, payload.get("turn_key"), payload.get("chat"), key_of(frame))
    names = (one.get("chat_id") for one in held if isinstance(one, dict))
    return next((name for name in names if isinstance(name, str) and name), "")


def key_of(frame: dict[str, Any]) -> dict[str, Any]:
    """Return the key of the turn in a frame, or an empty object."""
    turn = payload_of(frame).get("turn")
    key = turn.get("turn_key") if isinstance(turn, dict) else None
    return key if isinstance(key, dict) else {}


class NeoWriter(PageWriter):
    """Writes one turn; each message says all so far."""

    content_type = MESSAGES

    def __init__(self, asked: dict[str, Any], answer_id: str) -> None:
        """Take the frame that asks, whose conversation and character the answer names, and the answer's own name."""
        super().__init__()
        self.asked, self.said = asked, ""
        self.turn = {
            "turn_key": {"turn_id": identify(answer_id, 5), "chat_id": text_in(key_of(asked), "chat_id")},
            "author": {"author_id": text_in(payload_of(asked), "character_id"), "name": ""},
            "state": "STATE_OK",
        }
        self.candidate = {"candidate_id": identify(answer_id, 6)}

    def head(self) -> bytes:
        """Return the person's own turn, as the site tells it again, and an answer that is still empty."""
        own = payload_of(self.asked).get("turn")
        return (self.told("add_turn", own) if isinstance(own, dict) else b"") + self.answer("add_turn")

    def text(self, text: str) -> bytes:
        """Return the answer so far."""
        self.said += text
        return self.answer("update_turn")

    def tail(self) -> bytes:
        """Return the answer, finished."""
        return self.answer("update_turn", is_final=True)

    def answer(self, command: str, **more: bool) -> bytes:
        """Return a message with the answer so far."""
        candidate = self.candidate | {"raw_content": self.said} | more
        key = {"primary_candidate_id": self.candidate["candidate_id"]}
        return self.told(command, self.turn | {"candidates": [candidate]} | key)

    def told(self, command: str, turn: dict[str, Any]) -> bytes:
        """Return one message about a turn."""
        return pack(json_text.dump({"command": command, "turn": turn, "request_id": text_in(self.asked, "request_id")}))


class NeoPage(PageSocket):
    """The page, which also changes turns that are there already."""

    __slots__ = ()

    def refuse_message(self, refusal: Refusal, body: bytes) -> Sequence[bytes]:
        """Return the messages that tell the client of `refusal`: a turn for a turn, else the site's own error."""
        if any(map(is_neo_turn, records_of(body))):
            return super().refuse_message(refusal, body)
        return SocketAdapter.refuse_message(self, refusal, body)


NEO: Final = NeoPage(
    id="character-ai",
    shape=SocketShape(
        texts=(TextAt("/turn/candidates/*/raw_content", whole=True),),
        ends=({"/turn/candidates/*/is_final": frozenset({True})}, {"/command": frozenset({"neo_error"})}),
    ),
    ignored=NEO_IGNORED,
    telling=tell_neo,
    is_turn=is_neo_turn,
    turns=neo_turns,
    names=neo_name,
    later=lambda _: False,  # the page does not say
    writing=NeoWriter,
    tested="replica",
)


class PoeShape(Shape):
    """Messages within messages, each with all its text so far."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of messages, or what the answer to a handshake that failed may need."""
        return message_framer(content_type) or super().framer(content_type)

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - messages have no names
        """Return the text of each inner message."""
        return [
            Slot(channel, (*path, "text"), added["text"], whole=True)
            for channel, path, added in added_in(data)
            if isinstance(added.get("text"), str)
        ]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the texts of inner messages that are no longer incomplete."""
        done = {channel for channel, _, added in added_in(data) if added.get("state") not in (None, "incomplete")}
        return [channel for channel in open_channels if channel in done]


def added_in(data: Any) -> Iterator[tuple[str, Steps, Mapping[str, Any]]]:
    """Yield name, place and content of each inner message that adds to the chat."""
    for path, text in find(data, "/messages/*"):
        inner = inner_json(text) if isinstance(text, str) else None
        for inside, added in find(inner, "/payload/data/messageAdded"):
            if isinstance(added, dict):
                yield str(added.get("messageId", "")), (*path, Hop.JSON, *inside), added


POE: Final = SocketAdapter(id="poe-updates", shape=PoeShape(), tested="replica")

ENTRIES: Final = (
    SocketEntry(NEO, re.compile(r"/ws/?"), wires=frozenset({"character-ai"})),
    SocketEntry(POE, re.compile(r"/up/.*/updates/?"), wires=frozenset({"poe"})),
)
