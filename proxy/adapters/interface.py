"""What every adapter promises.

An adapter knows one wire format and nothing of policy. It is pure: bytes in, values out. Hostile bytes raise
`WireError` (or its children, or `TooLarge`) and nothing else. Text that is not changed gives the same bytes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from proxy.adapters.pointer import Steps
from proxy.exchange import Answer, Headers, Part, header
from proxy.framing.events import Framer
from proxy.internal.answer import Writer


@dataclass(frozen=True, slots=True)
class Asked:
    """The head of a request, as far as its wire format may depend on it."""

    method: str
    path: str = field(repr=False)
    """Path and query."""
    headers: Headers = field(default=(), repr=False)
    wire: str = ""
    """The wire format that the catalogue names for the service, or empty."""
    host: str = ""
    """Lower-case host name, without port."""

    @property
    def bare(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def content_type(self) -> str:
        """What the client says that the body is."""
        return header(self.headers, "content-type")


class Prompt(Protocol):
    """A request body, read."""

    @property
    def parts(self) -> Sequence[Part]:
        """Every piece of user-controlled text, in reading order."""
        ...

    @property
    def opaque(self) -> Sequence[str]:
        """Pointers of what could not be looked into: images, audio, archives. Any makes the inspection partial."""
        ...

    @property
    def model(self) -> str:
        """The model asked for, or an empty string."""
        ...

    @property
    def stream(self) -> bool:
        """Whether the client asked for a streamed answer."""
        ...

    def rewrite(self, texts: Sequence[str]) -> bytes:
        """Return the body with part *i* reading `texts[i]`; the very same bytes if nothing changed."""
        ...


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in one stream event where a piece of the answer's text stands."""

    channel: str
    """Pieces of one channel, joined in order, make one text: `0/content`, `0/tool_calls/1` …"""
    path: Steps
    text: str = field(repr=False)
    json: bool = False
    """Whether the joined text is itself JSON (tool arguments), so that restored values must be escaped."""
    whole: bool = False
    """Whether `text` is all of the channel's text so far, as in formats that repeat themselves, and not a piece."""


class AnswerShape(Protocol):
    """Where the text sits in the answers of one wire format."""

    def begin(self) -> "AnswerShape":
        """Return the shape for one new stream: itself, unless events mean something only after those before them."""
        ...

    def framer(self, content_type: str) -> Framer | None:
        """Return what cuts a streamed answer of this type into events; None where it is no stream of events."""
        ...

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text that the event named `event` with JSON `data` carries."""
        ...

    def missed(self) -> None:
        """Take note that an event went by which could not be read: clients may have read it all the same."""
        ...

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return those of `open_channels` that get no more text once this event is seen."""
        ...

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event (name, data) that carries `text` on `channel`, made after the channel's last event `like`.

        An empty name stands for that of the last event.
        """
        ...

    @property
    def moved(self) -> bool:
        """Whether the next event, which may leave out what has not changed, comes behind one made by `carry`."""
        ...

    def settle(self, data: Any) -> Any:
        """Return an event as it must read behind one made by `carry`; itself where it leaves nothing out."""
        ...

    def spare(self, data: Any) -> bool:
        """Whether an event is nothing but its piece of text, and clients cannot do with an empty one: left out then."""
        ...

    def joined(self, data: Any) -> Any:
        """Return a whole JSON answer with the pieces of each of its texts put together; itself where none is cut."""
        ...

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Whether this object of an answer must pass byte for byte (signed reasoning, for example)."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refusal must say, already in the person's language."""

    status: int
    code: str
    message: str
    """One paragraph: who stopped it, which rule, why, what to do instead, the reference number."""
    reference: str
    """The number of the record, to quote to the help desk."""
    again: int = 0
    """Seconds after which it may be asked again; 0 where that would change nothing."""


class Adapter(Protocol):
    """One wire format."""

    @property
    def id(self) -> str:
        """Stable name: `openai-chat`, `anthropic-messages`, `fallback` …"""
        ...

    def at(self, asked: Asked) -> "Adapter":
        """Return the adapter for one request: itself, unless path or header fields say what its body does not."""
        ...

    def read(self, body: bytes, content_type: str) -> Prompt:
        """Read a request body (content-decoded already); raises `WireError` or `TooLarge`."""
        ...

    @property
    def shape(self) -> AnswerShape:
        """Where the answer's text sits."""
        ...

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as this format's own error, which no SDK retries."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A question to the company's model and its answer, with the placeholders that were sent."""

    question: Sequence[Mapping[str, str]] = field(repr=False)
    """Chat messages."""
    answer: str = field(repr=False)
    """Empty where the model gave none."""
    at: int
    """When it was asked, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of a chat page, as far as it was held with the company's model."""

    id: str
    """As the page names it, or as it is told to; empty where there is none to be told of."""
    turns: Sequence[Turn] = ()
    """The earliest first."""
    ours: bool = False
    """Whether the company's model has begun it, so that the vendor does not know it."""
    new: bool = False
    """Whether the page has named none: it begins with this turn, under an id that was made for it."""
    last: int = 0
    """Number of the message that the page names as the one before; 0 where messages have none."""
    kept: bool = True
    """Whether the conversation is kept, so that the page can load it again."""


@runtime_checkable
class Speaker(Protocol):
    """An adapter whose requests the company's model can answer, or Sluice itself, in the format's own words."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for OpenAI chat completions of `model`; raises `WireError` or `TooLarge`."""
        ...

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:
        """Return what writes an answer.

        `model` is the name the client asked for, `answer_id` an unguessable word of letters and digits, `now` the time
        in seconds since 1970.
        """
        ...


@runtime_checkable
class Keeper(Speaker, Protocol):
    """A speaker some of whose requests only add to a conversation: they are answered in place, without a model."""

    def replies(self, body: bytes) -> Answer | None:
        """Return the answer to a request that asks no model, or None for one that does.

        Raises `Untranslatable` for what the company's model cannot be given.
        """
        ...


@runtime_checkable
class Talker(Speaker, Protocol):
    """A speaker whose requests hold only the newest turn of a conversation, and name the conversation."""

    def named(self, path: str, body: bytes) -> str:
        """Return the conversation's id, or an empty string where the request names none; raises `WireError`."""
        ...

    def last(self, body: bytes) -> int:
        """Return the number of the message before, where the page counts them, or 0; raises `WireError`."""
        ...

    def within(self, talk: Talk) -> Adapter:
        """Return the adapter for one turn of `talk`, which tells the model the turns before."""
        ...

    def question(self, body: bytes) -> Sequence[Mapping[str, str]]:
        """Return the new turn as chat messages; raises `WireError` or `TooLarge`."""
        ...


@runtime_checkable
class Addressed(Talker, Protocol):
    """A talker whose question stands in the address of a request, and not in its body."""

    def of(self, path: str) -> Adapter:
        """Return the adapter for the redacted path and query: the internal model must not see the original ones."""
        ...
