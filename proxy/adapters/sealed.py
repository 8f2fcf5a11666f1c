"""What a service signs and wants back: its signatures and ciphertext, which nobody can read, and its thoughts.

Enters: a value of a body. Leaves: whether it is such a thing (base64 of a text or of a file that is known never is), or
the mark by which a signed thought is known again. Two thoughts have the same mark only if all that is signed is alike.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from proxy.adapters.wrapped import data_in, inner_text, is_blob
from proxy.documents.kind import kind_of

SHORTEST_SEAL: Final = 64
"""Characters; ciphertext and signatures are longer, what is shorter is read."""

NO_FILE: Final = frozenset({"text", "json", "html"})
"""Kinds of file that are known by their words, which ciphertext can only seem to have."""


def is_sealed(value: object) -> bool:
    """Return whether `value` is base64, in either alphabet, of something that is neither a text nor a known file."""
    if not isinstance(value, str) or len(value) < SHORTEST_SEAL or value.isdigit() or not is_blob(value, declared=True):
        return False
    data = data_in(value)
    return data is not None and inner_text(value, declared=True) is None and kind_of(data, "") in NO_FILE


UNMARKED: Final = "?"
"""The mark of text in a signed object that the signature does not cover."""

TEXTS: Final = ("thinking", "signature", "data", "reasoningText", "redactedContent")
"""Fields of signed objects, Anthropic's and Bedrock's, that are covered by their mark."""


def mark(text: str, seal: str) -> str:
    """Return the mark of a thought with its signature, or of a hidden one with its ciphertext."""
    made = hashlib.sha256()
    for one in (text, seal):
        data = one.encode("utf-8", "surrogatepass")
        made.update(len(data).to_bytes(8, "big") + data)
    return made.hexdigest()


def mark_of(block: Mapping[str, Any]) -> str:
    """Return the mark of a signed object; nothing for one that is none, or has no signature."""
    held = block.get("reasoningText", block)
    if not isinstance(held, dict):
        return ""
    text, seal = held.get("thinking", held.get("text", "")), held.get("signature")
    if seal is None:
        text, seal = "", held.get("data", held.get("redactedContent"))
    return mark(text, seal) if isinstance(text, str) and isinstance(seal, str) and seal else ""
