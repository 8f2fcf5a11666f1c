"""Responses, and the other interfaces whose bodies are lists of its items: Conversations, compaction, token counts.

Source: the `openai` client library's types and its stream accumulator; Mistral's conversations, on the same path, as
described in public client code. The prompt is every string but the interface's own words; encrypted reasoning goes back
as it came. Azure, Copilot, Codex and many vendors serve the same below paths of their own.
"""

from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.openai.json_body import JsonBody
from proxy.adapters.openai.responses_to_chat import to_chat
from proxy.adapters.openai.responses_writer import ResponsesWriter
from proxy.adapters.openai.shapes import DeltaShape
from proxy.adapters.openai_chat import ROLES, refuse
from proxy.adapters.pointer import INSIDE, Steps
from proxy.adapters.prompt import shapes
from proxy.exchange import Role
from proxy.wire import json_text

LISTS: Final = ("input", "items", "inputs")
"""Fields that hold items: of a request, of a conversation, of one at Mistral."""

SEALED: Final = tuple(f"/{name}/*/{leaf}" for name in LISTS for leaf in ("encrypted_content", "fingerprint"))
"""Encrypted reasoning and compacted history, and the mark of a program that the model wrote."""

IGNORED: Final = shapes(
    *SEALED,
    "/model", "/service_tier", "/truncation", "/include/*", "/prompt_cache_retention", "/max_output_tokens",
    "/previous_response_id", "/conversation", "/conversation/id", "/prompt/id", "/prompt/version",
    "/agent_id", "/handoff_execution",
    "/reasoning/effort", "/reasoning/summary", "/reasoning/generate_summary", "/text/format/type", "/text/verbosity",
    "/context_management/*/type", "/context_management/*/compact_threshold",
    "/tool_choice", "/tool_choice/type", "/tool_choice/mode", "/tool_choice/tools/*/type",
    "/tools/*/type", "/tools/*/tools/*/type", "/tools/*/format/type", "/tools/*/format/syntax",
    "/tools/*/search_context_size", "/tools/*/vector_store_ids/*", "/tools/*/container/type",
    "/tools/*/require_approval",
    *(f"/{name}/*/{leaf}" for name in LISTS for leaf in (
        "type", "role", "status", "id", "call_id", "tool_call_id", "execution", "phase", "object",
        "approval_request_id", "summary/*/type", "action/type", "operation/type", "caller/type", "caller/caller_id",
        "environment/type", "tools/*/type", "output/type", "output/file_id",
        *(f"{content}/*/{word}" for content in ("content", "output") for word in (
            "type", "detail", "file_id", "input_audio/format", "annotations/*/type", "annotations/*/file_id",
            "outcome/type",
        )),
    )),
)  # fmt: skip


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: the one that an item names, or whose turn an item of its type is."""
    if path == ("instructions",):
        return "system"
    if not path or path[0] not in LISTS:
        return "other"
    if len(path) == 1 or path[1] in INSIDE:  # one text instead of a list, which may be JSON itself
        return "user"
    item = tree[path[0]][path[1]] if isinstance(path[1], int) else None
    if not isinstance(item, dict):
        return "other"
    role, kind = item.get("role"), item.get("type")
    if isinstance(role, str):
        return ROLES.get(role, "other")
    if not isinstance(kind, str):
        return "other"
    if kind.endswith(("_output", "function.result")):
        return "tool"
    return "assistant" if kind.endswith(("_call", "function.call", "reasoning")) else "other"


@dataclass(frozen=True, slots=True)
class Responses(JsonBody):
    """POST `…/responses` on any host."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> ResponsesWriter:
        """Return what writes an answer as a `Response`."""
        return ResponsesWriter(stream=stream, model=model, answer_id=answer_id, now=now)


RESPONSES: Final = Responses("openai-responses", DeltaShape(), refuse, IGNORED, role_of, sealed=SEALED, tested="sdk")

ITEMS: Final = JsonBody("openai-items", DeltaShape(), refuse, IGNORED, role_of, sealed=SEALED)
"""Conversations, and what takes the body of a request to Responses for another purpose than an answer."""
