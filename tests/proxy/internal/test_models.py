"""Which of the company's models and servers may answer."""

from dataclasses import replace

import pytest

from policies.load import parse_policy
from policies.problem import PolicyError
from proxy.errors import InternalModelError
from proxy.internal.models import Checks, InternalModels, must_be_served, only
from tests.proxy.house import SERVER

MODELS = InternalModels(
    servers={name: (replace(SERVER, name=name),) for name in ("vault", "coder", "general")},
    default="general",
    choose={"claude-*": "coder", "o1*": "vault"},
    checks=Checks(),
)


@pytest.mark.parametrize(
    ("named", "asked", "model"),
    [
        ((), "gpt-4o", "general"),
        ((), "claude-sonnet-5", "coder"),
        ((), "", "general"),
        (("coder",), "gpt-4o", "coder"),
        (("general",), "claude-sonnet-5", "general"),
        (("general", "coder"), "o1", "coder"),
        (("general", "vault", "coder"), "o1", "vault"),
    ],
)
def test_the_policy_comes_first_then_the_name_asked_for_then_the_default(named, asked, model):
    assert MODELS.model_for(named, asked) == MODELS.model_for(reversed(named), asked) == model


def test_no_other_model_takes_the_place_of_one_that_is_not_there():
    with pytest.raises(InternalModelError):
        MODELS.model_for(("coder", "gone"), "gpt-4o")


def policy(model: str):
    text = f"policy: p\nversion: 1\notherwise: allow\nrules:\n  - {{id: r, verdict: allowed, route: internal{model}}}\n"
    return parse_policy(text, "p.yaml", lambda _name: "")


def test_a_policy_that_names_a_model_which_is_not_there_cannot_be_put_in_force():
    with pytest.raises(PolicyError) as caught:
        must_be_served(policy(", model: coder"), only(SERVER))
    told = caught.value.render("en")
    assert "p.yaml:5:" in told and "no internal model “coder”" in told and "internal" in told
    assert "设置中没有内部模型“coder”" in caught.value.render("zh")


@pytest.mark.parametrize(("model", "models"), [("", MODELS), (", model: coder", MODELS), (", model: coder", None)])
def test_any_other_policy_can(model, models):
    must_be_served(policy(model), models)
