"""JetBrains AI: `/user/v5/llm/chat/stream/…`, as IDEs call it.

Uncertain: described from memory, not seen live. Requests hold the messages and the name of a
prompt; events say their type.
"""

import re
from collections.abc import Mapping
from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer, Role

SHAPE: Final = PathShape(
    (
        TextAt("/content", {"/type": frozenset({"Content"})}),
        TextAt("/content", {"/type": frozenset({"FunctionCall"})}, json=True),
    ),
    ends=({"/type": frozenset({"FinishMetadata", "QuotaMetadata"})},),
)
TYPES: Final[Mapping[str, Role]] = {
    "user_message": "user", "assistant_message": "assistant", "system_message": "system", "function_message": "tool",
}  # fmt: skip


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as an error with a message."""
    return tell(refusal, {"error": refusal.code, "message": refusal.message})


JETBRAINS: Final = FieldAdapter(
    "jetbrains-ai", SHAPE, refuse, shapes("/prompt", "/profile", "/chat/messages/*/type", "/parameters/data/*/type"),
    roles({}, "/chat/messages", key="type", names=TYPES), model_at="/profile",
    stream_path=re.compile(r".*/stream/.*"),
)  # fmt: skip
