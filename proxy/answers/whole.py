"""An answer that came whole: its body put back with the originals in it, or translated.

Enters: a flow with its answer, and the passage that knows the way back. Leaves: the answer as the client gets it. One
of a service is never lost: where it cannot be restored it passes with its placeholders. One of the company's model
that cannot be read is an error.
"""

import structlog
from mitmproxy import http

from proxy import handle
from proxy.errors import EXITS, InternalModelError
from proxy.passage import House, Passage
from proxy.wire.body import decode

LOG = structlog.get_logger("sluice")


def finish_whole(house: House, flow: http.HTTPFlow, passage: Passage, received: int) -> None:
    """Restore an answer of `received` bytes, and write the line about it; raises what `restore_whole` raises."""
    sent, code = restore_whole(house, flow, passage)
    status = flow.response.status_code if flow.response is not None else 0
    handle.finish(house, passage, status, received, sent, code)


def restore_whole(house: House, flow: http.HTTPFlow, passage: Passage) -> tuple[int, str]:
    """Put the restored body in place of the one that came; return its size and what went wrong.

    A service's answer that cannot be restored is not lost: it passes as it came, with its placeholders.
    """
    if flow.response is None or passage.returning is None:
        raise RuntimeError("there is no answer to restore")
    raw = flow.response.raw_content or b""
    try:
        plain = decode(raw, passage.returning.coding, passage.street.limits)
        body = passage.returning.whole(plain)
    except EXITS:
        raise
    except BaseException as error:
        if passage.returning.translator is not None:
            raise InternalModelError("the answer of the company's model cannot be read") from error
        LOG.warning("an answer could not be restored", exc_info=error, id=passage.reference)
        return len(raw), "not_restored"
    handle.heed(house, passage, flow.request.raw_content or b"", body=plain)
    if passage.returning.failed:
        raise InternalModelError("the company's model gave an answer that cannot be read")
    if body != plain or passage.returning.translator is not None:
        flow.response.headers.pop("content-encoding", None)
        flow.response.headers.update(passage.returning.headers)
        flow.response.content = body
    return len(body), ""
