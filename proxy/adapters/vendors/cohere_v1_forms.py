"""How Cohere's version 1 tells an answer: lines that say their `event_type`, the last of which repeats it all.

Neutral events go in, by `PlainWriter`; the forms are here: of a chat, and of a generation.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proxy.adapters.vendors.plain_writer import Form, PlainWriter, line
from proxy.internal.answer import Reason

REASONS: Final[Mapping[Reason, str]] = {
    "stop": "COMPLETE",
    "length": "MAX_TOKENS",
    "tool_calls": "COMPLETE",
    "content_filter": "ERROR_TOXIC",
}
LINES: Final = "application/stream+json"


def event(kind: str, **more: Any) -> dict[str, Any]:
    """Return an event of a chat."""
    return {"is_finished": kind == "stream-end", "event_type": kind, **more}


def meta(writer: PlainWriter) -> dict[str, Any]:
    """Return the count of tokens."""
    end = writer.finished
    tokens = {"input_tokens": end.input_tokens, "output_tokens": end.output_tokens}
    return {"api_version": {"version": "1"}, "billed_units": tokens, "tokens": tokens}


def called(writer: PlainWriter) -> dict[str, Any]:
    """Return the calls of tools."""
    calls = [{"name": one.name, "parameters": one.arguments} for one in writer.called]
    return {"tool_calls": calls} if calls else {}


def answer(writer: PlainWriter) -> dict[str, Any]:
    """Return the whole answer of a chat."""
    ids = {"response_id": writer.answer_id, "generation_id": writer.answer_id}
    told = {"text": writer.text, "finish_reason": writer.reason(REASONS), **called(writer)}
    return {**ids, **told, "meta": meta(writer)}


def chat_begins(writer: PlainWriter) -> Sequence[Any]:
    """Return the event that begins a chat."""
    return [event("stream-start", generation_id=writer.answer_id)]


def chat_piece(_writer: PlainWriter, text: str) -> Any:
    """Return the event with one more piece of a chat."""
    return event("text-generation", text=text)


def chat_ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the calls of tools, and the event that ends a chat."""
    calls = [event("tool-calls-generation", text=writer.text, **called(writer))] if writer.calls else []
    return [*calls, event("stream-end", finish_reason=writer.reason(REASONS), response=answer(writer))]


def chat_failed(writer: PlainWriter, message: str) -> Any:
    """Return the end of a chat that failed, or the error object."""
    if not writer.stream:
        return {"message": message}
    response = {"text": writer.text, "generation_id": writer.answer_id}
    return event("stream-end", finish_reason="ERROR", error=message, response=response)


def generated(writer: PlainWriter) -> dict[str, Any]:
    """Return the only generation."""
    return {"id": writer.answer_id, "text": writer.text, "finish_reason": writer.reason(REASONS)}


def piece(_writer: PlainWriter, text: str) -> Any:
    """Return the event with one more piece of a generation."""
    return {"text": text, "is_finished": False, "event_type": "text-generation"}


def ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the event that ends a generation."""
    response = {"id": writer.answer_id, "generations": [generated(writer)]}
    told = {"is_finished": True, "event_type": "stream-end", "finish_reason": writer.reason(REASONS)}
    return [{**told, "response": response}]


def whole(writer: PlainWriter) -> Any:
    """Return a generation at once."""
    return {"id": writer.answer_id, "generations": [generated(writer)], "meta": meta(writer)}


def failed(writer: PlainWriter, message: str) -> Any:
    """Return the end of a generation that failed, or the error object."""
    if not writer.stream:
        return {"message": message}
    told = {"is_finished": True, "event_type": "stream-error", "finish_reason": "ERROR", "err": message}
    return {**told, "response": {"id": writer.answer_id, "generations": []}}


CHAT: Final = Form(chat_piece, chat_ends, answer, chat_failed, chat_begins, frame=line, streamed=LINES)
GENERATE: Final = Form(piece, ends, whole, failed, frame=line, streamed=LINES)
