"""The requests that speak a format of the OpenAI family, by their paths, on any host.

Azure puts its deployments into the path, gateways their own prefixes; so only the end of a path is asked for, and more
of it where the end alone is anybody's word.
"""

import re
from typing import Final

from proxy.adapters.entry import JSON, Entry
from proxy.adapters.openai.assistants import ASSISTANTS
from proxy.adapters.openai.completions import COMPLETIONS
from proxy.adapters.openai.file_content import FileContent
from proxy.adapters.openai.inputs import EMBEDDINGS, MEDIA, RERANK
from proxy.adapters.openai.responses import ITEMS, RESPONSES
from proxy.adapters.openai.vendors import CHAT_LATER, GITHUB_CHAT
from proxy.adapters.openai_chat import OpenAIChat

STREAM_ASKED: Final = re.compile(rf"{JSON.pattern}|text/event-stream", re.DOTALL)
"""Copilot's page calls its JSON by the type of the answer."""


PARTNERS: Final = r"publishers/(?:mistralai|ai21)/models/[^/]+:(?:rawPredict|streamRawPredict)"
"""Vertex AI's models of other vendors, whose bodies are chat completions; Anthropic's are told elsewhere."""


def ends(pattern: str) -> re.Pattern[str]:
    """Return the pattern of paths that end so."""
    return re.compile(rf"(?:/.*)?/(?:{pattern})/?")


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(CHAT_LATER, ends("async/chat/completions")),
    Entry(OpenAIChat(), ends(f"(?:chat|agents)/completions|{PARTNERS}")),
    Entry(COMPLETIONS, re.compile(r"(?!.*chat/completions)(?:/.*)?/completions/?")),
    Entry(RESPONSES, ends("responses")),
    Entry(ITEMS, ends("responses/(?:compact|input_tokens)|v1/conversations(?:/[^/]+(?:/(?:items|restart))?)?")),
    Entry(EMBEDDINGS, ends("embeddings")),
    Entry(MEDIA, ends("images?/generations|audio/speech|moderations|v1/videos(?:/(?:edits|extensions|[^/]+/remix))?")),
    Entry(RERANK, ends("rerank")),
    Entry(GITHUB_CHAT, ends("github/chat/threads/[^/]+/messages"), frozenset({"github-copilot"}), types=STREAM_ASKED),
    Entry(ASSISTANTS, ends("(?:v1|openai)/(?:assistants(?:/[^/]+)?|threads(?:/.*)?)"), method=""),
    Entry(FileContent(), ends("(?:v1|openai)/files/[^/]+/content"), method="GET"),
)
