"""Declarative adapters for formats that give model and stream under other names, or in the path.

Enters: where a format says them. Leaves: an `Adapter`.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import unquote

from proxy.adapters.interface import Asked
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.shape import Marks, find, holds


@dataclass(frozen=True, slots=True)
class FieldAdapter(JsonAdapter):
    """One wire format whose requests are JSON objects."""

    model_at: str = "/model"
    """Pointer to the model's name."""
    stream_at: Marks = field(default_factory=lambda: {"/stream": frozenset({True})})
    """What must hold of a request that asks for a stream."""
    model_path: re.Pattern[str] | None = None
    """Matched against the path; its group `model` is the model's name."""
    stream_path: re.Pattern[str] | None = None
    """Matched against the path of a request that asks for a stream."""
    task_path: re.Pattern[str] | None = None
    """Matched against the path; its group `task` is the kind of call."""
    task: str = ""

    def at(self, asked: Asked) -> Self:
        """Return the adapter for one request."""
        named = self.model_path.fullmatch(asked.bare) if self.model_path else None
        stream = self.stream_path is not None and self.stream_path.fullmatch(asked.bare) is not None
        found = self.task_path.fullmatch(asked.bare) if self.task_path else None
        task = found["task"] if found else ""
        return replace(self, model=unquote(named["model"]) if named else "", stream=stream, task=task)

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        prompt = JsonAdapter.read(self, body, content_type)
        names = (value for _, value in find(prompt.tree, self.model_at) if isinstance(value, str))
        stream = self.stream or holds(prompt.tree, self.stream_at)
        return replace(prompt, model=self.model or next(names, ""), stream=stream)
