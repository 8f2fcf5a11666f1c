"""Made-up streamed answers, and what a client would read in them."""

import itertools
import json

from proxy.framing.events import SseFramer


def chat(*deltas, finish="stop", **more) -> list[dict]:
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    return [*events, {**head, **more, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]


def call(text: str, index: int = 0, **head) -> dict:
    return {
        "tool_calls": [{"index": index, **head, "function": {"arguments": text, **({"name": "f"} if head else {})}}]
    }


def sse(events, end=b"data: [DONE]\n\n") -> bytes:
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events) + end


def named(events) -> bytes:
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)


def joined(data: bytes, shape) -> dict[str, str]:
    """Return the joined text of every channel, and the kinds of the events that carry none, in order."""
    texts: dict[str, str] = {"": ""}
    framer = SseFramer()
    for frame in itertools.chain(framer.feed(data), framer.end()):
        try:
            slots = shape.slots(frame.event, json.loads(frame.data or ""))
        except ValueError:
            slots = ()
        for slot in slots:
            texts[slot.channel] = texts.get(slot.channel, "") + slot.text
        if not slots:
            texts[""] += f"{frame.event} {frame.data}\n"
    return texts
