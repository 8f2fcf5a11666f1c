"""Dify's applications: `/chat-messages`, `/completion-messages`, `/workflows/run`, on its host or one's own.

General knowledge, not seen live.
"""

from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.refusing import final, tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer

SHAPE: Final = PathShape(
    (
        TextAt("/answer", {"/event": frozenset({"message", "agent_message"})}),
        TextAt("/data/text", {"/event": frozenset({"text_chunk"})}),
    ),
    ends=({"/event": frozenset({"message_end", "workflow_finished", "node_finished", "error", "agent_thought"})},),
)
WORDS: Final = shapes(
    "/response_mode", "/conversation_id", "/parent_message_id", "/files/*/type", "/files/*/transfer_method",
    "/files/*/upload_file_id",
)  # fmt: skip


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Dify's error."""
    return tell(refusal, {"code": refusal.code, "message": refusal.message, "status": final(refusal.status)})


DIFY: Final = FieldAdapter(
    "dify", SHAPE, refuse, WORDS, roles({"/query": "user", "/inputs": "user"}),
    stream_at={"/response_mode": frozenset({"streaming"})},
)  # fmt: skip
