"""The section about tenants: what is read, and every mistake with its place."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings
from proxy.tenants import Tenants, anthropic, google, microsoft, openai

ONE, TWO = "550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


def read(text: str) -> Settings:
    return parse_settings(text, "sluice.yaml", Path("/nowhere"), {})


@pytest.mark.parametrize(
    ("written", "restrictions"),
    [
        (f"openai: {{workspace: {ONE}}}", openai(ONE)),
        ("openai: {workspace: org-AbC123xyz}", openai("org-AbC123xyz")),
        (f"anthropic: {{organizations: [{ONE}, {TWO}]}}", anthropic([ONE, TWO])),
        ("google: {domains: [corp.example, corp.com.cn]}", google(["corp.example", "corp.com.cn"])),
        (f"microsoft: {{tenants: [corp.example, {TWO}], directory: {ONE}}}", microsoft(["corp.example", TWO], ONE, "")),
        (f"microsoft: {{directory: {ONE}, policy: {TWO}}}", microsoft((), ONE, TWO)),
    ],
)
def test_each_vendor_is_told_in_its_own_form(written, restrictions):
    assert read(f"tenants: {{{written}}}").tenants == Tenants(restrictions)


WRONG = {
    "an unknown vendor": ("{opnai: {workspace: x}}", "did you mean `openai`?"),
    "no workspace": ("{openai: {}}", "`workspace` is missing"),
    "a strange workspace": ("{openai: {workspace: 'a, b c d e f'}}", "the id of a workspace is expected"),
    "several workspaces": (f"{{openai: {{workspace: [{ONE}, {TWO}]}}}}", "one workspace"),
    "no organisation": ("{anthropic: {organizations: []}}", "`organizations` is missing"),
    "a name instead of a UUID": ("{anthropic: {organizations: [us]}}", "the UUID of an organisation is expected"),
    "an address instead of a domain": ("{google: {domains: ['me@corp.example']}}", "a domain such as corp.example"),
    "a word instead of a domain": ("{google: {domains: [corp]}}", "a domain such as corp.example"),
    "a line break": ('{google: {domains: ["corp.example\\r\\nx: y"]}}', "a domain such as corp.example"),
    "no directory": ("{microsoft: {tenants: [corp.example]}}", "`directory` is missing"),
    "no tenant": (f"{{microsoft: {{directory: {ONE}}}}}", "`tenants` is missing"),
    "both": (f"{{microsoft: {{directory: {ONE}, policy: {TWO}, tenants: [corp.example]}}}}", "either `tenants`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_service_would_not_understand_is_an_error(name):
    written, told = WRONG[name]
    with pytest.raises(SettingsError) as caught:
        read(f"tenants: {written}")
    assert told in str(caught.value) and "sluice.yaml:1:" in str(caught.value)


def test_a_host_cannot_be_told_something_through_a_tunnel():
    with pytest.raises(SettingsError) as caught:
        read("tenants: {google: {domains: corp.example}}\ntunnel: [accounts.google.com, other.example]\n")
    assert "`tenants` must tell accounts.google.com something" in str(caught.value)
    read("tenants: {google: {domains: corp.example}}\ntunnel: [other.example]\n")
