"""An answer on its way back: translated into the client's protocol, then restored, then labelled, chunk by chunk.

Enters: the upstream's bytes. Leaves: what the client gets. It never waits for the end of a stream, and never holds
back more than one possible placeholder and one possible end; where its label does not say what it is, its beginning, or
all of it if that is JSON. Pure; the shell feeds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from proxy.adapters.interface import Adapter, AnswerShape
from proxy.answers.label import Labeller, label_body, labeller_for
from proxy.answers.recode import Recoder, as_utf8, codec_in
from proxy.answers.restore import StreamRestorer, media_type, restore_body
from proxy.answers.sniff import EVENTS, JSON, LINES, OTHER, is_unsure, type_by_content
from proxy.answers.thoughts import SIGNING, Hearing
from proxy.exchange import Headers, Request, header
from proxy.framing.events import SseFramer
from proxy.internal.translate import AnswerTranslator
from proxy.wire.body import codings_of

type Lookup = Callable[[str], str | None]
"""Placeholder → its original, for the person who asked; `None` for every other."""

WHOLE = ("application/json", "text/plain", "text/json")


@dataclass(slots=True)
class Returning:
    """One answer; feed it every chunk in order, then end it."""

    streamed: bool
    """Whether chunks go on as they come; otherwise the whole body is fed at once."""
    headers: Headers
    """Header fields to set on the client's answer."""
    shape: AnswerShape
    lookup: Lookup = field(repr=False)
    content_type: str
    """Of what the client gets."""
    translator: AnswerTranslator | None = None
    coding: str = ""
    """Content-Encoding of what the upstream sent; the shell undoes it."""
    words: str = field(default="", repr=False)
    """What policy adds to the answer; empty for nothing."""
    adapter: str = ""
    """Id of the adapter that knows where they go."""
    restorer: StreamRestorer | None = None
    labeller: Labeller | None = None
    restored: int = 0
    """Placeholders restored so far."""
    labelled: bool = False
    """Whether the words of policy were added."""
    unsure: bool = False
    """Whether the label does not say what it is, so that its content must."""
    passing: bool = False
    """Whether its content has turned out to be nothing that is read."""
    believed: bool = False
    """Whether its media type is believed where the content does not show what it is."""
    recoder: Recoder | None = None
    """What writes it in UTF-8, where it claims another charset."""
    hearing: Hearing | None = None
    """What listens for thoughts that a service has signed."""
    held: bytes = field(default=b"", repr=False)
    """What came while that was not clear."""

    def listen(self, remember: Callable[[str], None]) -> None:
        """Let `remember` be told the mark of each thought that the service has signed; the company's model signs none.

        It is called before the end of the thought goes on.
        """
        if self.translator is None and self.adapter in SIGNING:
            self.hearing = Hearing(remember)

    @property
    def marks(self) -> Sequence[str]:
        """The marks of all of them that have come."""
        return self.hearing.marks if self.hearing is not None else ()

    @property
    def failed(self) -> bool:
        """Whether the company's model gave an answer that could not be translated."""
        return self.translator is not None and bool(self.translator.failure)

    def feed(self, chunk: bytes) -> bytes:
        """Return what the client gets for one more chunk of a streamed answer."""
        if self.translator is not None:
            chunk = self.translator.feed(chunk)
        if self.recoder is not None:
            chunk = self.recoder.feed(chunk)
        if self.unsure:
            chunk = self.told(chunk)
        return chunk if self.unsure or self.passing else self.label(self.restore(chunk))

    def told(self, chunk: bytes, *, ended: bool = False) -> bytes:
        """Return all that came, once its content says what it is; until then nothing."""
        self.held += chunk
        kind = type_by_content(self.held, ended=ended, strict=self.believed and media_type(self.content_type) != EVENTS)
        if kind is None:
            return b""
        self.unsure, self.passing = False, kind == OTHER and not self.believed
        if not self.believed or (kind in (EVENTS, LINES, JSON) and kind != media_type(self.content_type)):
            self.content_type = kind
        chunk, self.held = self.held, b""
        return chunk

    def end(self) -> bytes:
        """Return what is still held when the stream ends, however it ended."""
        last = self.recoder.feed(b"", ended=True) if self.recoder is not None else b""
        self.recoder = None
        if self.unsure:
            return self.whole(self.told(last, ended=True))
        if self.passing:
            return last
        last = self.restore(last) if last else b""
        last += self.restore(self.translator.end()) if self.translator is not None else b""
        self.labelled = getattr(self.translator, "labelled", False)
        if self.restorer is not None:
            last += self.restorer.end()
            self.restored = self.restorer.restored
        last = self.label(last)
        if self.labeller is not None:
            last += self.labeller.end()
            self.labelled = self.labeller.labelled
        return last

    def whole(self, body: bytes) -> bytes:
        """Return what the client gets for an answer that is fed at once."""
        if self.translator is not None:
            body = self.translator.feed(body) + self.translator.end()
            self.labelled = getattr(self.translator, "labelled", False)
        if self.recoder is not None:
            body = self.recoder.feed(body, ended=True)
            self.recoder = None
        if self.unsure:
            body = self.told(body, ended=True)
        if self.passing:
            return body
        body, self.restored = restore_body(body, self.content_type, self.shape, self.lookup, self.hearing)
        if not self.words:
            return body
        if self.shape.framer(self.content_type) is not None:
            body = self.label(body)
            if self.labeller is not None:
                body += self.labeller.end()
                self.labelled = self.labeller.labelled
            return body
        body, self.labelled = label_body(self.adapter, body, self.shape, self.words)
        return body

    def restore(self, chunk: bytes) -> bytes:
        """Put the originals back."""
        if self.restorer is None:
            self.restorer = StreamRestorer(self.shape, self.content_type, self.lookup, self.hearing)
        restored = self.restorer.feed(chunk)
        self.restored = self.restorer.restored
        return restored

    def label(self, chunk: bytes) -> bytes:
        """Add the words of policy where the answer ends; only a stream of events has such a place."""
        if not self.words:
            return chunk
        if self.labeller is None:
            self.labeller = labeller_for(self.adapter, self.shape, self.content_type, self.words)
        if self.labeller is None:
            return chunk
        chunk = self.labeller.feed(chunk)
        self.labelled = self.labeller.labelled
        return chunk


def from_service(
    adapter: Adapter, request: Request, headers: Headers, lookup: Lookup, words: str, *, stream: bool
) -> Returning | None:
    """Say how an answer of a service with these headers goes back; `None` lets its bytes pass as they come.

    `stream` says that a stream was asked for, which some servers call JSON, or plain text.
    """
    content_type = header(headers, "content-type")
    kind, codec = kind_of(content_type, adapter, request), codec_in(content_type)
    if kind == "untouched":
        return None
    shape, coding = adapter.shape, codings_of(headers)
    made = (("content-type", as_utf8(content_type)),) if codec else ()
    returning = Returning(kind != "whole" or stream, made, shape, lookup, content_type, None, coding, words, adapter.id)
    returning.recoder = Recoder(codec) if codec else None
    returning.believed = kind != "unsure"
    returning.unsure = kind != "streamed" or type(shape.framer(content_type)) is SseFramer
    return returning


def kind_of(content_type: str, adapter: Adapter, request: Request) -> str:
    """Return `streamed`, `whole`, `untouched` or `unsure` for an answer of this type to a request in this format."""
    kind = media_type(content_type)
    if adapter.shape.framer(content_type) is not None:
        return "streamed"
    if kind in WHOLE or kind.endswith("+json"):
        return "whole"
    return "unsure" if is_unsure(request, adapter.id, kind) else "untouched"
