"""The turn of a chat page, told as data: how it is told to another model, and how an answer is written.

Enters: what one page says of its turns. Leaves: an adapter that refuses in the conversation itself, and whose first
turn the company's model can answer. Vendors keep the turns before, so a later one cannot be told to anybody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy import json_text
from proxy.adapters.interface import Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.web.turn import say
from proxy.answer import Writer
from proxy.errors import WireError
from proxy.exchange import Answer

KEPT: Final = "the earlier turns of this conversation are kept by the vendor; begin a new conversation"
FILES: Final = "pictures and files of the page are kept by the vendor"

type Turns = Callable[[dict[str, Any]], Sequence[dict[str, str]]]
"""Returns the turns of a body as chat messages; raises `WireError` for what only the vendor has."""
type Writing = Callable[[str, str, int], Writer]
"""Makes the writer of an answer, of the model's name, the answer's own, and the time in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAdapter(JsonAdapter):
    """One page's turn."""

    turns: Turns
    writing: Writing
    stream: bool = True
    in_place: bool = True
    """Whether a refusal is shown in the conversation."""

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a turn of the conversation."""
        return say(self, refusal)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the turns as a streamed chat request; raises `WireError` for what only the vendor has."""
        messages = self.turns(json_text.parse_object(body))
        if not messages:
            raise WireError("the request holds no text")
        return json_text.dump({"model": model, "messages": list(messages), "stream": True})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:  # noqa: ARG002 - pages always stream
        """Return what writes a turn."""
        return self.writing(model, answer_id, now)


def from_user(text: Any) -> Sequence[dict[str, str]]:
    """Return the one turn with `text`; raises `WireError` where it is no text."""
    if not isinstance(text, str):
        raise WireError("the prompt must be a text")
    return [{"role": "user", "content": text}] if text else []


def page_error(status: int) -> int:
    """Return a status for an error that a page shows."""
    return status if 400 <= status < 600 else 403
