"""Chat pages of one small call each: Pi, Duck.ai, MiMo and QuillBot. Their answers come in pieces of one field.

Known from public client code, MiMo's field names from one source alone; none was seen live. The service keeps their
conversations, and how their pages show an answer is not known: the company's model does not answer there.
"""

from typing import Final

from proxy.adapters.openai_chat import refuse
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.roles import roles

TYPED: Final = {"/type": frozenset({"text", "content"})}
"""Events that hold a piece of the answer, where events say what they are."""

PI: Final = FieldAdapter(
    "pi-web", PathShape((TextAt("/text"),)), refuse, shapes("/conversation", "/mode"), roles({"/text": "user"}),
    stream_at={},
)  # fmt: skip
DUCK: Final = FieldAdapter(
    "duck-web", PathShape((TextAt("/message"),)), refuse, shapes("/model", "/messages/*/role"), roles({}, "/messages"),
    stream_at={},
)  # fmt: skip
MIMO: Final = FieldAdapter(
    "mimo-web", PathShape((TextAt("/content", TYPED),)), refuse, shapes("/conversationId", "/conversation_id"),
    roles({"/query": "user", "/message": "user"}), stream_at={},
)  # fmt: skip
QUILLBOT: Final = FieldAdapter(
    "quillbot-web", PathShape((TextAt("/content", TYPED),)), refuse, roles=roles({"/message": "user"}),
    stream_at={},
)  # fmt: skip
