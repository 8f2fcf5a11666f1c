"""Where text sits in the events of the OpenAI family: typed deltas, old completions, runs of assistants.

Enters: an event. Leaves: its pieces of text, and which texts it ends. Seen in the `openai` client library's types;
Mistral's conversations as described in public client code. Every text is repeated whole by the events that end it;
those are restored as any string is, so only what comes in pieces is told here.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from proxy.adapters.interface import Slot
from proxy.adapters.openai_chat import count
from proxy.adapters.pointer import Steps
from proxy.adapters.shape import Shape, find

PIECES: Final = (
    "/delta", "/delta/stdout", "/delta/stderr",
    "/content", "/content/text", "/content/thinking/*/text", "/arguments",
)  # fmt: skip
"""Where an event whose type ends in `.delta` may have text; the second line is Mistral's."""

SOUND: Final = ("audio.delta",)
"""Ends of the types whose delta is base64."""

ENDS: Final = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done", "error"}
    | {"conversation.response.done", "conversation.response.error"}
)
"""Types of the events after which no text comes."""


class DeltaShape(Shape):
    """Responses, and all other streams whose events name what they add to in their type.

    A text is known by the number of its output item, its number within that, and its kind: ids of items differ from
    event to event at some vendors.
    """

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data names its own type
        """Return the pieces of text of an event that adds to one."""
        kind = type_of(data)
        if not kind.endswith(".delta") or kind.endswith(SOUND):
            return ()
        arguments = "arguments" in kind
        return [
            Slot(place_of(data) + "/".join(map(str, path[1:])), path, value, arguments or path == ("arguments",))
            for pointer in PIECES
            for path, value in find(data, pointer)
            if isinstance(value, str)
        ]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the text that is done, all of an item or part that is, and all when the answer is."""
        kind = type_of(data)
        if kind in ENDS:
            return open_channels
        if not kind.endswith(".done"):
            return ()
        item, number, _ = place_of(data).split("/", 2)
        done = f"{item}/" if "item" in data else f"{item}/{number}/" if "part" in data else place_of(data)
        return [channel for channel in open_channels if channel.startswith(done)]

    def spare(self, data: Any) -> bool:
        """Return whether it is a piece of a call's arguments: LiteLLM takes an empty one for an error."""
        return type_of(data).endswith("arguments.delta")


class CompletionShape(Shape):
    """Old completions: `choices[].text`."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - these streams do not name events
        """Return the piece of text of each choice."""
        return [
            Slot(number, ("choices", place, "text"), choice["text"])
            for place, number, choice in choices_of(data)
            if isinstance(choice.get("text"), str)
        ]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the choices that finish."""
        done = {number for _, number, choice in choices_of(data) if choice.get("finish_reason")}
        return [channel for channel in open_channels if channel in done]


class RunShape(Shape):
    """Runs of assistants: `thread.message.delta` and `thread.run.step.delta`."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data names its own kind
        """Return the pieces of text that an event adds to a message or a step."""
        kind = data.get("object") if isinstance(data, dict) else None
        if kind not in ("thread.message.delta", "thread.run.step.delta"):
            return ()
        return [
            Slot(f"{data.get('id')}/{numbered(data, path)}", path, value, json=path[-1] == "arguments")
            for pointer in RUN_PIECES
            for path, value in find(data, pointer)
            if isinstance(value, str)
        ]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the texts of a message or step that is over, and all when the run is or waits for the client."""
        if not isinstance(data, dict) or data.get("status") in (None, "in_progress", "queued"):
            return ()
        kind, id_ = data.get("object"), data.get("id")
        if kind in ("thread.message", "thread.run.step"):
            return [channel for channel in open_channels if channel.startswith(f"{id_}/")]
        return open_channels if kind == "thread.run" else ()


CALLS: Final = "/delta/step_details/tool_calls/*"
RUN_PIECES: Final = (
    "/delta/content/*/text/value", "/delta/content/*/refusal",
    f"{CALLS}/function/arguments", f"{CALLS}/function/output", f"{CALLS}/code_interpreter/input",
    f"{CALLS}/code_interpreter/outputs/*/logs",
)  # fmt: skip
"""Where the events of a run have text."""


def type_of(data: Any) -> str:
    """Return the type that an event names, or an empty string."""
    kind = data.get("type") if isinstance(data, dict) else None
    return kind if isinstance(kind, str) else ""


def place_of(data: Any) -> str:
    """Return which text an event is about: `0/content_index=1/response.output_text/`."""
    numbers = ("content_index", "summary_index", "command_index")
    number = next((f"{key}={data[key]}" for key in numbers if key in data), "")
    return f"{data.get('output_index', '')}/{number}/{type_of(data).rpartition('.')[0]}/"


def choices_of(data: Any) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield place, number and content of each choice."""
    choices = data.get("choices") if isinstance(data, dict) else None
    for place, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict):
            yield place, str(count(choice.get("index"), place)), choice


def numbered(data: Any, path: Steps) -> str:
    """Return `path` with the numbers that the entries of its lists have themselves, in place of where they stand."""
    steps: list[str] = []
    for step in path:
        data = data[step]
        index = data.get("index") if isinstance(step, int) and isinstance(data, dict) else None
        steps.append(str(step if index is None else index))
    return "/".join(steps)
