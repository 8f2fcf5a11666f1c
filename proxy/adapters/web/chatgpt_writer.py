"""Writes an answer as a turn of chatgpt.com, in the stream encoding `v1` that the page reads.

Neutral events go in, bytes come out at once. The page shows text only: reasoning is left out, and a call of a tool
becomes the end of the answer, for the page has no tools of ours.
"""

from uuid import UUID

from proxy.answer import Event, Failed, Finished, Started, TextDelta
from proxy.exchange import Headers
from proxy.internal_failure import BROKE_OFF
from proxy.json_text import dump

TEXT = "/message/content/parts/0"


class ChatGptWriter:
    """Writes one turn."""

    def __init__(self, *, model: str, answer_id: str, now: int) -> None:
        """`model` is the name that the page asked for, `answer_id` the turn's, `now` in seconds since 1970."""
        self.model = model
        self.now = now
        self.message = identify(answer_id, 1)
        self.conversation = identify(answer_id, 2)
        self.begun = False
        self.over = False

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        return (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now."""
        return b"".join(self.one(event) for event in events if not self.over)

    def end(self) -> bytes:
        """Return what is left; an answer that was neither finished nor failed becomes a failed one."""
        return b"" if self.over else self.one(Failed(BROKE_OFF))

    def one(self, event: Event) -> bytes:
        """Return what one event makes the page show."""
        match event:
            case Started():
                return self.open()
            case TextDelta(text):
                return self.open() + delta({"p": TEXT, "o": "append", "v": text})
            case Finished():
                return self.open() + self.close()
            case Failed(message):
                return self.open() + delta({"p": TEXT, "o": "append", "v": message}) + self.close()
            case _:
                return b""

    def open(self) -> bytes:
        """Return the head of the turn, once."""
        if self.begun:
            return b""
        self.begun = True
        message = {
            "id": self.message,
            "author": {"role": "assistant", "name": None, "metadata": {}},
            "create_time": self.now,
            "content": {"content_type": "text", "parts": [""]},
            "status": "in_progress",
            "end_turn": None,
            "weight": 1.0,
            "metadata": {"message_type": "next", "model_slug": self.model},
            "recipient": "all",
            "channel": "final",
        }
        head = {"message": message, "conversation_id": self.conversation, "error": None}
        return b'event: delta_encoding\ndata: "v1"\n\n' + delta({"p": "", "o": "add", "v": head, "c": 0})

    def close(self) -> bytes:
        """Return the end of the turn."""
        self.over = True
        steps = [
            {"p": "/message/status", "o": "replace", "v": "finished_successfully"},
            {"p": "/message/end_turn", "o": "replace", "v": True},
        ]
        complete = {"type": "message_stream_complete", "conversation_id": self.conversation}
        return delta({"p": "", "o": "patch", "v": steps}) + b"data: " + dump(complete) + b"\n\ndata: [DONE]\n\n"


def delta(data: dict[str, object]) -> bytes:
    """Return one event of the encoding."""
    return b"event: delta\ndata: " + dump(data) + b"\n\n"


def identify(answer_id: str, number: int) -> str:
    """Return a UUID made of an answer's name; the same for the same name."""
    digits = answer_id.encode().ljust(16, b"0")[-15:]
    return str(UUID(bytes=digits + bytes([number]), version=4))
