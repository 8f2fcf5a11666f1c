"""Times and records as the plain values in which every store keeps them. Pure.

Enters: aware instants, plain fields. Leaves: milliseconds since 1970, one canonical text for equal fields, and back. A
time without a zone is a bug and never taken for one.
"""

from datetime import UTC, datetime
from typing import Final

import orjson

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def millis(moment: datetime) -> int:
    """Return an aware instant in milliseconds since 1970; raises `ValueError` for one without a zone."""
    if moment.utcoffset() is None:
        raise ValueError("the store needs aware times")
    return int((moment - EPOCH).total_seconds() * 1000)


def from_millis(number: int) -> datetime:
    """Return the instant that `millis` wrote."""
    return datetime.fromtimestamp(number / 1000, UTC)


def document(fields: object) -> str:
    """Return plain fields as one canonical text, so that equal values are equal texts."""
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS).decode()
