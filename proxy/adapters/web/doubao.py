"""doubao.com: the chat of the page, and the calls beside it.

Enters: what the page posts to `/chat/completion` (or, older, `/samantha/chat/completion`, whose text is JSON in a
string). Whether the signature in the query covers the body is reported differently: where a changed prompt is refused,
policy must decide to forbid, to redirect or to forward unchanged. Leaves: a turn of the page's own stream for an answer
of the company's model, for a refusal. Source: public client code; not seen live.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/client_meta/local_conversation_id", "/client_meta/conversation_id", "/client_meta/bot_id",
    "/client_meta/last_section_id", "/client_meta/last_message_index", "/messages/*/local_message_id",
    "/messages/*/content_block/*/block_type", "/messages/*/content_block/*/block_id",
    "/messages/*/content_block/*/content/text_block/icon_url", "/option/unique_key", "/option/create_time_ms",
    "/option/launch_stage", "/user_context/*/id", "/ext/fp", "/ext/use_deep_think", "/conversation_id", "/section_id",
    "/local_conversation_id", "/local_message_id", "/messages/*/content_type",
)  # fmt: skip

OPENING: Final = frozenset({"STREAM_MSG_NOTIFY"})
PATCHES: Final = frozenset({"STREAM_CHUNK"})
PIECES: Final = frozenset({"CHUNK_DELTA"})
ANSWER: Final = "answer"
"""One text over an opening, patches and pieces."""
SPOKEN: Final = "spoken"
"""The same once more, to be read aloud; some clients show it."""


class DoubaoShape(PathShape):
    """An answer begins in an opening, and goes on in patches and pieces."""

    __slots__ = ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a piece of the answer: another opening would begin it anew."""
        if channel == ANSWER:
            return "CHUNK_DELTA", {"text": text}
        return super(PathShape, self).carry(channel, text, like)


SHAPE: Final = DoubaoShape(
    (
        TextAt("/text", events=PIECES, channel=ANSWER),
        TextAt("/content/content_block/*/content/text_block/text", events=OPENING, channel=ANSWER),
        TextAt("/patch_op/*/patch_value/content_block/*/content/text_block/text", events=PATCHES, channel=ANSWER),
        TextAt("/content/tts_content", events=OPENING, channel=SPOKEN),
        TextAt("/patch_op/*/patch_value/tts_content", events=PATCHES, channel=SPOKEN),
    ),
    end_events=frozenset({"SSE_REPLY_END", "STREAM_ERROR"}),
)


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: a page sends what its person wrote."""
    return "user" if path[:1] == ("messages",) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the page's own error object."""
    status = page_error(refusal.status)
    body = {"code": status, "msg": refusal.message, "data": None, "log_id": refusal.reference}
    return Answer(status, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


def name_of(tree: dict[str, Any]) -> Any:
    """Return the conversation's id, or nothing."""
    meta = tree.get("client_meta")
    return meta.get("conversation_id") if isinstance(meta, dict) else None


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    messages = tree.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise WireError("messages must be a list of messages")
    blocks = [block for each in messages for block in blocks_of(each)]
    return [turn for block in blocks for turn in from_user(text_of(block))]


def blocks_of(message: dict[str, Any]) -> list[Any]:
    """Return the blocks of a message; raises `WireError`."""
    blocks = message.get("content_block")
    if not isinstance(blocks, list):
        raise WireError("a message must have a list of blocks")
    return blocks


def text_of(block: Any) -> Any:
    """Return the text of a block; raises `WireError` for a picture or a file."""
    content = block.get("content") if isinstance(block, dict) else None
    text = content.get("text_block") if isinstance(content, dict) else None
    if not isinstance(text, dict):
        raise WireError(FILES)
    return text.get("text")


class DoubaoWriter(PageWriter):
    """Writes one turn."""

    def __init__(self, _model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the answer's name, and the conversation."""
        super().__init__()
        self.answer_id, self.talk = answer_id, talk

    def head(self) -> bytes:
        """Return the conversation, whose id the page learns here, and the message, still without text."""
        block = {"block_type": 10000, "block_id": self.answer_id, "content": {"text_block": {"text": ""}}}
        named: dict[str, object] = {"conversation_id": self.talk.id}
        message = {"meta": {"message_id": self.answer_id, **named}, "content": {"content_block": [block]}}
        return event("SSE_ACK", {"query_list": [], "ack_client_meta": named}) + event("STREAM_MSG_NOTIFY", message)

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return event("CHUNK_DELTA", {"text": text})

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return event("SSE_REPLY_END", {"end_type": 1}) + event("SSE_REPLY_END", {"end_type": 3})


def event(name: str, data: dict[str, object]) -> bytes:
    """Return one event."""
    return f"event: {name}\ndata: ".encode() + json_text.dump(data) + b"\n\n"


DOUBAO: Final = PageAdapter(
    id="doubao-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda _, tree: name_of(tree), later=lambda tree: bool(name_of(tree)), writing=DoubaoWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("doubao-web-beside", SHAPE, refuse, IGNORED, role_of)
"""The older interface, titles, files' names: text without a turn of its own."""
