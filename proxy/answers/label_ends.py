"""How the answers of services end where a person reads them, format by format, as data.

Enters: the events of an answer. Leaves: which of its texts a person reads, which event ends it in words, and where it
is told once more as a whole. A format that is not told here gets no words of policy, and the lint says so. Known from
the same sources as the formats' shapes; an answer that ends in another way than is told here goes without the words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.interface import AnswerShape
from proxy.adapters.pointer import Steps
from proxy.adapters.shape import Marks, find, holds
from proxy.adapters.web.deepseek_stream import DeepSeekShape

type Places = Callable[[Any], Iterator[Steps]]
"""Finds places in an event or a whole answer."""
type Done = Callable[[AnswerShape, Any], bool]
"""Whether an event ends the answer, where no mark can say it; the shape has seen the event."""

ENDED: Final = frozenset(
    {"STOP", "MAX_TOKENS", "stop", "length", "COMPLETE", "end_turn", "max_tokens", "stop_sequence"}
)
"""Reasons with which an answer ends that a person reads, in the words of all formats."""


def texts(*paths: str) -> Places:
    """Return what finds the texts at these places that hold any."""

    def found(data: Any) -> Iterator[Steps]:
        for path in paths:
            yield from (at for at, value in find(data, path) if isinstance(value, str) and value)

    return found


NOWHERE: Final = texts()


def never(_shape: AnswerShape, _data: Any) -> bool:
    """Return False."""
    return False


@dataclass(frozen=True, slots=True)
class Ending:
    """How the answers of one format end."""

    said: re.Pattern[str]
    """Names of the texts that a person reads last; others are thoughts, say."""
    ends: tuple[Marks, ...] = ()
    """An event for which all of one of these holds ends the answer."""
    names: frozenset[str] = frozenset()
    """Names of events that end it."""
    done: Done = never
    held: tuple[Marks, ...] = ()
    """An event that ends a text, of which only what follows shows whether the answer is over too."""
    held_names: frozenset[str] = frozenset()
    calls: tuple[Marks, ...] = ()
    """An event, or a whole answer, that calls a tool."""
    repeats: Places = NOWHERE
    """Where an event tells the answer once more; the words must stand there, too."""
    whole: Places | None = None
    """Where the words go in an answer that is not streamed; None where that is like one event of a stream."""
    programs: tuple[Marks, ...] = ()
    """A request for which one of these holds is asked by a program that reads the answer."""

    def over(self, shape: AnswerShape, event: str, data: Any) -> bool:
        """Return whether an event ends the answer."""
        return event in self.names or any(holds(data, marks) for marks in self.ends) or self.done(shape, data)

    def waits(self, event: str, data: Any) -> bool:
        """Return whether what follows must be seen first."""
        return event in self.held_names or any(holds(data, marks) for marks in self.held)

    def calling(self, data: Any) -> bool:
        """Return whether a tool is called."""
        return any(holds(data, marks) for marks in self.calls)


def is_(path: str, *values: object) -> dict[str, frozenset[Any]]:
    """Return the mark that one of `values` stands at a place; anything true, where none is given."""
    return {path: frozenset(values)}


# -- pages -----------------------------------------------------------------------------------------------------------


def chatgpt_done(_shape: AnswerShape, data: Any) -> bool:
    """Return whether the assistant's turn ends, or the stream of messages."""
    if not isinstance(data, dict):
        return False
    if data.get("type") == "message_stream_complete" or holds(data, is_("/message/end_turn", True)):
        return True
    steps = data.get("v")
    return any(
        isinstance(step, dict) and step.get("p") == "/message/end_turn" and step.get("v") is True
        for step in (steps if isinstance(steps, list) else (data,))
    )


def deepseek_done(shape: AnswerShape, data: Any) -> bool:
    """Return whether the response is finished, and not cut short or filtered."""
    value = data.get("v") if isinstance(data, dict) else None
    if isinstance(shape, DeepSeekShape) and shape.path.endswith("status") and value == "FINISHED":
        return True
    return any(
        isinstance(step, dict) and str(step.get("p", "")).endswith("status") and step.get("v") == "FINISHED"
        for step in (value if isinstance(value, list) else ())
    )


