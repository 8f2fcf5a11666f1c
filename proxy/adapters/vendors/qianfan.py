"""Baidu Qianfan's first interface: `/rpc/2.0/ai_custom/v1/wenxinworkshop/…/{model}`.

General knowledge, not seen live. The second interface is OpenAI's. Errors are told with status 200; the token stands in
the address. The company's model can be asked for chats and for completions, not for vectors or pictures.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.chat import Calls, json_schema, renamed, streaming, turns_of
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.old_functions import add_turn, offered, told
from proxy.adapters.vendors.plain_writer import Form, PlainWriter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.adapters.vendors.templates import turns_in
from proxy.errors import Untranslatable
from proxy.exchange import Answer
from proxy.wire import json_text

NO_PERMISSION: Final = 6
"""Of Baidu's interfaces in general: no permission to access data."""
BAD_ARGUMENT: Final = 336003
PATH: Final = re.compile(r"(?:/.*)?/rpc/2\.0/ai_custom/v1/wenxinworkshop/[a-z0-9_]+/(?P<model>[^/]+)/?")

SHAPE: Final = PathShape(
    (TextAt("/result"), TextAt("/function_call/arguments", json=True)),
    ends=({"/is_end": frozenset({True})}, {"/error_code": frozenset()}),
)
WORDS: Final = shapes(
    "/messages/*/role", "/max_output_tokens", "/response_format", "/tool_choice/type", "/size", "/style"
)


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Baidu's error, which has status 200."""
    code = NO_PERMISSION if refusal.status in (401, 403) or refusal.status >= 500 else BAD_ARGUMENT
    return tell(refusal, {"error_code": code, "error_msg": refusal.message, "id": refusal.reference}, status=200)


SAME: Final = {
    "max_output_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "stop": "stop",
}  # fmt: skip
FAILED: Final = 336100
"""Of Baidu's: try again later."""
TASK: Final = re.compile(r".*/wenxinworkshop/(?P<task>[a-z0-9_]+)/[^/]+/?")


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model` for a chat; raises `WireError`."""
    messages: list[Chat] = []
    if isinstance(body.get("system"), str):
        add(messages, "system", text_part(body["system"]))
    calls = Calls()
    for turn in turns_of(body, "messages"):
        add_turn(messages, turn.get("role"), turn.get("content"), turn, calls, turn.get("name"))
    chat = {"model": model, "messages": messages, **renamed(body, SAME), **streaming(body.get("stream") is True)}
    if body.get("response_format") == "json_object":
        chat |= json_schema(None)
    return {**chat, **offered(body)}


def completion_to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model` for a text to go on with; raises `WireError`."""
    chat = {"model": model, "messages": turns_in(body.get("prompt"), "prompt"), **renamed(body, SAME)}
    return {**chat, **streaming(body.get("stream") is True)}


def result(writer: PlainWriter, text: str, **more: Any) -> Chat:
    """Return a result."""
    head = {"id": f"as-{writer.answer_id}", "object": "chat.completion", "created": writer.now}
    return {**head, **more, "result": text, "is_truncated": False, "need_clear_history": False}


def ended(writer: PlainWriter, text: str, **more: Any) -> Chat:
    """Return the result that ends an answer."""
    end = writer.finished
    counts = {"prompt_tokens": end.input_tokens, "completion_tokens": end.output_tokens}
    usage = {**counts, "total_tokens": end.input_tokens + end.output_tokens}
    reason = "function_call" if writer.calls else "length" if end.reason == "length" else "normal"
    return {
        **result(writer, text, **more),
        "is_truncated": end.reason == "length",
        "finish_reason": reason,
        **told(writer.called),
        "usage": usage,
    }


def piece(writer: PlainWriter, text: str) -> Any:
    """Return the event with one more piece of text."""
    return result(writer, text, sentence_id=writer.number, is_end=False)


def ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the event that ends a stream."""
    return [ended(writer, "", sentence_id=writer.number, is_end=True)]


def whole(writer: PlainWriter) -> Any:
    """Return the answer at once."""
    return ended(writer, writer.text)


def failed(writer: PlainWriter, message: str) -> Any:
    """Return Baidu's error."""
    return {"error_code": FAILED, "error_msg": message, "id": writer.answer_id}


FORM: Final = Form(piece, ends, whole, failed)


@dataclass(frozen=True, slots=True)
class Qianfan(FieldAdapter):
    """POST `/rpc/2.0/ai_custom/v1/wenxinworkshop/…`."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        if self.task == "completions":
            return json_text.dump(completion_to_chat(asked, model))
        if self.task != "chat":
            raise Untranslatable("the internal model can be asked for chats and completions of Qianfan only")
        return json_text.dump(to_chat(asked, model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> PlainWriter:
        """Return what writes an answer as results."""
        return PlainWriter(FORM, stream=stream, model=model, answer_id=answer_id, now=now)


QIANFAN: Final = Qianfan(
    "qianfan", SHAPE, refuse, WORDS,
    roles({"/system": "system", "/prompt": "user", "/input": "user", "/query": "user"}, "/messages"),
    model_path=PATH,
    task_path=TASK,
    task="chat",
)  # fmt: skip
