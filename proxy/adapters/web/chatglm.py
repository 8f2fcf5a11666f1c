"""chatglm.cn: the stream of the page's assistant, which repeats each part of an answer as a whole.

Enters: what the page posts to `/chatglm/backend-api/assistant/stream`. The signature in its headers covers time and
nonce only, so the prompt can be changed. Leaves: a turn of the page's own stream for an answer of the company's model,
for a refusal. Source: public client code; not seen live.
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
    "/assistant_id", "/conversation_id", "/project_id", "/chat_type", "/messages/*/role", "/messages/*/content/*/type",
    "/meta_data/channel", "/meta_data/chat_mode", "/meta_data/platform", "/meta_data/input_question_type",
    "/meta_data/quote_log_id",
)  # fmt: skip

SHAPE: Final = PathShape(
    (
        TextAt("/parts/*/content/*/text", whole=True),
        TextAt("/parts/*/content/*/think", whole=True),
        TextAt("/parts/*/content/*/code", whole=True),
    ),
    ends=({"/status": frozenset({"finish", "intervene"})},),
)


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: a page sends what its person wrote."""
    return "user" if path[:1] == ("messages",) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    status = page_error(refusal.status)
    body = {"status": status, "message": refusal.message, "result": None, "rid": refusal.reference}
    return Answer(status, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    messages = tree.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise WireError("messages must be a list of messages")
    pieces = [piece for each in messages for piece in as_list(each.get("content"))]
    if any(not isinstance(piece, dict) or piece.get("type") != "text" for piece in pieces):
        raise WireError(FILES)
    return [turn for piece in pieces for turn in from_user(piece.get("text"))]


def as_list(value: Any) -> list[Any]:
    """Return `value` if it is a list; raises `WireError`."""
    if not isinstance(value, list):
        raise WireError("the content of a message must be a list")
    return value


class ChatGlmWriter(PageWriter):
    """Writes one turn; each event says all so far."""

    def __init__(self, _model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the answer's name, and the conversation."""
        super().__init__()
        self.answer_id, self.talk = answer_id, talk
        self.said = ""

    def head(self) -> bytes:
        """Return the turn, still without text."""
        return self.snapshot("init")

    def text(self, text: str) -> bytes:
        """Return the answer so far."""
        self.said += text
        return self.snapshot("init")

    def tail(self) -> bytes:
        """Return the answer, finished."""
        return self.snapshot("finish")

    def snapshot(self, status: str) -> bytes:
        """Return one event."""
        content = [{"type": "text", "text": self.said, "status": status}]
        part = {"id": self.answer_id, "logic_id": self.answer_id, "role": "assistant", "content": content}
        data = {
            "id": self.answer_id,
            "conversation_id": self.talk.id,
            "status": status,
            "parts": [part | {"status": status}] if self.said else [],
        }
        return b"event:message\ndata: " + json_text.dump(data) + b"\n\n"


CHATGLM: Final = PageAdapter(
    id="chatglm-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda _, tree: tree.get("conversation_id"), later=lambda tree: bool(tree.get("conversation_id")),
    writing=ChatGlmWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("chatglm-web-beside", SHAPE, refuse, IGNORED, role_of)
"""Titles, feedback, pictures and videos made of a text: no turn of its own."""
