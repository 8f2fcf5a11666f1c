"""kimi.com: one JSON message in a Connect envelope each way up, a stream of them down; and the older interface.

Enters: what the page posts to `…ChatService/Chat`, `application/connect+json`. The prompt stands in
`message.blocks[].text.content`; the envelope's length is written anew. Leaves: a turn of the page's own stream for an
answer of the company's model, for a refusal. Source: public client code; not seen live.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import TreePrompt, read_tree, shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.errors import Unreadable, WireError
from proxy.exchange import Answer, Role
from proxy.framing.connect import COMPRESSED, HEAD, LAST, ConnectFramer, envelope
from proxy.framing.events import Framer
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/chat_id", "/scenario", "/message/parent_id", "/message/role", "/message/scenario", "/message/id",
    "/message/blocks/*/message_id", "/message/blocks/*/id", "/tools/*/type", "/kimiplus_id", "/options/model",
)  # fmt: skip


class KimiShape(PathShape):
    """Envelopes, or server-sent events of the older interface."""

    __slots__ = ()

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of envelopes where they are announced."""
        return ConnectFramer() if "connect+json" in content_type else super(PathShape, self).framer(content_type)

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event that adds `text`, also after one that has set the text of a block."""
        if isinstance(like, dict) and like.get("op") == "set":
            kind = "think" if channel.startswith("1:") else "text"
            like = like | {"op": "append", "mask": f"block.{kind}.content"}
        return super(PathShape, self).carry(channel, text, like)


SHAPE: Final = KimiShape(
    (
        TextAt("/block/text/content", when={"/op": frozenset({"append", "set"})}),
        TextAt("/block/think/content", when={"/op": frozenset({"append", "set"})}),
        TextAt("/text", when={"/event": frozenset({"cmpl"})}),
    ),
    ends=(
        {"/message/status": frozenset({"MESSAGE_STATUS_COMPLETED", "COMPLETED"})},
        {"/done": frozenset()},
        {"/event": frozenset({"all_done"})},
    ),
    end_events=frozenset({"end"}),
)


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] in (("message",), ("messages",)) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    status = page_error(refusal.status)
    body = {"code": "permission_denied", "message": refusal.message, "error_type": refusal.code}
    return Answer(status, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


def is_later(tree: dict[str, Any]) -> bool:
    """Return whether there are turns before."""
    message = tree.get("message")
    return bool(tree.get("chat_id") or (isinstance(message, dict) and message.get("parent_id")))


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    message = tree.get("message")
    blocks = message.get("blocks") if isinstance(message, dict) else None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise WireError("a message must have a list of blocks")
    texts = [block.get("text") for block in blocks]
    return [turn for text in texts for turn in from_user(text.get("content") if isinstance(text, dict) else None)]


class KimiWriter(PageWriter):
    """Writes one turn."""

    content_type = "application/connect+json"

    def __init__(self, _model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the answer's name, and the conversation."""
        super().__init__()
        self.answer_id, self.talk = answer_id, talk
        self.said = False

    def head(self) -> bytes:
        """Return the conversation and the message."""
        message = {"id": self.answer_id, "role": "assistant", "status": "MESSAGE_STATUS_GENERATING"}
        chat = {"op": "set", "mask": "chat", "chat": {"id": self.talk.id, "name": ""}}
        return (sealed(chat) if self.talk.id else b"") + sealed({"op": "set", "mask": "message", "message": message})

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        if self.said:
            return sealed({"op": "append", "mask": "block.text.content", "block": block(text)})
        self.said = True
        return sealed({"op": "set", "mask": "block.text", "block": block(text)})

    def tail(self) -> bytes:
        """Return the end of the answer, and of the stream."""
        done = {"op": "set", "mask": "message.status", "message": {"status": "MESSAGE_STATUS_COMPLETED"}}
        return sealed(done) + sealed({"done": {}}) + envelope(b"{}", LAST)


def block(text: str) -> dict[str, object]:
    """Return the block of an answer's text."""
    return {"id": "1", "text": {"content": text}}


def sealed(data: Mapping[str, object]) -> bytes:
    """Return one message in its envelope."""
    return envelope(json_text.dump(data))


class KimiChat(PageAdapter):
    """The chat, in an envelope."""

    __slots__ = ()

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - the register asks for the type
        """Read a request; raises `Unreadable` where it is compressed, `WireError` or `TooLarge`."""
        tree = self.tree(body)
        return replace(read_tree(body, tree, self.rules(tree), sealed), stream=True)

    def tree(self, body: bytes) -> dict[str, Any]:
        """Return the JSON object in the envelope; raises `Unreadable`, `WireError` or `TooLarge`."""
        return json_text.parse_object(message_of(body))


def message_of(body: bytes) -> bytes:
    """Return the one message in a body; raises `Unreadable` or `WireError`."""
    if len(body) < HEAD or int.from_bytes(body[1:HEAD]) != len(body) - HEAD:
        raise WireError("the body is not one envelope")
    if body[0] & COMPRESSED:
        raise Unreadable("the message is compressed")
    return body[HEAD:]


KIMI: Final = KimiChat(
    id="kimi-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda _, tree: tree.get("chat_id"), later=is_later, writing=KimiWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("kimi-web-beside", SHAPE, refuse, IGNORED, role_of)
"""Titles, suggestions, sizes of texts, files' names, the older interface: JSON without an envelope."""
