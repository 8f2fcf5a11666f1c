"""What a page asks beside its turns: JSON as a rule, and now and then a form, an upload, text, or nothing at all.

Enters: any body. Leaves: its parts. What begins as JSON is the page's own JSON or not read; the rest is read as on any
host whose format is not known.
"""

from dataclasses import replace
from typing import Any, Final

from proxy.adapters.fallback import Fallback
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import Rules, TreePrompt
from proxy.adapters.wrapped import is_lines
from proxy.errors import WireError

ANY: Final = Fallback()


class BesideCalls(JsonAdapter):
    """The calls of one page beside its turns."""

    def rules(self, tree: Any) -> Rules:
        """Return what the page says of the leaves of a body; its tokens are its own wherever they stand."""
        return replace(super().rules(tree), chosen=False)

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `Unreadable`, `WireError` or `TooLarge`."""
        try:
            return super().read(body, content_type)
        except WireError:
            if body.lstrip()[:1] == b"{" and not is_lines(body):
                raise
        return ANY.read(body, content_type)
