"""DashScope's own interface: text and multimodal generation, applications, embeddings and other calls.

Source: the `dashscope` client library for the framing of streams; fields as described in public client code. A header
asks for a stream. Each event repeats the text so far, unless `parameters.incremental_output` asks for pieces; a body
that went by unread leaves that to be seen from the second event. Clients that encrypt their requests cannot be read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from proxy.adapters.interface import Asked, Refusal, Slot
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai_chat import count
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import Shape, find
from proxy.adapters.vendors.dashscope_to_chat import to_chat
from proxy.adapters.vendors.dashscope_writer import DashScopeWriter, Form
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.errors import Unreadable
from proxy.exchange import Answer, header
from proxy.wire import json_text

WORDS: Final = shapes(
    "/model", "/parameters/result_format", "/parameters/size", "/parameters/style", "/parameters/text_type",
    "/parameters/tool_choice", "/parameters/tool_choice/type", "/parameters/tools/*/type", "/parameters/voice",
    "/parameters/format", "/parameters/response_format/type", "/parameters/max_tokens", "/parameters/seed",
    "/parameters/thinking_budget", "/parameters/output_type", "/parameters/dimension", "/input/session_id",
    "/input/messages/*/role", "/input/messages/*/tool_call_id", "/input/messages/*/tool_calls/*/id",
    "/input/messages/*/tool_calls/*/type", "/input/messages/*/content/*/type",
)  # fmt: skip
GOING_ON: Final = frozenset({"", "null"})
"""Reasons to stop of an answer that goes on; the interface writes null as a word."""
CHOICE: Final = "/output/choices/*"

FIELDS: Final[Mapping[str, str]] = {
    "/message/reasoning_content": "reasoning_content",
    "/message/content": "content",
    "/message/content/*/text": "content/text",
}
"""Where the message of a choice has running text, and the channel it goes on with."""


@dataclass(slots=True)
class Manner:
    """What only the body says of the answer: known once it was read, made anew for each request."""

    whole: bool | None = None
    """Whether events repeat the text so far."""
    form: Form = "both"


@dataclass(frozen=True, slots=True)
class DashScopeShape(Shape):
    """Where the text sits in the events of a stream."""

    manner: Manner
    seen: dict[str, str] = field(default_factory=dict, repr=False)
    """The last text of each channel."""
    told: dict[str, bool] = field(default_factory=dict)
    """Of each channel, whether its texts repeat, as its second one showed, and all since."""

    def begin(self) -> "DashScopeShape":
        """Return the shape of one stream."""
        return DashScopeShape(self.manner)

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - all events are results
        """Return the texts of an event."""
        return [
            Slot(channel, path, text, json, self.repeats(channel, text)) for channel, path, text, json in texts(data)
        ]

    def repeats(self, channel: str, text: str) -> bool:
        """Return whether the texts of a channel repeat what was said."""
        if self.manner.whole is not None:
            return self.manner.whole
        before = self.seen.get(channel)
        if before and text and text != before and self.told.get(channel, True):
            self.told[channel] = text.startswith(before)  # one that does not is a piece, and so were all
        if text:
            self.seen[channel] = text
        return self.told.get(channel, False)

    def missed(self) -> None:
        """Forget what was said last: what comes may have begun with what went by."""
        self.seen.clear()

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the channels of choices that finish, or that go on with another text."""
        done = {number for number, reason in reasons(data) if reason not in GOING_ON}
        live = [channel for channel, _, text, _ in texts(data) if text]
        moved = set() if self.manner.whole or any(self.told.values()) else {one.partition("/")[0] for one in live}
        return [
            channel
            for channel in open_channels
            if (number := channel.partition("/")[0]) in done or (number in moved and channel not in live)
        ]

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a result that carries `text` alone."""
        number, _, rest = channel.partition("/")
        head = {key: like[key] for key in ("request_id",) if key in like}
        if rest == "text":
            return "", {"output": {"text": text, "finish_reason": "null"}, **head}
        message: dict[str, Any] = {"role": "assistant", rest: text}
        if rest.startswith("tool_calls/"):
            call = {"index": int(rest.partition("/")[2]), "function": {"arguments": text}}
            message = {"role": "assistant", "content": "", "tool_calls": [call]}
        elif rest == "content/text":
            message = {"role": "assistant", "content": [{"text": text}]}
        choice = {"index": int(number), "message": message, "finish_reason": "null"}
        return "", {"output": {"choices": [choice]}, **head}


def texts(data: Any) -> Iterator[tuple[str, Steps, str, bool]]:
    """Yield channel, path, text, and whether it is JSON, of each text of an event."""
    for path, text in find(data, "/output/text"):
        if isinstance(text, str):
            yield "0/text", path, text, False
    for at, choice in find(data, CHOICE):
        number = index_of(choice, at)
        for pointer, name in FIELDS.items():
            for path, text in find(choice, pointer):
                if isinstance(text, str):
                    yield f"{number}/{name}", (*at, *path), text, False
        for path, call in find(choice, "/message/tool_calls/*"):
            for inner, text in find(call, "/function/arguments"):
                if isinstance(text, str):
                    yield f"{number}/tool_calls/{index_of(call, path)}", (*at, *path, *inner), text, True


def index_of(value: Any, path: Steps) -> int:
    """Return the index that an entry of a list says, or else the one that it has."""
    place = path[-1]
    return count(value.get("index") if isinstance(value, dict) else None, place if isinstance(place, int) else 0)


def reasons(data: Any) -> Iterator[tuple[str, str]]:
    """Yield the number of each choice and why it ended."""
    for _, reason in find(data, "/output/finish_reason"):
        yield "0", str(reason or "")
    for at, choice in find(data, CHOICE):
        if isinstance(choice, dict):
            yield str(index_of(choice, at)), str(choice.get("finish_reason") or "")


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as DashScope's error: what policy stops is what its own inspection would stop."""
    code = "DataInspectionFailed" if refusal.status == 403 else "InvalidParameter"
    if refusal.status >= 500:
        code = "ServiceUnavailable"
    status = 400 if refusal.status == 403 else 0
    return tell(refusal, {"code": code, "message": refusal.message, "request_id": refusal.reference}, status=status)


