"""Google's schemas → JSON Schema: types in lower case, `nullable` as a type, long numbers as numbers.

A schema of the interface goes in, in either spelling of its fields; one that every other server reads comes out.
"""

from typing import Any, Final

from proxy.adapters.google.spelling import camel_name

LIMITS: Final = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
"""64-bit numbers, which this interface writes as strings."""
SINGLE: Final = frozenset({"items", "additionalProperties"})
LISTS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
NAMED: Final = frozenset({"properties", "defs", "$defs"})


def json_schema_of(schema: Any) -> Any:
    """Return `schema` as JSON Schema."""
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        name = camel_name(key)
        if name == "type" and isinstance(value, str):
            made[name] = value.lower()
        elif name in SINGLE:
            made[name] = json_schema_of(value)
        elif name in LISTS and isinstance(value, list):
            made[name] = [json_schema_of(one) for one in value]
        elif name in NAMED and isinstance(value, dict):
            made[name] = {key: json_schema_of(one) for key, one in value.items()}
        elif name in LIMITS and isinstance(value, str) and value.isdecimal():
            made[name] = int(value)
        elif name not in ("nullable", "propertyOrdering", "example"):
            made[name] = value
    if schema.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made
