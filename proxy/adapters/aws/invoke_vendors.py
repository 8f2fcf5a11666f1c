"""Bedrock's models in other vendors' words than Anthropic's: what the company's model is asked, and how it answers.

Nova, Llama, Mistral, Titan, Cohere. A parsed body goes in, a chat request comes out; neutral events go in by a writer,
in chunks of an AWS event stream. Which vendor's words an answer needs is told by the model's id in the address, for an
answer is written without the request at hand; of a model whose id says nothing, only Anthropic's words are known. As
Amazon's guide has them, not seen live.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat
from proxy.adapters.aws.converse_to_chat import to_chat as converse_to_chat
from proxy.adapters.aws.converse_writer import ConverseWriter
from proxy.adapters.vendors import cohere_v1_forms, cohere_v1_to_chat
from proxy.adapters.vendors.chat import entries, renamed, streaming, turns_of
from proxy.adapters.vendors.chat_form import Words, chat_form
from proxy.adapters.vendors.ollama_to_chat import pictures
from proxy.adapters.vendors.plain_writer import Form, PlainWriter
from proxy.adapters.vendors.templates import turns_in
from proxy.errors import Untranslatable
from proxy.framing.aws import MEDIA_TYPE, AwsFramer, message
from proxy.internal.answer import Reason, Writer
from proxy.wire.json_text import dump

STOPS: Final[Mapping[Reason, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "stop",
    "content_filter": "stop",
}
TITAN_REASONS: Final[Mapping[Reason, str]] = {
    "stop": "FINISH",
    "length": "LENGTH",
    "tool_calls": "FINISH",
    "content_filter": "CONTENT_FILTERED",
}
CHUNKS: Final = AwsFramer("json")


def frame(_number: int, value: Any) -> bytes:
    """Return a value as a chunk."""
    return CHUNKS.make("chunk", dump(value).decode("utf-8"))


def frame_failed(_number: int, value: Any) -> bytes:
    """Return a failure as an exception of the stream."""
    return message("modelStreamErrorException", dump(value), "exception")


def failed(_writer: PlainWriter, message_text: str) -> Any:
    """Return Amazon's error."""
    return {"message": message_text}


def chunked(form: Form) -> Form:
    """Return a form whose stream is chunks, and whose failures are Amazon's."""
    return replace(form, failed=failed, frame=frame, frame_failed=frame_failed, streamed=MEDIA_TYPE)


# -- Nova: Converse in chunks ------------------------------------------------------------------------------------------

NOVA: Final = {
    "max_new_tokens": "maxTokens", "maxTokens": "maxTokens", "temperature": "temperature", "top_p": "topP",
    "topP": "topP", "stopSequences": "stopSequences",
}  # fmt: skip


class NovaWriter(ConverseWriter):
    """Writes an answer of Nova: that of a conversation, whose events stand in chunks under their names."""

    def event(self, kind: str, **fields: Any) -> bytes:
        """Return one event."""
        return frame(0, {kind: fields})


def nova_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for Nova; raises `WireError`."""
    config = renamed(entries(body, "inferenceConfig"), NOVA)
    return converse_to_chat({**body, "inferenceConfig": config}, model, stream=stream)


# -- Llama -------------------------------------------------------------------------------------------------------------

LLAMA: Final = {"max_gen_len": "max_tokens", "temperature": "temperature", "top_p": "top_p"}


def llama_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for Llama; raises `WireError`."""
    turns = turns_in(body.get("prompt"), "prompt")
    if shown := pictures(body.get("images")):
        last = next((one for one in reversed(turns) if one["role"] == "user"), turns[-1])
        last["content"] = [{"type": "text", "text": last["content"]}, *shown]
    return {"model": model, "messages": turns, **renamed(body, LLAMA), **streaming(stream)}


def llama_said(writer: PlainWriter, text: str, reason: str | None) -> Chat:
    """Return a generation of Llama."""
    end = writer.finished
    counts = {"prompt_token_count": end.input_tokens, "generation_token_count": end.output_tokens}
    return {"generation": text, **counts, "stop_reason": reason}


def llama_piece(writer: PlainWriter, text: str) -> Any:
    """Return one more piece of text."""
    return llama_said(writer, text, None)


def llama_ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the last chunk."""
    return [llama_said(writer, "", writer.reason(STOPS))]


def llama_whole(writer: PlainWriter) -> Any:
    """Return the answer at once."""
    return llama_said(writer, writer.text, writer.reason(STOPS))


# -- Mistral: texts to go on with, and chats that are OpenAI's but for two words ---------------------------------------

MISTRAL: Final = {"max_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "stop": "stop"}
CHAT: Final = MISTRAL | {"tools": "tools", "tool_choice": "tool_choice", "response_format": "response_format"}


def mistral_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for a text that Mistral goes on with; raises `WireError`."""
    if "messages" in body:
        raise Untranslatable("this Mistral goes on with a prompt; its id names none that takes messages")
    turns = turns_in(body.get("prompt"), "prompt")
    return {"model": model, "messages": turns, **renamed(body, MISTRAL), **streaming(stream)}