def last_of_bot(data: Any) -> Iterator[Steps]:
    """Yield the text of the last message that Microsoft 365 Copilot wrote, where all of a turn is told again."""
    found = [
        (*at, "text")
        for at, message in find(data, "/item/messages/*")
        if holds(message, is_("/author", "bot") | is_("/messageType", None, "", "Chat"))
        and isinstance(message.get("text"), str)
        and message["text"]
    ]
    yield from found[-1:]


def perplexity_again(data: Any) -> Iterator[Steps]:
    """Yield where the answer is told as a whole: in the block itself, or by a patch that sets it."""
    yield from texts("/blocks/*/markdown_block/answer")(data)
    for at, patch in find(data, "/blocks/*/diff_block/patches/*"):
        if holds(patch, is_("/path", "/answer")) and isinstance(patch.get("value"), str) and patch["value"]:
            yield (*at, "value")


PAGES: Final[Mapping[str, Ending]] = {
    "chatgpt-web": Ending(re.compile(r"\d+:/message/content/parts/\d+#\d+|.+:\d+"), done=chatgpt_done),
    "deepseek-web": Ending(re.compile(r"\d+:response/(?:fragments/-1/)?content"), done=deepseek_done),
    "kimi-web": Ending(
        re.compile(r"[02]:.*"),
        ends=(is_("/message/status", "MESSAGE_STATUS_COMPLETED", "COMPLETED"), is_("/done"),
              is_("/event", "all_done")),
    ),
    "qwen-web": Ending(
        re.compile(r"[12]:.*"),
        ends=({"/choices/*/delta/status": frozenset({"finished"}),
               "/choices/*/delta/phase": frozenset({"answer", "", None})},),
    ),
    "chatglm-web": Ending(re.compile(r"0:.*"), ends=(is_("/status", "finish"),)),
    "yuanbao-web": Ending(re.compile(r"0:.*"), ends=(is_("/stopReason"),)),
    "gemini-web": Ending(re.compile(r"[01]:/\d+/2/4/0/.*"), ends=(is_("/*/0", "e"),)),
    "doubao-web": Ending(re.compile(r"answer"), names=frozenset({"SSE_REPLY_END"})),
    "yiyan-web": Ending(re.compile(r"0:.*"), ends=(is_("/data/is_end", 1),), repeats=texts("/data/tokens_all")),
    "perplexity-web": Ending(
        re.compile(r"(?:ask_text|answer)[^/]*(?:/whole/\d+)?"),
        ends=(is_("/final", True), is_("/status", "COMPLETED")), repeats=perplexity_again,
    ),
    "grok-web": Ending(
        re.compile(r"[02]:.*"),
        ends=(is_("/result/response/modelResponse"), is_("/result/modelResponse")),
        repeats=texts("/result/response/modelResponse/message", "/result/modelResponse/message"),
    ),
    "huggingchat-web": Ending(re.compile(r"0:.*"), ends=(is_("/type", "finalAnswer"),), repeats=texts("/text")),
    "notion-web": Ending(re.compile(r".*"), ends=(is_("/type", "done", "patch-end"),)),
    "you-web": Ending(re.compile(r"[01]:.*"), names=frozenset({"done"})),
    "ms-copilot": Ending(
        re.compile(r"[01]:.*"), ends=(is_("/event", "done"),), held=(is_("/event", "partCompleted"),)
    ),
    "m365-copilot": Ending(re.compile(r"0:.*"), ends=(is_("/type", 2),), repeats=last_of_bot),
    "character-ai": Ending(
        re.compile(r"0:.*"),
        ends=(is_("/turn/candidates/*/is_final", True) | is_("/turn/author/is_human", None, False),),
    ),
    "spark-web": Ending(re.compile(r"0:.*"), ends=(is_("/end"),)),
}  # fmt: skip
"""Chat pages, by the adapter's id: what they ask is always read by a person."""

# -- interfaces ------------------------------------------------------------------------------------------------------


