"""Google's interactions interface: POST `…/interactions`, with steps in and events of steps out.

Source: the `google-genai` client library's types of interactions; older releases named the events `content.…`. Thoughts
have a signature beside them, which goes back as it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Self

from proxy.adapters.google.answers import refuse
from proxy.adapters.google.interactions_to_chat import to_chat
from proxy.adapters.google.interactions_writer import InteractionWriter
from proxy.adapters.interface import AnswerShape, Asked, Refusal, Slot
from proxy.adapters.openai.unread import without_sealed
from proxy.adapters.openai_chat import count
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import Rules, TreePrompt, read_tree, shapes
from proxy.adapters.prompt import Shape as Leaves
from proxy.adapters.shape import Shape
from proxy.adapters.vendors.roles import message_at
from proxy.exchange import Answer, Role
from proxy.wire import json_text

WORDS: Final = shapes(
    "/model", "/agent", "/previous_interaction_id", "/service_tier", "/cached_content", "/response_mime_type",
    "/response_modalities/*", "/generation_config/max_output_tokens", "/generation_config/seed",
    "/generation_config/thinking_level", "/generation_config/thinking_summaries", "/generation_config/tool_choice",
    "/tools/*/type", "/input/*/type", "/input/*/role", "/input/*/id", "/input/*/call_id", "/input/*/signature",
    "/input/*/content/*/type", "/input/*/content/*/mime_type", "/input/*/summary/*/type", "/input/*/mime_type",
    "/input/*/result/*/type", "/input/type", "/input/mime_type", "/safety_settings/*/category",
    "/safety_settings/*/threshold", "/response_format/type",
)  # fmt: skip
SIGNATURES: Final = ("/input/*/signature",)
DELTAS: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    "text": (("text",), False),
    "thought_summary": (("content", "text"), False),
    "arguments_delta": (("arguments",), True),
}
"""Kinds of delta with running text: where it is, and whether it is JSON."""
STOPS: Final = frozenset({"step.stop", "content.stop"})
ENDS: Final = frozenset({"interaction.completed", "interaction.complete", "interaction.cancelled", "error"})


class InteractionShape(Shape):
    """Where the text sits in the events of an interaction."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data names its own type
        """Return the piece of text of a delta."""
        delta = data.get("delta") if isinstance(data, dict) else None
        kind = delta.get("type") if isinstance(delta, dict) else None
        if not isinstance(kind, str) or kind not in DELTAS:
            return ()
        path, json = DELTAS[kind]
        text = message_at(delta, path)
        if not isinstance(text, str):
            return ()
        return (Slot(f"{count(data.get('index'), 0)}/{kind}", ("delta", *path), text, json=json),)

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the channels of a step that stops, and all when the interaction does."""
        kind = data.get("event_type") if isinstance(data, dict) else None
        if not isinstance(kind, str):
            return ()
        if kind in STOPS:
            step = str(count(data.get("index"), 0))
            return [channel for channel in open_channels if channel.partition("/")[0] == step]
        return open_channels if kind in ENDS else ()


@dataclass(frozen=True, slots=True)
class Interactions:
    """POST `/{version}/interactions`."""

    id: str = "gemini-interactions"
    shape: AnswerShape = InteractionShape()  # noqa: RUF009 - it has no state
    ignored: frozenset[Leaves] = WORDS
    tested: str = "sdk"

    def at(self, asked: Asked) -> Self:  # noqa: ARG002 - the body says all
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        prompt = read_tree(body, tree, Rules(self.ignored, role=partial(role_at, tree)), json_text.dump)
        return replace(without_sealed(prompt, SIGNATURES), model=prompt.model.removeprefix("models/"))

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as Google's error."""
        return refuse(refusal)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> InteractionWriter:
        """Return what writes an answer as an interaction."""
        return InteractionWriter(stream=stream, model=model, answer_id=answer_id, now=now)


def role_at(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: steps say their type, older turns their role."""
    if path[:1] == ("system_instruction",):
        return "system"
    if path[:1] != ("input",):
        return "other"
    step = message_at(tree, path[:2]) if len(path) > 1 else None
    kind = step.get("type") if isinstance(step, dict) else None
    role = step.get("role") if isinstance(step, dict) else None
    if isinstance(kind, str) and kind.endswith("_result"):
        return "tool"
    if role == "model" or (isinstance(kind, str) and (kind in ("model_output", "thought") or kind.endswith("_call"))):
        return "assistant"
    return "user"
