"""Text inside text: JSON kept in a string, lines of JSON, base64 of a text, text files as `data:` URIs.

Enters: one string leaf. Leaves: what it holds, if it holds something that a detector must see decoded, and the way to
wrap it again. A leaf that is not exactly such a thing is plain text; nothing here raises.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from proxy.documents.mail import is_mail
from proxy.errors import SluiceError
from proxy.wire import json_text

BLOB: Final = re.compile(r"[A-Za-z0-9+/_-]{256,}+={0,2}")
DATA_URI: Final = re.compile(r"data:(?P<type>[^,;]{0,127})(?P<params>(?:;[^,;]{1,127}){0,4}),", re.IGNORECASE)
DECLARING: Final = frozenset({"mimeType", "mime_type", "format"})
BASE64: Final = re.compile(r"[A-Za-z0-9+/_\s-]*+={0,2}\s*")
TEXT_TYPES: Final = re.compile(
    r"text/.*|application/(?:[\w.-]+\+)?(?:json|xml|yaml|toml|sql|javascript|typescript|csv)|application/x-(?:yaml|sh|"
    r"javascript|ndjson|python|httpd-php)|application/jsonl?|image/svg\+xml",
    re.IGNORECASE,
)
DOCUMENTS: Final = (b"%PDF-", b"%!PS", b"{\\rtf")
"""Formats that may be ASCII throughout and yet hide their text in codings of their own, as mails do, too."""
UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def inner_json(text: str) -> Any | None:
    """Return the object or array that the whole of `text` is, else None."""
    bare = text.strip()
    if len(bare) < 2 or (bare[0] + bare[-1]) not in ("{}", "[]"):
        return None
    try:
        return json_text.parse(text.encode("utf-8"))
    except (SluiceError, UnicodeEncodeError):
        return None


def inner_lines(text: str) -> list[Any] | None:
    """Return what `text` holds if it is lines of JSON: the value of each, the text between them, None for blank lines.

    They are such when no line is anything else, or when there are two objects at least: logs and exports have notes
    and broken lines in them, but one object in running text is a quotation, whose surroundings explain it.
    """
    pieces = split_lines(text)
    values = [value for _, value in pieces if value is not None]
    quoted = sum(isinstance(value, dict) and bool(value) for value in values) < 2
    if len(values) < 2 or (quoted and any(value is None and raw.strip() for raw, value in pieces)):
        return None
    return [(raw if raw.strip() else None) if value is None else value for raw, value in pieces]


def wrap_lines(like: str, values: Sequence[Any]) -> str:
    """Return the text `like` with its lines holding `values`; lines that hold what they held stay as they are."""
    return "\n".join(wrap_line(raw, old, new) for (raw, old), new in zip(split_lines(like), values, strict=True))


def wrap_line(raw: str, old: Any, new: Any) -> str:
    """Return the piece `raw`, holding `new` in place of `old` (None for a piece that is no JSON)."""
    if new is None or new == old:
        return raw
    if old is None:
        return str(new)
    bare = raw.strip()
    return raw.replace(bare, json_text.dump(new).decode("utf-8"), 1)


def split_lines(text: str) -> list[tuple[str, Any]]:
    """Return the lines of `text`: each object or array with its value, others with None and joined to one piece."""
    pieces: list[tuple[str, Any]] = []
    between: list[str] = []
    for line in text.split("\n"):
        value = inner_json(line)
        if value is None:
            between.append(line)
            continue
        if between:
            pieces.append(("\n".join(between), None))
            between = []
        pieces.append((line, value))
    if between:
        pieces.append(("\n".join(between), None))
    return pieces


def is_lines(body: bytes) -> bool:
    """Return whether `body` is two lines or more, each of them one JSON value."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    try:
        for line in lines:
            json_text.parse(line)
    except SluiceError:
        return False
    return len(lines) > 1


def inner_text(text: str, declared: bool = False) -> str | None:
    """Return the text that `text` is the base64 or base64 `data:` URI of, else None.

    Bare base64 counts when it is long, or `declared` by what stands beside it.
    """
    head = DATA_URI.match(text)
    if head is None:
        return readable(text) if declared or BLOB.fullmatch(text) else None
    if not is_base64(head) or not is_text_type(head["type"] or "text/plain"):
        return None
    return readable(text[head.end() :])


def wrap_text(like: str, text: str) -> str:
    """Return `text` wrapped as `like` was: same `data:` head, standard alphabet."""
    return wrap_data(like, text.encode("utf-8"))


def is_blob(text: str, declared: bool = False) -> bool:
    """Return whether `text` is base64 of something no detector reads: an image, audio, a document."""
    head = DATA_URI.match(text)
    if head is None:
        return (BASE64 if declared else BLOB).fullmatch(text) is not None
    return is_base64(head) and BASE64.fullmatch(text, head.end()) is not None


def data_in(text: str) -> bytes | None:
    """Return the bytes that base64, or a base64 `data:` URI, stands for; None where it is broken."""
    head = DATA_URI.match(text)
    return from_base64(text[head.end() :] if head else text)


def declared_type(text: str) -> str:
    """Return the media type of a `data:` URI in lower case, or nothing."""
    head = DATA_URI.match(text)
    return head["type"].lower() if head else ""


def wrap_data(like: str, data: bytes) -> str:
    """Return bytes as base64, in the `data:` URI that `like` was, if it was one."""
    head = DATA_URI.match(like)
    return (head[0] if head else "") + base64.b64encode(data).decode("ascii")


def declares_data(entries: Mapping[str, Any]) -> bool:
    """Return whether an object says that its entry `data` is base64 (Anthropic, Gemini, OpenAI's sound)."""
    return entries.get("type") == "base64" or not DECLARING.isdisjoint(entries)


def is_text_type(content_type: str) -> bool:
    """Return whether a media type, parameters left out, promises text."""
    return TEXT_TYPES.fullmatch(content_type.partition(";")[0].strip()) is not None


def decode_text(data: bytes) -> str | None:
    """Return `data` as text if it is UTF-8 without control characters and no document format, else None."""
    if data.startswith(DOCUMENTS) or is_mail(data):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if UNPRINTABLE.search(text) else text


def readable(encoded: str) -> str | None:
    """Return the text that base64 `encoded` (either alphabet) decodes to, if it is text and not empty."""
    data = from_base64(encoded)
    return None if data is None else decode_text(data) or None


def from_base64(encoded: str) -> bytes | None:
    """Return what base64 in either alphabet stands for; None where it is broken."""
    compact = "".join(encoded.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def is_base64(head: re.Match[str]) -> bool:
    """Return whether the head of a `data:` URI says base64."""
    return head["params"].lower().endswith(";base64")