@dataclass(frozen=True, slots=True)
class DashScopeCalls(JsonAdapter):
    """POST of calls that the company's model has no answer to: applications, embeddings, pictures, sound."""

    encrypted: bool = False

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one request."""
        wanted = header(asked.headers, "accept").lower()
        stream = header(asked.headers, "x-dashscope-sse").lower() == "enable" or wanted == "text/event-stream"
        encrypted = bool(header(asked.headers, "x-dashscope-encryptionkey"))
        manner = Manner()
        return replace(self, stream=stream, encrypted=encrypted, shape=DashScopeShape(manner))

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `Unreadable`, `WireError` or `TooLarge`."""
        if self.encrypted:
            raise Unreadable("the client has encrypted the request")
        prompt = JsonAdapter.read(self, body, content_type)
        told = prompt.tree.get("parameters")
        parameters = told if isinstance(told, dict) else {}
        manner = self.manner
        manner.whole = parameters.get("incremental_output") is not True
        if parameters.get("result_format") in ("message", "text"):
            manner.form = parameters["result_format"]
        return prompt

    @property
    def manner(self) -> Manner:
        """What the body said of the answer."""
        return self.shape.manner if isinstance(self.shape, DashScopeShape) else Manner()


@dataclass(frozen=True, slots=True)
class DashScope(DashScopeCalls):
    """POST of text and multimodal generation."""

    parts: bool = False
    """Whether contents are lists of parts, as multimodal generation has it."""

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one request."""
        return replace(DashScopeCalls.at(self, asked), parts="/multimodal-generation/" in asked.bare)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model, stream=self.stream))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> DashScopeWriter:  # noqa: ARG002 - answers carry no time
        """Return what writes an answer as results."""
        form: Form = "parts" if self.parts else self.manner.form
        return DashScopeWriter(form, stream=stream, repeats=bool(self.manner.whole), model=model, answer_id=answer_id)


ROLES: Final = roles({"/input": "user"}, "/input/messages")
UNBOUND: Final = DashScopeShape(Manner())

DASHSCOPE: Final = DashScope("dashscope", UNBOUND, refuse, WORDS, ROLES, tested="sdk")
DASHSCOPE_CALLS: Final = DashScopeCalls("dashscope-calls", UNBOUND, refuse, WORDS, ROLES, tested="sdk")
