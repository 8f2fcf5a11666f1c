"""The register of chat pages, each asked for the wire format that the catalogue names for its service."""

import re
from typing import Final

from proxy.adapters.entry import Entry
from proxy.adapters.interface import Adapter
from proxy.adapters.web import chatgpt, claude, deepseek


def on(wire: str, adapter: Adapter, path: str) -> Entry:
    """Return the entry of a page's call."""
    return Entry(adapter, re.compile(path), frozenset({wire}))


ENTRIES: Final[tuple[Entry, ...]] = (
    on("chatgpt-web", chatgpt.CHATGPT, r"/backend-(?:api|anon)(?:/f)?/conversation/?"),
    on("chatgpt-web", chatgpt.BESIDE, r"/backend-(?:api|anon)/(?!codex/).*"),
    on("claude-web", claude.CLAUDE, r"/api/organizations/[^/]+/chat_conversations/[^/]+/(?:retry_)?completion/?"),
    on("claude-web", claude.BESIDE, r"/api/.*"),
    on("deepseek-web", deepseek.DEEPSEEK, r"/api/v0/chat/(?:completion|continue|regenerate|edit_message)/?"),
    on("deepseek-web", deepseek.BESIDE, r"/api/v0/.*"),
)
