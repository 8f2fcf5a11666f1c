"""Assistants, their threads and runs, at OpenAI and Azure.

Source: the `openai` client library's types. The service keeps the conversation; one that begins with the company's
model is kept here. An answer is streamed as deltas of messages and steps, and told again whole when each is complete.
"""

from typing import Any, Final

from proxy.adapters.openai.assistants_calls import Assistants
from proxy.adapters.openai.shapes import RunShape
from proxy.adapters.openai_chat import ROLES, refuse
from proxy.adapters.pointer import Hop, Steps, look
from proxy.adapters.prompt import shapes
from proxy.exchange import Role

MESSAGES: Final = ("", "/messages/*", "/additional_messages/*", "/thread/messages/*")
"""Where messages stand: the body of one, and the lists of a thread and of a run."""

IGNORED: Final = shapes(
    "/model", "/assistant_id", "/reasoning_effort", "/response_format", "/response_format/type", "/tool_choice",
    "/tool_choice/type", "/tools/*/type", "/max_prompt_tokens", "/max_completion_tokens", "/truncation_strategy/type",
    "/tool_outputs/*/tool_call_id", "/tool_resources/code_interpreter/file_ids/*",
    "/tool_resources/file_search/vector_store_ids/*",
    *(message + leaf for message in MESSAGES for leaf in (
        "/role", "/content/*/type", "/content/*/image_file/file_id", "/content/*/image_file/detail",
        "/content/*/image_url/detail", "/attachments/*/file_id", "/attachments/*/tools/*/type",
    )),
)  # fmt: skip


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    if path[:1] in (("instructions",), ("additional_instructions",)):
        return "system"
    if path[:1] == ("tool_outputs",):
        return "tool"
    way = path[: path.index("content")] if "content" in path else None
    if way is None or any(isinstance(step, Hop) for step in way):
        return "other"
    message = look(tree, way)
    role = message.get("role") if isinstance(message, dict) else None
    return ROLES.get(role, "other") if isinstance(role, str) else "other"


ASSISTANTS: Final = Assistants("openai-assistants", RunShape(), refuse, IGNORED, role_of, tested="sdk")
