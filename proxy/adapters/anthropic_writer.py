"""Writes an answer as Anthropic Messages: one `Message`, or the event stream that its SDKs read.

Neutral events go in, bytes come out at once. Blocks go out one after the other, never mixed: a piece that belongs to a
later block waits until the block before it is complete. Reasoning is left out, because a `thinking` block needs a
signature that only the vendor can make. Arguments that are not a JSON object can only be mended in a whole answer:
there `input` is `{"INVALID_JSON": "<what the model wrote>"}`, so that the client's tool rejects it and the model
sees its slip; a stream passes the fragments on as they come.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.errors import TooLarge, WireError
from proxy.exchange import Headers
from proxy.internal.answer import (
    Event,
    Failed,
    Finished,
    Reason,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolDelta,
    ToolStarted,
)
from proxy.internal.failure import BROKE_OFF
from proxy.wire.json_text import dump, parse

STOP_REASONS: Final[dict[Reason, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}

FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]")
"""What a tool id may not hold, or the vendor refuses the history when the client later sends it there."""


@dataclass(slots=True)
class Block:
    """One content block on its way out."""

    tool: ToolStarted | None = None
    """The call that the block is, or `None` for text."""
    id: str = ""
    """The call's id as the client sees it."""
    pieces: list[str] = field(default_factory=list, repr=False)
    """Text or arguments, in order."""
    opened: bool = False
    sent: int = 0
    """How many of the pieces are out."""

    @property
    def whole(self) -> str:
        """All pieces, joined."""
        return "".join(self.pieces)

    @property
    def complete(self) -> bool:
        """Whether nothing more can come once a later block has begun."""
        return self.tool is None or read_object(self.whole) is not None


