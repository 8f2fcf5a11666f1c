"""Writes an answer as a `Response`: one object, or the event stream that OpenAI's clients read.

Neutral events go in, bytes come out at once. Items go out one after the other, never mixed: a piece that belongs to a
later item waits until the item before it is complete. Each text is told in pieces and again, whole, by the events that
end it, as clients expect. Reasoning is left out, for only the vendor can make the ciphertext that clients send back.
What a tool takes as free text is a JSON string to the company's model, and goes out once it is whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.adapters.anthropic_writer import read_object
from proxy.adapters.openai.tool_names import INPUT, ToolName, tool_name
from proxy.adapters.openai_chat import failure
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
from proxy.wire.json_text import dump

CUT_SHORT: Final[dict[Reason, str]] = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""Reasons with which an answer is incomplete."""

LONGEST_ID: Final = 64
"""Characters of a call's id that the vendor takes back."""

THINKING: Final = b": the model thinks\n\n"
"""A comment, which keeps the line open."""

type Json = dict[str, Any]


@dataclass(slots=True)
class Item:
    """One item of the output, on its way out: a message, or a call of a tool."""

    id: str
    tool: ToolName | None = None
    call: str = ""
    """The call's id."""
    pieces: list[str] = field(default_factory=list, repr=False)
    opened: bool = False
    sent: int = 0
    """How many of the pieces are out."""

    @property
    def whole(self) -> str:
        """All pieces, joined; of a tool that takes free text, that text."""
        text = "".join(self.pieces)
        if self.tool is None or not self.tool.free:
            return text
        value = (read_object(text) or {}).get(INPUT)
        return value if isinstance(value, str) else text

    @property
    def complete(self) -> bool:
        """Whether nothing more can come once a later item has begun."""
        return self.tool is None or read_object("".join(self.pieces)) is not None

    def ready(self, *, closing: bool) -> list[str]:
        """Return the pieces that can go out now."""
        if self.tool is not None and self.tool.free:
            return [self.whole] if closing and self.whole else []
        fresh, self.sent = self.pieces[self.sent :], len(self.pieces)
        return [piece for piece in fresh if piece]

    def told(self, status: str) -> Json:
        """Return the item; its beginning holds no text."""
        text = "" if status == "in_progress" else self.whole
        if self.tool is None:
            content = [] if status == "in_progress" else [part(text)]
            return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content}
        kind, field_ = ("custom_tool_call", "input") if self.tool.free else ("function_call", "arguments")
        named = {"name": self.tool.name, **({"namespace": self.tool.namespace} if self.tool.namespace else {})}
        return {"id": self.id, "type": kind, "status": status, "call_id": self.call, **named, field_: text}


