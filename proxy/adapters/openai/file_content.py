"""Content of files that the service gives back, results of batches above all: lines of JSON that nobody announces.

Source: the `openai` client library, which reads such answers as bytes. Each line that is JSON is restored as any answer
is; whatever else a file holds passes byte for byte.
"""

from typing import Final

from proxy.adapters.fallback import Fallback
from proxy.adapters.interface import Adapter, Asked, Refusal
from proxy.adapters.openai_chat import refusing_for
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.shape import Shape
from proxy.exchange import Answer
from proxy.framing.events import Framer, LineFramer, framer_for

BYTES: Final = frozenset({"application/octet-stream", "binary/octet-stream", "application/binary"})
"""Media types of files of any kind."""

FALLBACK: Final = Fallback()


class LinesShape(Shape):
    """Lines of JSON under a type that says nothing."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of lines for what may be lines."""
        kind = content_type.partition(";")[0].strip().lower()
        return LineFramer() if kind in BYTES else framer_for(content_type)


class FileContent:
    """GET `…/files/{id}/content`."""

    id: Final = "file-content"
    shape: Final = LinesShape()
    tested: Final = "sdk"

    def __init__(self, asked: Asked | None = None) -> None:
        """Bind it to a request, if there is one."""
        self.asked = asked or Asked("GET", "/")

    def at(self, asked: Asked) -> Adapter:
        """Return the adapter that refuses as the service would."""
        return FileContent(asked)

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body: usually none."""
        return FALLBACK.read(body, content_type)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as the service's own error."""
        return refusing_for(self.asked)(refusal)
