"""huggingface.co/chat: a form whose field `data` is JSON, and lines of JSON for an answer.

Enters: what the page posts to `/chat/conversation/{id}`, with files beside it. Leaves: a turn of the page's own stream
for an answer of the company's model, for a refusal. The service fills pieces of text up with zeros, so that their
lengths say nothing to an eavesdropper: placeholders are found across them, and the text comes without them, as the page
shows it. Whether there were turns before is not said, but where one is to be said again. Source: the published code of
page and server; not seen live.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.interface import Refusal, Slot, Talk
from proxy.adapters.multipart import parse_multipart
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.adapters.web.places import Places
from proxy.errors import WireError
from proxy.exchange import Answer
from proxy.framing.events import Framer, LineFramer
from proxy.wire import json_text

FILLED: Final = "\0"
LINES: Final = ("json", "text/plain", "text/event-stream")
"""What the service has called its lines."""
IGNORED: Final = shapes("/model", "/assistantId", "/fromShare")
TURN: Final = Places(re.compile(r"/data#/(?:id|tools/\d+)"), re.compile(r"[0-9a-f-]{24,36}", re.ASCII), "/data#/inputs")
"""Ids of the message before and of tools."""


class HuggingChatShape(PathShape):
    """Lines, whose pieces of text are filled up."""

    __slots__ = ()

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of lines."""
        return LineFramer() if any(kind in content_type for kind in LINES) else None

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text in an event, without what fills them up."""
        return [replace(slot, text=slot.text.replace(FILLED, "")) for slot in PathShape.slots(self, event, data)]


SHAPE: Final = HuggingChatShape(
    (
        TextAt("/token", when={"/type": frozenset({"stream"})}),
        TextAt("/token", when={"/type": frozenset({"reasoning"})}),
    ),
    ends=({"/type": frozenset({"finalAnswer"})}, {"/status": frozenset({"finished", "error"})}),
)


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump({"message": refusal.message}))


def name_of(path: str, _tree: dict[str, Any]) -> str:
    """Return the conversation's id out of the path."""
    return path.rstrip("/").rpartition("/")[2]


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree["files"]:
        raise WireError(FILES)
    return from_user(tree.get("inputs"))


class HuggingChatWriter(PageWriter):
    """Writes one turn."""

    content_type = "application/jsonl"

    def __init__(self, _model: str, _answer_id: str, _now: int, _talk: Talk) -> None:
        """Begin; an answer names neither itself nor the conversation."""
        super().__init__()
        self.said = ""

    def head(self) -> bytes:
        """Return the beginning of the answer."""
        return line({"type": "status", "status": "started"})

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        self.said += text
        return line({"type": "stream", "token": text})

    def thought(self, text: str) -> bytes:
        """Return more of what the model thinks."""
        return line({"type": "reasoning", "subtype": "stream", "token": text})

    def tail(self) -> bytes:
        """Return the answer as a whole, and its end."""
        whole = line({"type": "finalAnswer", "text": self.said, "interrupted": False})
        return whole + line({"type": "status", "status": "finished"})


def line(update: dict[str, object]) -> bytes:
    """Return one line."""
    return json_text.dump(update) + b"\n"


class HuggingChat(PageAdapter):
    """The chat, in a form."""

    __slots__ = ()

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request; raises `WireError` or `TooLarge`."""
        return replace(TURN.read(body, content_type), stream=True)

    def tree(self, body: bytes) -> dict[str, Any]:
        """Return the object in the field `data`, with the number of files; raises `WireError` or `TooLarge`."""
        first = body.partition(b"\r\n")[0]
        sections = [(dict(each.parameters), each) for each in parse_multipart(body, first.removeprefix(b"--"))]
        data = [each.content for named, each in sections if named.get("name") == "data" and not each.coding]
        if len(data) != 1:
            raise WireError("the form must hold data once")
        return {**json_text.parse_object(data[0]), "files": len(sections) - 1}


HUGGINGCHAT: Final = HuggingChat(
    id="huggingchat-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, turns=turns_of, names=name_of,
    later=lambda tree: bool(tree.get("is_retry") or tree.get("is_continue")), writing=HuggingChatWriter,
    tested="replica",
)  # fmt: skip


class LoadedShape(AnyShape):
    """What the page loads: JSON, or lines of it under the name of the framework that the page is made with."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of lines where they are announced."""
        return LineFramer() if "sveltekit-data" in content_type else super().framer(content_type)


BESIDE: Final = BesideCalls("huggingchat-web-beside", LoadedShape(), refuse, IGNORED)
"""New conversations and what the model is told at their beginning, titles, settings: no turn of its own."""
