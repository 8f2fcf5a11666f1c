"""Streamed chat completions for clients that know a tool's call only as a whole, as Mistral's own do.

Enters: the chunks of a stream in order. Leaves: the same, with the calls in the chunk that finishes their choice, as
Mistral's service sends them. Its client takes a piece of a call for a mistake. Nothing else of a chunk changes.
"""

from typing import Any

from proxy.adapters.openai_chat import count


class WholeCalls:
    """Gathers the calls of one stream."""

    def __init__(self) -> None:
        """Start with none."""
        self.calls: dict[int, dict[int, dict[str, Any]]] = {}

    def gather(self, chunk: Any) -> None:
        """Take the pieces of calls out of a chunk, and put the whole ones in where their choice finishes."""
        choices = chunk.get("choices") if isinstance(chunk, dict) else None
        for place, choice in enumerate(choices if isinstance(choices, list) else ()):
            if not isinstance(choice, dict) or not isinstance(delta := choice.get("delta"), dict):
                continue
            number = count(choice.get("index"), place)
            pieces = delta.pop("tool_calls", None)
            for at, piece in enumerate(pieces if isinstance(pieces, list) else ()):
                if isinstance(piece, dict):
                    self.add(number, count(piece.get("index"), at), piece)
            if choice.get("finish_reason") and (calls := self.calls.pop(number, None)):
                delta["tool_calls"] = [calls[index] for index in sorted(calls)]

    def add(self, choice: int, index: int, piece: dict[str, Any]) -> None:
        """Add a piece to its call."""
        call = self.calls.setdefault(choice, {}).setdefault(index, {"index": index})
        function = piece.get("function")
        if isinstance(function, dict):
            held = call.setdefault("function", {"name": "", "arguments": ""})
            for key in held:
                held[key] += function[key] if isinstance(function.get(key), str) else ""
        call.update({key: value for key, value in piece.items() if key in ("id", "type") and value})
