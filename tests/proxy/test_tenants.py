"""Which hosts are told which accounts may be used."""

import pytest
from mitmproxy.test import tflow, tutils

from proxy.shell.flows import restrict
from proxy.tenants import FIELDS, Tenants, anthropic, google, microsoft, openai

ALL = Tenants(
    (
        *openai("workspace-1"),
        *anthropic(["org-1", "org-2"]),
        *google(["corp.example", "corp.cn"]),
        *microsoft(["corp.example"], "directory-1", ""),
    )
)
APPS = ("x-googapps-allowed-domains", "corp.example,corp.cn")
SIGN_IN = (("restrict-access-to-tenants", "corp.example"), ("restrict-access-context", "directory-1"))


@pytest.mark.parametrize(
    ("host", "fields"),
    [
        ("chatgpt.com", (("chatgpt-allowed-workspace-id", "workspace-1"),)),
        ("claude.ai", (("anthropic-allowed-org-ids", "org-1,org-2"),)),
        ("api.anthropic.com", (("anthropic-allowed-org-ids", "org-1,org-2"),)),
        ("accounts.google.com", (APPS,)),
        ("gemini.google.com", (APPS,)),
        ("google.com", (APPS,)),
        ("cloudcode-pa.googleapis.com", (("x-geminicodeassist-allowed-domains", "corp.example,corp.cn"),)),
        ("login.microsoftonline.com", SIGN_IN),
        ("login.windows.net", SIGN_IN),
        ("login.live.com", (("sec-restrict-tenant-access-policy", "restrict-msa"),)),
        ("api.openai.com", ()),
        ("notgoogle.com", ()),
        ("chatgpt.com.evil.example", ()),
        ("generativelanguage.googleapis.com", ()),
        ("copilot.microsoft.com", ()),
        ("", ()),
    ],
)
def test_a_host_is_told_what_its_vendor_asks_for_and_every_other_nothing(host, fields):
    assert ALL.fields_for([host]) == fields
    assert ALL.fields_for([host, "other.example"]) == fields
    assert Tenants().fields_for([host]) == ()


def test_a_policy_of_entra_takes_the_place_of_the_list():
    [sign_in, personal] = microsoft((), "directory-1", "policy-1")
    assert (sign_in.field, sign_in.value) == ("sec-restrict-tenant-access-policy", "directory-1:policy-1")
    assert (personal.value, personal.hosts) == ("restrict-msa", {"login.live.com"})


def test_only_named_hosts_are_opened_for_it():
    assert "accounts.google.com" in ALL.opened and "login.live.com" in ALL.opened
    assert not any(host in ALL.opened for host in ("google.com", "mail.google.com", "drive.google.com"))


def test_a_clients_own_field_of_another_version_does_not_go_along():
    request = tutils.treq(
        host="login.microsoftonline.com", headers=[(b"sec-restrict-tenant-access-policy", b"mine:mine")]
    )
    flow = tflow.tflow(req=request)
    restrict(flow, ALL)
    assert tuple(flow.request.headers.items()) == SIGN_IN


def test_every_field_that_is_sent_is_among_those_that_are_taken_out():
    by_policy = microsoft((), "directory-1", "policy-1")
    assert {one.field for one in (*ALL.restrictions, *by_policy)} == set(FIELDS)
