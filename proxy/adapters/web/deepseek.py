"""chat.deepseek.com: the completion of the page, and the calls beside it.

Enters: what the page posts below `/api/v0/`. The proof of work in a header covers the path, not the body, so the prompt
can be changed. Leaves: a turn of the page's own stream for an answer of the company's model, for a refusal. Source:
public client code; not seen live. The server keeps the turns before.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.deepseek_stream import DeepSeekShape, DeepSeekWriter
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.wire import json_text

MOST_MESSAGES: Final = 1 << 31
IGNORED: Final = shapes(
    "/chat_session_id", "/parent_message_id", "/ref_file_ids/*", "/client_stream_id", "/model_type", "/target_path",
    "/character_id",
)  # fmt: skip


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] == ("prompt",) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    status = page_error(refusal.status)
    body = {"code": status, "msg": refusal.message, "data": None, "reference": refusal.reference}
    return Answer(status, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree.get("ref_file_ids"):
        raise WireError(FILES)
    return from_user(tree.get("prompt"))


class DeepSeekChat(PageAdapter):
    """The chat, whose messages are numbered."""

    __slots__ = ()

    def last(self, body: bytes) -> int:
        """Return the number of the message before, or 0; raises `WireError` or `TooLarge`."""
        number = self.tree(body).get("parent_message_id")
        return number if isinstance(number, int) and 0 < number < MOST_MESSAGES else 0


DEEPSEEK: Final = DeepSeekChat(
    id="deepseek-web",
    shape=DeepSeekShape(),
    refusing=refuse,
    ignored=IGNORED,
    roles=role_of,
    turns=turns_of,
    names=lambda _, tree: tree.get("chat_session_id"),
    later=lambda tree: tree.get("parent_message_id") is not None,
    writing=DeepSeekWriter,
    tested="replica",
)
BESIDE: Final = BesideCalls("deepseek-web-beside", DeepSeekShape(), refuse, IGNORED, role_of)
"""Sessions and their titles, files' names, feedback: text without a turn of its own."""
