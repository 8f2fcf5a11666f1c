"""What nobody can read: ciphertext and signatures that a service wants back.

Enters: a value of a body. Leaves: whether it is such a thing. Base64 of a text or of a file that is known never is.
"""

from typing import Final

from proxy.adapters.wrapped import data_in, inner_text, is_blob
from proxy.documents.read import kind_of

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
