"""Hugging Face's inference interfaces with `inputs`: models on its hosts, and text-generation-inference anywhere.

General knowledge, and the client library `huggingface_hub`; not seen live. The router's interface is OpenAI's. Of all
tasks the company's model can be asked to go on with one text; a client that wants its prompt back, or the odds of
tokens, cannot have them from it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from proxy.adapters.anthropic_blocks import Chat
from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.chat import entries, json_schema, renamed, streaming
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.plain_writer import Form, PlainWriter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.adapters.vendors.templates import turns_in
from proxy.errors import Untranslatable
from proxy.exchange import Answer
from proxy.internal.answer import Reason
from proxy.wire import json_text

SHAPE: Final = PathShape((TextAt("/token/text"),), ends=({"/generated_text": frozenset()}, {"/error": frozenset()}))
"""The last event repeats the whole text."""


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as an error that is a string."""
    return tell(refusal, {"error": refusal.message, "error_type": refusal.code})


SAME: Final = {
    "max_new_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "stop": "stop", "seed": "seed",
    "frequency_penalty": "frequency_penalty",
}  # fmt: skip
REFUSED: Final = ("return_full_text", "decoder_input_details", "top_n_tokens", "best_of", "num_return_sequences")
"""Parameters that ask for what the company's model does not give."""
REASONS: Final[dict[Reason, str]] = {
    "stop": "eos_token",
    "length": "length",
    "tool_calls": "eos_token",
    "content_filter": "eos_token",
}


def to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    if not isinstance(body.get("inputs"), str):
        raise Untranslatable("the internal model can go on with one text only")
    parameters = entries(body, "parameters")
    for name in REFUSED:
        if parameters.get(name) not in (None, False, 0, 1) or parameters.get(name) is True:
            raise Untranslatable(f"the internal model cannot do what {name} asks; send the request without it")
    chat = {"model": model, "messages": turns_in(body["inputs"], "inputs"), **renamed(parameters, SAME)}
    if isinstance(stops := parameters.get("stop_sequences"), list) and stops:
        chat["stop"] = stops
    grammar = entries(parameters, "grammar")
    if grammar.get("type") in ("json", "json_schema"):
        chat |= json_schema(grammar.get("value"))
    return {**chat, **streaming(stream)}


def token(writer: PlainWriter, text: str, whole: str | None, details: Chat | None, *, special: bool) -> Chat:
    """Return an event with one token, which here is a piece of any length."""
    told = {"id": 0, "text": text, "logprob": 0.0, "special": special}
    return {"index": writer.number + 1, "token": told, "generated_text": whole, "details": details}


def details(writer: PlainWriter) -> Chat:
    """Return how the answer ended."""
    end = writer.finished
    return {
        "finish_reason": writer.reason(REASONS, "stop_sequence"),
        "generated_tokens": end.output_tokens,
        "seed": None,
        "input_length": end.input_tokens,
    }


def piece(writer: PlainWriter, text: str) -> Any:
    """Return the event with one more piece of text."""
    return token(writer, text, None, None, special=False)


def ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the event that ends a stream, and tells all of it once more."""
    return [token(writer, "", writer.text, details(writer), special=True)]


def whole(writer: PlainWriter) -> Any:
    """Return the answer at once."""
    return {"generated_text": writer.text, "details": {**details(writer), "prefill": [], "tokens": []}}


def listed(writer: PlainWriter) -> Any:
    """Return the answer at once, as the hosts of models have it: one of a list."""
    return [whole(writer)]


def failed(_writer: PlainWriter, message: str) -> Any:
    """Return the error that is a string."""
    return {"error": message, "error_type": "internal_model_unavailable"}


def frame(_number: int, value: Any) -> bytes:
    """Return a value as an event; these have no space behind the colon."""
    return b"data:" + json_text.dump(value) + b"\n\n"


FORM: Final = Form(piece, ends, whole, failed, frame=frame)
LISTED: Final = replace(FORM, whole=listed)


@dataclass(frozen=True, slots=True)
class HuggingFace(FieldAdapter):
    """POST `…/models/{model}`, `…/generate` and `…/generate_stream`."""

    form: Form = FORM

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one request: models on the hosts answer with lists."""
        bound = FieldAdapter.at(self, asked)
        return replace(bound, form=FORM if GENERATE.fullmatch(asked.bare) else LISTED)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        return json_text.dump(to_chat(asked, model, stream=self.stream or asked.get("stream") is True))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> PlainWriter:
        """Return what writes an answer as a text that was generated."""
        return PlainWriter(self.form, stream=stream, model=model, answer_id=answer_id, now=now)


GENERATE: Final = re.compile(r".*/generate(?:_stream)?/?")

HUGGINGFACE: Final = HuggingFace(
    "huggingface", SHAPE, refuse,
    shapes("/parameters/max_new_tokens", "/parameters/seed", "/model", "/parameters/task"),
    roles({"/inputs": "user"}),
    model_path=re.compile(r"(?:/.*)?/models/(?P<model>[^/]+/[^/]+)(?:/.*)?"),
    stream_path=re.compile(r".*/generate_stream/?"),
    tested="sdk",
)  # fmt: skip

TGI: Final = replace(HUGGINGFACE, id="text-generation-inference", tested="format")
"""The same, wherever the server stands."""
