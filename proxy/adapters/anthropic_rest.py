"""What Anthropic's interface has besides single messages: batches of them, old completions, files, and everything else.

Source: the `anthropic` client library's types and its decoder of results. Each request of a batch is read as a message
is; results come as lines of JSON and are restored line by line. Whatever is asked of Anthropic's hosts and has no
adapter is read string by string, and refused in Anthropic's own words, whatever its method. The company's model answers
none of this: who asks for a batch does not wait for an answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from proxy.adapters.anthropic_messages import IGNORED, AnthropicMessages, role_of, signed
from proxy.adapters.entry import Entry
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai.file_content import LinesShape
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.any_body import AnyBody
from proxy.exchange import Role

WIRE: Final = frozenset({"anthropic"})
MESSAGES: Final = AnthropicMessages()
ANY_TYPE: Final = re.compile(r".*", re.DOTALL)
ANY_METHOD: Final = ""
DEPTH: Final = 3
"""Steps to what a batch asks for: `requests`, a number, `params`."""


def within(path: Steps) -> Steps | None:
    """Return a place of a batch as one of the message that holds it, if one does."""
    inside = len(path) >= DEPTH and path[0] == "requests" and isinstance(path[1], int) and path[2] == "params"
    return path[DEPTH:] if inside else None


def role_in_batch(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    inner = within(path)
    return "other" if inner is None else role_of(tree["requests"][path[1]]["params"], inner)


def signed_in_batch(path: Steps, value: Mapping[str, Any]) -> bool:
    """Return whether the object at `path` is a signed block and nothing else."""
    inner = within(path)
    return inner is not None and signed(inner, value)


def model_of(prompt: TreePrompt) -> str:
    """Return the model that all requests of a batch ask for, or nothing where they differ."""
    requests = prompt.tree.get("requests")
    asked = [one.get("params") for one in requests if isinstance(one, dict)] if isinstance(requests, list) else []
    models = {str(one.get("model", "")) for one in asked if isinstance(one, dict)}
    return models.pop() if len(models) == 1 else ""


@dataclass(frozen=True, slots=True)
class Batches(JsonAdapter):
    """POST `/v1/messages/batches`."""

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        prompt = JsonAdapter.read(self, body, content_type)
        return replace(prompt, model=model_of(prompt))


BATCHES: Final = Batches(
    "anthropic-batches",
    PathShape(()),
    MESSAGES.refuse,
    frozenset(("requests", 0, "params", *shape) for shape in IGNORED),
    role_in_batch,
    signed_in_batch,
    tested="sdk",
)
COMPLETE: Final = JsonAdapter(
    "anthropic-complete",
    PathShape((TextAt("/completion"),), ends=({"/stop_reason": frozenset()}, {"/type": frozenset({"error"})})),
    MESSAGES.refuse,
    shapes("/model", "/max_tokens_to_sample", "/top_k"),
    lambda _tree, path: "user" if path[:1] == ("prompt",) else "other",
)
CONTENT: Final = AnyBody("anthropic-content", MESSAGES.refuse, LinesShape(), tested="sdk")
ANY: Final = AnyBody("anthropic-any", MESSAGES.refuse, tested="sdk")

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(BATCHES, re.compile(r"(?:/.*)?/v1/messages/batches/?")),
    Entry(COMPLETE, re.compile(r"(?:/.*)?/v1/complete/?"), WIRE),
    Entry(
        CONTENT,
        re.compile(r"(?:/.*)?/v1/(?:messages/batches/[^/]+/results|files/[^/]+/content)/?"),
        WIRE,
        "GET",
        ANY_TYPE,
    ),
)
"""Before OpenAI's, whose files stand at the same paths."""
REST: Final[tuple[Entry, ...]] = (Entry(ANY, re.compile(r"/.*", re.DOTALL), WIRE, ANY_METHOD, ANY_TYPE),)
"""What is asked after all others."""
