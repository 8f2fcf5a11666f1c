"""Whose account it is, is said only where the wire shows it."""

import pytest

from proxy.account import SIGNS, account_of
from proxy.catalogue import load_catalogue
from proxy.exchange import Request

UUID = "0b9c1d2e-1111-4222-8333-444455556666"
OURS = {
    "openai-api": frozenset({"org-ours", "proj_ours"}),
    "anthropic-claude": frozenset({UUID}),
    "ms-azure-openai": frozenset({"northwind"}),
    "google-vertex-ai": frozenset({"northwind-ai"}),
    "openai-chatgpt": frozenset({UUID}),
    "cloudflare-ai": frozenset({"0" * 32}),
}
OTHER = UUID.replace("0b9c", "ffff")

CASES = {
    "our organisation": ("openai-api", "api.openai.com", "/v1/x", {"openai-organization": "org-ours"}, "company"),
    "our project": ("openai-api", "api.openai.com", "/v1/x", {"openai-project": "proj_ours"}, "company"),
    "another organisation": ("openai-api", "api.openai.com", "/v1/x", {"openai-organization": "org-else"}, "personal"),
    "only a key": ("openai-api", "api.openai.com", "/v1/x", {"authorization": "Bearer sk-proj-abc"}, "unknown"),
    "our workspace": ("openai-chatgpt", "chatgpt.com", "/backend-api/f", {"chatgpt-account-id": UUID}, "company"),
    "signed out": ("openai-chatgpt", "chatgpt.com", "/backend-anon/conversation", {}, "free"),
    "our Claude": ("anthropic-claude", "claude.ai", f"/api/organizations/{UUID}/chat?x=1", {}, "company"),
    "another Claude": ("anthropic-claude", "claude.ai", f"/api/organizations/{OTHER}", {}, "personal"),
    "our id in a query": ("anthropic-claude", "claude.ai", f"/x?p=/api/organizations/{UUID}/", {}, "unknown"),
    "our id further down": ("anthropic-claude", "claude.ai", f"/x/api/organizations/{UUID}/", {}, "unknown"),
    "our resource": ("ms-azure-openai", "northwind.openai.azure.com", "/openai/x", {}, "company"),
    "our resource, as a label of theirs": (
        "ms-azure-openai", "northwind.openai.azure.com.evil.example", "/openai/x", {}, "unknown"),
    "our project of Vertex": (
        "google-vertex-ai", "aiplatform.googleapis.com", "/v1/projects/northwind-ai/locations/x", {}, "company"),
    "our Claude, an upload": ("anthropic-claude", "claude.ai", f"/api/{UUID}/upload", {}, "company"),
    "another Claude, an upload": ("anthropic-claude", "claude.ai", f"/api/{OTHER}/upload", {}, "personal"),
    "our Workers AI": (
        "cloudflare-ai", "api.cloudflare.com", f"/client/v4/accounts/{'0' * 32}/ai/run/x", {}, "company"),
    "another gateway": ("cloudflare-ai", "gateway.ai.cloudflare.com", f"/v1/{'1' * 32}/g/openai", {}, "personal"),
    "a Copilot of one's own": (
        "github-copilot", "api.individual.githubcopilot.com", "/chat/completions", {}, "personal"),
    "a Copilot of some company": ("github-copilot", "api.business.githubcopilot.com", "/x", {}, "unknown"),
    "no account at all": ("duck-ai", "duck.ai", "/duckchat/v1/chat", {}, "free"),
    "a service that never tells": (
        "deepseek-api", "api.deepseek.com", "/x", {"openai-organization": "org-ours"}, "unknown"),
    "a service whose ids nobody listed": ("ms-azure-openai-cn", "a.openai.azure.cn", "/x", {}, "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_account_is_told_by_what_the_head_shows(name: str) -> None:
    service, host, path, headers, want = CASES[name]
    request = Request("POST", "https", host, 443, path, tuple(headers.items()))
    assert account_of(request, service, OURS) == want


def test_a_field_given_twice_says_nothing() -> None:
    twice = (("openai-organization", "org-ours"), ("openai-organization", "org-else"))
    request = Request("POST", "https", "api.openai.com", 443, "/v1/x", twice)
    assert account_of(request, "openai-api", OURS) == "unknown"


def test_every_service_of_the_table_is_in_the_catalogue() -> None:
    assert SIGNS.keys() <= load_catalogue().services.keys()
