"""poe.com: the operations that the page posts; answers come over a socket, see `proxy.adapters.sockets.chat_sites`.

Enters: what the page posts to `/api/gql_POST`: a question with its bot, chats and their titles, bots and what they are
told. A header holds a hash over the body, so a request with something to take out is refused, and none is told to
another model. Leaves: a refusal as an operation that did not succeed, with its reason in words. Source: public client
code; not seen live.
"""

from typing import Any, Final

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.interface import Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.exchange import Answer, Role
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/queryName", "/operationName", "/extensions/hash", "/variables/bot", "/variables/clientNonce", "/variables/sdid",
    "/variables/source/sourceType", "/variables/chatCode",
)  # fmt: skip


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:2] == ("variables", "query") else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as an operation that did not succeed."""
    sent = {"status": refusal.code, "statusMessage": refusal.message, "message": None, "chat": None}
    body = {"data": {"messageEdgeCreate": sent}, "errors": [{"message": refusal.message}]}
    return Answer(200, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(body))


POE: Final = JsonAdapter("poe-web", AnyShape(), refuse, IGNORED, role_of, tested="replica")
BESIDE: Final = BesideCalls("poe-web-beside", AnyShape(), refuse, IGNORED, role_of)
"""Files with the operation that they belong to, settings: no question of its own."""
