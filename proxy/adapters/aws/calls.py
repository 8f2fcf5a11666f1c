"""What the address of a request to Bedrock says: the model, and what it is asked to do."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from proxy.adapters.interface import Asked

CALL: Final = re.compile(r"(?:/.*)?/model/(?P<model>[^/]+)/(?P<verb>[a-z-]+)/?")
STREAMED: Final = frozenset({"converse-stream", "invoke-with-response-stream"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model."""

    model: str
    stream: bool


def call_of(asked: Asked) -> Call:
    """Return the call that a request makes; an ARN keeps its slashes, which are escaped in the path."""
    found = CALL.fullmatch(asked.bare)
    if found is None:
        return Call("", False)
    return Call(unquote(found["model"]), found["verb"] in STREAMED)