def gemini_whole(data: Any) -> Iterator[Steps]:
    """Yield the last text of each candidate that ended in words."""
    for wrapper in ("", "/response"):
        for at, candidate in find(data, f"{wrapper}/candidates/*"):
            parts = [
                place
                for place, part in find(candidate, "/content/parts/*")
                if holds(part, is_("/thought", None, False))
            ]
            if holds(candidate, is_("/finishReason", *ENDED)):
                found = [
                    place for part in parts[-1:] for place in texts("/" + "/".join(map(str, part)) + "/text")(candidate)
                ]
                yield from ((*at, *place) for place in found)


def responses_whole(data: Any) -> Iterator[Steps]:
    """Yield the last text of a response whose last item is a message."""
    items = list(find(data, "/output/*"))
    for at, item in items[-1:]:
        if holds(data, is_("/status", "completed")) and holds(item, is_("/type", "message")):
            found = list(texts("/content/*/text")(item))
            yield from ((*at, *place) for place in found[-1:])


def responses_again(data: Any) -> Iterator[Steps]:
    """Yield where the events after a text tell it again."""
    if holds(data, is_("/type", "response.output_text.done")):
        yield from texts("/text")(data)
    elif holds(data, is_("/type", "response.content_part.done")):
        yield from texts("/part/text")(data)
    elif holds(data, is_("/type", "response.output_item.done") | is_("/item/type", "message")):
        yield from list(texts("/item/content/*/text")(data))[-1:]
    elif holds(data, is_("/type", "response.completed")):
        response = data.get("response")
        yield from (("response", *at) for at in responses_whole(response))


def last(places: Places, ended: Marks) -> Places:
    """Return what finds the last of `places`, in an answer that ended in words."""

    def found(data: Any) -> Iterator[Steps]:
        if holds(data, ended):
            yield from list(places(data))[-1:]

    return found


def both(places: Places, others: Places, ended: Marks) -> Places:
    """Return what finds the last of each of two kinds of places, which tell the same answer."""

    def found(data: Any) -> Iterator[Steps]:
        yield from last(places, ended)(data)
        yield from last(others, ended)(data)

    return found


def first(*places: Places) -> Places:
    """Return what finds the places of the first kind of which there are any: an answer has one form of several."""

    def found(data: Any) -> Iterator[Steps]:
        yield from next((there for one in places if (there := list(one(data)))), ())

    return found


GEMINI_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("responseMimeType", "response_mime_type"), ("application/json", "text/x.enum")),
    **dict.fromkeys(("responseSchema", "response_schema", "responseJsonSchema", "response_json_schema"), ()),
}
"""How a request asks for JSON; without values, by anything there."""
FORMAT: Final = (is_("/response_format/type", "json_object", "json_schema"),)

WATSONX: Final = ("eos_token", "max_tokens", "stop_sequence", "token_limit")

