"""IBM watsonx.ai: `/ml/v1/text/generation`, `/chat`, both as `_stream`, embeddings, and the same below deployments.

General knowledge, not seen live. The company's model can be asked what chats and generations ask, not what a prompt
that IBM keeps would make of variables.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.openai_chat import IGNORED, ChatShape
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.plain_writer import PlainWriter
from proxy.adapters.vendors.refusing import final, tell
from proxy.adapters.vendors.roles import roles
from proxy.adapters.vendors.watsonx_to_chat import chat_to_chat, generation_to_chat
from proxy.adapters.vendors.watsonx_writer import CHAT, GENERATION
from proxy.errors import Untranslatable
from proxy.exchange import Answer
from proxy.wire import json_text

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


TASK: Final = re.compile(r".*/text/(?P<task>[a-z_]+?)(?:_stream)?/?")
TRANSLATED: Final = {"chat": chat_to_chat, "generation": generation_to_chat}


@dataclass(frozen=True, slots=True)
class Watsonx(FieldAdapter):
    """POST `/ml/v1/text/…`."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        translate = TRANSLATED.get(self.task)
        if translate is None:
            raise Untranslatable("the internal model can be asked for chats and generations of watsonx only")
        return json_text.dump(translate(json_text.parse_object(body), model, stream=self.stream))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> PlainWriter:
        """Return what writes an answer as a chat, or as the results of a generation."""
        form = GENERATION if self.task == "generation" else CHAT
        return PlainWriter(form, stream=stream, model=model, answer_id=answer_id, now=now)


WATSONX: Final = Watsonx(
    "watsonx", WatsonxShape(), refuse, WORDS,
    roles({"/input": "user", "/inputs": "user", "/query": "user"}, "/messages"),
    model_at="/model_id",
    task_path=TASK,
    task="chat",
    stream_path=re.compile(r".*_stream/?"),
    tested="replica",
)  # fmt: skip
