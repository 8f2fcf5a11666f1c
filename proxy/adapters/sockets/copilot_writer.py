"""Turns of the assistant's, in the messages of copilot.microsoft.com and of Microsoft 365 Copilot.

Enters: the frame that asks, and an answer in neutral events. Leaves: packed messages, each as soon as it is known. Both
as public client code and notes on captures have them; which of the events a page needs, and in which order, nobody has
tried on a live page.
"""

from typing import Any

from proxy.adapters.web.page_writer import PageWriter
from proxy.framing.message import MESSAGES, SEPARATOR, pack
from proxy.wire.json_text import dump


class ChatWriter(PageWriter):
    """Writes one turn as small events."""

    content_type = MESSAGES

    def __init__(self, asked: dict[str, Any], answer_id: str) -> None:
        """Take the frame that asks, whose conversation the answer names, and the answer's own name."""
        super().__init__()
        name = asked.get("conversationId")
        self.turn = {"conversationId": name if isinstance(name, str) else "", "messageId": f"sluice-{answer_id}"}
        self.part = {"messageId": self.turn["messageId"], "partId": f"{self.turn['messageId']}-1"}

    def head(self) -> bytes:
        """Return that the turn was received, and that an answer begins."""
        return event("received", self.turn) + event("startMessage", self.turn)

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return event("appendText", self.part | {"text": text})

    def tail(self) -> bytes:
        """Return the end of the answer."""
        return event("partCompleted", self.part) + event("done", {"messageId": self.part["messageId"]})


class HubWriter(PageWriter):
    """Writes one turn as records of SignalR: pieces at the cursor, then all of it, then the invocation's end."""

    content_type = MESSAGES

    def __init__(self, asked: dict[str, Any], answer_id: str) -> None:
        """Take the record that asks, whose invocation the answer ends, and the answer's own name."""
        super().__init__()
        about = asked.get("invocationId")
        self.about = about if isinstance(about, str) else ""
        self.answer_id = f"sluice-{answer_id}"
        self.said = ""

    @property
    def message(self) -> dict[str, str]:
        """The answer so far."""
        return {"text": self.said, "author": "bot", "messageId": self.answer_id}

    def head(self) -> bytes:
        """Return the message, still without text."""
        return record({"type": 1, "target": "update", "arguments": [{"messages": [self.message]}]})

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        self.said += text
        return record({"type": 1, "target": "update", "arguments": [{"writeAtCursor": text}]})

    def tail(self) -> bytes:
        """Return the whole answer, and the end of the invocation."""
        item = {"messages": [self.message], "result": {"value": "Success", "message": self.said}}
        ended = record({"type": 2, "invocationId": self.about, "item": item})
        return ended + record({"type": 3, "invocationId": self.about})


def event(name: str, fields: dict[str, str]) -> bytes:
    """Return one event, packed."""
    return pack(dump({"event": name, **fields}))


def record(value: dict[str, Any]) -> bytes:
    """Return one record, packed."""
    return pack(dump(value) + SEPARATOR)
