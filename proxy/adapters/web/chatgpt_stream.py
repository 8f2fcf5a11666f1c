"""The stream of chatgpt.com: JSON patches that leave out what has not changed, or older snapshots.

Enters: its events. Leaves: where the running text stands in each. In the encoding `v1` an event is `{"p", "o", "v"}`:
a JSON pointer, an operation (add, append, replace, patch: a list of operations) and a value. Pointer and operation,
where left out, are those of the event before, so most of an answer is `{"v": "…"}`. Source: public client code; not
seen live.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import AnswerShape, Slot
from proxy.adapters.pointer import Steps
from proxy.adapters.shape import Shape, find

LAST: Final = frozenset({"message_stream_complete"})
"""Types of events after which no more text comes."""

FINISHED: Final = frozenset({"finished_successfully", "finished_partial_completion"})


class ChatGptShape(Shape):
    """Follows one stream: which message, pointer and operation an event goes on with."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.pointer = ""
        self.operation = "add"
        self.message = 0
        """How many messages have begun."""
        self.turned: dict[str, int] = {}
        """How often the text at a pointer was replaced."""
        self.moved = False

    def begin(self) -> AnswerShape:
        """Return a shape that has seen nothing."""
        return ChatGptShape()

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data says what it is
        """Return the pieces of text of an event, and remember what it leaves to the next one."""
        if not isinstance(data, dict):
            return ()
        if "v" not in data:
            return list(self.snapshots(data))
        self.pointer = text_of(data, "p", self.pointer)
        self.operation = text_of(data, "o", self.operation if "p" not in data else "add")
        return list(self.pieces(("v",), self.pointer, self.operation, data["v"]))

    def pieces(self, path: Steps, pointer: str, operation: str, value: Any) -> Iterator[Slot]:
        """Yield the text that one operation writes at `pointer`."""
        if operation == "patch" and isinstance(value, list):
            for place, step in enumerate(value):
                if isinstance(step, dict):
                    below = pointer + text_of(step, "p", "")
                    yield from self.pieces((*path, place, "v"), below, text_of(step, "o", ""), step.get("v"))
        elif isinstance(value, str):
            if operation == "append":
                yield Slot(self.channel(pointer), path, value)
            elif operation in ("replace", "add") and pointer.startswith("/message/content/"):
                self.turned[pointer] = self.turned.get(pointer, 0) + 1
                yield Slot(self.channel(pointer), path, value)
        elif isinstance(value, dict) and isinstance(value.get("message"), dict) and not pointer:
            self.message += 1
            self.turned.clear()
            for at, text in find(value, "/message/content/parts/*"):
                if isinstance(text, str):
                    yield Slot(self.channel("/" + "/".join(map(str, at))), (*path, *at), text)

    def snapshots(self, data: Mapping[str, Any]) -> Iterator[Slot]:
        """Yield the texts of an event of the older encoding, which repeats the message so far."""
        message = data.get("message")
        name = message.get("id") if isinstance(message, dict) else None
        for at, text in find(data, "/message/content/parts/*"):
            if isinstance(text, str):
                yield Slot(f"{name}:{at[-1]}", at, text, whole=True)

    def channel(self, pointer: str) -> str:
        """Return a name for the text at a pointer of this message, since it was last replaced."""
        return f"{self.message}:{pointer}#{self.turned.get(pointer, 0)}"

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return every channel, once the message is finished; those of messages and texts that were left, too."""
        if not isinstance(data, dict):
            return ()
        if data.get("type") in LAST if isinstance(data.get("type"), str) else False:
            return open_channels
        if any(value in FINISHED for value in statuses(data) if isinstance(value, str)):
            return open_channels
        return [name for name in open_channels if self.left(name)]

    def left(self, name: str) -> bool:
        """Return whether no more text comes on a channel of the encoding `v1`: another one has taken its place."""
        head, _, turn = name.rpartition("#")
        number, colon, pointer = head.partition(":")
        if not colon or not turn:
            return False
        return int(number) < self.message or int(turn) < self.turned.get(pointer, 0)

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event with `text`, behind which the next one needs a pointer of its own."""
        head, hash_sign, _ = channel.rpartition("#")
        if not hash_sign:
            return super().carry(channel, text, like)
        self.moved = True
        return "delta", {"p": head.partition(":")[2], "o": "append", "v": text}

    def settle(self, data: Any) -> Any:
        """Return an event with the pointer and the operation that it leaves out."""
        if not isinstance(data, dict) or "v" not in data:
            return data
        self.moved = False
        said = isinstance(data.get("p"), str)
        return data if said else data | {"p": self.pointer, "o": self.operation}


def statuses(data: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values that an event gives to the message's status."""
    steps = data.get("v")
    if data.get("p") == "/message/status":
        yield steps
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict) and step.get("p") == "/message/status":
            yield step.get("v")
    yield from (value for _, value in find(data, "/message/status"))
    yield from (value for _, value in find(data, "/v/message/status"))


def text_of(data: Mapping[str, Any], key: str, otherwise: str) -> str:
    """Return the string under `key`, or `otherwise` where there is none."""
    value = data.get(key)
    return value if isinstance(value, str) else otherwise