INTERFACES: Final[Mapping[str, Ending]] = {
    name: Ending(
        re.compile(r"\d+/text"),
        ends=(is_(f"{wrapper}/candidates/*/finishReason", *ENDED),),
        calls=(is_(f"{wrapper}/candidates/*/content/parts/*/functionCall"),),
        whole=gemini_whole,
        programs=tuple(
            is_(f"{head}/{config}/{key}", *values)
            for head in ("", "/request")
            for config in ("generationConfig", "generation_config")
            for key, values in GEMINI_FORMS.items()
        ),
    )
    for name, wrapper in (("gemini", ""), ("gemini-code-assist", "/response"))
} | {
    "openai-responses": Ending(
        re.compile(r".*/response\.output_text/.*"),
        ends=(is_("/type", "response.completed"),),
        held=(is_("/type", "response.output_text.done", "response.content_part.done", "response.output_item.done"),),
        calls=({"/type": frozenset({"response.output_item.added"}),
                "/item/type": frozenset({"function_call", "custom_tool_call", "computer_call", "local_shell_call",
                                         "shell_call", "apply_patch_call", "mcp_approval_request"})},),
        repeats=responses_again,
        whole=responses_whole,
        programs=(is_("/text/format/type", "json_object", "json_schema"),),
    ),
    "cohere-chat": Ending(
        re.compile(r"0:.*"),
        ends=(is_("/type", "message-end") | is_("/delta/finish_reason", "COMPLETE", "MAX_TOKENS", "STOP_SEQUENCE"),),
        held=(is_("/type", "content-end"),),
        calls=(is_("/type", "tool-call-start"), is_("/message/tool_calls")),
        whole=last(texts("/message/content/*/text"), is_("/finish_reason", "COMPLETE", "MAX_TOKENS", "STOP_SEQUENCE")),
        programs=FORMAT,
    ),
    "dashscope": Ending(
        re.compile(r"\d+/(?:text|content|content/text)"),
        ends=(is_("/output/choices/*/finish_reason", "stop", "length"), is_("/output/finish_reason", "stop", "length")),
        calls=(is_("/output/choices/*/message/tool_calls"),),
        programs=tuple({f"/parameters{path}": values for path, values in one.items()} for one in FORMAT),
    ),
    "hunyuan": Ending(
        re.compile(r"1:.*"),
        ends=(is_("/Choices/*/FinishReason", "stop", "length"),),
        calls=(is_("/Choices/*/Delta/ToolCalls"), is_("/Response/Choices/*/Message/ToolCalls")),
        whole=last(
            texts("/Response/Choices/*/Message/Content"), is_("/Response/Choices/*/FinishReason", "stop", "length")
        ),
    ),
    "minimax-chat": Ending(
        re.compile(r"\d+/content"),
        ends=(is_("/choices/*/finish_reason", "stop", "length"),),
        calls=(is_("/choices/*/message/tool_calls"), is_("/choices/*/delta/tool_calls")),
        repeats=texts("/choices/*/message/content"),
        whole=last(texts("/choices/*/message/content"), is_("/choices/*/finish_reason", "stop", "length")),
        programs=FORMAT,
    ),
    "minimax-pro": Ending(
        re.compile(r"0:.*"),
        ends=(is_("/choices/*/finish_reason", "stop", "length"),),
        calls=(is_("/choices/*/messages/*/function_call"),),
        repeats=texts("/reply"),
        whole=both(texts("/reply"), texts("/choices/*/messages/*/text"),
                   is_("/choices/*/finish_reason", "stop", "length")),
    ),
    "cohere-v1": Ending(
        re.compile(r"0:.*"),
        ends=(is_("/event_type", "stream-end") | is_("/finish_reason", "COMPLETE", "MAX_TOKENS"),),
        calls=(is_("/event_type", "tool-calls-chunk", "tool-calls-generation"), is_("/tool_calls")),
        repeats=texts("/response/text"),
        whole=last(texts("/text"), is_("/finish_reason", "COMPLETE", "MAX_TOKENS")),
        programs=(*FORMAT, is_("/prompt")),
    ),
    "watsonx": Ending(
        re.compile(r"\d+/content|0:.*"),
        ends=(is_("/choices/*/finish_reason", "stop", "length"), is_("/results/*/stop_reason", *WATSONX)),
        calls=(is_("/choices/*/message/tool_calls"), is_("/choices/*/delta/tool_calls")),
        whole=first(
            last(texts("/choices/*/message/content"), is_("/choices/*/finish_reason", "stop", "length")),
            last(texts("/results/*/generated_text"), is_("/results/*/stop_reason", *WATSONX)),
        ),
        programs=(*FORMAT, is_("/input"), is_("/inputs")),
    ),
    "qianfan": Ending(
        re.compile(r"0:.*"),
        ends=(is_("/is_end", True),),
        calls=(is_("/function_call"),),
        whole=last(texts("/result"), is_("/error_code", None)),
        programs=(is_("/response_format", "json_object"), is_("/prompt"), is_("/input")),
    ),
    "ollama": Ending(
        re.compile(r"1:.*"),
        ends=(is_("/done", True) | is_("/done_reason", "stop", "length", None),),
        calls=(is_("/message/tool_calls"),),
        programs=(is_("/format"),),
    ),
    "bedrock-converse": Ending(
        re.compile(r"\d+/text"),
        ends=(is_("/stopReason", *ENDED),),
        held_names=frozenset({"contentBlockStop"}),
        calls=(is_("/start/toolUse"), is_("/output/message/content/*/toolUse")),
        whole=last(texts("/output/message/content/*/text"), is_("/stopReason", *ENDED)),
    ),
}  # fmt: skip
"""Interfaces, by the adapter's id, besides OpenAI chat completions and Anthropic Messages."""

ENDINGS: Final[Mapping[str, Ending]] = {**PAGES, **INTERFACES}
