"""MiniMax's older chat, `/v1/text/chatcompletion_pro`: its requests as chat requests, and the form of its answers.

The parsed body goes in, a new one comes out; neutral events go in by `PlainWriter`, in the form that is here. Whom the
senders are called, sample dialogues and masks stay behind. As public client code has it, not seen live.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import Calls, entries, json_schema, objects, renamed, streaming, turns_of
from proxy.adapters.vendors.old_functions import add_turn, offered, told
from proxy.adapters.vendors.plain_writer import Form, PlainWriter
from proxy.errors import Untranslatable
from proxy.internal.answer import Reason

SAME: Final = {"tokens_to_generate": "max_tokens", "temperature": "temperature", "top_p": "top_p"}
SENDERS: Final[Mapping[str, str]] = {"USER": "user", "BOT": "assistant", "FUNCTION": "function"}
BOT: Final = "assistant"
"""How the answer's sender is called: the request's own name for it is not known where an answer is written."""
FAILED: Final = 1000
DONE_WORDS: Final[Mapping[Reason, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "stop",
    "content_filter": "stop",
}


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    messages: list[Chat] = []
    for bot in objects(body.get("bot_setting"), "bot_setting"):
        if isinstance(bot.get("content"), str):
            add(messages, "system", text_part(bot["content"]))
    if isinstance(body.get("prompt"), str):
        add(messages, "system", text_part(body["prompt"]))
    calls = Calls()
    for turn in turns_of(body, "messages"):
        sender = turn.get("sender_type")
        role = SENDERS.get(sender, "") if isinstance(sender, str) else ""
        add_turn(messages, role, turn.get("text"), turn, calls, turn.get("sender_name"))
    if body.get("plugins"):
        raise Untranslatable("the internal model has no plugins of MiniMax's")
    chat = {"model": model, "messages": messages, **renamed(body, SAME), **streaming(body.get("stream") is True)}
    if entries(entries(body, "reply_constraints"), "glyph").get("type") == "json_value":
        chat |= json_schema(None)
    return {**chat, **offered(body)}


def message(text: str, **more: Any) -> Chat:
    """Return a message of the bot."""
    return {"sender_type": "BOT", "sender_name": BOT, "text": text, **more}


def head(writer: PlainWriter) -> Chat:
    """Return what every event begins with."""
    return {"created": writer.now, "model": writer.model, "request_id": writer.answer_id}


def piece(writer: PlainWriter, text: str) -> Any:
    """Return the event with one more piece of text."""
    return {**head(writer), "choices": [{"index": 0, "messages": [message(text)]}]}


def ended(writer: PlainWriter, text: str) -> Chat:
    """Return the end of an answer, which tells all of it once more."""
    choice = {
        "index": 0,
        "messages": [message(text, **told(writer.called))],
        "finish_reason": writer.reason(DONE_WORDS),
    }
    end = writer.finished
    usage = {"total_tokens": end.input_tokens + end.output_tokens}
    return {
        **head(writer),
        "reply": writer.text,
        "choices": [choice],
        "usage": usage,
        "base_resp": {"status_code": 0, "status_msg": ""},
    }


def ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the event that ends a stream."""
    return [ended(writer, "")]


def whole(writer: PlainWriter) -> Any:
    """Return the answer at once."""
    return ended(writer, writer.text)


def failed(writer: PlainWriter, message_text: str) -> Any:
    """Return MiniMax's error."""
    return {"base_resp": {"status_code": FAILED, "status_msg": message_text}, "trace_id": writer.answer_id}


FORM: Final = Form(piece, ends, whole, failed)
