"""Answers `count_tokens` for a request that goes to the internal model: an estimate, not a count.

A parsed Anthropic body goes in, a number of tokens or the JSON answer comes out. Clients use it to know when a
conversation gets long, so the estimate leans upwards. Nothing is sent anywhere for it.
"""

from math import ceil
from typing import Any, Final

from proxy.wire.json_text import dump

WIDE_FROM: Final = "\u2e80"
"""From here on (CJK radicals, ideographs, kana, Hangul, full-width forms, emoji) characters take more tokens each."""

NARROW_PER_TOKEN: Final = 4.0
WIDE_PER_TOKEN: Final = 1.5
IMAGE_TOKENS: Final = 1600
"""A full-size image in the vendor's own accounting; also taken for a page of a document."""

PDF_BYTES_PER_PAGE: Final = 50_000
COUNTED: Final = ("system", "messages", "tools")


def count_tokens(body: dict[str, Any]) -> int:
    """Return about how many tokens the request's system text, messages and tools are."""
    return max(1, ceil(sum(weigh(body.get(key)) for key in COUNTED)))


def count_answer(body: dict[str, Any]) -> bytes:
    """Return the JSON answer to `POST /v1/messages/count_tokens`."""
    return dump({"input_tokens": count_tokens(body)})


def weigh(value: Any) -> float:
    """Return the tokens of a JSON value, without counting encoded files as text."""
    if isinstance(value, str):
        if value.startswith("data:") and ";base64," in value[:200]:
            return IMAGE_TOKENS
        wide = sum(character >= WIDE_FROM for character in value)
        return wide / WIDE_PER_TOKEN + (len(value) - wide) / NARROW_PER_TOKEN
    if isinstance(value, list):
        return sum(weigh(item) for item in value)
    if isinstance(value, dict):
        if isinstance(value.get("data"), str) and (value.get("mimeType") or value.get("mime_type")):
            return IMAGE_TOKENS
        if value.get("type") == "base64" and isinstance(value.get("data"), str):
            pages = (
                len(value["data"]) * 3 / 4 / PDF_BYTES_PER_PAGE if value.get("media_type") == "application/pdf" else 1
            )
            return IMAGE_TOKENS * max(1, ceil(pages))
        return sum(1 + weigh(item) for key, item in value.items() if key not in ("cache_control", "signature"))
    return 1
