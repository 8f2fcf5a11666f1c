"""chatgpt.com: the conversation of the page, and the calls beside it that carry text, too.

Enters: what the page posts (`/backend-api/f/conversation`, `/backend-anon/…`). The prompt stands in
`messages[].content.parts[]`; drafts, titles and autocompletions hold it again. Leaves: a turn of the page's own stream
for an answer of the company's model, for a notice, for a refusal. Source: public client code; not seen live. A
server keeps the history, so a conversation that the vendor has begun cannot be carried on by another model.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.chatgpt_stream import ChatGptShape
from proxy.adapters.web.chatgpt_writer import ChatGptWriter
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, page_error
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.wire import json_text

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
    return Answer(page_error(refusal.status), headers, json_text.dump({"detail": detail}))


BESIDE: Final = BesideCalls("chatgpt-web-beside", ChatGptShape(), refuse_detail, IGNORED, role_of)
"""Drafts, autocompletions, titles, instructions, memories, shares: text without a turn of its own."""


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turns as chat messages; raises `WireError` for what only the vendor has."""
    turns = tree.get("messages")
    if not isinstance(turns, list):
        raise WireError("messages must be a list")
    return [message for turn in turns if (message := chat_turn(turn))]


def chat_turn(turn: Any) -> dict[str, str]:
    """Return one message of the page as a chat message; none for one without text."""
    author, content = (turn.get("author"), turn.get("content")) if isinstance(turn, dict) else (None, None)
    role = author.get("role") if isinstance(author, dict) else None
    parts = content.get("parts", []) if isinstance(content, dict) else None
    if not isinstance(parts, list) or role not in ("user", "system", "assistant"):
        raise WireError("a message of this kind cannot be told to another model")
    if not all(isinstance(part, str) for part in parts):
        raise WireError(FILES)
    text = "\n".join(part for part in parts if part)
    return {"role": role, "content": text} if text else {}


CHATGPT: Final = PageAdapter(
    id="chatgpt-web",
    shape=ChatGptShape(),
    refusing=refuse_detail,
    ignored=IGNORED,
    roles=role_of,
    turns=turns_of,
    names=lambda _, tree: tree.get("conversation_id"),
    later=lambda tree: bool(tree.get("conversation_id")),
    writing=ChatGptWriter,
    tested="replica",
)
