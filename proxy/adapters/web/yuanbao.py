"""yuanbao.tencent.com: the chat of the page, whose prompt goes out twice, and the calls beside it.

Enters: what the page posts to `/api/chat/{conversation}`: JSON, called text/plain. Leaves: a turn of the page's own
stream for an answer of the company's model, for a refusal. Source: public client code; not seen live.
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
    "/model", "/agentId", "/chatModelId", "/plugin", "/conversationId", "/supportFunctions/*", "/version", "/docOpenid",
    "/options/imageIntention/needIntentionModel", "/supportHint", "/displayPromptType", "/traceId", "/isSkipHistory",
)  # fmt: skip

SHAPE: Final = PathShape(
    (
        TextAt("/msg", when={"/type": frozenset({"text"})}),
        TextAt("/content", when={"/type": frozenset({"think"})}),
    ),
    ends=({"/type": frozenset({"error"})}, {"/stopReason": frozenset()}),
)


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] in (("prompt",), ("displayPrompt",)) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    body = {"error": {"code": refusal.code, "message": refusal.message}, "reference": refusal.reference}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump(body))


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree.get("multimedia"):
        raise WireError(FILES)
    return from_user(tree.get("prompt"))


class YuanbaoWriter(PageWriter):
    """Writes one turn."""

    def __init__(self, _model: str, answer_id: str, _now: int, _talk: Talk) -> None:
        """Take the answer's name."""
        super().__init__()
        self.answer_id = answer_id

    def head(self) -> bytes:
        """Return what the page wants before the text."""
        return b"event: speech_type\ndata: text\n\n" + event({"type": "meta", "messageId": self.answer_id})

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return event({"type": "text", "msg": text})

    def thought(self, text: str) -> bytes:
        """Return more of what the model thinks."""
        return event({"type": "think", "content": text})

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return event({"type": "meta", "stopReason": "stop"}) + b"data: [DONE]\n\n"


def event(data: dict[str, object]) -> bytes:
    """Return one event."""
    return b"data: " + json_text.dump(data) + b"\n\n"


YUANBAO: Final = PageAdapter(
    id="yuanbao-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda path, _: path.rstrip("/").rpartition("/")[2], later=lambda _: False, writing=YuanbaoWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("yuanbao-web-beside", SHAPE, refuse, IGNORED, role_of)
"""New conversations, titles, files' names: text without a turn of its own."""
