"""Writes an answer as a turn of chatgpt.com, in the stream encoding `v1` that the page reads.

Enters: an answer in neutral events. Leaves: patches. What is not text is left out, as on every page.
"""

from typing import Final

from proxy.adapters.interface import Talk
from proxy.adapters.web.page_writer import PageWriter, identify
from proxy.wire.json_text import dump

TEXT: Final = "/message/content/parts/0"


class ChatGptWriter(PageWriter):
    """Writes one turn."""

    def __init__(self, model: str, answer_id: str, now: int, talk: Talk) -> None:
        """`model` is the name that the page asked for, `answer_id` the turn's, `now` in seconds since 1970."""
        super().__init__()
        self.model = model
        self.now = now
        self.message = identify(answer_id, 1)
        self.conversation = talk.id or None

    def head(self) -> bytes:
        """Return the message, still without text."""
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

    def text(self, text: str) -> bytes:
        """Return a patch that appends to the text."""
        return delta({"p": TEXT, "o": "append", "v": text})

    def tail(self) -> bytes:
        """Return what finishes message and stream."""
        steps = [
            {"p": "/message/status", "o": "replace", "v": "finished_successfully"},
            {"p": "/message/end_turn", "o": "replace", "v": True},
        ]
        complete = {"type": "message_stream_complete", "conversation_id": self.conversation}
        return delta({"p": "", "o": "patch", "v": steps}) + b"data: " + dump(complete) + b"\n\ndata: [DONE]\n\n"


def delta(data: dict[str, object]) -> bytes:
    """Return one event of the encoding."""
    return b"event: delta\ndata: " + dump(data) + b"\n\n"
