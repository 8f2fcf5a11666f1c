"""The vendors of chat pages as public client code describes them: what a page's call says, and the answer's frames.

Written from the formats and not from our code. Each vendor repeats what it heard, in pieces, and remembers it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

SSE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class Turn:
    """One turn to be answered."""

    talk: str
    """Id of the conversation."""
    heard: str
    pieces: Sequence[str]
    """The answer, cut."""
    id: str = field(default_factory=lambda: str(uuid4()))
    """Of the answer."""

    @property
    def said(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True)
class Vendor:
    """How one page is answered."""

    path: str
    """Of a turn, as a pattern."""
    heard: Callable[[Any], str]
    """Reads the text of a turn out of its body."""
    named: Callable[[str, Any], str | None]
    """Reads the conversation's id out of path and body; none where it begins."""
    frames: Callable[[Turn], Iterator[bytes]]
    kind: str = SSE
    read: Callable[[bytes], Any] = json.loads
    calls: Mapping[str, Callable[[str, Sequence[Turn]], Any]] = field(default_factory=dict)
    """By method, path and query, as a pattern whose group is the conversation's id: what else a page asks."""


def event(data: Any, name: str = "") -> bytes:
    """Return one server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def chatgpt_message(role: str, text: str, status: str, id: str) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]}
    done = status == "finished_successfully"
    ends = {"end_turn": True if done and role == "assistant" else None}
    return {"id": id, "author": {"role": role}, "content": content, "status": status, "recipient": "all", **ends}


def chatgpt_frames(turn: Turn) -> Iterator[bytes]:
    yield event('"v1"', "delta_encoding")
    asked = chatgpt_message("user", turn.heard, "finished_successfully", str(uuid4()))
    head = {"conversation_id": turn.talk, "error": None}
    yield event({"p": "", "o": "add", "v": {"message": asked, **head}, "c": 0}, "delta")
    yield event({"v": {"message": chatgpt_message("assistant", "", "in_progress", turn.id), **head}, "c": 1}, "delta")
    first, *middle, last = turn.pieces
    yield event({"p": "/message/content/parts/0", "o": "append", "v": first}, "delta")
    for piece in middle:
        yield event({"v": piece}, "delta")
    steps = [
        {"p": "/message/content/parts/0", "o": "append", "v": last},
        {"p": "/message/status", "o": "replace", "v": "finished_successfully"},
        {"p": "/message/end_turn", "o": "replace", "v": True},
    ]
    yield event({"p": "", "o": "patch", "v": steps}, "delta")
    yield event({"type": "title_generation", "title": turn.heard[:60], "conversation_id": turn.talk})
    yield event({"type": "message_stream_complete", "conversation_id": turn.talk})
    yield event("[DONE]")


def chatgpt_history(id: str, turns: Sequence[Turn]) -> Any:
    said = [(role, text) for turn in turns for role, text in (("user", turn.heard), ("assistant", turn.said))]
    mapping: dict[str, Any] = {"m0": {"id": "m0", "message": None, "parent": None, "children": []}}
    for number, (role, text) in enumerate(said, start=1):
        here, before = f"m{number}", f"m{number - 1}"
        message = chatgpt_message(role, text, "finished_successfully", here)
        mapping[here] = {"id": here, "message": message, "parent": before, "children": []}
        mapping[before]["children"].append(here)
    return {"conversation_id": id, "title": turns[0].heard, "mapping": mapping, "current_node": f"m{len(said)}"}


VENDORS: dict[str, Vendor] = {
    "chatgpt.com": Vendor(
        "/backend-api/f/conversation",
        heard=lambda body: body["messages"][0]["content"]["parts"][0],
        named=lambda _, body: body.get("conversation_id"),
        frames=chatgpt_frames,
        calls={
            "POST /backend-api/f/conversation/prepare": lambda *_: {"status": "ok", "conduit_token": "c"},
            "GET /backend-api/conversation/([^/?]+)": chatgpt_history,
        },
    ),
}
"""By host."""
