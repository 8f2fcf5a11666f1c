"""Tells an answer's format by its content, where its media type does not: JSON, JSON lines, events, or another. Pure.

Enters: the beginning of a body. Leaves: the media type that its content has. It is asked of answers of known interfaces
alone, and what is not surely one of these is left as it came.
"""

import re
from typing import Final

from proxy.errors import SluiceError
from proxy.exchange import Request, header
from proxy.wire import json_text

EVENTS: Final = "text/event-stream"
LINES: Final = "application/x-ndjson"
JSON: Final = "application/json"
OTHER: Final = "application/octet-stream"

UNSURE: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/html"})
"""Labels that servers give without looking."""

PAGES: Final = frozenset({"document", "iframe", "frame", "embed", "object"})
"""What a browser shows as a page: there a value could become code."""

FIELDS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")
"""How a stream of events begins."""

CALLED: Final = re.compile(rb"(?:(?:event|id|retry)?:[^\r\n]*(?:\r\n|\r|\n))*data:[ ]?(?:\{|\[DONE\])")
"""How a stream of events of an interface begins; what only begins like one is a text of somebody's."""

MAY_BE_CALLED: Final = 1024
"""Bytes in which it has begun so, if it is one."""

MOST: Final = 32 << 20
"""Bytes of JSON that are waited for; a longer answer passes as it comes."""


def is_unsure(request: Request, adapter: str, kind: str) -> bool:
    """Tell whether an answer labelled `kind` may yet be what the interface is known to answer."""
    shown = header(request.headers, "sec-fetch-dest").lower() in PAGES
    return kind in UNSURE and request.method == "POST" and adapter != "fallback" and not shown


def type_by_content(beginning: bytes, *, ended: bool, strict: bool = False) -> str | None:
    """Return the media type of a body that begins so; None where it cannot be told yet.

    `strict` takes for events only what begins as those of an interface do.
    """
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        line, more, rest = start.partition(b"\n")
        if more and rest.strip() and is_json(line):
            return LINES
        if ended:
            return JSON
        return OTHER if len(beginning) > MOST else None
    if start.startswith(FIELDS):
        if not strict or CALLED.match(start):
            return EVENTS
        return OTHER if ended or len(start) > MAY_BE_CALLED or is_prose(start) else None
    if ended or len(start) >= len(b"event:") or (start and not any(one.startswith(start) for one in FIELDS)):
        return OTHER
    return None


def is_prose(start: bytes) -> bool:
    """Tell whether what begins like events goes on in a way in which none of an interface does."""
    *lines, last = start.splitlines(keepends=True)
    rest = b"data: {", b"data:{", b"data: [DONE]", b"data:[DONE]"
    whole = all(line.startswith((b"event:", b"id:", b"retry:", b":")) for line in lines)
    begun = last.startswith((b"event:", b"id:", b"retry:", b":")) or any(
        one.startswith(last) for one in (*rest, *FIELDS)
    )
    return not (whole and begun)


def is_json(line: bytes) -> bool:
    """Tell whether a line is one JSON value."""
    try:
        json_text.parse(line)
    except SluiceError:
        return False
    return True
