"""Hugging Face's inference interfaces with `inputs`: models on its hosts, and text-generation-inference anywhere.

General knowledge, not seen live; the router's interface is OpenAI's.
"""

import re
from dataclasses import replace
from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.field_adapter import FieldAdapter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer

SHAPE: Final = PathShape((TextAt("/token/text"),), ends=({"/generated_text": frozenset()}, {"/error": frozenset()}))
"""The last event repeats the whole text."""


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as an error that is a string."""
    return tell(refusal, {"error": refusal.message, "error_type": refusal.code})


HUGGINGFACE: Final = FieldAdapter(
    "huggingface", SHAPE, refuse,
    shapes("/parameters/max_new_tokens", "/parameters/seed", "/model", "/parameters/task"),
    roles({"/inputs": "user"}),
    model_path=re.compile(r"(?:/.*)?/models/(?P<model>[^/]+/[^/]+)(?:/.*)?"),
    stream_path=re.compile(r".*/generate_stream/?"),
)  # fmt: skip

TGI: Final = replace(HUGGINGFACE, id="text-generation-inference")
"""The same, wherever the server stands."""
