"""The register of chat pages, each asked for the wire format that the catalogue names for its service."""

import re
from typing import Final

from proxy.adapters.entry import Entry
from proxy.adapters.web.chatgpt import BESIDE as CHATGPT_BESIDE
from proxy.adapters.web.chatgpt import CHATGPT

CHATGPT_WIRE: Final = frozenset({"chatgpt-web"})

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(CHATGPT, re.compile(r"/backend-(?:api|anon)(?:/f)?/conversation/?"), CHATGPT_WIRE),
    Entry(CHATGPT_BESIDE, re.compile(r"/backend-(?:api|anon)/(?!codex/).*"), CHATGPT_WIRE),
)
