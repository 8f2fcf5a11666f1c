"""SenseNova's own interface: `/v1/llm/chat-completions`.

General knowledge, not seen live. The compatible mode is OpenAI's.
"""

from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.refusing import final, tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer

SHAPE: Final = PathShape(
    (
        TextAt("/data/choices/*/reasoning_delta"),
        TextAt("/data/choices/*/delta"),
        TextAt("/data/choices/*/delta/content"),
        TextAt("/data/choices/*/tool_calls/*/function/arguments", json=True),
    ),
    ends=({"/data/choices/*/finish_reason": frozenset()},),
)
WORDS: Final = shapes(
    "/model", "/messages/*/role", "/messages/*/content/*/type", "/know_ids/*", "/max_new_tokens",
    "/plugins/*/type",
)  # fmt: skip


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as SenseNova's error."""
    return tell(refusal, {"error": {"code": final(refusal.status), "message": refusal.message, "details": []}})


SENSENOVA: Final = JsonAdapter("sensenova", SHAPE, refuse, WORDS, roles({}, "/messages"))
