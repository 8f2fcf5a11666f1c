"""xinghuo.xfyun.cn: a form for the question of the page, and a stream of texts in base64 for the answer.

Enters: what the page posts to `/iflygpt-chat/u/chat_message/chat`, as a form or in parts, and the calls beside it. The
question stands in `text`. Leaves: a turn of the page's own stream for an answer of the company's model, for a refusal.
Such a turn has no name of its own (`<sid>`), so that the page's next one goes on from the last that its vendor knows.
Source: public client code; not seen live, nor whether the token against robots covers the text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.forms import FORM, parse_form
from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.multipart import parse_multipart
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.adapters.web.places import Places
from proxy.errors import WireError
from proxy.exchange import Answer
from proxy.framing.coded import END, CodedFramer, coded
from proxy.framing.events import Framer
from proxy.wire import json_text

OWN: Final = "fd|isBot|botId|clientType|chatId|sid|GtToken"
TURN: Final = Places(
    re.compile(rf"/(?:{OWN})|/(?:{OWN}|text|fileUrl)?#key"),
    re.compile(rf"{OWN}|text|fileUrl|[0-9]{{0,24}}|cht[\w@.-]{{8,80}}|[A-Za-z0-9+/=_-]{{64,}}", re.ASCII),
    "/text",
)
"""Names of fields, numbers, names of turns, the token against robots."""
IGNORED: Final = shapes("/chatListId", "/chatId", "/botId")
TYPES: Final = re.compile(rf"multipart/form-data|{re.escape(FORM)}")


class SparkShape(PathShape):
    """Events in base64."""

    __slots__ = ()

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of server-sent events in base64."""
        return CodedFramer() if "event-stream" in content_type else super(PathShape, self).framer(content_type)


SHAPE: Final = SparkShape((TextAt("/text"),), ends=({"/end": frozenset()}, {"/mark": frozenset()}))


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    body = {"flag": False, "code": page_error(refusal.status), "desc": refusal.message, "data": None}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump(body))


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree.get("fileUrl"):
        raise WireError(FILES)
    if tree.get("botId"):
        raise WireError("the instructions of the assistant are kept by the vendor")
    return from_user(tree.get("text"))


class SparkWriter(PageWriter):
    """Writes one turn."""

    def __init__(self, _model: str, _answer_id: str, _now: int, _talk: Talk) -> None:
        """Take nothing: an answer names neither itself nor its conversation."""
        super().__init__()

    def head(self) -> bytes:
        """Return nothing: an answer begins with its words."""
        return b""

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return f"data:{coded(text)}\n\n".encode()

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return f"data:{END}\n\n".encode()


class SparkChat(PageAdapter):
    """The chat, in a form."""

    __slots__ = ()

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request; raises `Unreadable`, `WireError` or `TooLarge`."""
        return replace(TURN.read(body, content_type), stream=True)

    def tree(self, body: bytes) -> dict[str, Any]:
        """Return the fields of the form; raises `WireError` or `TooLarge`."""
        first = body.partition(b"\r\n")[0]
        if not first.startswith(b"--"):
            return {name: value for field in parse_form(body) for name, value in field.items()}
        sections = parse_multipart(body, first.removeprefix(b"--"))
        return {dict(each.parameters).get("name", ""): text_of(each.content) for each in sections}

    def named(self, path: str, body: bytes) -> str:  # noqa: ARG002 - the form says it
        """Return the conversation's id, however short: it has a field of its own; raises `WireError` or `TooLarge`."""
        name = self.tree(body).get("chatId")
        return name if isinstance(name, str) and name != "0" else ""


def text_of(content: bytes) -> str:
    """Return a field's text; raises `WireError`."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError("a field of the form is no text") from error


SPARK: Final = SparkChat(
    id="spark-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, turns=turns_of,
    names=lambda _, tree: tree.get("chatId"), later=lambda tree: bool(tree.get("sid")), writing=SparkWriter,
    tested="replica",
)  # fmt: skip
BESIDE: Final = BesideCalls("spark-web-beside", AnyShape(), refuse, IGNORED)
"""New conversations and their names, which are how the first question begins; files' names: no turn of its own."""
