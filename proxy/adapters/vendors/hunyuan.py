"""Tencent Hunyuan's own interface: actions of Tencent Cloud at `/`, named in the header `X-TC-Action`.

Fields are general knowledge, not seen live; that requests are signed with their body is known from public clients, so
one with something to take out can be refused or go to the company's model, but not be changed. Errors are told with
status 200.
"""

from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.interface import Refusal
from proxy.adapters.openai.unread import narrowed
from proxy.adapters.pointer import Hop
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.chat import entries, function, image, objects, renamed, result, streaming, turns_of, word
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.gather import GatheringWriter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.errors import Untranslatable, WireError
from proxy.exchange import Answer
from proxy.internal.answer import Reason
from proxy.wire import json_text
from proxy.wire.json_text import dump

SHAPE: Final = PathShape(
    (
        TextAt("/Choices/*/Delta/ReasoningContent"),
        TextAt("/Choices/*/Delta/Content"),
        TextAt("/Choices/*/Delta/ToolCalls/*/Function/Arguments", json=True),
    ),
    ends=({"/Choices/*/FinishReason": frozenset({"stop", "sensitive", "tool_calls", "length"})},),
)
WORDS: Final = shapes(
    "/Model", "/Messages/*/Role", "/Messages/*/ToolCallId", "/Messages/*/ToolCalls/*/Id",
    "/Messages/*/ToolCalls/*/Type", "/Messages/*/Contents/*/Type", "/ToolChoice", "/Tools/*/Type", "/Seed",
    "/MaxTokens",
)  # fmt: skip
NAMES: Final = frozenset((
    "Model", "Messages", "Stream", "Role", "Content", "Contents", "Type", "Text", "ImageUrl", "Url", "ToolCalls", "Id",
    "Index", "Function", "Name", "Arguments", "ToolCallId", "Tools", "ToolChoice", "Parameters", "Description",
    "Temperature", "TopP", "Seed", "Stop", "MaxTokens", "StreamModeration", "EnableEnhancement", "SearchInfo",
    "Citation", "EnableSpeedSearch", "EnableMultimedia", "EnableThinking", "Input", "InputList", "Prompt", "Style",
    "Resolution", "LogoAdd", "NegativePrompt", "RspImgType",
))  # fmt: skip
"""Names of fields, which are capitalised here; any other key is read, as a person's word may be."""
SAME: Final = {"Temperature": "temperature", "TopP": "top_p", "Seed": "seed", "Stop": "stop", "MaxTokens": "max_tokens"}
REASONS: Final[dict[Reason, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "sensitive",
}


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Tencent Cloud's error, which has status 200."""
    code = "OperationDenied" if refusal.status == 403 else "InvalidParameter"
    error = {"Code": "FailedOperation" if refusal.status >= 500 else code, "Message": refusal.message}
    return tell(refusal, {"Response": {"Error": error, "RequestId": refusal.reference}}, status=200)


@dataclass(frozen=True, slots=True)
class HunyuanCalls(FieldAdapter):
    """Any other action."""

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        prompt = FieldAdapter.read(self, body, content_type)
        known = [path[-1:] == (Hop.KEY,) and path[-2] in NAMES for path in prompt.paths]
        return narrowed(prompt, [at for at, name in enumerate(known) if not name], prompt.opaque)


@dataclass(frozen=True, slots=True)
class Hunyuan(HunyuanCalls):
    """The action `ChatCompletions`."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return dump(to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> "HunyuanWriter":
        """Return what writes an answer as Tencent Cloud has it."""
        return HunyuanWriter(now, stream=stream, model=model, answer_id=answer_id)


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    messages: list[Chat] = []
    for turn in turns_of(body, "Messages"):
        add_turn(messages, turn)
    chat: Chat = {"model": model, "messages": messages, **renamed(body, SAME), **streaming(body.get("Stream") is True)}
    offered = [entries(tool, "Function") for tool in objects(body.get("Tools"), "Tools")]
    if offered:
        chat["tools"] = [function(word(one, "Name"), one.get("Description"), schema_of(one)) for one in offered]
    return chat


def add_turn(messages: list[Chat], turn: Chat) -> None:
    """Append one message."""
    role = turn.get("Role")
    said = text_part(turn["Content"]) if isinstance(turn.get("Content"), str) else []
    said += [part for one in objects(turn.get("Contents"), "Contents") for part in part_of(one)]
    if role == "tool":
        texts = [part["text"] for part in said if part["type"] == "text"]
        messages.append(result(word(turn, "ToolCallId"), "\n".join(texts)))
    elif role in ("system", "user", "assistant"):
        add(messages, str(role), said, [call_of(one) for one in objects(turn.get("ToolCalls"), "ToolCalls")])
    else:
        raise WireError("the role of a message must be system, user, assistant or tool")


def part_of(one: Chat) -> list[Chat]:
    """Return one part of a message."""
    if isinstance(one.get("Text"), str):
        return text_part(one["Text"])
    if isinstance(found := one.get("ImageUrl"), dict):
        return [image(word(found, "Url"))]
    raise Untranslatable("the internal model cannot be given a part of this kind")


def call_of(one: Chat) -> Chat:
    """Return a call that the model made."""
    asked = entries(one, "Function")
    made = {"name": word(asked, "Name"), "arguments": word(asked, "Arguments")}
    return {"id": word(one, "Id"), "type": "function", "function": made}


def schema_of(one: Chat) -> Any:
    """Return the parameters of a function, which are JSON in a string."""
    return json_text.parse(one["Parameters"].encode("utf-8")) if isinstance(one.get("Parameters"), str) else None


class HunyuanWriter(GatheringWriter):
    """Writes one answer."""

    streamed = "text/event-stream"
    """Tencent's own library takes a stream with a charset behind its type for a whole answer."""

    def __init__(self, now: int, *, stream: bool, model: str, answer_id: str) -> None:
        """Write an answer made at `now`."""
        super().__init__(stream=stream, model=model, answer_id=answer_id)
        self.now = now

    def piece(self, text: str) -> bytes:
        """Return an event with one piece of text."""
        return self.event({"Delta": {"Role": "assistant", "Content": text}, "FinishReason": ""})

    def finish(self) -> bytes:
        """Return the event that ends the answer."""
        return (
            self.event({"Delta": self.message(""), "FinishReason": REASONS[self.finished.reason]}) + b"data: [DONE]\n\n"
        )

    def failed(self, message: str) -> bytes:
        """Return Tencent Cloud's error."""
        error = {"Code": "FailedOperation", "Message": message}
        if self.stream:
            return b"data: " + dump({"ErrorMsg": {"Code": 2003, "Msg": message}, "Id": self.answer_id}) + b"\n\n"
        return dump({"Response": {"Error": error, "RequestId": self.answer_id}})

    def whole(self) -> bytes:
        """Return the answer at once."""
        choice = {"Message": self.message(self.text), "FinishReason": REASONS[self.finished.reason]}
        return dump({"Response": {"RequestId": self.answer_id, **self.answer(choice)}})

    def message(self, text: str) -> dict[str, Any]:
        """Return a message with this text and all calls of tools."""
        calls = [
            {
                "Id": one.id,
                "Type": "function",
                "Index": place,
                "Function": {"Name": one.name, "Arguments": one.json},
            }
            for place, (_, one) in enumerate(sorted(self.calls.items()))
        ]
        return {"Role": "assistant", "Content": text, **({"ToolCalls": calls} if calls else {})}

    def answer(self, choice: dict[str, Any]) -> dict[str, Any]:
        """Return an answer with one choice."""
        end = self.finished
        usage = {"PromptTokens": end.input_tokens, "CompletionTokens": end.output_tokens}
        usage["TotalTokens"] = end.input_tokens + end.output_tokens
        return {"Id": self.answer_id, "Created": self.now, "Usage": usage, "Choices": [{"Index": 0, **choice}]}

    def event(self, choice: dict[str, Any]) -> bytes:
        """Return one event."""
        return b"data: " + dump(self.answer(choice)) + b"\n\n"


ROLES: Final = roles({"/Input": "user", "/InputList": "user", "/Prompt": "user"}, "/Messages", key="Role")
CALLS: Final = HunyuanCalls("hunyuan-calls", PathShape(()), refuse, WORDS, ROLES, model_at="/Model")
HUNYUAN: Final = Hunyuan(
    "hunyuan", SHAPE, refuse, WORDS, ROLES, model_at="/Model",
    stream_at={"/Stream": frozenset({True})}, tested="sdk",
)  # fmt: skip
