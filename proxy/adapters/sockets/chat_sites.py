"""Chat sites that talk over a WebSocket: character.ai, and the answers of poe.com.

As described in public client code; not seen live. character.ai repeats the text so far. poe.com takes prompts over HTTP
and answers here: each message holds further ones as JSON in strings, with the text so far.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.pointer import Hop, Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import Shape, TextAt, find
from proxy.adapters.sockets.socket_adapter import SocketAdapter, SocketEntry, SocketShape, text_in
from proxy.adapters.wrapped import inner_json
from proxy.framing.events import Framer
from proxy.framing.message import message_framer

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


NEO: Final = SocketAdapter(
    id="character-ai",
    shape=SocketShape(
        texts=(TextAt("/turn/candidates/*/raw_content", whole=True),),
        ends=({"/turn/candidates/*/is_final": frozenset({True})}, {"/command": frozenset({"neo_error"})}),
    ),
    ignored=NEO_IGNORED,
    telling=tell_neo,
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


POE: Final = SocketAdapter(id="poe-updates", shape=PoeShape())

ENTRIES: Final = (
    SocketEntry(NEO, re.compile(r"/ws/?"), wires=frozenset({"character-ai"})),
    SocketEntry(POE, re.compile(r"/up/.*/updates/?"), wires=frozenset({"poe"})),
)
