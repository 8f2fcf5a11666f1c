"""How well the adapter that read a request knows its format: one word, for metrics and for people. Pure.

Enters: the id of an adapter, as records have it. Leaves: a word of `KNOWN`. A page that changed its format shows as
requests that are read by `fallback` where there were some read by `format`.
"""

from typing import Final

KNOWN: Final = {
    "format": "by an adapter of its format",
    "beside": "as a call beside the turns of a product that is known",
    "fallback": "string by string, its format unknown",
}
BESIDE: Final = ("-beside", "-any")
"""How ids of adapters end that read whatever else one product is sent."""
WITHOUT_FORMAT: Final = frozenset({"fallback", "websocket", "grpc", "connect-proto"})
"""Adapters that know how strings stand in a body, and nothing of what they mean."""


def known_as(adapter: str) -> str:
    """Return how well the adapter called so knows what it reads; an empty string where none read anything."""
    if adapter in WITHOUT_FORMAT:
        return "fallback"
    return "beside" if adapter.endswith(BESIDE) else adapter and "format"
