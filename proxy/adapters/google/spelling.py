"""The two spellings of Google's fields: `inlineData` and `inline_data` are one field, and clients mix them.

Enters: names, pointers or whole requests. Leaves: the other spelling, or a request in one of them. Data of functions
and schemas have names of their own, which stay.
"""

import re
from typing import Any, Final

from proxy.errors import WireError

HUMP: Final = re.compile(r"[A-Z]")
JOINT: Final = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
OWN: Final = frozenset(
    {"args", "response", "parameters", "responseSchema", "responseJsonSchema", "parametersJsonSchema"}
)
"""Fields whose inside is not the interface's."""


def snake_name(name: str) -> str:
    """Return a name, or a pointer of names, as `inline_data`."""
    return HUMP.sub(lambda found: "_" + found[0].lower(), name)


def camel_name(name: str) -> str:
    """Return a name as `inlineData`."""
    return JOINT.sub(lambda found: found[1].upper(), name)


def camel(value: Any) -> Any:
    """Return `value` with its fields as `inlineData`; raises `WireError` where a field is given in both spellings."""
    if isinstance(value, list):
        return [camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = {camel_name(key): child for key, child in value.items()}
    if len(named) != len(value):
        raise WireError("a field is given in two spellings")
    return {key: child if key in OWN else camel(child) for key, child in named.items()}
