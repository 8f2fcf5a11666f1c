"""What to tell a person when the company's own model fails.

The internal server's status and error body go in, a status, a stable code and a sentence in both languages come out.
The server's own words are quoted only when they are about the person's request (a prompt too long, a bad parameter);
addresses, keys and credentials problems of the company's servers must never be told to a client.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.errors import TooLarge, WireError
from proxy.wire.json_text import parse

QUOTED_AT_MOST: Final = 300
"""Characters of the server's own message that are shown."""

NEVER_QUOTED: Final = frozenset({401, 403, 404, 407})
"""Credentials, routes and model names of the company's server: its operator's affair, not the person's."""

BROKE_OFF: Final = "The company's model broke off its answer; please ask again. 公司内部模型的回答中断，请重试。"
GARBLED: Final = (
    "The company's model gave an unreadable answer; tell the help desk. 公司内部模型的回答无法读取，请报修。"
)
DOWN: Final = "The company's model is not available; please try again later. 公司内部模型暂不可用，请稍后再试。"
BUSY: Final = "The company's model is busy; please try again in a moment. 公司内部模型繁忙，请稍后再试。"
REFUSED: Final = "The company's model cannot take this request. 公司内部模型无法处理该请求。"

ADDRESS: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]*://\S+"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"
    r"|\b(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)\b"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:internal|local|lan|corp|intranet|svc|com|cn|net|org|io)\b",
    re.I,
)
SECRET: Final = re.compile(r"\b(?:bearer\s+\S+|(?:sk|key|token)-[\w-]{6,})", re.I)
TOO_LONG: Final = re.compile(
    r"context[ _](?:length|size|window)|longer than the model|(?:prompt|input) is too long|exceeds? .{0,40}tokens",
    re.I,
)


@dataclass(frozen=True, slots=True)
class InternalFailure:
    """One failure of the internal model, ready for an adapter's `refuse`."""

    status: int
    code: str
    """`internal_model_unavailable`, `internal_model_refused` or `context_length_exceeded`."""
    message: str = field(repr=False)


def explain(status: int, body: bytes) -> InternalFailure:
    """Explain an answer with an error status and this body."""
    try:
        value = parse(body)
    except (WireError, TooLarge):
        value = None
    return explain_error(status, value)


def explain_error(status: int, value: Any) -> InternalFailure:
    """Explain an error object, as servers put it in a body or in the middle of a stream.

    `status` is the HTTP status, or 0 in a stream, where the object's own `code` stands in for it.
    """
    status = status or stated_status(value)
    quote = safe_quote(stated_message(value))
    if status in (429, 503):
        return InternalFailure(503, "internal_model_unavailable", BUSY)
    if not 400 <= status < 500 or status in NEVER_QUOTED:
        return InternalFailure(503, "internal_model_unavailable", DOWN)
    if TOO_LONG.search(quote):
        # Claude Code shortens its history by itself when it reads these words.
        message = f"prompt is too long for the company's model; 内容超出公司内部模型的长度上限: {quote}"
        return InternalFailure(400, "context_length_exceeded", message)
    message = f"{REFUSED} ({quote})" if quote else REFUSED
    return InternalFailure(413 if status == 413 else 400, "internal_model_refused", message)


def stated_message(value: Any) -> str:
    """Return the message of an error object: under `error`, `message` or `detail`, nested or not."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    return next((text for key in ("error", "message", "detail") if (text := stated_message(value.get(key)))), "")


def stated_status(value: Any) -> int:
    """Return the HTTP status that an error object names in `code`, or 500."""
    while isinstance(value, dict):
        code = value.get("code")
        if isinstance(code, int) and not isinstance(code, bool) and 400 <= code <= 599:
            return code
        value = value.get("error")
    return 500


def safe_quote(message: str) -> str:
    """Return the message in one line, cut, without addresses and keys."""
    line = " ".join(message.split())
    line = SECRET.sub("…", ADDRESS.sub("…", line))
    return line if len(line) <= QUOTED_AT_MOST else line[: QUOTED_AT_MOST - 1] + "…"
