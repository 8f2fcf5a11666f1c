"""MiniMax's own interface: chat (`/v1/text/chatcompletion_v2` and the older `…_pro`), speech, pictures, films.

Source: public client code for errors with status 200 under `base_resp`; the older chat and the frame that repeats the
whole message at the end of a stream are uncertain. MiniMax serves OpenAI's and Anthropic's interfaces, too. The newer
chat is OpenAI's but for its errors, so the company's model is asked and answers in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai_chat import IGNORED, ChatShape, role_of
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors import minimax_pro
from proxy.adapters.vendors.chat import renamed, streaming, turns_of
from proxy.adapters.vendors.chat_form import chat_form
from proxy.adapters.vendors.plain_writer import PlainWriter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer, Role
from proxy.wire import json_text

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


SAME: Final = {
    name: name
    for name in (
        "tools", "tool_choice", "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed",
        "response_format", "presence_penalty", "frequency_penalty",
    )
}  # fmt: skip
CHAT_FORM: Final = chat_form(minimax_pro.failed)


@dataclass(frozen=True, slots=True)
class MiniMaxChat(JsonAdapter):
    """POST `/v1/text/chatcompletion_v2`."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        chat = {"model": model, "messages": turns_of(asked, "messages"), **renamed(asked, SAME)}
        return json_text.dump({**chat, **streaming(asked.get("stream") is True)})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> PlainWriter:
        """Return what writes an answer as chat completions."""
        return PlainWriter(CHAT_FORM, stream=stream, model=model, answer_id=answer_id, now=now)


@dataclass(frozen=True, slots=True)
class MiniMaxPro(JsonAdapter):
    """POST `/v1/text/chatcompletion_pro`, and the same without the last word."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(minimax_pro.to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> PlainWriter:
        """Return what writes an answer as messages of senders."""
        return PlainWriter(minimax_pro.FORM, stream=stream, model=model, answer_id=answer_id, now=now)


MINIMAX_CHAT: Final = MiniMaxChat("minimax-chat", MiniMaxShape(), refuse, IGNORED, role_of)
MINIMAX_PRO: Final = MiniMaxPro(
    "minimax-pro", PRO_SHAPE, refuse,
    shapes("/model", "/messages/*/sender_type", "/reply_constraints/sender_type", "/tokens_to_generate"),
    roles({"/bot_setting": "system", "/prompt": "system"}, "/messages", key="sender_type", names=SENDERS),
)  # fmt: skip
MINIMAX_CALLS: Final = JsonAdapter(
    "minimax-calls", PathShape(()), refuse, CALL_WORDS, roles({"/text": "user", "/prompt": "user", "/texts": "user"})
)
