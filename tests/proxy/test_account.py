"""Whose account it is, is said only where the wire shows it."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.account import CLAIMS, SIGNS, account_of
from proxy.exchange import Request
from proxy.services.catalogue import load_catalogue

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


MSA = "9188040d-6c67-4c5b-b112-36a304aadda5"
TENANTS = {**OURS, "ms-m365-copilot": frozenset({UUID})}


def token(**claims: Any) -> str:
    """Return a token that nobody has signed."""
    head, body = (base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({}, claims))
    return f"{head}.{body}.c2ln"


def openai(account: object) -> str:
    return token(**{"https://api.openai.com/auth": {"chatgpt_account_id": account, "chatgpt_plan_type": "team"}})


CODEX = "/backend-api/codex/responses"
HUB = f"/m365Copilot/Chathub/o1@{UUID}?access_token="
CLAIMED = {
    "a token of ours alone is not the company's": (
        "openai-chatgpt",
        CODEX,
        openai(UUID),
        "unknown",
    ),
    "a token of another account": ("openai-chatgpt", CODEX, openai(OTHER), "personal"),
    "a claim that is no text": ("openai-chatgpt", CODEX, openai([UUID]), "unknown"),
    "no token at all": ("openai-chatgpt", "/backend-api/x", "sess-opaque", "unknown"),
    "an encrypted token": ("openai-chatgpt", "/backend-api/x", f"{openai(OTHER)}.x.y", "unknown"),
    "a personal account of Microsoft's": ("ms-copilot", f"/c/api/chat?accessToken={token(tid=MSA)}", "", "personal"),
    "some tenant": ("ms-copilot", f"/c/api/chat?accessToken={token(tid=UUID)}", "", "unknown"),
    "our tenant in path and token": ("ms-m365-copilot", HUB + token(tid=UUID), "", "company"),
    "our tenant in the path alone": ("ms-m365-copilot", HUB + "opaque", "", "company"),
    "our tenant in the path, another in the token": ("ms-m365-copilot", HUB + token(tid=OTHER), "", "personal"),
    "our tenant in the path, a personal token": ("ms-m365-copilot", HUB + token(tid=MSA.upper()), "", "personal"),
    "our tenant in the token alone": ("ms-m365-copilot", "/m365Copilot/UploadFile", token(tid=UUID), "unknown"),
    "a service whose tokens are not known": ("deepseek-chat", "/x", token(tid=MSA), "unknown"),
}


@pytest.mark.parametrize("name", CLAIMED)
def test_a_token_makes_no_account_the_companys_and_may_tell_that_it_is_not(name: str) -> None:
    service, path, bearer, want = CLAIMED[name]
    headers = (("authorization", f"Bearer {bearer}"),) if bearer else ()
    assert account_of(Request("GET", "https", "h", 443, path, headers), service, TENANTS) == want


def test_what_a_request_of_chatgpt_names_counts_before_its_token() -> None:
    headers = (("authorization", f"Bearer {openai(OTHER)}"), ("chatgpt-account-id", UUID))
    assert account_of(Request("POST", "https", "chatgpt.com", 443, "/x", headers), "openai-chatgpt", OURS) == "company"


@given(st.dictionaries(st.text(), st.text() | st.none() | st.integers()), st.text(), st.sampled_from(sorted(CLAIMS)))
def test_no_token_whatsoever_makes_an_account_the_companys(claims: dict[str, Any], junk: str, service: str) -> None:
    for bearer in (token(**{**claims, "tid": UUID}), openai(UUID), junk):
        headers = (("authorization", f"Bearer {bearer}"),)
        assert account_of(Request("POST", "https", "h", 443, "/x", headers), service, TENANTS) != "company"


def test_every_service_whose_tokens_are_read_is_in_the_catalogue() -> None:
    assert CLAIMS.keys() <= load_catalogue().services.keys()
