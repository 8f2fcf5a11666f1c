"""Cloudflare's Workers AI: `/client/v4/accounts/{account}/ai/run/{model}`.

General knowledge, not seen live; `/ai/v1/…` is OpenAI's interface.
"""

import re
from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.refusing import final, tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer

PATH: Final = re.compile(r"(?:/.*)?/accounts/[^/]+/ai/run/(?P<model>.+)")
SHAPE: Final = PathShape((TextAt("/response"),))


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Cloudflare's envelope of an error."""
    errors = [{"code": final(refusal.status), "message": refusal.message}]
    return tell(refusal, {"success": False, "errors": errors, "messages": [], "result": None})


CLOUDFLARE: Final = FieldAdapter(
    "cloudflare", SHAPE, refuse,
    shapes("/messages/*/role", "/max_tokens", "/seed", "/response_format/type", "/source_lang", "/target_lang"),
    roles({"/prompt": "user", "/text": "user", "/input_text": "user", "/query": "user"}, "/messages"),
    model_path=PATH,
)  # fmt: skip
