"""OpenAI's two interfaces of events: Realtime, and Responses over a WebSocket (Codex uses it, too).

Seen in the `openai` client library's types; not seen live. Of Realtime the text is read and restored; its sound is
neither, so that policy decides over it as over any encoded data. DashScope's realtime interface speaks the same events.
An event that asks Responses for one holds the body that the same interface takes over HTTP.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal
from proxy.adapters.openai.responses import IGNORED, SEALED
from proxy.adapters.openai.responses import role_of as responses_role_of
from proxy.adapters.openai.shapes import DeltaShape
from proxy.adapters.openai_chat import ROLES
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.sockets.realtime import RealtimeSession
from proxy.adapters.sockets.responses_session import ResponsesSession
from proxy.adapters.sockets.session import SessionSocket
from proxy.adapters.sockets.socket_adapter import SocketEntry, text_in
from proxy.exchange import Role
from proxy.framing.events import Framer
from proxy.framing.message import message_framer

ITEM: Final = (
    "type", "role", "id", "object", "status", "call_id", "content/*/type", "content/*/detail", "content/*/file_id",
    "caller/type",
)  # fmt: skip
"""The interface's own words in an item of a conversation."""

CONFIGURATION: Final = (
    "type", "model", "voice", "modalities/*", "output_modalities/*", "tool_choice", "tool_choice/type", "tools/*/type",
    "conversation", "include/*", "input_audio_format", "output_audio_format", "input_audio_noise_reduction/type",
    "input_audio_transcription/model", "input_audio_transcription/language", "turn_detection/type",
    "turn_detection/eagerness", "audio/input/format/type", "audio/input/noise_reduction/type",
    "audio/input/transcription/model", "audio/input/transcription/language", "audio/input/turn_detection/type",
    "audio/input/turn_detection/eagerness", "audio/output/format/type", "audio/output/voice", "reasoning/effort",
    "truncation", "truncation/type", "max_output_tokens", "max_response_output_tokens", "prompt/id", "prompt/version",
)  # fmt: skip
"""The interface's own words in a session, and in the response that is asked for."""

REALTIME_IGNORED: Final = shapes(
    "/type", "/event_id", "/previous_item_id", "/item_id", "/response_id", "/audio_end_ms",
    *(f"/session/{leaf}" for leaf in CONFIGURATION),
    *(f"/response/{leaf}" for leaf in CONFIGURATION),
    *(f"/item/{leaf}" for leaf in ITEM),
    *(f"/response/input/*/{leaf}" for leaf in ITEM),
)  # fmt: skip

RESPONSES_IGNORED: Final = IGNORED | shapes("/type", "/event_id", "/stream_id")
"""Those of the same interface over HTTP, whose body is in the event, and the event's own."""


class EventShape(DeltaShape):
    """The typed deltas of both interfaces, one event a message."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of messages, or what the answer to a handshake that failed may need."""
        return message_framer(content_type) or super().framer(content_type)

    def spare(self, data: Any) -> bool:  # noqa: ARG002 - what every shape is given
        """Return False: a message that came goes on as one."""
        return False


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path` of an event of Realtime."""
    if path[:1] == ("session",) or path[:2] == ("response", "instructions"):
        return "system" if path[-1] == "instructions" else "other"
    items = [tree.get("item")] if path[:1] == ("item",) else []
    if path[:2] == ("response", "input") and len(path) > 2 and isinstance(path[2], int):
        items = [tree["response"]["input"][path[2]]]
    item = next((one for one in items if isinstance(one, dict)), {})
    if text_in(item, "type").endswith("_output"):
        return "tool"
    return ROLES.get(text_in(item, "role"), "other")


def tell_realtime(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return Realtime's own error event: the session stays open."""
    about = text_in(message, "event_id") or None
    return ({"type": "error", "event_id": f"event_{refusal.reference}", "error": error(refusal) | {"event_id": about}},)


def tell_responses(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return the error event of Responses, on the lane that asked; it says things twice, as servers differ."""
    lane = text_in(message, "stream_id")
    told = {"type": "error", "status": refusal.status, "code": refusal.code, "message": refusal.message, "param": None}
    return ({**told, "error": error(refusal), **({"stream_id": lane} if lane else {})},)


def error(refusal: Refusal) -> dict[str, Any]:
    """Return what both interfaces say of an error."""
    return {"type": "invalid_request_error", "code": refusal.code, "message": refusal.message, "param": None}


REALTIME: Final = SessionSocket(
    id="openai-realtime",
    shape=EventShape(),
    ignored=REALTIME_IGNORED,
    roles=role_of,
    telling=tell_realtime,
    tested="sdk",
    opens=RealtimeSession,
    old_mark="realtime=v1",
)
RESPONSES: Final = SessionSocket(
    id="openai-responses-socket",
    shape=EventShape(),
    ignored=RESPONSES_IGNORED,
    sealed=SEALED,
    roles=responses_role_of,
    telling=tell_responses,
    tested="sdk",
    opens=ResponsesSession,
)

ENTRIES: Final = (
    SocketEntry(REALTIME, re.compile(r"(?:/.*)?/realtime/?")),
    SocketEntry(RESPONSES, re.compile(r"(?:/.*)?/responses/?")),
)
