"""Whatever else is sent to a product whose errors are known: any body, read as one that nobody knows.

Enters: any body. Leaves: every string of it. Unlike `Fallback`, a refusal is the product's own error, which its client
libraries can show, and answers may have a shape of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import AnswerShape, Asked, Refusal
from proxy.adapters.prompt import TreePrompt
from proxy.exchange import Answer

READER: Final = Fallback()
ANSWERS: Final = AnyShape()


@dataclass(frozen=True, slots=True)
class AnyBody:
    """All requests to one product that no other adapter reads."""

    id: str
    refusing: Callable[[Refusal], Answer]
    """Writes a refusal as this product's own error."""
    shape: AnswerShape = ANSWERS
    tested: str = "format"

    def at(self, asked: Asked) -> Self:  # noqa: ARG002 - every request is alike to it
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `Unreadable`, `WireError` or `TooLarge`."""
        return READER.read(body, content_type)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a final error of this product."""
        return self.refusing(refusal)
