"""What will surprise people is said before it does."""

from pathlib import Path

import pytest

from policies.load import load_policy, parse_policy
from proxy.assemble import SHIPPED_POLICY
from proxy.cli.warn import one_address_twice, warnings_of
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings

HERE = Path("/etc/sluice")
POLICY = load_policy(SHIPPED_POLICY)
INSIDE = "rules:\n  - {id: stays-in, verdict: allowed, route: internal}\n  - {id: b, verdict: forbidden}\n"
OUTSIDE = "rules: [{id: a, verdict: allowed}]\n"
HEAD = "policy: x\nversion: 1\notherwise: forbid\n"


def told(settings: str, policy: str) -> list[str]:
    made = parse_policy(HEAD + policy, "p", str)
    return [warning.en for warning in warnings_of(parse_settings(settings, "s", HERE, {}), made)]


def test_the_shipped_policy_without_a_model_names_its_rule() -> None:
    [warning] = warnings_of(Settings(), POLICY)
    assert "(rules: confidential-stays-inside)" in warning.en and "internal_model.url" in warning.en
    assert "（规则：confidential-stays-inside）" in warning.zh


@pytest.mark.parametrize(
    ("settings", "policy", "said"),
    [
        ("{}", INSIDE, ["(rules: stays-in)"]),
        ("{}", OUTSIDE, []),
        ("internal_model: {url: 'http://llm:1/v1'}", INSIDE, []),
    ],
    ids=["needed and not set", "not needed", "set"],
)
def test_a_model_that_is_missing_is_told_only_where_it_is_needed(settings, policy, said) -> None:
    warnings = told(settings, policy)
    assert len(warnings) == len(said)
    assert all(piece in warning for piece, warning in zip(said, warnings, strict=True))


@pytest.mark.parametrize(
    ("networks", "wide"),
    [("0.0.0.0/0", "0.0.0.0/0"), ("'::/0'", "::/0"), ("[10.0.0.1, 128.0.0.0/1]", "128.0.0.0/1"), ("10.0.0.0/8", "")],
)
def test_a_front_that_may_be_anywhere_is_told(networks: str, wide: str) -> None:
    warnings = told(f"identity: {{header: {{user: x-user, from: {networks}}}}}", OUTSIDE)
    assert [f"has {wide}: anyone" in warning for warning in warnings] == [True] * bool(wide)


OPENNESS = {
    "nothing": ("{}", []),
    "a service let through": ("tunnel: [claude.ai, chatgpt.com]", ["unread and unrecorded: chatgpt.com, claude.ai"]),
    "a gateway's network": ("reach: [10.8.0.0/16, 198.18.0.0/15, gpt.corp.example]", []),
    "everything inside": ("reach: [10.0.0.0/8]", ["`reach` has 10.0.0.0/8"]),
    "everything": ("reach: [0.0.0.0/0, '::/0']", ["`reach` has 0.0.0.0/0, ::/0"]),
    "this machine": ("reach: [127.0.0.0/24]", ["`reach` has 127.0.0.0/24"]),
    "a cloud's credentials": ("reach: [100.100.100.0/24]", ["`reach` has 100.100.100.0/24"]),
    "link-local": ("reach: ['fe80::1']", ["`reach` has fe80::1"]),
}


@pytest.mark.parametrize(("settings", "said"), OPENNESS.values(), ids=OPENNESS)
def test_what_goes_by_unread_and_what_may_be_reached_is_told(settings: str, said: list[str]) -> None:
    warnings = told(settings, OUTSIDE)
    assert len(warnings) == len(said)
    assert all(piece in warning for piece, warning in zip(said, warnings, strict=True))


PORTS = {
    "all apart": ("listen: 0.0.0.0:1\nadmin: {listen: '127.0.0.1:2'}", ""),
    "the very same": ("listen: 127.0.0.1:1\nadmin: {listen: '127.0.0.1:1'}", "`listen` and `admin.listen`"),
    "one of all addresses": ("listen: 0.0.0.0:1\nadmin: {listen: '127.0.0.1:1'}", "`listen` and `admin.listen`"),
    "another address": ("listen: 10.0.0.1:1\nadmin: {listen: '127.0.0.1:1'}", ""),
    "any free port": ("listen: 127.0.0.1:0\nadmin: {listen: '127.0.0.1:0'}", ""),
    "the PAC file's": ("pac: {listen: '0.0.0.0:2', proxies: ['p:1']}\nadmin: {listen: '[::]:2'}", "`pac.listen`"),
}


@pytest.mark.parametrize(("settings", "said"), PORTS.values(), ids=PORTS)
def test_two_settings_that_want_one_port_are_named(settings: str, said: str) -> None:
    found = one_address_twice(parse_settings(settings, "s", HERE, {}))
    assert (said in found.en if said and found else found is None) and bool(found) == bool(said)
