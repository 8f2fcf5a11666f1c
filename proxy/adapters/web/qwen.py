"""chat.qwen.ai: the completion of the page, whose stream is near to that of chat completions, and the calls beside it.

Enters: what the page posts below `/api/v2/`. Leaves: a turn of the page's own stream for an answer of the company's
model, for a refusal. Source: public client code; not seen live, nor whether the headers against robots cover the body.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/model", "/models/*", "/chat_id", "/chat_mode", "/parent_id", "/version", "/messages/*/role", "/messages/*/fid",
    "/messages/*/parentId", "/messages/*/parent_id", "/messages/*/childrenIds/*", "/messages/*/chat_type",
    "/messages/*/sub_chat_type", "/messages/*/user_action", "/messages/*/models/*", "/messages/*/model",
    "/messages/*/feature_config/output_schema", "/messages/*/timestamp", "/timestamp", "/chat_type",
)  # fmt: skip

TEXT: Final = "/choices/*/delta/content"
PHASE: Final = "/choices/*/delta/phase"

SHAPE: Final = PathShape(
    (
        TextAt(TEXT, when={PHASE: frozenset({"think"})}),
        TextAt(TEXT, when={PHASE: frozenset({"answer"})}),
        TextAt(TEXT, when={PHASE: frozenset({None, ""})}),
    ),
    ends=({"/choices/*/delta/status": frozenset({"finished"})},),
)


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    if len(path) < 2 or path[0] != "messages" or not isinstance(path[1], int):
        return "other"
    message = tree["messages"][path[1]]
    role = message.get("role") if isinstance(message, dict) else None
    return role if role in ("user", "assistant", "system") else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    data = {"code": refusal.code, "details": refusal.message}
    body = {"success": False, "request_id": refusal.reference, "data": data}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump(body))


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    messages = tree.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise WireError("messages must be a list of messages")
    if any(each.get("files") for each in messages):
        raise WireError(FILES)
    return [turn for each in messages for turn in from_user(each.get("content"))]


class QwenWriter(PageWriter):
    """Writes one turn."""

    def __init__(self, _model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the answer's name, and the conversation."""
        super().__init__()
        self.answer_id, self.talk = answer_id, talk

    def head(self) -> bytes:
        """Return the names of the turn."""
        named = {"chat_id": self.talk.id, "parent_id": self.answer_id, "response_id": self.answer_id}
        return event({"response.created": named})

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return self.delta(text, "answer", "typing")

    def thought(self, text: str) -> bytes:
        """Return more of what the model thinks."""
        return self.delta(text, "think", "typing")

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return self.delta("", "answer", "finished")

    def delta(self, text: str, phase: str, status: str) -> bytes:
        """Return one piece."""
        piece = {"role": "assistant", "content": text, "phase": phase, "status": status}
        return event({"choices": [{"delta": piece}], "response_id": self.answer_id})


def event(data: dict[str, object]) -> bytes:
    """Return one event."""
    return b"data: " + json_text.dump(data) + b"\n\n"


QWEN: Final = PageAdapter(
    id="qwen-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda _, tree: tree.get("chat_id"), later=lambda tree: bool(tree.get("parent_id")), writing=QwenWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("qwen-web-beside", SHAPE, refuse, IGNORED, role_of)
"""New chats and their titles, files' names: text without a turn of its own."""
