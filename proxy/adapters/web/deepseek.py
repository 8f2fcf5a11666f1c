"""chat.deepseek.com: the completion of the page, and the calls beside it.

Enters: what the page posts below `/api/v0/`. The proof of work in a header covers the path, not the body, so the prompt
can be changed. Leaves: a turn of the page's own stream for an answer of the company's model, for a refusal. Source:
public client code; not seen live. The server keeps the turns before.
"""

from typing import Any, Final

from proxy import json_text
from proxy.adapters.interface import Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.deepseek_stream import DeepSeekShape, DeepSeekWriter
from proxy.adapters.web.turn import say
from proxy.errors import WireError
from proxy.exchange import Answer, Role

IGNORED: Final = shapes(
    "/chat_session_id", "/parent_message_id", "/ref_file_ids/*", "/client_stream_id", "/model_type", "/target_path",
    "/character_id",
)  # fmt: skip


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] == ("prompt",) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    status = refusal.status if 400 <= refusal.status < 600 else 403
    body = {"code": status, "msg": refusal.message, "data": None, "reference": refusal.reference}
    return Answer(status, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


class DeepSeekWeb(JsonAdapter):
    """The completion."""

    __slots__ = ()

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a turn of the conversation."""
        return say(self, refusal)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the first turn as a chat request; raises `WireError` for what only the vendor has."""
        tree = json_text.parse_object(body)
        if tree.get("parent_message_id") is not None:
            raise WireError("the earlier turns of this conversation are kept by the vendor; begin a new conversation")
        if tree.get("ref_file_ids"):
            raise WireError("files of the page are kept by the vendor")
        if not isinstance(tree.get("prompt"), str):
            raise WireError("the prompt must be a text")
        messages = [{"role": "user", "content": tree["prompt"]}]
        return json_text.dump({"model": model, "messages": messages, "stream": True})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> DeepSeekWriter:  # noqa: ARG002 - the page always streams
        """Return what writes a turn."""
        return DeepSeekWriter(now=now)


DEEPSEEK: Final = DeepSeekWeb("deepseek-web", DeepSeekShape(), refuse, IGNORED, role_of, stream=True)
BESIDE: Final = JsonAdapter("deepseek-web-beside", DeepSeekShape(), refuse, IGNORED, role_of)
"""Sessions and their titles, files' names, feedback: text without a turn of its own."""
