"""The path chooses the wire format, on any host; what nobody knows is read by the fallback."""

import pytest

from proxy.adapters.choose import ADAPTERS, FALLBACK, choose
from proxy.adapters.interface import Asked

JSON = (("content-type", "application/json"),)

CHOSEN = {
    "OpenAI": ("POST", "/v1/chat/completions", "openai-chat"),
    "with a query": ("POST", "/v1/chat/completions?api-version=1", "openai-chat"),
    "Azure": ("POST", "/openai/deployments/x/chat/completions?api-version=2024-10-21", "openai-chat"),
    "DashScope": ("POST", "/compatible-mode/v1/chat/completions", "openai-chat"),
    "without a version": ("POST", "/chat/completions", "openai-chat"),
    "Anthropic": ("POST", "/v1/messages", "anthropic-messages"),
    "Claude Code": ("POST", "/v1/messages?beta=true", "anthropic-messages"),
    "counting tokens": ("POST", "/v1/messages/count_tokens", "anthropic-messages"),
    "a vendor's Anthropic path": ("POST", "/apps/anthropic/v1/messages", "anthropic-messages"),
    "listing": ("GET", "/v1/chat/completions", "fallback"),
    "batches": ("POST", "/v1/messages/batches", "anthropic-batches"),
    "messages of a thread": ("POST", "/v1/threads/t/messages", "openai-assistants"),
    "responses": ("POST", "/v1/responses", "openai-responses"),
    "the name in the query": ("POST", "/x?y=/v1/chat/completions", "fallback"),
    "a longer name": ("POST", "/v1/xchat/completions", "fallback"),
    "nothing": ("POST", "/", "fallback"),
}


@pytest.mark.parametrize(("method", "path", "want"), CHOSEN.values(), ids=CHOSEN.keys())
def test_method_and_path_choose_the_adapter(method: str, path: str, want: str):
    assert want == choose(Asked(method, path, JSON)).id


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        ("", "openai-chat"),
        ("application/json; charset=utf-8", "openai-chat"),
        ("text/plain", "openai-chat"),
        ("application/x-www-form-urlencoded", "openai-chat"),
        ("multipart/form-data; boundary=x", "fallback"),
        ("application/octet-stream", "fallback"),
    ],
)
def test_what_may_be_json_to_the_service_is_read_as_json(kind: str, want: str):
    assert want == choose(Asked("POST", "/v1/chat/completions", (("content-type", kind),))).id


def test_every_adapter_has_a_name_of_its_own():
    names = [*(entry.adapter.id for entry in ADAPTERS), FALLBACK.id]
    assert len(set(names)) == len(names)
