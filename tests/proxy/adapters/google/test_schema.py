"""Google's schemas become JSON Schema that other servers read."""

from typing import Any

import pytest

from proxy.adapters.google.schema import json_schema_of


@pytest.mark.parametrize(
    ("schema", "want"),
    [
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": "3"},
            {"type": "array", "items": {"type": "number"}, "minItems": 3},
        ),
        ({"any_of": [{"type": "STRING"}, {"type": "NULL"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (
            {"type": "OBJECT", "properties": {"type": {"type": "STRING"}, "min_items": {}}, "propertyOrdering": []},
            {"type": "object", "properties": {"type": {"type": "string"}, "min_items": {}}},
        ),
        (
            {"type": "STRING", "enum": ["STRING", "客户"], "description": "STRING"},
            {"type": "string", "enum": ["STRING", "客户"], "description": "STRING"},
        ),
        ("any", "any"),
    ],
    ids=["nullable", "a list", "the other spelling", "properties with names of fields", "values stay", "none"],
)  # fmt: skip
def test_a_schema_says_the_same_in_other_words(schema: Any, want: Any) -> None:
    assert json_schema_of(schema) == want
