"""Who wrote what in the bodies of assistants; test_conformance.py drives the rest."""

import pytest

from proxy.adapters.openai.assistants import role_of
from proxy.adapters.pointer import Hop

TREE = {
    "role": "user",
    "content": [{"type": "text", "text": "a"}],
    "thread": {"messages": [{"role": "assistant", "content": "a"}]},
    "metadata": {"content": "a"},
}
ROLES = {
    ("content", 0, "text"): "user",
    ("thread", "messages", 0, "content"): "assistant",
    ("metadata", "content"): "other",
    ("instructions",): "system",
    ("additional_instructions",): "system",
    ("tool_outputs", 0, "output"): "tool",
    ("messages", Hop.JSON, "content"): "other",
    ("role",): "other",
}


@pytest.mark.parametrize("path", ROLES, ids=str)
def test_a_message_says_who_wrote_it(path):
    assert role_of(TREE, path) == ROLES[path]
