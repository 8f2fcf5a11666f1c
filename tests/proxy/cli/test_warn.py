"""What will surprise people is said before it does."""

from pathlib import Path

import pytest

from policies.load import load_policy, parse_policy
from proxy.assemble import SHIPPED_POLICY
from proxy.cli.warn import warnings_of
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
