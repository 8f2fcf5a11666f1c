"""MiniMax's own interface: chat (`/v1/text/chatcompletion_v2` and the older `…_pro`), speech, pictures, films.

Source: public client code for errors with status 200 under `base_resp`; the older chat and the frame that repeats the
whole message at the end of a stream are uncertain. MiniMax serves OpenAI's and Anthropic's interfaces, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai_chat import IGNORED, ChatShape, role_of
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer, Role

SENSITIVE: Final = 1026
"""Input that MiniMax itself would stop."""
BAD_PARAMETERS: Final = 2013
UNKNOWN: Final = 1000

PRO_SHAPE: Final = PathShape(
    (
        TextAt("/choices/*/messages/*/text"),
        TextAt("/choices/*/messages/*/function_call/arguments", json=True),
    ),
    ends=({"/reply": frozenset()}, {"/choices/*/finish_reason": frozenset()}),
)
SENDERS: Final[Mapping[str, Role]] = {"user": "user", "bot": "assistant", "function": "tool"}
CALL_WORDS: Final = shapes(
    "/model", "/voice_setting/voice_id", "/voice_setting/emotion", "/audio_setting/format", "/output_format",
    "/language_boost", "/aspect_ratio", "/response_format", "/resolution", "/seed", "/audio_setting/sample_rate",
    "/audio_setting/bitrate",
)  # fmt: skip


class MiniMaxShape(ChatShape):
    """Where the text sits in chunks of chat completions, the last of which repeats the whole message."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text of a chunk; none of the one that is the whole answer."""
        whole = isinstance(data, dict) and data.get("object") == "chat.completion"
        return () if whole else super().slots(event, data)


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as MiniMax's error, which has status 200."""
    code = SENSITIVE if refusal.status == 403 else BAD_PARAMETERS
    told = {"status_code": UNKNOWN if refusal.status >= 500 else code, "status_msg": refusal.message}
    return tell(refusal, {"base_resp": told, "trace_id": refusal.reference}, status=200)


MINIMAX_CHAT: Final = JsonAdapter("minimax-chat", MiniMaxShape(), refuse, IGNORED, role_of)
MINIMAX_PRO: Final = JsonAdapter(
    "minimax-pro", PRO_SHAPE, refuse,
    shapes("/model", "/messages/*/sender_type", "/reply_constraints/sender_type", "/tokens_to_generate"),
    roles({"/bot_setting": "system", "/prompt": "system"}, "/messages", key="sender_type", names=SENDERS),
)  # fmt: skip
MINIMAX_CALLS: Final = JsonAdapter(
    "minimax-calls", PathShape(()), refuse, CALL_WORDS, roles({"/text": "user", "/prompt": "user", "/texts": "user"})
)
