"""What models said of stretches of long texts, so that a text which comes again with one change is not read anew.

Enters: windows and their logits. Leaves: the logits of a window with the very same numbers. Numbers spell a text, so
they are kept as a digest under a key of this process only; logits say no word of it. Bounded; the oldest goes first.
"""

import hashlib
import os
from collections import OrderedDict
from threading import Lock
from typing import Final

from detectors.ner.model import Floats, Window

BYTES: Final = 8 << 20
"""Of logits that one model's memory holds: some half a million characters."""

KEY: Final = os.urandom(32)


class Memory:
    """Logits by the digest of their window; may be used from several threads."""

    def __init__(self, most: int = BYTES) -> None:
        """Take how many bytes of logits to keep."""
        self._most = most
        self._held = 0
        self._kept: OrderedDict[bytes, Floats] = OrderedDict()
        self._lock = Lock()

    def get(self, mark: bytes) -> Floats | None:
        """Return the logits kept under a mark."""
        with self._lock:
            logits = self._kept.get(mark)
            if logits is not None:
                self._kept.move_to_end(mark)
            return logits

    def put(self, mark: bytes, logits: Floats) -> None:
        """Keep logits, and forget what was asked for longest ago."""
        own = logits.copy()  # or the whole batch would be kept
        own.flags.writeable = False
        with self._lock:
            self._held += own.nbytes - (self._kept[mark].nbytes if mark in self._kept else 0)
            self._kept[mark] = own
            self._kept.move_to_end(mark)
            while self._held > self._most:
                self._held -= self._kept.popitem(last=False)[1].nbytes


def mark(window: Window) -> bytes:
    """Return the keyed digest of a window's numbers."""
    digest = hashlib.blake2b(key=KEY, digest_size=16)
    for name, row in window.inputs.items():
        digest.update(f"{name} {row.shape} ".encode())
        digest.update(row.tobytes())
    if window.heads is not None:
        digest.update(window.heads.tobytes())
    return digest.digest()
