"""Adds the policy's label to an answer, at the end of its text, in the answer's own format.

Enters: an answer as the client would get it, whole or in chunks, and the words to add. Leaves: the same with the words
where a person reads them last. Only finished running text is labelled: never tool calls, refusals, or an answer that
a program reads as JSON. An answer that cannot be read passes as it came; nothing is ever lost or held for long. Formats
whose answers end in a way that can be described as data are in `label_ends`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from proxy.adapters.choose import ADAPTERS
from proxy.adapters.examples import examples
from proxy.adapters.interface import Adapter, AnswerShape, Prompt
from proxy.adapters.openai_chat import ChatShape, count
from proxy.adapters.pointer import Steps, replace
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.shape import holds
from proxy.adapters.sockets.page_socket import PageSocket
from proxy.answers.label_ends import ENDINGS, PAGES
from proxy.answers.label_stream import EndLabeller, FramedLabeller, label_answer
from proxy.errors import SluiceError
from proxy.framing.events import Frame
from proxy.internal.translate import CHAT, GAP, MESSAGES, ToChat
from proxy.internal.ways import Way
from proxy.wire import json_text

CHAT_ENDS: Final = frozenset({"stop", "length"})
MESSAGE_ENDS: Final = frozenset({"end_turn", "max_tokens", "stop_sequence"})
"""Reasons with which an answer ends that a person reads; any other leads on to tools, or away."""

CLAUDE: Final = "claude-web"
"""Its page reads the events of Anthropic Messages."""
VERTEX: Final = "vertex-claude"
"""Its answers are Anthropic Messages."""
CAN: Final = frozenset({CHAT, MESSAGES, CLAUDE, VERTEX}) | ENDINGS.keys()
"""Adapters whose answers can be labelled, also those that come from outside."""


@cache
def can_be_labelled(wire: str) -> bool:
    """Return whether the answers of a service that speaks `wire` can be labelled: those to its main call."""
    known = {entry.adapter.id for entry in ADAPTERS if wire in entry.wires}
    if (example := examples().get(wire)) is not None:
        known.add(example.adapter)
    return not known.isdisjoint(CAN)


def reads_prose(adapter: Adapter, prompt: Prompt) -> bool:
    """Return whether the answer to `prompt` is text for a person; see `wants_prose`.

    On a WebSocket that is the answer to a turn: a page sends messages of other kinds, too.
    """
    if isinstance(adapter, PageSocket):
        return adapter.id in CAN and adapter.is_turn(adapter.asked)
    return isinstance(prompt, TreePrompt) and wants_prose(adapter.id, prompt.tree)


def wants_prose(adapter: str, request: Any) -> bool:
    """Return whether the answer to `request` (a parsed body) is text for a person, in a format that can be labelled.

    Whoever asks for JSON has a program that reads it, and a label would break it.
    """
    if adapter in PAGES or adapter == CLAUDE:
        return True
    if adapter not in CAN or not isinstance(request, Mapping):
        return False
    if adapter in ENDINGS:
        return not any(holds(request, marks) for marks in ENDINGS[adapter].programs)
    form = request.get("response_format")
    if isinstance(form, Mapping) and form.get("type") != "text":
        return False
    output = request.get("output_config")
    return not (isinstance(output, Mapping) and output.get("format")) and not request.get("output_format")


def speaks_prose(way: Way) -> bool:
    """Return whether the company's model is asked, in other words, for text for a person: any format can say more."""
    if not isinstance(way.translation, ToChat):
        return False
    try:
        return wants_prose(CHAT, json_text.parse(way.outcome.body))
    except SluiceError:
        return False


type Labeller = "StreamLabeller | EndLabeller"


def labeller_for(adapter: str, shape: AnswerShape, content_type: str, words: str) -> Labeller | None:
    """Return what labels a streamed answer of this type in the format of `adapter`; None where nothing can."""
    framer = shape.framer(content_type)
    if framer is None or adapter not in CAN:
        return None
    if adapter in ENDINGS:
        return EndLabeller(shape.begin(), words, framer, ending=ENDINGS[adapter])
    return StreamLabeller(shape, words, framer)


def label_body(adapter: str, body: bytes, shape: AnswerShape, words: str) -> tuple[bytes, bool]:
    """Return a whole answer with `words` at the end of its text, and whether it has them."""
    if adapter in ENDINGS:
        return label_answer(body, shape, ENDINGS[adapter], words)
    return label_whole(body, shape, words) if adapter in CAN else (body, False)


def label_whole(body: bytes, shape: AnswerShape, words: str) -> tuple[bytes, bool]:
    """Return a whole answer with `words` at the end of its text, and whether it has them."""
    try:
        answer = json_text.parse(body)
        places = dict(chat_places(answer) if isinstance(shape, ChatShape) else message_places(answer))
        changed = replace(answer, {path: text + GAP + words for path, text in places.items()})
        return (json_text.dump(changed), True) if places else (body, False)
    except SluiceError:
        return body, False


