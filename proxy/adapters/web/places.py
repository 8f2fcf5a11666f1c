"""Bodies of pages that are no plain JSON: everything in them is read, but for the page's own words at known places.

Enters: a form or an upload, which places hold the page's own words, and what those look like. Leaves: a prompt in which
JSON inside fields is entered. A word that looks otherwise is read, wherever it stands.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from proxy.adapters.fallback import Fallback
from proxy.adapters.prompt import TreePrompt
from proxy.exchange import Part

READER: Final = Fallback()


@dataclass(frozen=True, slots=True)
class Places:
    """What one page puts where."""

    own: re.Pattern[str]
    """Pointers of the page's own words."""
    words: re.Pattern[str]
    """What such words look like."""
    asked: str = ""
    """How pointers of what the person asks begin; empty where a body holds no question."""

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a body; raises `Unreadable`, `WireError` or `TooLarge`."""
        prompt = READER.read(body, content_type)
        pairs = zip(prompt.paths, prompt.parts, strict=True)
        kept = [(path, part) for path, part in pairs if not self.is_own(part)]
        return replace(
            prompt,
            paths=tuple(path for path, _ in kept),
            parts=tuple(self.with_role(part) for _, part in kept),
            opaque=tuple(at for at in prompt.opaque if self.own.fullmatch(at) is None),
            files=tuple(file for file in prompt.files if self.own.fullmatch(file.pointer) is None),
        )

    def is_own(self, part: Part) -> bool:
        """Return whether a part is nothing but the page's own word."""
        return self.own.fullmatch(part.pointer) is not None and self.words.fullmatch(part.text) is not None

    def with_role(self, part: Part) -> Part:
        """Return a part that says who wrote it."""
        return replace(part, role="user") if self.asked and part.pointer.startswith(self.asked) else part
