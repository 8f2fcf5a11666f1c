"""What a finder of patterns makes of a text, for tests of views."""

from functools import cache

from detectors.find import Finder, shipped_patterns
from detectors.redact import PLACEHOLDER, redact

ID = "11010519491231002X"
MOBILE = "13912345678"
CARD = "4111111111111111"
MAIL = "li.wei42@northwind-trading.cn"


@cache
def finder() -> Finder:
    return Finder(shipped_patterns(), cache_size=0)


def found(text: str) -> list[tuple[str, str]]:
    """Return entity and slice of each finding."""
    return [(one.entity, text[one.start : one.end]) for one in finder().find(text).findings]


def redacted(text: str) -> str:
    """Return the text with every placeholder as ⟦⟧."""
    return PLACEHOLDER.sub("⟦⟧", redact(text, finder().find(text).findings, b"k").text)