class ResponsesWriter:
    """Writes one answer."""

    def __init__(self, *, stream: bool, model: str, answer_id: str, now: int) -> None:
        """`model` is the name that the client asked for, `answer_id` a word of letters and digits, `now` the time."""
        self.stream = stream
        self.model = model
        self.answer_id = answer_id
        self.now = now
        self.items: list[Item] = []
        self.calls: dict[int, Item] = {}
        self.current = 0  # index of the item that is being sent
        self.number = 0  # of the next event
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
                out += map(self.sse, self.send(event))
        if not out and any(isinstance(event, ReasoningDelta) for event in events):
            out.append(THINKING)
        return b"".join(out) if self.stream else b""

    def end(self) -> bytes:
        """Return what is left."""
        rest = b"" if self.last else self.write([Failed(BROKE_OFF)])
        if self.stream:
            return rest
        return dump(failure(self.last.message) if isinstance(self.last, Failed) else self.response())

    def take(self, event: Event) -> None:
        """Put what an event carries into its item."""
        match event:
            case TextDelta(text) if text:
                if not self.items or self.items[-1].tool is not None:
                    self.items.append(Item(self.new_id("msg")))
                self.items[-1].pieces.append(text)
            case ToolStarted(index, id, name):
                tool = tool_name(name)
                item = Item(self.new_id("ctc" if tool.free else "fc"), tool, self.call_id(id, index))
                self.calls[index] = item
                self.items.append(item)
            case ToolDelta(index, json):
                self.calls[index].pieces.append(json)
            case Finished() | Failed():
                self.last = event
            case Started() | ReasoningDelta() | TextDelta():
                pass

    def new_id(self, kind: str) -> str:
        """Return the id of the next item."""
        return f"{kind}_{self.answer_id}_{len(self.items)}"

    def call_id(self, id: str, index: int) -> str:
        """Return a call's id, unlike those of the other calls."""
        if 0 < len(id) <= LONGEST_ID and all(id != item.call for item in self.items):
            return id
        return f"call_{self.answer_id}_{index}"

    def send(self, event: Event) -> Iterator[Json]:
        """Yield the stream events that can go out now that `event` is taken in."""
        if not self.begun:
            self.begun = True
            for kind in ("response.created", "response.in_progress"):
                yield {"type": kind, "response": self.response(begins=True)}
        if isinstance(event, Failed):
            error = failure(event.message)
            yield {**error["error"], **error, "type": "error"}
            yield {"type": "response.failed", "response": self.response()}
            return
        while self.current < len(self.items):
            yield from self.send_item(self.items[self.current])
            if not self.closes(self.current):
                break
            self.current += 1
        if isinstance(event, Finished):
            response = self.response()
            yield {"type": f"response.{response['status']}", "response": response}

    def closes(self, index: int) -> bool:
        """Return whether nothing more can come for an item."""
        return self.last is not None or (index + 1 < len(self.items) and self.items[index].complete)

    def send_item(self, item: Item) -> Iterator[Json]:
        """Yield what can go out of the current item, to its end if nothing more can come for it."""
        place = {"output_index": self.current}
        where = {"item_id": item.id, **place}
        if not item.opened:
            item.opened = True
            yield {"type": "response.output_item.added", **place, "item": item.told("in_progress")}
            if item.tool is None:
                yield {"type": "response.content_part.added", **where, "content_index": 0, "part": part("")}
        closing = self.closes(self.current)
        kind, field_, extra = deltas_of(item)
        for piece in item.ready(closing=closing):
            yield {"type": f"{kind}.delta", **where, **extra, "delta": piece}
        if closing:
            yield {"type": f"{kind}.done", **where, **extra, field_: item.whole}
            if item.tool is None:
                yield {"type": "response.content_part.done", **where, "content_index": 0, "part": part(item.whole)}
            yield {"type": "response.output_item.done", **place, "item": item.told(self.status_of(item))}

    def status_of(self, item: Item) -> str:
        """Return how an item ended: what cuts an answer short cuts its last item."""
        cut = isinstance(self.last, Failed) or (self.last is not None and self.last.reason in CUT_SHORT)
        return "incomplete" if cut and item is self.items[-1] else "completed"

    def response(self, *, begins: bool = False) -> Json:
        """Return the `Response`: as it begins, or as it is now that all has come."""
        last = None if begins else self.last
        reason = CUT_SHORT.get(last.reason) if isinstance(last, Finished) else None
        status = "in_progress" if begins else "failed" if isinstance(last, Failed) else "completed"
        failed = {"code": "server_error", "message": last.message} if isinstance(last, Failed) else None
        return {
            "id": f"resp_{self.answer_id}",
            "object": "response",
            "created_at": self.now,
            "status": "incomplete" if reason else status,
            "error": failed,
            "incomplete_details": {"reason": reason} if reason else None,
            "instructions": None,
            "metadata": {},
            "model": self.model,
            "output": [] if begins else [item.told(self.status_of(item)) for item in self.items],
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "store": False,
            "temperature": None,
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "usage": usage(last) if isinstance(last, Finished) else None,
        }

    def sse(self, event: Json) -> bytes:
        """Return one event as bytes, with its number."""
        kind: str = event["type"]
        numbered = {"type": kind, "sequence_number": self.number, **event}
        self.number += 1
        return b"event: " + kind.encode() + b"\ndata: " + dump(numbered) + b"\n\n"


def deltas_of(item: Item) -> tuple[str, str, Json]:
    """Return how the pieces of an item are told: the events' type, the field of the whole, and further fields."""
    if item.tool is None:
        return "response.output_text", "text", {"content_index": 0, "logprobs": []}
    if item.tool.free:
        return "response.custom_tool_call_input", "input", {}
    return "response.function_call_arguments", "arguments", {}


def part(text: str) -> Json:
    """Return the one part of a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def usage(finished: Finished) -> Json:
    """Return the `usage` object."""
    return {
        "input_tokens": finished.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": finished.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": finished.input_tokens + finished.output_tokens,
    }
