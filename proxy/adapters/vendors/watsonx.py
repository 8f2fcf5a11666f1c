"""IBM watsonx.ai: `/ml/v1/text/generation`, `/chat`, both as `_stream`, embeddings, and the same below deployments.

General knowledge, not seen live.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.openai_chat import IGNORED, ChatShape
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.refusing import final, tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer

GENERATED: Final = PathShape(
    (TextAt("/results/*/generated_text"),),
    ends=({"/results/*/stop_reason": frozenset({"eos_token", "max_tokens", "stop_sequence", "token_limit", "error"})},),
)


class WatsonxShape(ChatShape):
    """Where the text sits in events: as in chat completions, or in results."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text of an event."""
        return [*super().slots(event, data), *GENERATED.slots(event, data)]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return what ends with an event of either kind."""
        return [*super().closes(event, data, open_channels), *GENERATED.closes(event, data, open_channels)]

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event of the kind that `like` is."""
        generated = isinstance(like, dict) and "results" in like
        return GENERATED.carry(channel, text, like) if generated else super().carry(channel, text, like)


WORDS: Final = IGNORED | shapes(
    "/model_id", "/project_id", "/space_id", "/parameters/decoding_method", "/parameters/max_new_tokens",
    "/parameters/random_seed", "/tool_choice_option",
)  # fmt: skip


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as IBM's list of errors."""
    status = final(refusal.status)
    errors = [{"code": refusal.code, "message": refusal.message}]
    return tell(refusal, {"trace": refusal.reference, "errors": errors, "status_code": status})


WATSONX: Final = FieldAdapter(
    "watsonx", WatsonxShape(), refuse, WORDS,
    roles({"/input": "user", "/inputs": "user", "/query": "user"}, "/messages"),
    model_at="/model_id",
    stream_path=re.compile(r".*_stream/?"),
)  # fmt: skip