class AnthropicWriter:
    """Writes one answer."""

    def __init__(self, *, stream: bool, model: str, message_id: str) -> None:
        """`model` is the name that the client asked for, `message_id` the answer's, as `msg_…`."""
        self.stream = stream
        self.model = model
        self.message_id = message_id
        self.blocks: list[Block] = []
        self.calls: dict[int, Block] = {}
        self.current = 0  # index of the block that is being sent
        self.blank = ""  # white space that is text only if text follows
        self.begun = False
        self.last: Finished | Failed | None = None

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        if self.stream:
            return (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
        return (("content-type", "application/json"),)

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now; a whole answer is sent by `end`."""
        out: list[bytes] = []
        for event in events:
            if self.last is None:
                self.take(event)
                self.send(event, out)
        if not out and any(isinstance(event, ReasoningDelta) for event in events):
            out.append(sse({"type": "ping"}))  # the model thinks: keep the client from timing out
        return b"".join(out) if self.stream else b""

    def end(self) -> bytes:
        """Return what is left."""
        rest = b"" if self.last else self.write([Failed(BROKE_OFF)])
        if self.stream:
            return rest
        if isinstance(self.last, Failed):
            return dump(error(self.last.message))
        return dump(self.message(self.last))

    def take(self, event: Event) -> None:
        """Put what an event carries into its block."""
        match event:
            case TextDelta(text):
                self.take_text(text)
            case ToolStarted(index, id):
                self.blank = ""
                self.calls[index] = Block(event, self.client_id(id, index))
                self.blocks.append(self.calls[index])
            case ToolDelta(index, json):
                self.calls[index].pieces.append(json)
            case Finished() | Failed():
                self.last = event
            case Started() | ReasoningDelta():
                pass

    def take_text(self, text: str) -> None:
        """Put text into the last block; white space alone makes no block, for the vendor refuses such a history."""
        if self.blocks and self.blocks[-1].tool is None:
            self.blocks[-1].pieces.append(text)
            return
        self.blank += text
        if self.blank.strip():
            self.blocks.append(Block(pieces=[self.blank]))
            self.blank = ""

    def client_id(self, id: str, index: int) -> str:
        """Return a call's id as the vendor's clients and servers accept it, unlike those of the other calls."""
        clean = FOREIGN.sub("_", id)
        if clean and all(clean != block.id for block in self.blocks):
            return clean
        return f"toolu_{self.message_id.removeprefix('msg_')}_{index}"

    def send(self, event: Event, out: list[bytes]) -> None:
        """Append the stream events that can go out now that `event` is taken in."""
        if isinstance(event, Failed):
            out.append(sse(error(event.message)))
            return
        if not self.begun:
            self.begun = True
            out.append(sse({"type": "message_start", "message": self.message(None)}))
        while self.current < len(self.blocks) and self.send_block(out):
            self.current += 1
        if isinstance(event, Finished):
            out.append(sse({"type": "message_delta", "delta": ending(event), "usage": usage(event)}))
            out.append(sse({"type": "message_stop"}))

    def send_block(self, out: list[bytes]) -> bool:
        """Send what the current block holds; return whether it is closed."""
        block, index = self.blocks[self.current], self.current
        if not block.opened:
            block.opened = True
            out.append(
                sse({"type": "content_block_start", "index": index, "content_block": content(block, empty=True)})
            )
        out += [
            sse({"type": "content_block_delta", "index": index, "delta": delta(block, piece)})
            for piece in block.pieces[block.sent :]
            if piece
        ]
        block.sent = len(block.pieces)
        closed = self.last is not None or (index + 1 < len(self.blocks) and block.complete)
        if closed:
            out.append(sse({"type": "content_block_stop", "index": index}))
        return closed

    def message(self, finished: Finished | None) -> dict[str, Any]:
        """Return the `Message` object: empty for the start of a stream, else whole."""
        return {
            "id": self.message_id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [content(block) for block in self.blocks] if finished else [],
            **ending(finished),
            "usage": usage(finished),
        }


def ending(finished: Finished | None) -> dict[str, str | None]:
    """Return the two fields that say why an answer ended."""
    if finished is None:
        return {"stop_reason": None, "stop_sequence": None}
    if finished.stop_sequence is not None:
        return {"stop_reason": "stop_sequence", "stop_sequence": finished.stop_sequence}
    return {"stop_reason": STOP_REASONS[finished.reason], "stop_sequence": None}


def usage(finished: Finished | None) -> dict[str, int]:
    """Return the `usage` object; counts of a `message_delta` are totals."""
    return {
        "input_tokens": finished.input_tokens if finished else 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": finished.output_tokens if finished else 0,
    }


def content(block: Block, *, empty: bool = False) -> dict[str, Any]:
    """Return a content block, or its empty beginning."""
    if block.tool is None:
        return {"type": "text", "text": "" if empty else block.whole}
    return {
        "type": "tool_use",
        "id": block.id,
        "name": block.tool.name,
        "input": {} if empty else tool_input(block.whole),
    }


def delta(block: Block, piece: str) -> dict[str, str]:
    """Return the delta that carries one piece of a block."""
    if block.tool is None:
        return {"type": "text_delta", "text": piece}
    return {"type": "input_json_delta", "partial_json": piece}


def tool_input(arguments: str) -> dict[str, Any]:
    """Return a call's arguments as the object that `input` must be."""
    if arguments.strip() in ("", "null"):
        return {}
    value = read_object(arguments)
    return {"INVALID_JSON": arguments} if value is None else value


def read_object(arguments: str) -> dict[str, Any] | None:
    """Return the JSON object that the text is, or `None`."""
    if not arguments.rstrip().endswith("}"):
        return None
    try:
        value = parse(arguments.encode())
    except (WireError, TooLarge):
        return None
    return value if isinstance(value, dict) else None


def error(message: str) -> dict[str, Any]:
    """Return the vendor's error object; `api_error` stands for a failure of the server."""
    return {"type": "error", "error": {"type": "api_error", "message": message}}


def sse(event: dict[str, Any]) -> bytes:
    """Return one event; its name stands in the `event` field too, by which SDKs choose."""
    name: str = event["type"]
    return b"event: " + name.encode() + b"\ndata: " + dump(event) + b"\n\n"
