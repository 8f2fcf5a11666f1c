"""yiyan.baidu.com: the conversation of the page, and the calls before it that carry the prompt, too.

Enters: what the page posts to `/eb/chat/conversation/v2`, to the checks before it and to new sessions, whose name is
often a copy of the prompt. Leaves: a turn of the page's own stream for an answer of the company's model, for a refusal.
Source: public client code; not seen live, nor whether `Acs-Token` covers the text.
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
    "/sessionId", "/parentChatId", "/sign", "/file_ids/*", "/plugins/*", "/model", "/deviceType", "/timestamp", "/jt",
    "/chatId", "/inputMethod", "/code", "/msg",
)  # fmt: skip

SHAPE: Final = PathShape(
    (
        TextAt("/data/content", events=frozenset({"message"})),
        TextAt("/data/content", events=frozenset({"thought", "step", "major"})),
        TextAt("/data/tokens_all", whole=True),
    ),
    ends=({"/data/is_end": frozenset({1})},),
)


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] in (("text",), ("sessionName",)) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    status = page_error(refusal.status)
    body = {"code": status, "msg": refusal.message, "data": None, "logId": refusal.reference}
    return Answer(status, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


def is_later(tree: dict[str, Any]) -> bool:
    """Return whether there are turns before."""
    return str(tree.get("parentChatId", "0")) not in ("", "0", "None")


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree.get("file_ids"):
        raise WireError(FILES)
    return from_user(tree.get("text"))


class YiyanWriter(PageWriter):
    """Writes one turn: pieces, each with all so far."""

    def __init__(self, _model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the answer's name, and the conversation."""
        super().__init__()
        self.answer_id, self.talk, self.said = answer_id, talk, ""

    def head(self) -> bytes:
        """Return the names of the turn."""
        session = {"code": 0, "data": {"sessionId": self.talk.id}} if self.talk.id else None
        named = {
            "createSessionResponseVoCommonResult": session,
            "createChatResponseVoCommonResult": {"code": 0, "data": {"botChat": {"id": self.answer_id}}},
        }
        return b"event:major\ndata:" + json_text.dump({"data": named}) + b"\n\n"

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        self.said += text
        return self.message(text, 0)

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return self.message("", 1)

    def message(self, text: str, end: int) -> bytes:
        """Return one piece."""
        data = {"content": text, "tokens_all": self.said, "is_end": end, "chat_id": self.answer_id}
        return b"event:message\ndata:" + json_text.dump({"data": data}) + b"\n\n"


YIYAN: Final = PageAdapter(
    id="yiyan-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda _, tree: tree.get("sessionId"), later=is_later, writing=YiyanWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("yiyan-web-beside", SHAPE, refuse, IGNORED, role_of)
"""Checks of the prompt, new sessions and their names, history: text without a turn of its own."""
