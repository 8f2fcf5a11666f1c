"""Declarative turns of chat pages: how another model is asked, and how its answer is written.

Enters: what one page says of its turns. Leaves: an adapter that refuses in the conversation itself, and whose turns the
company's model can answer. A page sends the newest turn alone: those before it are known where the company's model has
answered them, too, and are the vendor's where it has not; then nothing of the conversation is told to anybody else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import Rules
from proxy.adapters.web.page_writer import identify
from proxy.adapters.web.turn import say
from proxy.errors import WireError
from proxy.exchange import Answer
from proxy.internal.answer import Writer
from proxy.wire import json_text

KEPT: Final = "the earlier turns of this conversation are kept by the vendor; begin a new conversation"
FILES: Final = "pictures and files of the page are kept by the vendor"
LEAST_NAME: Final = 8
"""Characters of a conversation's id at least: it may stand in addresses, which have shorter words of their own."""

type Message = Mapping[str, str]
type Turns = Callable[[dict[str, Any]], Sequence[Message]]
"""Returns the newest turn of a body as chat messages; raises `WireError` for what only the vendor has."""
type Writing = Callable[[str, str, int, Talk], Writer]
"""Makes the writer of an answer, of the model's name, the answer's own, the time in seconds since 1970, and the
conversation before it."""


class PageTurns:
    """The methods that turns of all pages share, over HTTP or a WebSocket; the fields are the adapter's."""

    __slots__ = ()

    turns: Turns
    later: Callable[[dict[str, Any]], bool]
    talk: Talk | None

    def tree(self, body: bytes) -> dict[str, Any]:
        """Return the JSON object of a turn; raises `WireError` or `TooLarge`."""
        return json_text.parse_object(body)

    def last(self, body: bytes) -> int:  # noqa: ARG002 - most pages count nothing
        """Return the number of the message before, where the page counts them, or 0; raises `WireError`."""
        return 0

    def question(self, body: bytes) -> Sequence[Message]:
        """Return the new turn as chat messages; raises `WireError` for what only the vendor has."""
        tree = self.tree(body)
        if self.later(tree) and not (self.talk and (self.talk.ours or self.talk.new)):
            raise WireError(KEPT)
        messages = self.turns(tree)
        if not messages:
            raise WireError("the request holds no text")
        return messages

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return all turns as a streamed chat request; raises `WireError` for what only the vendor has."""
        said = [*before(self.talk), *self.question(body)]  # a page may have its own name for a message
        messages = [{"role": one["role"], "content": one["content"]} for one in said]
        return json_text.dump({"model": model, "messages": messages, "stream": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAdapter(PageTurns, JsonAdapter):
    """One page's turn."""

    turns: Turns
    names: Callable[[str, dict[str, Any]], Any]
    """Returns the id of the conversation, out of path and body; anything but a text of some length is none."""
    later: Callable[[dict[str, Any]], bool]
    """Whether a body says that there are turns before; where no conversation is named, refused ones at most."""
    writing: Writing
    talk: Talk | None = None
    """The conversation that the turn belongs to, where it is known."""
    stream: bool = True
    in_place: bool = True
    """Whether a refusal is shown in the conversation."""

    def rules(self, tree: Any) -> Rules:
        """Return what the page says of the leaves of a turn; its tokens are its own wherever they stand."""
        return replace(JsonAdapter.rules(self, tree), chosen=False)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a turn of the conversation; where it would be the first, none begins.

        The vendor would not know a conversation that a page learned of here, and the page could not go on.
        """
        known = self.talk if self.talk and not self.talk.new else Talk("")
        return say(self.within(known), refusal)

    def named(self, path: str, body: bytes) -> str:
        """Return the conversation's id, or an empty string; raises `WireError` or `TooLarge`."""
        name = self.names(path, self.tree(body))
        return name if isinstance(name, str) and len(name) >= LEAST_NAME else ""

    def within(self, talk: Talk) -> Self:
        """Return the adapter for one turn of `talk`."""
        return replace(self, talk=talk)

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:  # noqa: ARG002 - pages always stream
        """Return what writes a turn."""
        return self.writing(model, answer_id, now, self.talk or Talk(identify(answer_id, 2), new=True))


def before(talk: Talk | None) -> Iterator[Message]:
    """Yield the turns of a conversation that were answered, as chat messages."""
    for turn in talk.turns if talk else ():
        if turn.answer:
            yield from turn.question
            yield {"role": "assistant", "content": turn.answer}


def from_user(text: Any) -> Sequence[Message]:
    """Return the one turn with `text`; raises `WireError` where it is no text."""
    if not isinstance(text, str):
        raise WireError("the prompt must be a text")
    return [{"role": "user", "content": text}] if text else []


def page_error(status: int) -> int:
    """Return a status for an error that a page shows."""
    return status if 400 <= status < 600 else 403
