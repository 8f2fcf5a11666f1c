"""How watsonx tells an answer: a chat, which is OpenAI's but for a few words, or the results of a generation.

Neutral events go in, by `PlainWriter`; the forms are here. Events are numbered and named; a stream ends with its
connection.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from proxy.adapters.vendors.chat_form import Words, chat_form
from proxy.adapters.vendors.plain_writer import Form, PlainWriter
from proxy.internal.answer import Reason
from proxy.wire.json_text import dump

FAILED: Final = 500
REASONS: Final[Mapping[Reason, str]] = {
    "stop": "eos_token",
    "length": "max_tokens",
    "tool_calls": "eos_token",
    "content_filter": "eos_token",
}


def frame(number: int, value: Any) -> bytes:
    """Return a value as an event of IBM's."""
    return f"id: {number + 1}\nevent: message\ndata: ".encode() + dump(value) + b"\n\n"


def frame_failed(number: int, value: Any) -> bytes:
    """Return a failure as an event."""
    return f"id: {number + 1}\nevent: error\ndata: ".encode() + dump(value) + b"\n\n"


def failed(writer: PlainWriter, message: str) -> Any:
    """Return IBM's list of errors."""
    errors = [{"code": "internal_model_unavailable", "message": message}]
    return {"trace": writer.answer_id, "errors": errors, "status_code": FAILED}


def results(writer: PlainWriter, text: str, reason: str, **counts: int) -> dict[str, Any]:
    """Return results of one text."""
    created = datetime.fromtimestamp(writer.now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    result = {"generated_text": text, **counts, "stop_reason": reason}
    return {"model_id": writer.model, "created_at": created, "results": [result]}


def ended(writer: PlainWriter, text: str) -> dict[str, Any]:
    """Return the results that end an answer."""
    end = writer.finished
    counts = {"generated_token_count": end.output_tokens, "input_token_count": end.input_tokens}
    return results(writer, text, writer.reason(REASONS, "stop_sequence"), **counts)


def piece(writer: PlainWriter, text: str) -> Any:
    """Return results with one more piece of text."""
    return results(writer, text, "not_finished")


def ends(writer: PlainWriter) -> Sequence[Any]:
    """Return the last results."""
    return [ended(writer, "")]


def whole(writer: PlainWriter) -> Any:
    """Return all of the text."""
    return ended(writer, writer.text)


GENERATION: Final = Form(piece, ends, whole, failed, frame=frame, frame_failed=frame_failed)
CHAT: Final = chat_form(failed, Words(model="model_id"), frame=frame, frame_failed=frame_failed)
