"""grok.com: lines of JSON for the turns of the page, and the calls beside them.

Enters: what the page posts below `/rest/app-chat/`. Leaves: a turn of the page's own stream for an answer of the
company's model, for a refusal. Source: public client code; not seen live, nor whether the header against robots covers
more than method and path.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.framing.events import Framer, LineFramer
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/modelName", "/modelMode", "/modeId", "/fileAttachments/*", "/imageAttachments/*", "/parentResponseId",
    "/responseMetadata/requestModelDetails/modelId", "/webpageUrls/*",
)  # fmt: skip


class GrokShape(PathShape):
    """Lines whatever they are called: the service says `application/json`."""

    __slots__ = ()

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of lines."""
        return LineFramer() if "json" in content_type or "text/plain" in content_type else None


SHAPE: Final = GrokShape(
    (
        TextAt("/result/response/token", when={"/result/response/isThinking": frozenset({False, None})}),
        TextAt("/result/response/token", when={"/result/response/isThinking": frozenset({True})}),
        TextAt("/result/token", when={"/result/isThinking": frozenset({False, None})}),
        TextAt("/result/token", when={"/result/isThinking": frozenset({True})}),
    ),
    ends=({"/result/response/modelResponse": frozenset()}, {"/result/modelResponse": frozenset()},
          {"/result/response/isSoftStop": frozenset({True})}, {"/result/isSoftStop": frozenset({True})}),
)  # fmt: skip


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] == ("message",) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    error = {"code": 7, "message": refusal.message, "details": []}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump({"error": error}))


def name_of(path: str, _tree: dict[str, Any]) -> str:
    """Return the conversation's id out of the path; `new` stands where there is none."""
    return path.partition("/conversations/")[2].partition("/")[0]


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree.get("fileAttachments") or tree.get("imageAttachments"):
        raise WireError(FILES)
    return from_user(tree.get("message"))


class GrokWriter(PageWriter):
    """Writes one turn."""

    content_type = "application/json"

    def __init__(self, model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the model's name and the answer's, and the conversation."""
        super().__init__()
        self.model, self.answer_id, self.talk, self.said = model, answer_id, talk, ""
        self.follows = bool(talk.id) and not talk.new

    def head(self) -> bytes:
        """Return the conversation, where it begins."""
        begins = self.talk.id and self.talk.new
        return line({"conversation": {"conversationId": self.talk.id, "title": ""}}) if begins else b""

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        self.said += text
        return self.token(text, thinking=False)

    def thought(self, text: str) -> bytes:
        """Return more of what the model thinks."""
        return self.token(text, thinking=True)

    def token(self, text: str, *, thinking: bool) -> bytes:
        """Return one piece."""
        piece = {"token": text, "isThinking": thinking, "isSoftStop": False, "responseId": self.answer_id}
        return self.response(piece)

    def tail(self) -> bytes:
        """Return the answer as a whole, which ends it."""
        whole = {"responseId": self.answer_id, "message": self.said, "sender": "assistant", "partial": False}
        return self.response({"modelResponse": whole | {"model": self.model}})

    def response(self, fields: dict[str, object]) -> bytes:
        """Return one line of the answer: in later turns its fields stand one step higher."""
        return line(fields if self.follows else {"response": fields})


def line(result: dict[str, object]) -> bytes:
    """Return one line."""
    return json_text.dump({"result": result}) + b"\n"


GROK: Final = PageAdapter(
    id="grok-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica", names=name_of,
    later=lambda tree: bool(tree.get("parentResponseId")), writing=GrokWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("grok-web-beside", AnyShape(), refuse, IGNORED, role_of)
"""Titles, workspaces, files in base64: text without a turn of its own."""