def chat_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for a conversation that is OpenAI's; raises `WireError`."""
    chat = {"model": model, "messages": turns_of(body, "messages"), **renamed(body, CHAT), **streaming(stream)}
    if chat.get("tool_choice") == "any":
        chat["tool_choice"] = "required"
    return chat


def mistral_said(text: str, reason: str | None) -> Chat:
    """Return an output of Mistral."""
    return {"outputs": [{"text": text, "stop_reason": reason}]}


def mistral_piece(_writer: PlainWriter, text: str) -> Any:
    """Return one more piece of text."""
    return mistral_said(text, None)


def mistral_ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the last chunk."""
    return [mistral_said("", writer.reason(STOPS))]


def mistral_whole(writer: PlainWriter) -> Any:
    """Return the answer at once."""
    return mistral_said(writer.text, writer.reason(STOPS))


# -- Titan -------------------------------------------------------------------------------------------------------------

TITAN: Final = {
    "maxTokenCount": "max_tokens", "temperature": "temperature", "topP": "top_p", "stopSequences": "stop",
}  # fmt: skip


def titan_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for Titan's text; raises `WireError`."""
    turns = turns_in(body.get("inputText"), "inputText")
    config = renamed(entries(body, "textGenerationConfig"), TITAN)
    return {"model": model, "messages": turns, **config, **streaming(stream)}


def titan_said(writer: PlainWriter, text: str, reason: str | None) -> Chat:
    """Return a chunk of Titan."""
    end = writer.finished
    counts = {"totalOutputTextTokenCount": end.output_tokens or None, "inputTextTokenCount": end.input_tokens or None}
    return {"outputText": text, "index": 0, "completionReason": reason, **counts}


def titan_piece(writer: PlainWriter, text: str) -> Any:
    """Return one more piece of text."""
    return titan_said(writer, text, None)


def titan_ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the last chunk."""
    return [titan_said(writer, "", writer.reason(TITAN_REASONS))]


def titan_whole(writer: PlainWriter) -> Any:
    """Return the answer at once."""
    end = writer.finished
    result = {"tokenCount": end.output_tokens, "outputText": writer.text}
    reason = writer.reason(TITAN_REASONS)
    return {"inputTextTokenCount": end.input_tokens, "results": [{**result, "completionReason": reason}]}


# -- Cohere: version 1 of its own interface ----------------------------------------------------------------------------


def cohere_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for Cohere's chat; raises `WireError`."""
    return cohere_v1_to_chat.to_chat({**body, "stream": stream}, model)


def cohere_text_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for a text that Cohere goes on with; raises `WireError`."""
    return cohere_v1_to_chat.generate_to_chat({**body, "stream": stream}, model)


# -- which -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's words."""

    name: str
    ids: re.Pattern[str]
    """Found in the ids of its models, and in no other's."""
    to_chat: Callable[..., Chat]
    form: Form | None = None
    """How it answers; `None` for Nova."""

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:
        """Return what writes an answer."""
        if self.form is None:
            return NovaWriter(stream=stream, model=model, answer_id=answer_id)
        return PlainWriter(self.form, stream=stream, model=model, answer_id=answer_id, now=now)


def ids(pattern: str) -> re.Pattern[str]:
    """Return what finds a vendor's models: by the beginning of an id, after a region's or an ARN's."""
    return re.compile(rf"(?:^|[/.])(?:{pattern})")


OPENAI_FORM: Final = chunked(chat_form(failed))
VENDORS: Final = (
    Vendor("nova", ids(r"amazon\.nova-(?!canvas|reel|sonic)"), nova_to_chat),
    Vendor("llama", ids(r"meta\.llama"), llama_to_chat, chunked(Form(llama_piece, llama_ends, llama_whole, failed))),
    Vendor(
        "mistral",
        ids(r"mistral\.(?:mistral-7b|mixtral|mistral-large-2402|mistral-small-2402)"),
        mistral_to_chat,
        chunked(Form(mistral_piece, mistral_ends, mistral_whole, failed)),
    ),
    Vendor(
        "mistral-chat",
        ids(r"mistral\.mistral-large-2407"),
        chat_to_chat,
        chunked(chat_form(failed, Words(delta="message", reason="stop_reason"))),
    ),
    Vendor("openai", ids(r"openai\.|mistral\.|qwen\."), chat_to_chat, OPENAI_FORM),
    Vendor("cohere", ids(r"cohere\.command-(?:r|a)\b"), cohere_to_chat, chunked(cohere_v1_forms.CHAT)),
    Vendor("cohere-text", ids(r"cohere\.command-"), cohere_text_to_chat, chunked(cohere_v1_forms.GENERATE)),
    Vendor(
        "titan",
        ids(r"amazon\.titan-(?:text|tg1)-(?!.*embed)"),
        titan_to_chat,
        chunked(Form(titan_piece, titan_ends, titan_whole, failed)),
    ),
)
"""In order: the first whose ids fit."""


def vendor_of(model: str) -> Vendor | None:
    """Return the vendor that a model's id names; `None` for Anthropic's, and for one that says nothing."""
    return next((vendor for vendor in VENDORS if vendor.ids.search(model)), None)
