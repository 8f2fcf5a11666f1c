"""Replicate's predictions: `input` in, an answer that is polled, or streamed as events of plain text.

Source: public client code for the requests and the names of events. The stream is fetched from another address.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import Shape
from proxy.adapters.vendors.any_body import AnyBody
from proxy.adapters.vendors.refusing import final, tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer
from proxy.framing.events import Framer
from proxy.framing.words import WordFramer

OUTPUT: Final = "output"


class ReplicateShape(Shape):
    """Where the text sits in a stream: an event `output` is a piece of it."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of events of plain text."""
        kind = content_type.partition(";")[0].strip().lower()
        return WordFramer(OUTPUT) if kind == "text/event-stream" else None

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the text of an `output`."""
        return (Slot(OUTPUT, (), data),) if isinstance(data, str) and event in ("", OUTPUT) else ()

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - names say it
        """Return the text, with the event that ends it."""
        return open_channels if event in ("done", "error") else ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:  # noqa: ARG002 - the text is all
        """Return an `output` with `text`."""
        return OUTPUT, text


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as a problem (RFC 9457), as Replicate tells them."""
    return tell(refusal, {"title": refusal.code, "detail": refusal.message, "status": final(refusal.status)})


SHAPE: Final = ReplicateShape()
REPLICATE: Final = JsonAdapter(
    "replicate", SHAPE, refuse, shapes("/version", "/webhook_events_filter/*", "/input/seed"), roles({"/input": "user"})
)
REPLICATE_STREAM: Final = AnyBody("replicate-stream", refuse, SHAPE)
