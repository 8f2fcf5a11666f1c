"""Outside the catalogue only named hosts are looked into, and on them only what looks like AI counts."""

import pytest

from proxy.services.unlisted import NOBODYS, looks_like_ai, unlisted, watched

HOSTS = frozenset({"gpu.partner.example", "10.0.0.9"})


@pytest.mark.parametrize(
    ("host", "want"),
    [
        ("gpu.partner.example", True),
        ("a.gpu.partner.example", True),
        ("GPU.Partner.Example.", True),
        ("partner.example", False),
        ("xgpu.partner.example", False),
        ("10.0.0.9", True),
    ],
)
def test_a_named_host_is_meant_with_all_below_it(host: str, want: bool) -> None:
    assert watched(host, HOSTS) is want


SHAPES = {
    "POST /v1/chat/completions": True,
    "POST /proxy/openai/v1/chat/completions/": True,
    "POST /v1/chat/completions?api-version=1": True,
    "POST /v1/Chat/Completions": True,
    "POST /v1/chat%2Fcompletions": True,
    "POST /v1/messages": True,
    "POST /v1/responses": True,
    "POST /api/generate": True,
    "POST /v1beta/models/gemini-2.5-pro:streamGenerateContent": True,
    "POST /model/anthropic.claude/invoke-with-response-stream": True,
    "POST /backend-api/conversation": True,
    "POST /v1/embeddings": True,
    "GET /v1/chat/completions": False,
    "POST /orders": False,
    "POST /chat/completions/archive": False,
    "POST /": False,
}


@pytest.mark.parametrize("name", SHAPES)
def test_an_interface_of_models_is_known_by_its_path(name: str) -> None:
    method, path = name.split(" ")
    assert looks_like_ai(method, path) is SHAPES[name]


def test_a_host_that_nobody_named_is_never_looked_into() -> None:
    assert unlisted("ai.example", "POST", "/v1/chat/completions", HOSTS) is None
    assert unlisted("gpu.partner.example", "POST", "/v1/chat/completions", HOSTS) is NOBODYS
    assert unlisted("gpu.partner.example", "POST", "/upload", HOSTS) is None
