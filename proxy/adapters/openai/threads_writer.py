"""Writes the answer to a run: the run as it ended, or the events of a run, its message and its calls.

Neutral events go in, bytes come out at once. A run that asks for the output of functions waits for the client
(`requires_action`), as at the service.
"""

from typing import Any

from proxy.adapters.openai.threads import Json, message_object, told_run
from proxy.adapters.vendors.gather import GatheringWriter
from proxy.wire.json_text import dump


class RunWriter(GatheringWriter):
    """Writes one run."""

    def __init__(self, thread: Json, run: Json, number: int, name: str, **given: Any) -> None:
        """Take the thread, what was asked of the run, the number of its turn, and its id."""
        self.now = int(given.pop("now"))
        super().__init__(**given)
        self.thread, self.run, self.number, self.name = thread, run, number, name

    @property
    def kept(self) -> str:
        """What is kept of the answer; nothing of one that failed."""
        if self.last is None or self.last is not self.finished:
            return ""
        return dump(self.answer).decode()

    @property
    def answer(self) -> Json:
        """The answer as it is kept."""
        calls = [{"id": one.id, "function": {"name": one.name, "arguments": one.json}} for _, one in self.in_order]
        end = self.finished
        total = end.input_tokens + end.output_tokens
        counted = {"prompt_tokens": end.input_tokens, "completion_tokens": end.output_tokens, "total_tokens": total}
        return {"text": self.text, "calls": calls, "usage": counted}

    @property
    def in_order(self) -> list[tuple[int, Any]]:
        """The calls of functions."""
        return sorted(self.calls.items())

    def told(self, status: str = "") -> Json:
        """Return the run as it stands."""
        return told_run(self.name, self.thread["id"], self.run, self.now, {} if status else self.answer, status)

    def message(self, status: str) -> Json:
        """Return the message that the run writes."""
        made = message_object(self.thread["id"], self.number, "a", "assistant", self.text, self.now)
        made |= {"run_id": self.name, "assistant_id": self.run.get("assistant_id"), "status": status}
        return made if status == "completed" else {**made, "content": []}

    def begin(self) -> bytes:
        """Return the events with which a run begins."""
        begun = [
            ("thread.run.created", "queued"),
            ("thread.run.queued", "queued"),
            ("thread.run.in_progress", "in_progress"),
        ]
        return b"".join(event(kind, self.told(status)) for kind, status in begun)

    def piece(self, text: str) -> bytes:
        """Return more of the message, which the first piece begins."""
        begun = b""
        if self.text == text:
            begun = event("thread.message.created", self.message("in_progress"))
            begun += event("thread.message.in_progress", self.message("in_progress"))
        content = [{"index": 0, "type": "text", "text": {"value": text, "annotations": []}}]
        delta = {"id": self.message("")["id"], "object": "thread.message.delta", "delta": {"content": content}}
        return begun + event("thread.message.delta", delta)

    def idle(self) -> bytes:
        """Return a comment, which keeps the line open."""
        return b": the model thinks\n\n"

    def finish(self) -> bytes:
        """Return the end of the message, and of the run, or what it waits for."""
        ended = event("thread.message.completed", self.message("completed")) if self.text else b""
        run = self.told()
        return ended + event(f"thread.run.{run['status']}", run)

    def close(self) -> bytes:
        """Return what closes a stream."""
        return b"event: done\ndata: [DONE]\n\n"

    def failed(self, message: str) -> bytes:
        """Return the failed run."""
        run = self.told("failed") | {"last_error": {"code": "server_error", "message": message}, "failed_at": self.now}
        return event("thread.run.failed", run) if self.stream else dump(run)

    def whole(self) -> bytes:
        """Return the run as it ended."""
        return dump(self.told())


def event(kind: str, data: Json) -> bytes:
    """Return one event."""
    return f"event: {kind}\n".encode() + b"data: " + dump(data) + b"\n\n"
