"""Interfaces that take a text and give back something else: vectors, pictures, sound, films, scores.

Source: the `openai` client library's types; ranking as Jina, Cohere and Together describe it in public client code.
What they give back is restored where it is JSON or a stream of events. Uploads to the same family (pictures to edit,
sound to transcribe, files, batches) are forms, and are read by the fallback.
"""

from typing import Any, Final

from proxy.adapters.openai.json_body import JsonBody
from proxy.adapters.openai.shapes import DeltaShape
from proxy.adapters.openai_chat import refuse
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.exchange import Role

SAID: Final = frozenset({"input", "prompt", "query", "documents", "instructions"})
"""Fields that hold what a person gives the model."""


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path and path[0] in SAID else "other"


EMBEDDINGS: Final = JsonBody(
    "openai-embeddings",
    DeltaShape(),
    refuse,
    shapes("/model", "/encoding_format", "/dimensions", "/input_type", "/task", "/input/*/type"),
    role_of,
    tokens="input",
    tested="sdk",
)

MEDIA: Final = JsonBody(
    "openai-media",
    DeltaShape(),
    refuse,
    shapes(
        *("/model", "/size", "/quality", "/background", "/moderation", "/style", "/output_format", "/response_format"),
        *("/voice", "/voice/id", "/stream_format", "/seconds", "/input_reference/file_id", "/video/id", "/seed"),
        *("/input/*/type", "/partial_images", "/output_compression"),
    ),
    role_of,
    tested="sdk",
)
"""Pictures, speech, films, and the check whether a text is harmful."""

RERANK: Final = JsonBody("rerank", DeltaShape(), refuse, shapes("/model", "/top_n", "/rank_fields/*"), role_of)
