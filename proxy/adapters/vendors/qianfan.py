"""Baidu Qianfan's first interface: `/rpc/2.0/ai_custom/v1/wenxinworkshop/…/{model}`.

General knowledge, not seen live. The second interface is OpenAI's. Errors are told with status 200; the token stands in
the address.
"""

import re
from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer

NO_PERMISSION: Final = 6
"""Of Baidu's interfaces in general: no permission to access data."""
BAD_ARGUMENT: Final = 336003
PATH: Final = re.compile(r"(?:/.*)?/rpc/2\.0/ai_custom/v1/wenxinworkshop/[a-z0-9_]+/(?P<model>[^/]+)/?")

SHAPE: Final = PathShape(
    (TextAt("/result"), TextAt("/function_call/arguments", json=True)),
    ends=({"/is_end": frozenset({True})}, {"/error_code": frozenset()}),
)
WORDS: Final = shapes(
    "/messages/*/role", "/max_output_tokens", "/response_format", "/tool_choice/type", "/size", "/style"
)


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Baidu's error, which has status 200."""
    code = NO_PERMISSION if refusal.status in (401, 403) or refusal.status >= 500 else BAD_ARGUMENT
    return tell(refusal, {"error_code": code, "error_msg": refusal.message, "id": refusal.reference}, status=200)


QIANFAN: Final = FieldAdapter(
    "qianfan", SHAPE, refuse, WORDS,
    roles({"/system": "system", "/prompt": "user", "/input": "user", "/query": "user"}, "/messages"),
    model_path=PATH,
)  # fmt: skip
