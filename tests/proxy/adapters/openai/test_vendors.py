"""What single vendors add; test_conformance.py drives the rest."""

import pytest

from proxy.adapters.interface import Asked, Speaker
from proxy.adapters.openai.vendors import CHAT_LATER, GITHUB_CHAT, role_in_thread, role_later
from proxy.adapters.pointer import Hop


@pytest.mark.parametrize("adapter", [GITHUB_CHAT, CHAT_LATER], ids=lambda adapter: adapter.id)
def test_the_service_keeps_what_the_companys_model_would_have_to_know(adapter):
    assert not isinstance(adapter.at(Asked("POST", "/")), Speaker)


INSIDE = {
    ("request", "messages", 0, "content"): "user",
    ("request", "model"): "other",
    ("request",): "other",
    ("messages", 0, "content"): "assistant",
    ("request", Hop.JSON, "messages"): "other",
}


@pytest.mark.parametrize("path", INSIDE, ids=str)
def test_the_request_inside_says_who_wrote_what(path):
    tree = {"request": {"messages": [{"role": "user", "content": "a"}]}, "messages": [{"role": "assistant"}]}
    assert role_later(tree, path) == INSIDE[path]


def test_a_message_to_copilot_says_who_wrote_what():
    paths = (("content",), ("customInstructions", 0), ("references", 0, "path"), ("currentURL",), ("x", Hop.KEY))
    assert [role_in_thread({}, path) for path in paths] == ["user", "system", "tool", "other", "other"]
