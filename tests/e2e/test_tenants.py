"""Services are told which accounts may be used, whatever the client says; every other host is told nothing."""

import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.street import OUTSIDE_HOST, PROTOCOLS, Street, completion, open_street
from tests.thorough import crossed

POLICY = """\
policy: Tenants
version: 1
otherwise: allow
data_classes: {falcon: {terms: [Falcon]}, numbers: {entities: [PHONE_NUMBER]}}
rules:
  - {id: inside, verdict: allowed, when: {data: falcon}, route: internal}
  - {id: numbers, verdict: allowed, when: {data: numbers}, redact: numbers}
"""
ORG, DIRECTORY = "550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
TENANTS = {
    "openai": {"workspace": "workspace-of-the-company"},
    "anthropic": {"organizations": [ORG]},
    "google": {"domains": ["corp.example"]},
    "microsoft": {"tenants": ["corp.example"], "directory": DIRECTORY},
}
WORKSPACE = "chatgpt-allowed-workspace-id"
ORGANIZATIONS = "anthropic-allowed-org-ids"
APPS = "x-googapps-allowed-domains"
MINE = dict.fromkeys(
    (WORKSPACE, ORGANIZATIONS, APPS, "restrict-access-to-tenants", "sec-restrict-tenant-access-policy"), "13912345678"
)
"""What an employee writes into the fields; it is redacted, which must not bring it back."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with open_street(tmp_path_factory.mktemp("tenants"), POLICY, tenants=TENANTS) as street:
        yield street


@pytest.fixture
def street(running: Street) -> Street:
    running.reset()
    return running


TOLD = {
    "a prompt": ("POST", "https://api.anthropic.com/v1/messages", {ORGANIZATIONS: ORG}),
    "a page": ("GET", "https://chatgpt.com/", {WORKSPACE: "workspace-of-the-company"}),
    "another page": ("GET", "https://claude.ai/", {ORGANIZATIONS: ORG}),
    "a page of Google's": ("GET", "https://gemini.google.com/app", {APPS: "corp.example"}),
    "Google's sign-in": ("GET", "https://accounts.google.com/signin", {APPS: "corp.example"}),
    "Microsoft's sign-in": (
        "POST",
        "https://login.microsoftonline.com/common/oauth2/token",
        {"restrict-access-to-tenants": "corp.example", "restrict-access-context": DIRECTORY},
    ),
    "a personal sign-in": ("GET", "https://login.live.com/", {"sec-restrict-tenant-access-policy": "restrict-msa"}),
}


TOLD_VALUES = {value for _, _, fields in TOLD.values() for value in fields.values()}


def ask(street: Street, method: str, url: str, http2: bool, **fields: str) -> Any:
    body = completion("call 13800138000", max_tokens=9) if method == "POST" else None
    with street.client(http2=http2) as client:
        return client.request(method, url, json=body, headers=fields)


@crossed("mine, http2", {"plain": False, "with fields of the client's": True}, PROTOCOLS)
@pytest.mark.parametrize("name", TOLD)
def test_a_service_is_told_once_and_never_what_the_client_wrote(
    street: Street, name: str, mine: bool, http2: bool
) -> None:
    method, url, fields = TOLD[name]
    assert ask(street, method, url, http2, **(MINE if mine else {})).status_code == 200
    [seen] = street.external.requests
    told = [(key, value) for key, value in seen.headers if key in fields]
    assert sorted(told) == sorted(fields.items())


@pytest.mark.parametrize("url", ["https://api.openai.com/v1/models", "https://api.deepseek.com/v1/models"])
def test_other_services_are_told_nothing(street: Street, url: str) -> None:
    assert ask(street, "GET", url, http2=False).status_code == 200
    [seen] = street.external.requests
    assert not any(value in TOLD_VALUES for _, value in seen.headers)


def test_hosts_outside_the_catalogue_stay_closed_and_are_told_nothing(street: Street) -> None:
    """The tunnel shows the stand-in's own certificate, not Sluice's: nothing in between could add a field."""
    trust = ssl.create_default_context(cadata=street.authority.pem.read_text("utf-8"))
    with httpx.Client(proxy=street.proxy.url, verify=trust, trust_env=False) as client:
        assert client.get(f"https://{OUTSIDE_HOST}/").status_code == 200
    [seen] = street.external.requests
    assert not any(value in TOLD_VALUES for _, value in seen.headers)


def test_the_companys_model_is_told_nothing(street: Street) -> None:
    answer = street.post("https://api.anthropic.com/v1/messages", json=completion("Falcon", max_tokens=9), headers=MINE)
    assert answer.status_code == 200 and street.external.requests == []
    [seen] = street.internal.requests
    assert not {name for name, _ in seen.headers} & (MINE.keys() | {"restrict-access-context"})
