"""chatgpt.com: the conversation of the page, and the calls beside it that carry text, too.

Enters: what the page posts (`/backend-api/f/conversation`, `/backend-anon/…`). The prompt stands in
`messages[].content.parts[]`; drafts, titles and autocompletions hold it again. Leaves: a turn of the page's own stream
for an answer of the company's model, for a notice, for a refusal. Source: public client code; not seen live. A server
keeps the history, so a conversation that the vendor has begun cannot be carried on by another model.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proxy import json_text
from proxy.adapters.interface import Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.chatgpt_stream import ChatGptShape
from proxy.adapters.web.chatgpt_writer import ChatGptWriter
from proxy.adapters.web.turn import say
from proxy.errors import WireError
from proxy.exchange import Answer, Role

IGNORED: Final = shapes(
    "/action", "/model", "/parent_message_id", "/conversation_id", "/conversation_mode/kind",
    "/conversation_mode/gizmo_id", "/system_hints/*", "/supported_encodings/*", "/timezone", "/timezone_offset_min",
    "/conversation_origin", "/websocket_request_id", "/paragen_cot_summary_display_override", "/variant_purpose",
    "/client_prepare_state", "/thinking_effort", "/messages/*/id", "/messages/*/author/role",
    "/messages/*/content/content_type", "/messages/*/content/parts/*/content_type",
    "/messages/*/content/parts/*/asset_pointer", "/messages/*/metadata/attachments/*/id",
    "/messages/*/metadata/attachments/*/mimeType", "/messages/*/metadata/attachments/*/mime_type",
    "/messages/*/metadata/attachments/*/source", "/messages/*/recipient", "/messages/*/create_time",
)  # fmt: skip

ROLES: Final[dict[str, Role]] = {"user": "user", "system": "system", "assistant": "assistant", "tool": "tool"}


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    if len(path) < 2 or path[0] != "messages" or not isinstance(path[1], int):
        return "other"
    message = tree["messages"][path[1]]
    author = message.get("author") if isinstance(message, dict) else None
    role = author.get("role") if isinstance(author, dict) else None
    return ROLES.get(role, "other") if isinstance(role, str) else "other"


def refuse_detail(refusal: Refusal) -> Answer:
    """Return the refusal as the error object whose message the page shows."""
    detail = {"code": refusal.code, "message": refusal.message, "reference": refusal.reference}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(refusal.status if 400 <= refusal.status < 600 else 403, headers, json_text.dump({"detail": detail}))


BESIDE: Final = JsonAdapter("chatgpt-web-beside", ChatGptShape(), refuse_detail, IGNORED, role_of)
"""Drafts, autocompletions, titles, instructions, memories, shares: text without a turn of its own."""


class ChatGptWeb(JsonAdapter):
    """The conversation."""

    __slots__ = ()

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a turn of the conversation."""
        return say(self, refusal)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the turns as a chat request; raises `WireError` for what only the vendor has."""
        tree = json_text.parse_object(body)
        if tree.get("conversation_id"):
            raise WireError("the earlier turns of this conversation are kept by the vendor; begin a new conversation")
        turns = tree.get("messages")
        messages = [message for turn in turns if (message := chat_turn(turn))] if isinstance(turns, list) else []
        if not messages:
            raise WireError("messages must be a list of messages with text")
        return json_text.dump({"model": model, "messages": messages, "stream": True})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> ChatGptWriter:  # noqa: ARG002 - the page always streams
        """Return what writes a turn."""
        return ChatGptWriter(model=model, answer_id=answer_id, now=now)


def chat_turn(turn: Any) -> Mapping[str, str]:
    """Return one message of the page as a chat message; none for one without text."""
    author, content = (turn.get("author"), turn.get("content")) if isinstance(turn, dict) else (None, None)
    role = author.get("role") if isinstance(author, dict) else None
    parts: Sequence[Any] = content.get("parts", ()) if isinstance(content, dict) else ()
    if not isinstance(parts, list) or role not in ("user", "system", "assistant"):
        raise WireError("a message of this kind cannot be told to another model")
    if not all(isinstance(part, str) for part in parts):
        raise WireError("pictures and files of the page are kept by the vendor")
    text = "\n".join(part for part in parts if part)
    return {"role": role, "content": text} if text else {}


CHATGPT: Final = ChatGptWeb("chatgpt-web", ChatGptShape(), refuse_detail, IGNORED, role_of, stream=True)