def chat_places(answer: Any) -> Iterator[tuple[Steps, str]]:
    """Yield path and text of each choice that ended in words."""
    choices = answer.get("choices") if isinstance(answer, dict) else None
    for place, choice in enumerate(choices if isinstance(choices, list) else ()):
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict) or not is_one(choice.get("finish_reason"), CHAT_ENDS):
            continue
        text = message.get("content")
        if isinstance(text, str) and text and not message.get("tool_calls") and not message.get("function_call"):
            yield ("choices", place, "message", "content"), text


def message_places(answer: Any) -> Iterator[tuple[Steps, str]]:
    """Yield path and text of the last block, if the message ended in words."""
    if not isinstance(answer, dict) or not is_one(answer.get("stop_reason"), MESSAGE_ENDS):
        return
    blocks = answer.get("content")
    if not isinstance(blocks, list) or not blocks or not isinstance(last := blocks[-1], dict):
        return
    if last.get("type") == "text" and isinstance(last.get("text"), str) and last["text"]:
        yield ("content", len(blocks) - 1, "text"), last["text"]


@dataclass(slots=True)
class StreamLabeller(FramedLabeller):
    """Labels a streamed answer of chat completions or messages."""

    spoken: dict[str, Any] = field(default_factory=dict, repr=False)
    """Channels of running text that are open, with the last event of each."""
    called: set[str] = field(default_factory=set)
    """Choices that call a tool."""
    held: tuple[bytes, str] | None = field(default=None, repr=False)
    """The end of a block that may be the last one, and the block's channel."""

    def frame(self, frame: Frame) -> bytes:
        """Return one frame, and before it what belongs there."""
        if frame.data is None:
            return frame.raw
        try:
            data = json_text.parse(frame.data.encode("utf-8"))
        except SluiceError:
            return self.release() + frame.raw
        if not isinstance(data, dict):
            return self.release() + frame.raw
        return self.chat(frame, data) if isinstance(self.shape, ChatShape) else self.message(frame, data)

    def chat(self, frame: Frame, data: dict[str, Any]) -> bytes:
        """Return a chunk of chat completions, with the label where a choice ends in words."""
        here: dict[str, Steps] = {}
        for slot in self.shape.slots(frame.event, data):
            number, _, kind = slot.channel.partition("/")
            if slot.json:
                self.called.add(number)
            elif kind == "content" and slot.text:
                self.spoken[number], here[number] = data, slot.path
        before = b""
        changes: dict[Steps, str] = {}
        for number in ended(data):
            like = self.spoken.pop(number, None)
            if like is None or number in self.called:
                continue
            self.labelled = True
            if number in here:
                changes[here[number]] = text_at(data, here[number]) + GAP + self.words
            else:
                event, made = self.shape.carry(f"{number}/content", GAP + self.words, like)
                before += self.framer.make(event, json_text.dump(made).decode("utf-8"))
        if changes:
            return before + frame.with_data(json_text.dump(replace(data, changes)).decode("utf-8"))
        return before + frame.raw

    def message(self, frame: Frame, data: dict[str, Any]) -> bytes:
        """Return an event of a message; the end of a text waits for the next event, which says if it was the last."""
        kind = data.get("type")
        if kind == "ping":
            return frame.raw
        if kind == "message_delta" and self.held is not None:
            delta = data.get("delta")
            if isinstance(delta, dict) and is_one(delta.get("stop_reason"), MESSAGE_ENDS):
                self.labelled = True
                event, made = self.shape.carry(self.held[1], GAP + self.words, self.spoken[self.held[1]])
                return self.framer.make(event, json_text.dump(made).decode("utf-8")) + self.release() + frame.raw
        before = self.release()
        for slot in self.shape.slots(frame.event, data):
            if not slot.json and slot.text:
                self.spoken[slot.channel] = data
        channel = f"{data.get('index', 0)}/text_delta"
        if kind == "content_block_stop" and channel in self.spoken:
            self.held = (frame.raw, channel)
            return before
        return before + frame.raw

    def release(self) -> bytes:
        """Return what is held back."""
        held, self.held = self.held, None
        return held[0] if held else b""


def ended(data: dict[str, Any]) -> Iterator[str]:
    """Yield the number of each choice that ends in words with this chunk."""
    choices = data.get("choices")
    for place, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict) and is_one(choice.get("finish_reason"), CHAT_ENDS):
            yield str(count(choice.get("index"), place))


def is_one(value: object, words: frozenset[str]) -> bool:
    """Return whether `value` is one of `words`; an answer may hold anything in a word's place."""
    return isinstance(value, str) and value in words


def text_at(data: Any, path: Steps) -> str:
    """Return the text at `path`."""
    for step in path:
        data = data[step]
    return str(data)
