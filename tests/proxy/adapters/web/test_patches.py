"""Streams of patches that leave out what has not changed are read, behind an event of ours, as they were meant."""

import json
from typing import Any

import pytest

from proxy.adapters.web.chatgpt_stream import ChatGptShape
from proxy.adapters.web.deepseek_stream import DeepSeekShape
from proxy.answers.restore import StreamRestorer

DEEPSEEK = {"v": {"response": {"fragments": [{"type": "RESPONSE", "content": "问["}]}}}
CHATGPT = {"v": {"message": {"id": "m", "content": {"content_type": "text", "parts": ["问["]}}}}


def sent(*events: Any) -> bytes:
    return b"".join(f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n".encode() for one in events)


def texts(shape: Any, body: bytes) -> str:
    """Return what a page shows, which skips what it cannot read."""
    reading = shape.begin()
    said = ""
    for frame in reading.framer("text/event-stream").feed(body):
        try:
            data = json.loads(frame.data or "")
        except ValueError:
            continue
        said += "".join(slot.text for slot in reading.slots(frame.event, data))
    return said


@pytest.mark.parametrize("size", [1, 7, 9999])
@pytest.mark.parametrize(
    ("shape", "events"),
    [
        (DeepSeekShape(), (DEEPSEEK, "{F", {"v": "？"}, {"v": "z"})),
        (DeepSeekShape(), (DEEPSEEK, "{F", {"x": 1}, {"o": "APPEND", "v": "？"})),
        (DeepSeekShape(), (DEEPSEEK, {"p": "response/status", "v": "WIP"}, "{F", {"v": "FINISHED"})),
        (DeepSeekShape(), (DEEPSEEK, {"p": "response", "o": "BATCH", "v": []}, "{F", {"v": [{"p": "a", "v": "b"}]})),
        (ChatGptShape(), (CHATGPT, "{F", {"v": "？"}, {"v": "z"})),
        (ChatGptShape(), (CHATGPT, {"p": "", "o": "patch", "v": []}, "{F", {"v": [{"p": "/x", "o": "add", "v": "b"}]})),
    ],
    ids=["begun", "begun, another between", "a status", "a batch", "ChatGPT begun", "ChatGPT patches"],
)
def test_what_an_event_leaves_out_is_not_taken_from_ours(shape: Any, events: tuple[Any, ...], size: int) -> None:
    body = sent(*events)
    restorer = StreamRestorer(shape, "text/event-stream", {}.get)
    out = b"".join(restorer.feed(body[at : at + size]) for at in range(0, len(body), size)) + restorer.end()
    assert texts(shape, out) == texts(shape, body) == "问["
