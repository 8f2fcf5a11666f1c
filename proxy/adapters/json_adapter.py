"""Declarative adapters for JSON bodies: which leaves are no text, the shape of answers, the form of refusals.

Enters: what one wire format says of these. Leaves: an `Adapter`. A format whose path or header fields say what the body
does not, or whose requests the company's model can answer, builds on `JsonAdapter`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from proxy.adapters.interface import Adapter, AnswerShape, Asked, Refusal
from proxy.adapters.pointer import Skip, Steps, never
from proxy.adapters.prompt import Rules, Shape, TreePrompt, read_tree
from proxy.exchange import Answer, Role
from proxy.wire import json_text

type Roles = Callable[[Any, Steps], Role]
"""Says who wrote the leaf at a path of a body."""


def nobody(_tree: Any, _path: Steps) -> Role:
    """Return the role of text that belongs to no message."""
    return "other"


@dataclass(frozen=True, slots=True)
class JsonAdapter:
    """One wire format whose requests are JSON objects."""

    id: str
    shape: AnswerShape
    refusing: Callable[[Refusal], Answer]
    """Writes a refusal as this format's own error."""
    ignored: frozenset[Shape] = frozenset()
    """Leaves that are the interface's own words."""
    roles: Roles = nobody
    signed: Skip = never
    """Objects of a request that must go back as they came where they are an assistant's (signed reasoning)."""
    model: str = ""
    """The model, where the path names it."""
    stream: bool = False
    """Whether path or header fields ask for a streamed answer."""
    tested: str = "format"
    """How it was proved: `sdk` by the vendor's own client library, `replica` by a client like it, `format` by cases."""

    def at(self, asked: Asked) -> Adapter:  # noqa: ARG002 - the body says all
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        prompt = read_tree(body, tree, self.rules(tree), json_text.dump)
        return replace(prompt, model=self.model or prompt.model, stream=self.stream or prompt.stream)

    def rules(self, tree: Any) -> Rules:
        """Return what the format says of the leaves of a body."""
        return Rules(self.ignored, self.signed, partial(self.roles, tree))

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a final error of this format."""
        return self.refusing(refusal)
