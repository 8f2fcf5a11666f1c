"""Which adapter reads a request: the first of the list whose path and method fit, on any host of the catalogue.

Paths are compared, not hosts: every compatible vendor, gateway and deployment serves the same formats.
"""

import re
from typing import Final, NamedTuple

from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.fallback import Fallback
from proxy.adapters.forms import FORM
from proxy.adapters.interface import Adapter
from proxy.adapters.openai_chat import OpenAIChat


class Entry(NamedTuple):
    """One wire format and the requests that speak it."""

    method: str
    path: re.Pattern[str]
    """Matched against the whole path, query left out."""
    adapter: Adapter


ADAPTERS: Final[tuple[Entry, ...]] = (
    Entry("POST", re.compile(r"(?:/.*)?/chat/completions/?"), OpenAIChat()),
    Entry("POST", re.compile(r"(?:/.*)?/v1/messages(?:/count_tokens)?/?"), AnthropicMessages()),
)
"""In order; the first that fits is taken, and where none fits every string of the body is read."""

FALLBACK: Final[Adapter] = Fallback()


def choose(method: str, path: str, content_type: str) -> Adapter:
    """Return the adapter for a request; `path` may carry its query."""
    bare = path.partition("?")[0]
    for entry in ADAPTERS:
        if method == entry.method and entry.path.fullmatch(bare) and speaks_json(content_type):
            return entry.adapter
    return FALLBACK


def speaks_json(content_type: str) -> bool:
    """Return whether a body of this type may be JSON to the service: a client may call it a form, or nothing at all.

    Chat services look for JSON whatever it is called, so whatever else is sent to them as a form is refused.
    """
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "text/plain", FORM) or "json" in kind
