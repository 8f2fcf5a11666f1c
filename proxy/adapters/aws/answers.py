"""Where the text stands in the answers of Bedrock, its agents and Amazon Q, and how Amazon's interfaces refuse.

Source: the service description in `botocore` for Bedrock; agents and Amazon Q are general knowledge and were not seen
live. Streams are AWS event streams. Reasoning is signed, and passes as it came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.interface import AnswerShape, Refusal, Slot
from proxy.adapters.openai_chat import FINAL_4XX, count
from proxy.adapters.shape import PathShape, Shape, TextAt
from proxy.adapters.vendors.refusing import final, tell
from proxy.exchange import Answer
from proxy.framing.aws import MEDIA_TYPE, AwsFramer, Wrapping
from proxy.framing.events import Framer, framer_for

WORDS: Final = {403: "AccessDeniedException", 404: "ResourceNotFoundException", 424: "ModelErrorException"}


def framer_of(content_type: str, wrapping: Wrapping = "") -> Framer | None:
    """Return the framer of an answer of this type."""
    kind = content_type.partition(";")[0].strip().lower()
    return AwsFramer(wrapping) if kind == MEDIA_TYPE else framer_for(content_type)


class ConverseShape(Shape):
    """Where the text sits in the events of a conversation."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of AWS event streams."""
        return framer_of(content_type)

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data tells itself
        """Return the piece of text, or of a tool's input, in a `contentBlockDelta`."""
        delta = data.get("delta") if isinstance(data, dict) else None
        if not isinstance(delta, dict):
            return ()
        block = count(data.get("contentBlockIndex"), 0)
        if isinstance(delta.get("text"), str):
            return (Slot(f"{block}/text", ("delta", "text"), delta["text"]),)
        used = delta.get("toolUse")
        if isinstance(used, dict) and isinstance(used.get("input"), str):
            return (Slot(f"{block}/input", ("delta", "toolUse", "input"), used["input"], json=True),)
        return ()

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return the channels of a block that stops, and all when the message does."""
        if event == "contentBlockStop" and isinstance(data, dict):
            block = str(count(data.get("contentBlockIndex"), 0))
            return [channel for channel in open_channels if channel.partition("/")[0] == block]
        return open_channels if event == "messageStop" or event.endswith("Exception") else ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:  # noqa: ARG002 - the channel says all
        """Return a `contentBlockDelta` that carries `text`."""
        block, _, kind = channel.partition("/")
        delta = {"text": text} if kind == "text" else {"toolUse": {"input": text}}
        return "contentBlockDelta", {"contentBlockIndex": int(block), "delta": delta}

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Return whether `value` holds reasoning, which is signed."""
        return "reasoningContent" in value


NATIVE: Final = PathShape(
    (
        TextAt("/contentBlockDelta/delta/text"),
        TextAt("/contentBlockDelta/delta/toolUse/input", json=True),
        TextAt("/generation"),
        TextAt("/outputText"),
        TextAt("/outputs/*/text"),
        TextAt("/choices/*/message/content"),
        TextAt("/text", {"/is_finished": frozenset({False})}),
    ),
    ends=(
        {"/contentBlockStop": frozenset()},
        {"/messageStop": frozenset()},
        {"/stop_reason": frozenset()},
        {"/choices/*/stop_reason": frozenset()},
        {"/completionReason": frozenset()},
        {"/is_finished": frozenset({True})},
    ),
)
"""Nova, Llama, Titan, Mistral and Cohere, each in its own words."""

KNOWN: Final[tuple[AnswerShape, ...]] = (NATIVE, AnyShape())


class InvokeShape(Shape):
    """Where the text sits in what a model answers in its own words: Anthropic's, OpenAI's, or another vendor's."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of AWS event streams, whose chunks hold JSON."""
        return framer_of(content_type, "json")

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - all events are chunks
        """Return the pieces of text that the first shape sees which sees any."""
        for number, shape in enumerate(KNOWN):
            if found := shape.slots("", data):
                return [replace(one, channel=f"{number}|{one.channel}") for one in found]
        return ()

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return what each shape's own events close."""
        done: list[str] = []
        for number, shape in enumerate(KNOWN):
            mine = [name.partition("|")[2] for name in open_channels if name.startswith(f"{number}|")]
            done += [f"{number}|{name}" for name in shape.closes("", data, mine)]
        return done

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a chunk with the event that the channel's shape makes."""
        number, _, name = channel.partition("|")
        return "chunk", KNOWN[int(number)].carry(name, text, like)[1]

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Return whether `value` is signed reasoning, Anthropic's or Nova's."""
        kind = value.get("type")
        signed = isinstance(kind, str) and kind in (
            "thinking",
            "redacted_thinking",
            "thinking_delta",
            "signature_delta",
        )
        return signed or "reasoningContent" in value


class AgentShape(Shape):
    """Where the text sits in what an agent answers: chunks of running text."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of AWS event streams, whose chunks hold text."""
        return framer_of(content_type, "text")

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - only a chunk is a text
        """Return the text of a chunk."""
        return (Slot("chunk", (), data),) if isinstance(data, str) else ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:  # noqa: ARG002 - the text is all
        """Return a chunk with `text`."""
        return "chunk", text


class AmazonQShape(Shape):
    """Where the text sits in what Amazon Q and Kiro answer."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of AWS event streams."""
        return framer_of(content_type)

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the piece of an answer, of code, or of a tool's input."""
        if not isinstance(data, dict):
            return ()
        if event in ("assistantResponseEvent", "codeEvent") and isinstance(data.get("content"), str):
            return (Slot(event, ("content",), data["content"]),)
        if event == "toolUseEvent" and isinstance(data.get("input"), str):
            return (Slot(f"toolUseEvent/{data.get('toolUseId')}", ("input",), data["input"], json=True),)
        return ()

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return the texts before a tool is used, and the input that stops."""
        if event != "toolUseEvent" or not isinstance(data, dict):
            return open_channels if event.endswith("Exception") else ()
        mine = f"toolUseEvent/{data.get('toolUseId')}"
        return [one for one in open_channels if one != mine or data.get("stop") is True]

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event that carries `text`."""
        name, _, call = channel.partition("/")
        if not call:
            return name, {"content": text}
        return name, {"toolUseId": call, "name": like.get("name", ""), "input": text}


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Amazon's error: a word in a header, the message in the body."""
    status = final(refusal.status)
    word = WORDS.get(status, "ValidationException" if status in FINAL_4XX else "AccessDeniedException")
    headers = (("x-amzn-errortype", word), ("x-amzn-requestid", refusal.reference))
    return tell(refusal, {"message": refusal.message}, extra=headers)
