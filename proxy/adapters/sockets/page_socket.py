"""Declarative turns of chat pages over a WebSocket: how another model is asked, and how its answer is written.

Enters: what one page says of its turns, then the messages of a connection. Leaves: an adapter bound to the message that
asks, which refuses in the conversation itself and whose turns the company's model can answer, in messages of the page's
own. The other frames of a page (options, measurements) are read like any message; only a turn can be answered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.sockets.socket_adapter import SocketAdapter, records_of
from proxy.adapters.web.page_adapter import PageTurns, Turns
from proxy.adapters.web.turn import say
from proxy.errors import WireError
from proxy.framing.message import unpack
from proxy.internal.answer import Writer

NO_NAMES: Final = frozenset({"", "new", "null", "undefined", "none", "0"})
"""What scripts write where there is no conversation yet."""

type SocketWriting = Callable[[dict[str, Any], str], Writer]
"""Makes the writer of an answer, of the frame that asks and of the answer's own name; it writes packed messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSocket(PageTurns, SocketAdapter):
    """One page's turn on its WebSocket."""

    is_turn: Callable[[Any], bool]
    """Whether a frame is a turn of the person's."""
    turns: Turns
    names: Callable[[dict[str, Any]], Any]
    """Returns the id of the conversation that a frame names, whatever it is about."""
    later: Callable[[dict[str, Any]], bool]
    """Whether a turn says that there are others before it."""
    writing: SocketWriting
    talk: Talk | None = None
    """The conversation that the turn belongs to, where it is known."""
    asked: dict[str, Any] | None = None
    """The frame that an answer is about; none before a message has come."""
    in_place: bool = True

    def about(self, body: bytes) -> Self:
        """Return the adapter for one message: what it answers belongs to the turn in it, or else to its last frame."""
        frames = [each for each in records_of(body) if isinstance(each, dict)]
        turns = [each for each in frames if self.is_turn(each)]
        return replace(self, asked=next(reversed(turns or frames), None))

    def named(self, path: str, body: bytes) -> str:  # noqa: ARG002 - messages have no path
        """Return the conversation's id, however short, or an empty string where no frame names one.

        A frame has a field for it alone, unlike the addresses of other pages.
        """
        names = (self.names(each) for each in records_of(body) if isinstance(each, dict))
        return next((name for name in names if isinstance(name, str) and name not in NO_NAMES), "")

    def within(self, talk: Talk) -> Self:
        """Return the adapter for one message of `talk`."""
        return replace(self, talk=talk)

    def tree(self, body: bytes) -> dict[str, Any]:
        """Return the one turn of a message; raises `WireError` for what is none, or what its answer could not name."""
        turns = [each for each in records_of(body) if self.is_turn(each)]
        if len(turns) != 1:
            raise WireError("the message is not one turn of a conversation")
        if not self.named("", body):
            raise WireError("the turn names no conversation")
        return dict(turns[0])

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:  # noqa: ARG002 - pages always stream
        """Return what writes a turn."""
        return self.writing(self.asked or {}, answer_id)

    def refuse_message(self, refusal: Refusal, body: bytes) -> Sequence[bytes]:
        """Return the messages that tell the client of `refusal`: a turn of the conversation."""
        return unpack(say(self.about(body), refusal).body)
