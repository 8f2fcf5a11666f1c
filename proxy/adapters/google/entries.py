"""Requests that speak Google's interfaces. Paths as the `google-genai` client library makes them."""

import re
from typing import Final

from proxy.adapters.entry import Entry
from proxy.adapters.google.answers import refuse
from proxy.adapters.google.gemini import Gemini, GeminiCalls
from proxy.adapters.google.interactions import Interactions
from proxy.adapters.google.vertex_claude import PATH as CLAUDE
from proxy.adapters.google.vertex_claude import VertexClaude
from proxy.adapters.google.words import CODE_ASSIST
from proxy.adapters.vendors.any_body import AnyBody

ANY_TYPE: Final = re.compile(r"(?!application/grpc).*", re.DOTALL)
HOSTS: Final = frozenset({"gemini-api", "gemini-code-assist"})

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        Gemini("gemini-code-assist", wrapped=True, ignored=CODE_ASSIST),
        re.compile(r"(?:/.*)?/v1internal:(?:generateContent|streamGenerateContent)/?"),
    ),
    Entry(
        GeminiCalls("gemini-code-assist-calls", wrapped=True, ignored=CODE_ASSIST),
        re.compile(r"(?:/.*)?/v1internal:[A-Za-z]+/?"),
    ),
    Entry(
        Gemini("gemini", tested="sdk"),
        re.compile(
            r"(?:/.*)?/(?:models|tunedModels|endpoints|dynamic)/[^/]+:(?:generateContent|streamGenerateContent)/?"
        ),
    ),
    Entry(
        GeminiCalls("gemini-calls", tested="sdk"),
        re.compile(
            r"(?:/.*)?/(?:models|tunedModels|endpoints)/[^/]+:"
            r"(?:countTokens|computeTokens|embedContent|(?:async)?[bB]atchEmbedContents?|asyncBatchEmbedContent"
            r"|batchGenerateContent|predict|predictLongRunning|generateAnswer)/?"
            r"|(?:/.*)?/v1(?:alpha|beta)?[0-9]*/(?:projects/[^/]+/locations/[^/]+/)?cachedContents/?"
        ),
    ),
    Entry(VertexClaude(), CLAUDE),
    Entry(Interactions(), re.compile(r"(?:/.*)?/interactions/?"), wires=HOSTS),
)
"""In order: specific first."""

REST: Final = (Entry(AnyBody("google-any", refuse), re.compile(r"/.*"), wires=HOSTS, types=ANY_TYPE),)
"""What is asked after all others: Google's hosts serve OpenAI's interface, too."""
