"""The function that mitmproxy calls for every chunk of a streamed answer.

Enters: chunks, and an empty one at the end. Leaves: what the client gets. It must never raise: mitmproxy would drop
the connection. Where restoring breaks, what follows passes as it came, with its placeholders: never a guess; where
translating breaks, nothing more is sent.
"""

import structlog

from proxy.answers.returning import Returning
from proxy.errors import EXITS

LOG = structlog.get_logger("sluice")


class Feeder:
    """Feeds one answer through its `Returning`."""

    def __init__(self, returning: Returning) -> None:
        """Take the way back."""
        self.returning = returning
        self.received = 0
        """Bytes that came."""
        self.sent = 0
        """Bytes that the client got."""
        self.code = ""
        """What went wrong, or empty."""
        self.ended = False

    def __call__(self, chunk: bytes) -> list[bytes]:
        """Return what the client gets now; an empty chunk ends the answer."""
        if self.ended:
            return []
        self.received += len(chunk)
        out = self.step(chunk)
        self.sent += len(out)
        return [out] if out else []  # an empty piece would end a chunked body (RFC 9112, section 7.1)

    def step(self, chunk: bytes) -> bytes:
        """Feed one chunk, or the end."""
        self.ended = not chunk
        if self.code:
            return b"" if self.returning.translator else chunk
        try:
            out = self.returning.feed(chunk) if chunk else self.returning.end()
            if self.ended and self.returning.failed:  # the translator has said so in the client's own words
                self.code = "internal_model_unavailable"
            return out
        except EXITS:
            raise
        except BaseException as error:
            self.code = "not_restored"
            LOG.warning("an answer could not be restored", exc_info=error)
            return b"" if self.returning.translator else chunk
