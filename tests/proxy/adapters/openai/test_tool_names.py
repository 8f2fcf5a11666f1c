"""A tool's name as a function says all that its calls need to be told to the client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.openai.tool_names import ToolName, tool_name

NAMES = {
    "find": ToolName("find"),
    "custom_tool--apply_patch": ToolName("apply_patch", free=True),
    "send--in--mail": ToolName("send", "mail"),
    "custom_tool--run--in--shell": ToolName("run", "shell", free=True),
}


@pytest.mark.parametrize(("function", "tool"), NAMES.items(), ids=NAMES.keys())
def test_a_tool_is_named_as_a_function_and_known_again(function: str, tool: ToolName):
    assert tool.as_function == function
    assert tool_name(function) == tool


WORDS = st.from_regex(r"[A-Za-z0-9_]{1,12}", fullmatch=True)


@given(WORDS, st.just("") | WORDS, st.booleans())
def test_every_tool_comes_back(name: str, namespace: str, free: bool):
    tool = ToolName(name, namespace, free)
    assert tool_name(tool.as_function) == tool
