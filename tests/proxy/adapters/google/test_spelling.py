"""Both spellings of a field are one field; data of functions keeps its own names."""

import pytest

from proxy.adapters.google.spelling import camel, camel_name, snake_name
from proxy.errors import WireError


@pytest.mark.parametrize("name", ["inlineData", "text", "responseJsonSchema", "maxOutputTokens"])
def test_a_name_reads_back_from_the_other_spelling(name: str) -> None:
    assert camel_name(snake_name(name)) == name == camel_name(name)


def test_fields_are_spelt_alike_and_data_is_left_alone() -> None:
    body = {"generation_config": [{"top_p": 1}], "functionCall": {"name": "f_g", "args": {"first_name": "a_b"}}}
    assert camel(body) == {
        "generationConfig": [{"topP": 1}],
        "functionCall": {"name": "f_g", "args": {"first_name": "a_b"}},
    }


def test_a_field_in_two_spellings_is_refused() -> None:
    with pytest.raises(WireError, match="two spellings"):
        camel({"a": [{"inlineData": 1, "inline_data": 2}]})
