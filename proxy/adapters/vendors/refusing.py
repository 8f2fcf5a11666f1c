"""Refusals of vendors whose error is a small JSON object: the object and a status enter, a final answer leaves.

Client libraries try again after 5xx, most of them without asking `x-should-retry`; a refusal must never be asked again.
"""

from collections.abc import Mapping
from typing import Any, Final

from proxy.adapters.interface import Refusal
from proxy.adapters.openai_chat import FINAL_4XX
from proxy.exchange import Answer, Headers
from proxy.wire import json_text

FAILED: Final = 424
"""Failed Dependency (RFC 4918, section 11.4): what the exchange needed is not there, and no library asks again."""


def final(status: int) -> int:
    """Return a status that says the same as `status`, and that no client library tries again."""
    if status >= 500:
        return FAILED
    return status if status in FINAL_4XX else 403


def tell(refusal: Refusal, value: Mapping[str, Any] | list[Any], *, status: int = 0, extra: Headers = ()) -> Answer:
    """Return `value` as the whole answer; `status` stands for that of the refusal, where the format has its own."""
    headers = (
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-should-retry", "false"),
        ("x-request-id", refusal.reference),
        *extra,
    )
    return Answer(status or final(refusal.status), headers, json_text.dump(value))
