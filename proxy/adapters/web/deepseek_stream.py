"""The stream of chat.deepseek.com: patches `{"p", "o", "v"}` that leave out what has not changed.

Enters: its events, or an answer in neutral ones. Leaves: where the running text stands, or events that the page reads.
`p` is a path without a leading stroke (`response/fragments/-1/content`, older `response/content`), `o` is SET, APPEND
or BATCH (a list of patches below `p`). Source: public client code; not seen live.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import AnswerShape, Slot, Talk
from proxy.adapters.pointer import Steps
from proxy.adapters.shape import Shape, find
from proxy.adapters.web.page_writer import PageWriter
from proxy.wire.json_text import dump

TEXTS: Final = ("content", "thinking_content")
"""Last steps of the paths at which running text stands."""
ENDS: Final = frozenset({"FINISHED", "INCOMPLETE", "CONTENT_FILTER"})


class DeepSeekShape(Shape):
    """Follows one stream: which path and operation an event goes on with, and how many fragments have begun."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.path = ""
        self.operation = "SET"
        self.fragment = 0
        self.moved = False

    def begin(self) -> AnswerShape:
        """Return a shape that has seen nothing."""
        return DeepSeekShape()

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data says what it is
        """Return the pieces of text of an event, and remember what it leaves to the next one."""
        if not isinstance(data, dict) or "v" not in data:
            return ()
        if isinstance(data.get("p"), str):
            self.path, self.operation = data["p"], "SET"
        if isinstance(data.get("o"), str):
            self.operation = data["o"]
        return list(self.pieces(("v",), self.path, self.operation, data["v"]))

    def pieces(self, at: Steps, path: str, operation: str, value: Any) -> Iterator[Slot]:
        """Yield the text that one operation writes at `path`."""
        if operation == "BATCH" and isinstance(value, list):
            for place, step in enumerate(value):
                if isinstance(step, dict):
                    below = "/".join(filter(None, (path, str(step.get("p", "")))))
                    yield from self.pieces((*at, place, "v"), below, str(step.get("o", "SET")), step.get("v"))
        elif isinstance(value, str):
            if path.rpartition("/")[2] in TEXTS:
                yield Slot(f"{self.fragment}:{path}", at, value)
        else:
            yield from self.begun(at, value)

    def begun(self, at: Steps, value: Any) -> Iterator[Slot]:
        """Yield the first pieces of fragments, or of a response, that begin with this value."""
        inside = "/response/fragments/*/content" if isinstance(value, dict) else "/*/content"
        for place, text in find(value, inside):
            if isinstance(text, str):
                self.fragment += 1
                yield Slot(f"{self.fragment}:response/fragments/-1/content", (*at, *place), text)
        for name in TEXTS:
            for place, text in find(value, f"/response/{name}"):
                if isinstance(text, str) and text:
                    yield Slot(f"{self.fragment}:response/{name}", (*at, *place), text)

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return every channel once the answer is finished; those of fragments that were left, too."""
        if event in ("close", "finish") or (isinstance(data, dict) and any(self.statuses(data))):
            return open_channels
        return [name for name in open_channels if int(name.partition(":")[0]) < self.fragment]

    def statuses(self, data: dict[str, Any]) -> Iterator[bool]:
        """Yield whether each status that an event gives is an end."""
        value = data.get("v")
        if self.path.endswith("status") and isinstance(value, str):
            yield value in ENDS
        for step in value if isinstance(value, list) else ():
            if isinstance(step, dict) and str(step.get("p", "")).endswith("status"):
                yield isinstance(step.get("v"), str) and step["v"] in ENDS

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:  # noqa: ARG002 - the channel says where
        """Return an event that appends `text`, behind which the next one needs a path of its own."""
        self.moved = True
        return "", {"p": channel.partition(":")[2], "o": "APPEND", "v": text}

    def settle(self, data: Any) -> Any:
        """Return an event with the path and the operation that it leaves out."""
        if not isinstance(data, dict) or "v" not in data:
            return data
        self.moved = False
        said = isinstance(data.get("p"), str)
        return data if said else data | {"p": self.path, "o": self.operation}


class DeepSeekWriter(PageWriter):
    """Writes one turn."""

    def __init__(self, _model: str, _answer_id: str, now: int, talk: Talk) -> None:
        """`now` is in seconds since 1970; messages are numbered within `talk`."""
        super().__init__()
        self.now = now
        self.asked = max(2 * len(talk.turns), talk.last) + 1
        self.fragment = ""

    def head(self) -> bytes:
        """Return the numbers of the two messages, and the response, still without text."""
        response = {
            "message_id": self.asked + 1, "parent_id": self.asked, "model": "", "role": "ASSISTANT", "fragments": [],
            "inserted_at": self.now, "status": "WIP", "conversation_mode": "DEFAULT",
        }  # fmt: skip
        ready = {"request_message_id": self.asked, "response_message_id": self.asked + 1}
        return b"event: ready\n" + patch(ready) + patch({"v": {"response": response}})

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return self.say("RESPONSE", text)

    def thought(self, text: str) -> bytes:
        """Return more of what the model thinks, which the page folds away."""
        return self.say("THINK", text)

    def say(self, kind: str, text: str) -> bytes:
        """Return more of a fragment, or the beginning of one."""
        if kind == self.fragment:
            return patch({"p": "response/fragments/-1/content", "o": "APPEND", "v": text})
        self.fragment = kind
        return patch({"p": "response/fragments", "o": "APPEND", "v": [{"type": kind, "content": text}]})

    def tail(self) -> bytes:
        """Return what finishes the response."""
        done = patch({"p": "response/status", "o": "SET", "v": "FINISHED"})
        return done + b'event: close\ndata: {"click_behavior":"none"}\n\n'


def patch(data: Mapping[str, object]) -> bytes:
    """Return one event."""
    return b"data: " + dump(data) + b"\n\n"
